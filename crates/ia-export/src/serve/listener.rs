//! The port, before it is served.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;

use super::service::Service;
use super::worker::Worker;
use super::{Handler, Limits, ServeError, Server};

/// A port that is taken but not yet served: clients that connect now wait until [`serve`](Self::serve).
///
/// Needs no runtime and touches none.
///
/// ```
/// use std::time::Duration;
///
/// use ia_export::{Listener, Request, Response};
///
/// let listener = Listener::bind("127.0.0.1:0")?;
/// let server = listener.serve(|request: &Request| match request.path() {
///     "/" => Response::text("hello\n"),
///     _ => Response::not_found(),
/// })?;
/// println!("listening on {}", server.url());
/// server.shutdown(Duration::from_secs(1));
/// # Ok::<(), ia_export::ServeError>(())
/// ```
#[derive(Debug)]
#[must_use = "nobody is answered until `serve`"]
pub struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
    limits: Limits,
}

impl Listener {
    /// Takes a port. With port 0 the system chooses one: see [`local_addr`](Self::local_addr).
    ///
    /// Where a name has several addresses, the first that the machine has is taken.
    ///
    /// # Errors
    ///
    /// [`ServeError::Unresolved`] when `addr` is no address, [`ServeError::AddressInUse`],
    /// [`ServeError::AddressNotAvailable`], [`ServeError::PermissionDenied`] or [`ServeError::Bind`] when the system
    /// refuses it.
    pub fn bind(addr: impl ToSocketAddrs) -> Result<Self, ServeError> {
        let addrs = addr.to_socket_addrs().map_err(|reason| ServeError::Unresolved { reason })?;
        let mut refused =
            ServeError::Unresolved { reason: io::Error::other("the name has no address") };
        for addr in addrs {
            match open(addr) {
                Ok((socket, addr)) => return Ok(Self { socket, addr, limits: Limits::default() }),
                Err(reason) => refused = ServeError::refused(addr, reason),
            }
            // A free port of the name's next address is not where clients of this one would look.
            if matches!(refused, ServeError::AddressInUse { .. }) {
                break;
            }
        }
        Err(refused)
    }

    /// Sets how much clients may take. Defaults to [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The address with the port that was taken.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves the port on a thread of its own, named `ia-serve`, until the [`Server`] is shut down or dropped.
    ///
    /// On a loopback address only clients that mean this machine are answered (`localhost`, `127.0.0.0/8`, `[::1]`):
    /// others get status 421, so that a web page that gives its own name to 127.0.0.1 reads nothing.
    ///
    /// # Errors
    ///
    /// [`ServeError::Start`] when the system gives no thread or no event queue.
    pub fn serve(self, handler: impl Handler) -> Result<Server, ServeError> {
        let service = Arc::new(Service::new(Box::new(handler), self.addr));
        let worker = Worker::start(self.socket, Arc::clone(&service), self.limits)
            .map_err(|reason| ServeError::Start { reason })?;
        Ok(Server::new(self.addr, service, worker))
    }
}

fn open(addr: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = TcpListener::bind(addr)?;
    // The runtime that will accept from it must never block.
    socket.set_nonblocking(true)?;
    let addr = socket.local_addr()?;
    Ok((socket, addr))
}
