//! The `metrics` crate's macros into a registry.

mod descriptions;
mod keys;
mod kinds;
mod names;
#[cfg(target_os = "linux")]
mod real;

use ia_metrics_core::{Recorder, Registry};

/// A registry after what was recorded into it through the macros.
fn recorded(record: impl FnOnce()) -> Registry {
    let registry = Registry::new();
    metrics::with_local_recorder(&Recorder::new(registry.clone()), record);
    registry
}
