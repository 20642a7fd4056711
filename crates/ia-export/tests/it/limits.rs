//! What a client may take.

use std::time::Duration;

use ia_export::{Limits, Listener, Request, Response, Server};

use crate::client::Client;

fn serve(limits: Limits) -> Server {
    let listener = Listener::bind("127.0.0.1:0").unwrap().limits(limits);
    listener.serve(|_: &_| Response::text("served")).unwrap()
}

#[test]
fn a_connection_over_the_limit_waits_until_another_one_ends() {
    let server = serve(Limits::default().connections(1));
    let mut first = Client::connect(server.addr());
    first.get("/");
    let mut second = Client::connect(server.addr());
    second.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // The second had many chances to be served meanwhile.
    (0..100).for_each(|_| drop(first.get("/")));
    assert_eq!(server.requests(), 101);
    drop(first);
    assert_eq!(second.read(true).body, "served");
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let server = serve(Limits::default());
    let mut client = Client::connect(server.addr());
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
    client.send(&format!("X-Long: {}", "x".repeat(20_000)));
    let reply = client.rest();
    assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 431"), "{reply}");
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_head_within_the_limit_is_read() {
    let server = serve(Limits::default());
    let header = format!("Host: localhost\r\nX-Long: {}\r\n", "x".repeat(15_000));
    assert_eq!(Client::connect(server.addr()).ask("GET", "/", &header).status, 200);
}

#[test]
fn a_client_that_does_not_finish_its_head_is_cut_off() {
    let server = serve(Limits::default().header_timeout(Duration::from_millis(20)));
    let mut client = Client::connect(server.addr());
    client.send("GET / HTTP/1.1\r\nHost: local");
    let reply = client.rest();
    assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 408"), "{reply}");
}

#[test]
fn a_client_that_says_nothing_is_cut_off() {
    let server = serve(Limits::default().header_timeout(Duration::from_millis(20)));
    assert_eq!(Client::connect(server.addr()).rest(), "");
}

#[test]
fn a_connection_that_idles_after_a_response_is_cut_off() {
    let server = serve(Limits::default().header_timeout(Duration::from_millis(500)));
    let mut client = Client::connect(server.addr());
    client.get("/");
    assert_eq!(client.rest(), "");
}

#[test]
fn a_client_may_be_given_all_the_time_there_is() {
    let server = serve(Limits::default().header_timeout(Duration::MAX));
    assert_eq!(Client::connect(server.addr()).get("/").status, 200);
}

#[test]
fn a_client_that_never_reads_its_response_gives_its_place_to_another() {
    let limits = Limits::default().connections(1).write_timeout(Duration::from_millis(50));
    let listener = Listener::bind("127.0.0.1:0").unwrap().limits(limits);
    let answer = |request: &Request| match request.path() {
        "/large" => Response::text(vec![b'x'; 64 << 20]),
        _ => Response::text("served"),
    };
    let server = listener.serve(answer).unwrap();
    let mut deaf = Client::connect(server.addr());
    deaf.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut other = Client::connect(server.addr());
    assert_eq!(other.get("/").body, "served");
}

#[test]
fn a_client_that_reads_slowly_is_not_cut_off() {
    let server = serve(Limits::default().write_timeout(Duration::from_secs(5)));
    let mut slow = Client::connect(server.addr());
    slow.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(Client::connect(server.addr()).get("/").status, 200);
    assert_eq!(slow.read(true).body, "served");
}
