//! One connection, from its first request to its last.

use std::convert::Infallible;
use std::future::{poll_fn, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

use super::service::Service;

/// What a connection needs to be served. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) service: Arc<Service>,
    pub(super) http: http1::Builder,
    /// How long a client may take nothing of its response.
    pub(super) write_timeout: Duration,
    /// Closes when the server shuts down.
    pub(super) closing: watch::Receiver<()>,
}

impl Connection {
    /// Serves the client until it leaves, breaks the rules, or the server shuts down: then a running response still
    /// finishes. What goes wrong here is between this client and its network, so it ends the connection and no more.
    pub(super) async fn run(mut self, stream: TcpStream) {
        // Without it small responses on a kept connection may wait for the client's delayed acknowledgement.
        drop(stream.set_nodelay(true));
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.write_timeout));
        let asked = AtomicBool::new(false);
        let service = service_fn(|request| {
            asked.store(true, Ordering::Relaxed);
            ready(Ok::<_, Infallible>(self.service.answer(request)))
        });
        let mut http = pin!(self.http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        let mut closing = pin!(self.closing.changed());
        let mut told = false;
        poll_fn(|context| {
            let served = http.as_mut().poll(context).map(drop);
            if served.is_ready() || told || closing.as_mut().poll(context).is_pending() {
                return served;
            }
            told = true;
            // Nobody is owed an answer yet, and waiting for the rest of a first request could take until the deadline.
            if !asked.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            http.as_mut().graceful_shutdown();
            http.as_mut().poll(context).map(drop)
        })
        .await;
    }
}
