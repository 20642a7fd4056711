//! What others keep beside a registry.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use ia_metrics_core::Registry;

#[derive(Default)]
struct Seen(AtomicU64);

#[derive(Default)]
struct Other;

#[test]
fn there_is_one_value_of_each_type_whichever_clone_is_asked() {
    let registry = Registry::new();
    drop(registry.extension::<Other>());
    let seen = registry.extension::<Seen>();
    seen.0.store(7, Ordering::Relaxed);
    assert!(Arc::ptr_eq(&seen, &registry.clone().extension::<Seen>()));
    assert_eq!(Registry::new().extension::<Seen>().0.load(Ordering::Relaxed), 0);
}

#[test]
fn it_is_dropped_with_its_registry() {
    let registry = Registry::new();
    let seen: Weak<Seen> = Arc::downgrade(&registry.extension());
    assert!(seen.upgrade().is_some());
    drop(registry);
    assert!(seen.upgrade().is_none());
}
