//! The end of a server, in every host.

use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ia_export::{Handler, Limits, Listener, Request, Response, Server};

use crate::client::{Client, PATIENCE};

/// Long enough that no test that passes waits for it.
const LONG: Duration = Duration::from_mins(10);

/// A server that cuts no client off but by shutting down.
fn serve(handler: impl Handler) -> Server {
    let limits = Limits::default().header_timeout(LONG);
    Listener::bind("127.0.0.1:0").unwrap().limits(limits).serve(handler).unwrap()
}

fn hello(_: &Request) -> Response {
    Response::text("hello")
}

fn is_closed(addr: SocketAddr) -> bool {
    TcpStream::connect(addr).is_err()
}

/// Shuts down on a thread of its own, so that a shutdown that hangs fails the test instead of hanging it too.
fn shutdown(server: Server, deadline: Duration) -> mpsc::Receiver<bool> {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(server.shutdown(deadline)).unwrap());
    result
}

#[test]
fn shutting_down_an_unused_server_closes_its_port() {
    let server = serve(hello);
    let addr = server.addr();
    assert!(shutdown(server, LONG).recv_timeout(PATIENCE).unwrap());
    assert!(is_closed(addr));
}

#[test]
fn dropping_a_server_closes_its_port() {
    let server = serve(hello);
    let addr = server.addr();
    drop(server);
    assert!(is_closed(addr));
}

#[test]
fn the_port_can_be_taken_again_at_once() {
    let server = serve(hello);
    let addr = server.addr();
    Client::connect(addr).get("/");
    assert!(server.shutdown(PATIENCE));
    let again = Listener::bind(addr).unwrap().serve(hello).unwrap();
    assert_eq!(Client::connect(again.addr()).get("/").body, "hello");
}

#[test]
fn a_client_that_keeps_its_connection_does_not_hold_up_a_shutdown() {
    let server = serve(hello);
    let mut client = Client::connect(server.addr());
    client.get("/");
    assert!(shutdown(server, LONG).recv_timeout(PATIENCE).unwrap());
    assert_eq!(client.rest(), "");
}

#[test]
fn a_client_that_never_asks_does_not_hold_up_a_shutdown() {
    let server = serve(hello);
    let mut silent = Client::connect(server.addr());
    silent.send("GET / HT");
    // A later connection was served, so the silent one is accepted.
    Client::connect(server.addr()).get("/");
    assert!(shutdown(server, LONG).recv_timeout(PATIENCE).unwrap());
    assert_eq!(silent.rest(), "");
}

#[test]
fn a_running_response_is_finished() {
    let (entered, has_entered) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let (entered, may_go_on) = (Mutex::new(entered), Mutex::new(may_go_on));
    let server = serve(move |_: &Request| {
        entered.lock().unwrap().send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
        Response::text("x".repeat(10_000_000))
    });
    let mut client = Client::connect(server.addr());
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    has_entered.recv_timeout(PATIENCE).unwrap();

    let result = shutdown(server, LONG);
    go_on.send(()).unwrap();
    assert_eq!(client.read(true).body.len(), 10_000_000);
    assert!(result.recv_timeout(PATIENCE).unwrap());
}

#[test]
fn a_client_that_does_not_read_is_cut_off_at_the_deadline() {
    let server = serve(|_: &Request| Response::text("x".repeat(50_000_000)));
    let addr = server.addr();
    let mut client = Client::connect(addr);
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // Somebody else was served, so the response above is on its way.
    Client::connect(addr).ask("HEAD", "/", "Host: localhost\r\n");
    let finished = shutdown(server, Duration::from_millis(500)).recv_timeout(PATIENCE).unwrap();
    assert!(!finished);
    assert!(is_closed(addr));
    assert!(client.rest().len() < 50_000_000);
}

#[test]
fn a_handler_that_hangs_does_not_hold_up_a_shutdown() {
    let (entered, has_entered) = mpsc::channel();
    let (_never, never) = mpsc::channel::<()>();
    let (entered, never) = (Mutex::new(entered), Mutex::new(never));
    let server = serve(move |_: &Request| {
        entered.lock().unwrap().send(()).unwrap();
        assert!(never.lock().unwrap().recv().is_err(), "nobody sends");
        Response::text("")
    });
    let mut client = Client::connect(server.addr());
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    has_entered.recv_timeout(PATIENCE).unwrap();
    let finished = shutdown(server, Duration::from_millis(50)).recv_timeout(PATIENCE).unwrap();
    assert!(!finished);
}

#[test]
fn a_deadline_of_nothing_and_one_of_forever_are_taken() {
    assert!(shutdown(serve(hello), Duration::ZERO).recv_timeout(PATIENCE).is_ok());
    assert!(shutdown(serve(hello), Duration::MAX).recv_timeout(PATIENCE).unwrap());
}

#[test]
fn a_server_lives_and_ends_within_a_current_thread_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let server = serve(hello);
        assert_eq!(Client::connect(server.addr()).get("/").body, "hello");
        assert!(server.shutdown(PATIENCE));
    });
}

#[test]
fn a_server_is_dropped_within_a_task_of_a_multi_thread_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let task = runtime.spawn(async {
        let server = serve(hello);
        assert_eq!(Client::connect(server.addr()).get("/").body, "hello");
        server.addr()
    });
    assert!(is_closed(runtime.block_on(task).unwrap()));
}

#[test]
fn a_server_outlives_the_runtime_it_was_started_in() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let server = runtime.block_on(async { serve(hello) });
    drop(runtime);
    assert_eq!(Client::connect(server.addr()).get("/").body, "hello");
}
