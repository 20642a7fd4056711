//! What can be wrong with a configuration.

/// Why telemetry could not be built or installed.
#[derive(Debug, thiserror::Error)]
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
    #[error(transparent)]
    Serve(#[from] ia_export::ServeError),
}
