//! A crate that knows `metrics` and nothing of us.

use ia_metrics_core::{Kind, Unit};

use super::recorded;

#[test]
fn what_metrics_process_says_arrives_with_its_words_and_units() {
    let registry = recorded(|| {
        let collector = metrics_process::Collector::new("other.");
        collector.describe();
        collector.collect();
    });
    let snapshot = registry.snapshot();
    let family = snapshot.family("other_process_resident_memory_bytes").unwrap();
    assert_eq!((family.kind(), family.descriptor().unit()), (Kind::Gauge, Unit::Bytes));
    assert_eq!(family.descriptor().help(), "Resident memory size in bytes.");
    assert!(snapshot.value(family.name(), []).unwrap() > 1e5);
}

/// Two implementations that know nothing of each other.
#[cfg(feature = "process")]
#[test]
fn our_process_metrics_agree_with_theirs() {
    let registry = recorded(|| metrics_process::Collector::new("other.").collect());
    ia_metrics_core::ProcessMetrics::register(&registry);
    let snapshot = registry.snapshot();
    let near = |name: &str, tolerance: f64| {
        let value = |name: &str| snapshot.value(name, []).unwrap();
        let (ours, theirs) = (value(name), value(&format!("other_{name}")));
        assert!((ours - theirs).abs() <= tolerance, "{name}: {ours} {theirs}");
    };
    near("process_start_time_seconds", 1.5);
    near("process_cpu_seconds_total", 1.0);
    near("process_max_fds", 0.0);
}
