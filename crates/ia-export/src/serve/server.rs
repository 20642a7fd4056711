//! A server that runs.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::service::Service;
use super::worker::Worker;

/// How long dropping a server may take.
const DROP_DEADLINE: Duration = Duration::from_secs(1);

/// A server that runs, made by [`Listener::serve`](super::Listener::serve). Keep it: dropping it shuts it down, waiting
/// for running responses for at most a second.
#[must_use = "dropping it shuts it down"]
pub struct Server {
    addr: SocketAddr,
    service: Arc<Service>,
    /// `None` once it is shut down.
    worker: Option<Worker>,
}

impl Server {
    pub(super) fn new(addr: SocketAddr, service: Arc<Service>, worker: Worker) -> Self {
        Self { addr, service, worker: Some(worker) }
    }

    /// The address it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where to find it from this machine, without a trailing slash: `http://127.0.0.1:9464`.
    #[must_use]
    pub fn url(&self) -> String {
        let mut addr = self.addr;
        // What listens everywhere has an address that not every client can connect to.
        match addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => addr.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => addr.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{addr}")
    }

    /// How many requests it answered, whatever the status.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.service.requests()
    }

    /// Stops accepting, lets running responses finish, closes the connections and ends the thread. Returns by the
    /// deadline, whatever clients and the handler do; safe inside a runtime, where it blocks the calling thread that
    /// long at most.
    ///
    /// True when everything ended in time. False when responses were cut off, or when the thread hangs in the handler:
    /// then it is left behind, and ends with its handler.
    pub fn shutdown(mut self, deadline: Duration) -> bool {
        self.stop(deadline)
    }

    fn stop(&mut self, deadline: Duration) -> bool {
        self.worker.take().is_none_or(|worker| worker.stop(deadline))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop(DROP_DEADLINE);
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addr", &self.addr)
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}
