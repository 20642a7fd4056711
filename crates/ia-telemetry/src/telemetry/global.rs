//! The telemetry of the process.

use std::sync::OnceLock;

use ia_metrics_core::Registry;
use ia_tracing::Tracer;

use super::Telemetry;

static GLOBAL: OnceLock<Telemetry> = OnceLock::new();

/// The telemetry of the process, made on first use: metrics in [`Registry::global`], spans in the memory of
/// [`Tracer::global`], no exporter. Pipelines record into it unless they are told otherwise.
///
/// ```
/// use ia_telemetry::telemetry;
///
/// for span in telemetry().spans() {
///     println!("{}: {:.3?} - {}", span.name(), span.duration(), span.status());
/// }
/// ```
#[must_use]
pub fn telemetry() -> &'static Telemetry {
    GLOBAL.get_or_init(|| Telemetry::of(Registry::global().clone(), Tracer::global().clone()))
}

/// Makes this the telemetry of the process, unless there is one.
pub(super) fn set(telemetry: Telemetry) -> Result<(), Telemetry> {
    GLOBAL.set(telemetry)
}
