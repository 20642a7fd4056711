//! Metrics of the process itself.

use ia_metrics_core::{GaugeDesc, Kind, ProcessMetrics, Registry, Unit};

fn registry() -> Registry {
    let registry = Registry::new();
    ProcessMetrics::register(&registry);
    registry
}

fn value(registry: &Registry, name: &str) -> f64 {
    registry.snapshot().value(name, []).unwrap_or_else(|| panic!("{name} is absent"))
}

#[test]
fn the_names_are_those_of_the_prometheus_clients() {
    let names: Vec<String> = ProcessMetrics::descriptors().map(|d| d.name().to_owned()).into();
    assert_eq!(
        names,
        [
            "process_cpu_seconds_total",
            "process_open_fds",
            "process_max_fds",
            "process_virtual_memory_bytes",
            "process_virtual_memory_max_bytes",
            "process_resident_memory_bytes",
            "process_start_time_seconds",
            "process_threads",
        ]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn linux_has_all_of_them() {
    let snapshot = registry().snapshot();
    for descriptor in ProcessMetrics::descriptors() {
        let family = snapshot.family(descriptor.name()).unwrap();
        assert_eq!(family.descriptor(), &descriptor);
        assert_eq!(family.series().len(), 1, "{}", descriptor.name());
    }
}

#[test]
fn processor_time_is_a_counter_in_seconds_that_grows() {
    let registry = registry();
    let snapshot = registry.snapshot();
    let family = snapshot.family("process_cpu_seconds_total").unwrap();
    assert_eq!((family.kind(), family.descriptor().unit()), (Kind::Counter, Unit::Seconds));
    let before = value(&registry, "process_cpu_seconds_total");
    // Ends by itself: the loop takes processor time.
    while value(&registry, "process_cpu_seconds_total") <= before {}
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_opened_is_counted() {
    let registry = registry();
    let files: Vec<_> = (0..500).map(|_| std::fs::File::open("/proc/self/stat").unwrap()).collect();
    let with = value(&registry, "process_open_fds");
    drop(files);
    // Other tests open a few at the same time.
    assert!(with > 500.0 && value(&registry, "process_open_fds") < with - 400.0);
    assert!(value(&registry, "process_max_fds") >= with);
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_in_bytes() {
    let registry = registry();
    let before = value(&registry, "process_resident_memory_bytes");
    let block = vec![1_u8; 256 << 20];
    let grown = value(&registry, "process_resident_memory_bytes") - before;
    drop(block);
    assert!((200e6..600e6).contains(&grown), "{grown}");
    let virtually = value(&registry, "process_virtual_memory_bytes");
    assert!(
        virtually >= before && virtually <= value(&registry, "process_virtual_memory_max_bytes")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn threads_are_counted() {
    let registry = registry();
    let barrier = std::sync::Barrier::new(51);
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| barrier.wait());
        }
        let threads = value(&registry, "process_threads");
        barrier.wait();
        assert!(threads > 50.0, "{threads}");
    });
}

#[test]
fn the_process_started_a_short_while_ago_and_that_stays_so() {
    let registry = registry();
    let snapshot = registry.snapshot();
    let now = snapshot.taken_at().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let started = value(&registry, "process_start_time_seconds");
    assert!((0.0..600.0).contains(&(now - started)), "{now} {started}");
    assert_eq!(value(&registry, "process_start_time_seconds").to_bits(), started.to_bits());
}

#[test]
fn registering_twice_changes_nothing() {
    let registry = registry();
    ProcessMetrics::register(&registry);
    let snapshot = registry.snapshot();
    let family = snapshot.family("process_resident_memory_bytes").unwrap();
    assert_eq!((family.series().len(), registry.stats().conflicts.len()), (1, 0));
}

#[test]
fn a_name_that_somebody_else_has_is_left_to_them() {
    const TAKEN: GaugeDesc<0, f64> = GaugeDesc::new("process_resident_memory_bytes", "Mine.", []);
    let registry = registry();
    registry.gauge(&TAKEN).get().set(7.0);
    assert_eq!(registry.snapshot().value("process_resident_memory_bytes", []), Some(7.0));
    assert_eq!(registry.stats().conflicts.len(), 1);
}
