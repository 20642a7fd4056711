//! What answers requests.

use super::{Request, Response};

/// Answers the requests of a [`Server`](super::Server). Closures that take a `&Request` are handlers.
///
/// It is only asked what may be asked: `GET` and `HEAD`, by a client that means this machine. It answers `HEAD` like
/// `GET`; the server leaves the body out.
///
/// Handlers run one after the other on the server's own thread, so they may compute but should not wait: while one
/// waits, no other client is served. One that panics answers with status 500, and the server goes on.
pub trait Handler: Send + Sync + 'static {
    /// The answer to one request.
    fn respond(&self, request: &Request) -> Response;
}

impl<F: Fn(&Request) -> Response + Send + Sync + 'static> Handler for F {
    fn respond(&self, request: &Request) -> Response {
        self(request)
    }
}
