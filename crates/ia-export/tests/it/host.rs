//! Whom a request means.

use ia_export::{Listener, Response, Server};

use crate::client::Client;

fn server(addr: &str) -> Server {
    Listener::bind(addr).unwrap().serve(|_: &_| Response::text("inside")).unwrap()
}

fn status(server: &Server, request: &str) -> u16 {
    let mut client = Client::connect(server.addr());
    client.send(request);
    client.read(true).status
}

fn status_of_host(server: &Server, host: &str) -> u16 {
    status(server, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"))
}

#[test]
fn names_of_this_machine_are_answered_with_any_port() {
    let server = server("127.0.0.1:0");
    let hosts = [
        "localhost",
        "LocalHost:80",
        "127.0.0.1",
        "127.0.0.1:9464",
        "127.9.9.9:1",
        "[::1]",
        "[::1]:9464",
        "[::ffff:127.0.0.1]:80",
    ];
    for host in hosts {
        assert_eq!(status_of_host(&server, host), 200, "{host}");
    }
}

#[test]
fn foreign_names_are_misdirected() {
    let server = server("127.0.0.1:0");
    let hosts = [
        "evil.example",
        "evil.example:9464",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.0.1",
        "0.0.0.0",
        "[::2]",
        "[::1",
        "::1",
        "localhost:80@evil.example",
        "evil.example@localhost",
        "",
    ];
    for host in hosts {
        assert_eq!(status_of_host(&server, host), 421, "{host}");
    }
}

#[test]
fn a_misdirected_client_is_told_what_to_do_and_nothing_else() {
    let server = server("127.0.0.1:0");
    let reply = Client::connect(server.addr()).ask("GET", "/", "Host: evil.example\r\n");
    assert!(reply.body.contains("use localhost or 127.0.0.1"), "{reply:?}");
    assert!(!reply.body.contains("inside"), "{reply:?}");
}

#[test]
fn a_foreign_name_in_the_target_is_misdirected() {
    let server = server("127.0.0.1:0");
    let request = "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(status(&server, request), 421);
    let request = "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(status(&server, request), 200);
}

#[test]
fn http_1_0_needs_no_host_and_http_1_1_does() {
    let server = server("127.0.0.1:0");
    assert_eq!(status(&server, "GET / HTTP/1.0\r\n\r\n"), 200);
    assert_eq!(status(&server, "GET / HTTP/1.1\r\n\r\n"), 400);
}

#[test]
fn two_hosts_in_one_request_are_a_bad_request() {
    let server = server("127.0.0.1:0");
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n";
    assert_eq!(status(&server, request), 400);
}

#[test]
fn a_server_for_every_network_answers_to_any_name() {
    let server = server("0.0.0.0:0");
    let addr = ([127, 0, 0, 1], server.addr().port()).into();
    let reply = Client::connect(addr).ask("GET", "/", "Host: metrics.example\r\n");
    assert_eq!(reply.status, 200);
}
