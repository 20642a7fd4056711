//! Requests and their responses.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use ia_export::http::StatusCode;
use ia_export::http::header::{self, HeaderValue};
use ia_export::{Handler, Listener, Request, Response, Server};

use crate::client::{Client, PATIENCE};

fn serve(handler: impl Handler) -> Server {
    Listener::bind("127.0.0.1:0").unwrap().serve(handler).unwrap()
}

#[test]
fn a_handler_sees_method_path_query_and_headers() {
    let server = serve(|request: &Request| {
        let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        Response::text(format!(
            "{} {} {:?} {accept:?}",
            request.method(),
            request.path(),
            request.query()
        ))
    });
    let reply = Client::connect(server.addr()).ask(
        "GET",
        "/a%20b?c=d&e",
        "Host: localhost\r\nAccept: text/html\r\n",
    );
    assert_eq!(reply.body, r#"GET /a%20b Some("c=d&e") Some("text/html")"#);
}

#[test]
fn a_response_has_its_status_its_headers_and_those_of_the_server() {
    let server = serve(|_: &Request| {
        Response::html("<p>")
            .status(StatusCode::ACCEPTED)
            .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    });
    let reply = Client::connect(server.addr()).get("/");
    assert_eq!((reply.status, reply.body.as_str()), (202, "<p>"));
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert!(reply.header("date").is_some());
}

#[test]
fn a_handler_cannot_lie_about_the_length() {
    let server = serve(|_: &Request| {
        Response::text("four")
            .header(header::CONTENT_LENGTH, HeaderValue::from_static("400"))
            .header(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"))
    });
    let reply = Client::connect(server.addr()).get("/");
    assert_eq!((reply.header("content-length"), reply.body.as_str()), (Some("4"), "four"));
    assert_eq!(reply.header("transfer-encoding"), None);
}

#[test]
fn head_is_answered_like_get_without_the_body() {
    let server = serve(|_: &Request| Response::text("seventeen letters"));
    let mut client = Client::connect(server.addr());
    let reply = client.ask("HEAD", "/", "Host: localhost\r\n");
    assert_eq!((reply.status, reply.header("content-length")), (200, Some("17")));
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    // Had a body followed, the next response would begin with it.
    assert_eq!(client.get("/").body, "seventeen letters");
}

#[test]
fn other_methods_are_told_which_are_allowed() {
    let server = serve(|_: &Request| -> Response { panic!("the handler must not see this") });
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW", "get"] {
        let reply = Client::connect(server.addr()).ask(
            method,
            "/",
            "Host: localhost\r\nContent-Length: 0\r\n",
        );
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
}

#[test]
fn a_request_body_does_not_get_in_the_way_of_the_answer() {
    let server = serve(|_: &Request| Response::text("here"));
    let reply = Client::connect(server.addr()).ask(
        "GET",
        "/",
        "Host: localhost\r\nContent-Length: 1000000\r\n",
    );
    assert_eq!(reply.body, "here");
}

#[test]
fn a_handler_that_panics_answers_500_and_the_server_lives_on() {
    let server = serve(|request: &Request| match request.path() {
        "/panic" => panic!("as the test wants it"),
        _ => Response::text("alive"),
    });
    let mut client = Client::connect(server.addr());
    assert_eq!(client.get("/panic").status, 500);
    assert_eq!(client.get("/").body, "alive");
    assert_eq!(Client::connect(server.addr()).get("/").body, "alive");
}

#[test]
fn one_connection_carries_many_requests_and_each_is_counted() {
    let server = serve(|_: &Request| Response::text("again"));
    let mut client = Client::connect(server.addr());
    (0..200).for_each(|_| assert_eq!(client.get("/").body, "again"));
    assert_eq!(server.requests(), 200);
}

#[test]
fn a_client_that_ends_its_side_at_once_is_still_answered_to_the_end() {
    let server = serve(|_: &Request| Response::text("x".repeat(20_000_000)));
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert_eq!(reply.bytes().rev().take_while(|byte| *byte == b'x').count(), 20_000_000);
}

#[test]
fn what_is_no_http_is_refused_and_the_server_lives_on() {
    let server = serve(|_: &Request| Response::text("alive"));
    let mut client = Client::connect(server.addr());
    client.send("\u{16}\u{3}\u{1} this is TLS, or worse\r\n\r\n");
    assert!(client.rest().starts_with("HTTP/1.1 400"));
    assert_eq!(Client::connect(server.addr()).get("/").body, "alive");
}

#[test]
fn the_server_runs_on_a_named_thread_of_its_own() {
    let server = serve(|_: &Request| {
        Response::text(std::thread::current().name().unwrap_or_default().to_owned())
    });
    assert_eq!(Client::connect(server.addr()).get("/").body, "ia-serve");
}
