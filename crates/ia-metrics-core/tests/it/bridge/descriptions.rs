//! Help texts and units.

use ia_metrics_core::{CounterDesc, Recorder, Registry, Unit};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use super::recorded;

fn described(registry: &Registry, name: &str) -> (String, Unit) {
    let snapshot = registry.snapshot();
    let descriptor = snapshot.family(name).unwrap().descriptor();
    (descriptor.help().to_owned(), descriptor.unit())
}

#[test]
fn a_description_may_come_before_the_first_use() {
    let registry = recorded(|| {
        describe_counter!("net.bytes", metrics::Unit::Bytes, "Bytes sent.");
        counter!("net.bytes").increment(1);
    });
    assert_eq!(described(&registry, "net_bytes"), ("Bytes sent.".to_owned(), Unit::Bytes));
}

#[test]
fn a_description_may_come_after_the_first_use_and_holds_for_all_label_sets() {
    let registry = recorded(|| {
        histogram!("age", "a" => "1").record(1.0);
        describe_histogram!("age", metrics::Unit::Seconds, "Age.");
        histogram!("age").record(1.0);
        histogram!("age", "a" => "2").record(1.0);
    });
    assert_eq!(described(&registry, "age"), ("Age.".to_owned(), Unit::Seconds));
    assert_eq!(registry.snapshot().sum("age", []).to_bits(), 3_f64.to_bits());
    assert!(registry.stats().conflicts.is_empty());
}

#[test]
fn the_first_description_stays() {
    let registry = recorded(|| {
        describe_gauge!("g", "First.");
        describe_gauge!("g", metrics::Unit::Percent, "Second.");
        gauge!("g").set(1.0);
        describe_gauge!("g", metrics::Unit::Bytes, "Third.");
    });
    assert_eq!(described(&registry, "g"), ("First.".to_owned(), Unit::Percent));
}

#[test]
fn a_unit_that_is_not_ours_is_told_in_the_help_text_and_values_stay() {
    let registry = recorded(|| {
        describe_gauge!("delay", metrics::Unit::Milliseconds, "Delay.");
        gauge!("delay").set(1_500.0);
    });
    assert_eq!(
        described(&registry, "delay"),
        ("Delay. Unit: milliseconds.".to_owned(), Unit::None)
    );
    assert_eq!(registry.snapshot().value("delay", []), Some(1_500.0));
}

#[test]
fn a_metric_that_is_only_described_is_not_there() {
    let registry = recorded(|| describe_counter!("c", "Never used."));
    assert_eq!(registry.snapshot().families().len(), 0);
}

#[test]
fn a_metric_of_the_registry_keeps_its_own_words() {
    const JOBS: CounterDesc<0> = CounterDesc::new("jobs", "Ours.", []);
    let registry = Registry::new();
    registry.counter(&JOBS).get().inc();
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        describe_counter!("jobs", "Theirs.");
        counter!("jobs").increment(1);
    });
    assert_eq!(described(&registry, "jobs"), ("Ours.".to_owned(), Unit::None));
}
