//! A small HTTP/1.1 server with limits, on a thread of its own.

mod connection;
mod error;
mod handler;
mod host;
mod limits;
mod listener;
mod request;
mod response;
mod server;
mod service;
mod worker;

pub use hyper::body::Bytes;

pub use self::error::ServeError;
pub use self::handler::Handler;
pub use self::limits::Limits;
pub use self::listener::Listener;
pub use self::request::Request;
pub use self::response::Response;
pub use self::server::Server;
