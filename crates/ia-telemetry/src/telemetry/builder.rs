//! Makes telemetry that differs from the defaults.

use ia_metrics_core::Registry;
use ia_tracing::Tracer;

use super::{Endpoints, Telemetry, TelemetryError, TelemetryGuard, global};

/// Makes [`Telemetry`]: [`install`](Self::install) makes it that of the process, [`build`](Self::build) leaves the
/// process alone.
///
/// ```no_run
/// use std::time::Duration;
///
/// use ia_telemetry::prelude::*;
///
/// let telemetry = Telemetry::builder().prometheus("0.0.0.0:9464").install()?; // a guard: keep it
/// // ...
/// println!("{}", telemetry.shutdown(Duration::from_secs(5)));
/// # Ok::<(), ia_telemetry::TelemetryError>(())
/// ```
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `install` or `build`"]
pub struct TelemetryBuilder {
    registry: Option<Registry>,
    tracer: Option<Tracer>,
    enabled: Option<bool>,
    #[cfg(feature = "prometheus")]
    prometheus: Vec<(ia_exporter_prometheus::PrometheusExporterBuilder, String)>,
}

impl TelemetryBuilder {
    /// Sets where metrics are recorded. Defaults to the global registry when installed, to one of its own when built.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Sets where spans are recorded. Defaults to the global tracer when installed, to one of its own with a memory when
    /// built.
    pub fn tracer(mut self, tracer: impl Into<Tracer>) -> Self {
        self.tracer = Some(tracer.into());
        self
    }

    /// Sets whether anything is recorded. Defaults to what the registry and the tracer are set to, which is yes.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }

    /// Adds an endpoint for Prometheus to scrape, like `127.0.0.1:9464`; port 0 lets the system choose. On a loopback
    /// address it answers this machine only; on `0.0.0.0` it answers everyone who can reach the port. Defaults to none.
    #[cfg(feature = "prometheus")]
    pub fn prometheus(self, addr: impl Into<String>) -> Self {
        self.prometheus_with(ia_exporter_prometheus::PrometheusExporter::builder(), addr)
    }

    /// Adds an endpoint for Prometheus to scrape whose exporter is configured. Defaults to none.
    ///
    /// ```no_run
    /// use ia_telemetry::prelude::*;
    ///
    /// let exporter = PrometheusExporter::builder().prefix("myapp");
    /// let telemetry = Telemetry::builder().prometheus_with(exporter, "127.0.0.1:9464").install()?;
    /// # Ok::<(), ia_telemetry::TelemetryError>(())
    /// ```
    #[cfg(feature = "prometheus")]
    pub fn prometheus_with(
        mut self,
        exporter: ia_exporter_prometheus::PrometheusExporterBuilder,
        addr: impl Into<String>,
    ) -> Self {
        self.prometheus.push((exporter, addr.into()));
        self
    }

    /// Makes telemetry of its own. Pipelines record into it when they are told to: `.telemetry(&telemetry)`.
    ///
    /// # Errors
    ///
    /// [`TelemetryError`] when an exporter is misconfigured or an address cannot be had.
    pub fn build(mut self) -> Result<Telemetry, TelemetryError> {
        let registry = self.registry.take().unwrap_or_default();
        let tracer = self.tracer.take().unwrap_or_default();
        self.start(registry, tracer)
    }

    /// Makes it the telemetry of the process: what [`telemetry()`](crate::telemetry) gives and what pipelines record
    /// into. Call it once, first thing in `main`.
    ///
    /// # Errors
    ///
    /// [`TelemetryError::AlreadyInstalled`] when there is one already, also by first use; otherwise as
    /// [`build`](Self::build). The endpoints are closed again then.
    pub fn install(mut self) -> Result<TelemetryGuard, TelemetryError> {
        let (own_registry, own_tracer) = (self.registry.take(), self.tracer.take());
        let registry = own_registry.clone().unwrap_or_else(|| Registry::global().clone());
        let tracer = own_tracer.clone().unwrap_or_else(|| Tracer::global().clone());
        let telemetry = self.start(registry, tracer)?;
        let taken = |what| TelemetryError::AlreadyInstalled { what };
        if let Some(registry) = own_registry {
            Registry::set_global(registry).map_err(|_| taken("registry"))?;
        }
        if let Some(tracer) = own_tracer {
            Tracer::set_global(tracer).map_err(|_| taken("tracer"))?;
        }
        global::set(telemetry.clone()).map_err(|_| taken("telemetry"))?;
        Ok(TelemetryGuard::new(telemetry))
    }

    #[cfg_attr(
        not(feature = "prometheus"),
        expect(clippy::unnecessary_wraps, reason = "exporters can fail to start")
    )]
    fn start(self, registry: Registry, tracer: Tracer) -> Result<Telemetry, TelemetryError> {
        #[cfg(feature = "prometheus")]
        let endpoints = {
            let mut endpoints = Endpoints::default();
            for (exporter, addr) in self.prometheus {
                let result = exporter.build()?.serve(&registry, &*addr);
                let server = result.map_err(|source| TelemetryError::Serve { addr, source })?;
                endpoints.servers.push(server);
            }
            endpoints
        };
        #[cfg(not(feature = "prometheus"))]
        let endpoints = Endpoints::default();
        #[cfg(feature = "process")]
        ia_metrics_core::ProcessMetrics::register(&registry);
        let telemetry = Telemetry::new(registry, tracer, endpoints);
        if let Some(enabled) = self.enabled {
            telemetry.set_enabled(enabled);
        }
        Ok(telemetry)
    }
}
