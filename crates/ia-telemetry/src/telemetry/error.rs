//! What can be wrong with a configuration.

use std::fmt;

/// Why telemetry could not be built or installed.
///
/// `Debug` writes what `Display` does: a `main` that returns it prints it that way.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// There is a global one already: it was installed, or used before this was installed.
    #[error(
        "the {what} of the process is set or in use already; install telemetry once, first thing in `main`, before any pipeline is built"
    )]
    AlreadyInstalled {
        /// What is there already.
        what: &'static str,
    },
    /// The prefix of the metrics' names is not valid.
    #[cfg(feature = "prometheus")]
    #[error(transparent)]
    Prometheus(#[from] ia_exporter_prometheus::ConfigError),
    /// The endpoint could not be opened.
    #[cfg(feature = "prometheus")]
    #[error("no endpoint for Prometheus at `{addr}`: {source}")]
    Serve {
        /// The address.
        addr: String,
        /// Why it cannot be had.
        source: ia_export::ServeError,
    },
}

impl fmt::Debug for TelemetryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
