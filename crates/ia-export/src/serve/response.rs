//! What a client is answered.

use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http_body_util::Full;

use super::Bytes;

/// What a client is answered. The server adds `Content-Length`, `Date` and `X-Content-Type-Options: nosniff`.
///
/// ```
/// use ia_export::Response;
/// use ia_export::http::header::{CACHE_CONTROL, HeaderValue};
///
/// let json = HeaderValue::from_static("application/json");
/// let response = Response::new(json, r#"{"up":true}"#)
///     .header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a response does nothing until the handler returns it"]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Response {
    /// A response of status 200 with this `Content-Type` and body.
    pub fn new(content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]);
        Self { status: StatusCode::OK, headers, body: body.into() }
    }

    /// A response of status 200 with plain text.
    pub fn text(body: impl Into<Bytes>) -> Self {
        Self::new(HeaderValue::from_static("text/plain; charset=utf-8"), body)
    }

    /// A response of status 200 with a web page.
    pub fn html(body: impl Into<Bytes>) -> Self {
        Self::new(HeaderValue::from_static("text/html; charset=utf-8"), body)
    }

    /// A response of status 404.
    pub fn not_found() -> Self {
        Self::text("not found\n").status(StatusCode::NOT_FOUND)
    }

    /// Sets the status. Defaults to 200.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Sets a header, in place of one of the same name. Defaults to `Content-Type` alone. The headers that say where the
    /// body ends are the server's, and are ignored here.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(super) fn into_http(self) -> http::Response<Full<Bytes>> {
        let mut response = http::Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        for framing in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            response.headers_mut().remove(framing);
        }
        response
    }
}
