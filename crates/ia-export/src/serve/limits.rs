//! How much a server lets its clients take.

use std::time::Duration;

/// The smallest limit that the HTTP parser works with.
const LEAST_HEADER_BYTES: usize = 8 * 1024;

/// Timers count from now, and now plus forever is no time.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

/// How much a [`Server`](super::Server) lets its clients take.
///
/// ```
/// use ia_export::{Limits, Listener};
///
/// let limits = Limits::default().connections(16);
/// let listener = Listener::bind("127.0.0.1:0")?.limits(limits);
/// # Ok::<(), ia_export::ServeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "limits do nothing until a listener has them"]
pub struct Limits {
    pub(super) connections: u16,
    pub(super) header_bytes: usize,
    pub(super) header_timeout: Duration,
    pub(super) write_timeout: Duration,
}

impl Limits {
    /// Sets how many connections are served at a time; more wait in the system's queue. Defaults to 128; at least 1.
    pub fn connections(mut self, connections: u16) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// Sets how many bytes the head of a request may have; a longer one is answered with status 431. Defaults to 16 KiB;
    /// at least 8 KiB.
    pub fn header_bytes(mut self, bytes: usize) -> Self {
        self.header_bytes = bytes.max(LEAST_HEADER_BYTES);
        self
    }

    /// Sets how long a client may take to send the head of a request, and so how long a connection may idle between two.
    /// Defaults to 10 seconds; at most a day.
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.header_timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// Sets how long a client may take not one byte of its response before it is cut off: one that never reads must not
    /// keep a connection, and the response in memory, for ever. Defaults to 10 seconds; at most a day.
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.write_timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 128,
            header_bytes: 16 * 1024,
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
        }
    }
}
