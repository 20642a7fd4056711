//! What listens for those who come to read.

use std::net::SocketAddr;
use std::time::Duration;

/// The open endpoints.
#[derive(Default)]
pub(super) struct Endpoints {
    #[cfg(feature = "prometheus")]
    pub(super) servers: Vec<ia_export::Server>,
}

#[cfg_attr(
    not(feature = "prometheus"),
    expect(clippy::unused_self, reason = "without exporters nothing listens")
)]
impl Endpoints {
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        #[cfg(feature = "prometheus")]
        let addresses = self.servers.iter().map(ia_export::Server::addr).collect();
        #[cfg(not(feature = "prometheus"))]
        let addresses = Vec::new();
        addresses
    }

    /// Closes them. Each gets an equal part of the time.
    pub(super) fn close(self, deadline: Duration) {
        #[cfg(feature = "prometheus")]
        {
            let parts = u32::try_from(self.servers.len()).unwrap_or(u32::MAX).max(1);
            for server in self.servers {
                server.shutdown(deadline / parts);
            }
        }
        #[cfg(not(feature = "prometheus"))]
        let _ = deadline;
    }
}
