//! The endpoint that Prometheus scrapes.

use std::net::ToSocketAddrs;
use std::sync::atomic::{AtomicUsize, Ordering};

use ia_export::http::header::HeaderValue;
use ia_export::{Handler, Listener, Request, Response, ServeError, Server};
use ia_metrics_core::Registry;

use crate::PrometheusExporter;

/// What a person sees who opens the endpoint.
const LANDING_PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<title>Metrics</title>\n\
     <p>Metrics for Prometheus: <a href=\"metrics\">/metrics</a></p>\n";

/// Endpoints need the feature `serve`.
impl PrometheusExporter {
    /// Serves the registry: `/metrics` for Prometheus, each time as it is at that moment, and a page with a link to it at
    /// `/`.
    ///
    /// The server runs on a thread of its own, so no runtime is needed and none is touched. Keep what this returns:
    /// dropping it closes the port. On a loopback address it answers this machine only; on `0.0.0.0` it answers everyone
    /// who can reach the port, and it knows no passwords.
    ///
    /// ```
    /// use ia_exporter_prometheus::{PrometheusExporter, Registry};
    ///
    /// let server = PrometheusExporter::new().serve(Registry::global(), "127.0.0.1:0")?;
    /// println!("listening on {}", server.url());
    /// # Ok::<(), ia_exporter_prometheus::ServeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ServeError`] when the address cannot be had, most often because its port is in use.
    pub fn serve(
        &self,
        registry: &Registry,
        addr: impl ToSocketAddrs,
    ) -> Result<Server, ServeError> {
        Listener::bind(addr)?.serve(self.handler(registry))
    }

    /// What [`serve`](Self::serve) serves, for a [`Listener`] with other limits.
    ///
    /// ```
    /// use ia_exporter_prometheus::{Limits, Listener, PrometheusExporter, Registry};
    ///
    /// let listener = Listener::bind("127.0.0.1:0")?.limits(Limits::default().connections(8));
    /// let server = listener.serve(PrometheusExporter::new().handler(Registry::global()))?;
    /// # Ok::<(), ia_exporter_prometheus::ServeError>(())
    /// ```
    #[must_use]
    pub fn handler(&self, registry: &Registry) -> impl Handler + use<> {
        let (exporter, registry) = (self.clone(), registry.clone());
        // Registries rarely shrink: a buffer as large as the last text need not grow.
        let last = AtomicUsize::new(0);
        move |request: &Request| match request.path() {
            "/metrics" => {
                let mut text = Vec::with_capacity(last.load(Ordering::Relaxed));
                // Writing to memory cannot fail.
                exporter.write(&registry, &mut text).unwrap_or_default();
                last.store(text.len(), Ordering::Relaxed);
                Response::new(HeaderValue::from_static(Self::CONTENT_TYPE), text)
            }
            "/" => Response::html(LANDING_PAGE),
            _ => Response::not_found(),
        }
    }
}
