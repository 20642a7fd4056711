//! Counters.

use std::thread;

use ia_metrics_core::{CounterDesc, Registry, Scale};
use proptest::prelude::*;

const TOTAL: CounterDesc<1> = CounterDesc::new("things_total", "Things.", ["colour"]);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn totals_are_exact_under_threads(amounts in prop::collection::vec(prop::collection::vec(0_u64..1_000_000, 0..200), 1..8)) {
        let registry = Registry::new();
        let family = registry.counter(&TOTAL);
        thread::scope(|scope| {
            for amounts in &amounts {
                let family = &family;
                scope.spawn(move || {
                    for amount in amounts {
                        family.with(["red"]).add(*amount);
                    }
                });
            }
        });
        let expected: u64 = amounts.iter().flatten().sum();
        prop_assert_eq!(family.with(["red"]).value(), expected);
    }
}

#[test]
fn a_scaled_counter_is_exported_exactly() {
    const COST: CounterDesc<0> = CounterDesc::new("cost_usd_total", "Cost.", []).scale(Scale::NANO);
    let registry = Registry::new();
    let cost = registry.counter(&COST).get();
    for _ in 0..10 {
        cost.add(100_000_000);
    }
    assert_eq!(registry.snapshot().value("cost_usd_total", []), Some(1.0));
}

#[test]
fn switching_the_registry_off_reaches_handles_already_given_out() {
    let registry = Registry::new();
    let red = registry.counter(&TOTAL).with(["red"]);
    red.inc();
    registry.set_enabled(false);
    red.inc();
    registry.set_enabled(true);
    red.inc();
    assert_eq!(red.value(), 2);
}
