//! What a client asks.

use http::request::Parts;
use http::{HeaderMap, Method, Version};

/// What a client asks. It has no body: the server only passes on methods that need none.
///
/// To test a handler, make one from an [`http::Request`]:
///
/// ```
/// use ia_export::{Request, http};
///
/// let request = Request::from(http::Request::get("/metrics?pretty").body(())?);
/// assert_eq!((request.path(), request.query()), ("/metrics", Some("pretty")));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    head: Parts,
}

impl Request {
    /// `GET` or `HEAD`.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The path as the client sent it, percent-encoding included; begins with a slash.
    #[must_use]
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// What follows the question mark, as the client sent it. `None` without a question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.head.uri.query()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The host that is part of the target itself, as clients of a proxy send it.
    pub(super) fn authority(&self) -> Option<&str> {
        self.head.uri.authority().map(http::uri::Authority::as_str)
    }

    pub(super) fn version(&self) -> Version {
        self.head.version
    }
}

impl<B> From<http::Request<B>> for Request {
    fn from(request: http::Request<B>) -> Self {
        Self { head: request.into_parts().0 }
    }
}
