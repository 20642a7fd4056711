//! What happens to a request: the checks, the handler, the headers of every response.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use http_body_util::Full;

use super::{Bytes, Handler, Request, Response, host};

/// What all connections of one server share.
pub(super) struct Service {
    handler: Box<dyn Handler>,
    /// Whether the server listens on a loopback address.
    local: bool,
    requests: AtomicU64,
}

impl Service {
    pub(super) fn new(handler: Box<dyn Handler>, addr: SocketAddr) -> Self {
        let local = addr.ip().to_canonical().is_loopback();
        Self { handler, local, requests: AtomicU64::new(0) }
    }

    /// How many requests were answered.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The response to one request; to `HEAD`, hyper sends it without the body.
    pub(super) fn answer<B>(&self, request: http::Request<B>) -> http::Response<Full<Bytes>> {
        let request = Request::from(request);
        let response = self.refusal(&request).unwrap_or_else(|| self.handle(&request));
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut response = response.into_http();
        response
            .headers_mut()
            .insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }

    /// The response to a request that the handler must not see.
    fn refusal(&self, request: &Request) -> Option<Response> {
        if !host::is_clear(request) {
            let text = "give exactly one Host header\n";
            return Some(Response::text(text).status(StatusCode::BAD_REQUEST));
        }
        if self.local && !host::is_local(request) {
            let text = "this server answers clients of its own machine: use localhost or 127.0.0.1 in the URL, \
                        or have it listen on another address\n";
            return Some(Response::text(text).status(StatusCode::MISDIRECTED_REQUEST));
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let response = Response::text("only GET and HEAD are answered\n");
            let allow = HeaderValue::from_static("GET, HEAD");
            return Some(
                response.status(StatusCode::METHOD_NOT_ALLOWED).header(header::ALLOW, allow),
            );
        }
        None
    }

    fn handle(&self, request: &Request) -> Response {
        // The handler is not used differently after a panic: what it shares, it must keep in order itself.
        catch_unwind(AssertUnwindSafe(|| self.handler.respond(request))).unwrap_or_else(|payload| {
            // What a panic carries may panic itself as it is dropped; what that carries is let go.
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            let text = "the handler panicked; its message is on the process' standard error\n";
            Response::text(text).status(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }
}
