//! The endpoint, over a socket.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use ia_exporter_prometheus::{CounterDesc, PrometheusExporter, Registry, ServeError, Server};

use crate::client::Client;
use crate::parser;

const RUNS: CounterDesc<1> = CounterDesc::new("runs_total", "Runs.", ["status"]);

fn serve(registry: &Registry) -> Server {
    PrometheusExporter::new().serve(registry, "127.0.0.1:0").unwrap()
}

fn registry() -> Registry {
    let registry = Registry::new();
    registry.counter(&RUNS).with(["success"]).inc();
    registry
}

#[test]
fn metrics_come_with_the_content_type_that_prometheus_3_asks_for() {
    let registry = registry();
    let server = serve(&registry);
    let reply = Client::connect(server.addr()).get("/metrics");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(reply.body, PrometheusExporter::new().render(&registry.snapshot()));
}

#[test]
fn each_scrape_sees_the_metrics_of_its_moment() {
    let registry = registry();
    let server = serve(&registry);
    let mut client = Client::connect(server.addr());
    assert!(client.get("/metrics").body.ends_with(" 1\n"));
    registry.counter(&RUNS).with(["success"]).add(41);
    assert!(client.get("/metrics").body.ends_with(" 42\n"));
}

#[test]
fn a_scrape_may_have_a_query() {
    let server = serve(&registry());
    assert_eq!(Client::connect(server.addr()).get("/metrics?collect[]=runs").status, 200);
}

#[test]
fn the_prefix_is_served() {
    let exporter = PrometheusExporter::builder().prefix("myapp").build().unwrap();
    let server = exporter.serve(&registry(), "127.0.0.1:0").unwrap();
    let body = Client::connect(server.addr()).get("/metrics").body;
    assert!(body.contains("\nmyapp_runs_total{"), "{body}");
}

#[test]
fn an_empty_registry_is_an_empty_page() {
    let server = serve(&Registry::new());
    let reply = Client::connect(server.addr()).get("/metrics");
    assert_eq!((reply.status, reply.header("content-length")), (200, Some("0")));
}

#[test]
fn head_says_how_long_the_metrics_are() {
    let server = serve(&registry());
    let mut client = Client::connect(server.addr());
    let head = client.ask("HEAD", "/metrics", "Host: localhost\r\n");
    let length = client.get("/metrics").body.len().to_string();
    assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())));
}

#[test]
fn the_landing_page_links_to_the_metrics() {
    let server = serve(&registry());
    let reply = Client::connect(server.addr()).get("/");
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(reply.body.contains("<a href=\"metrics\">"), "{reply:?}");
}

#[test]
fn other_paths_are_not_found() {
    let server = serve(&registry());
    for path in ["/metrics/", "/Metrics", "/favicon.ico", "//metrics", "/../metrics"] {
        assert_eq!(Client::connect(server.addr()).get(path).status, 404, "{path}");
    }
}

#[test]
fn posting_is_not_allowed() {
    let server = serve(&registry());
    let reply = Client::connect(server.addr()).ask(
        "POST",
        "/metrics",
        "Host: localhost\r\nContent-Length: 2\r\n\r\n{}",
    );
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")));
}

#[test]
fn a_web_page_under_a_foreign_name_reads_nothing() {
    let server = serve(&registry());
    let reply = Client::connect(server.addr()).ask("GET", "/metrics", "Host: evil.example\r\n");
    assert_eq!(reply.status, 421);
    assert!(!reply.body.contains("runs_total"), "{reply:?}");
}

#[test]
fn a_second_server_on_the_port_is_told_to_take_another_one() {
    let server = serve(&registry());
    let error = PrometheusExporter::new().serve(&registry(), server.addr()).unwrap_err();
    assert!(matches!(error, ServeError::AddressInUse { .. }), "{error:?}");
    assert!(error.to_string().contains("choose another port, or port 0"), "{error}");
}

#[test]
fn shutting_down_closes_the_port_though_a_client_keeps_its_connection() {
    let server = serve(&registry());
    let addr = server.addr();
    let mut client = Client::connect(addr);
    client.get("/metrics");
    // The server would cut the client off by itself after 10 seconds.
    assert!(server.shutdown(Duration::from_secs(5)));
    assert!(TcpStream::connect(addr).is_err());
    assert_eq!(client.rest(), "");
}

#[test]
fn one_connection_is_scraped_200_times() {
    let server = serve(&registry());
    let mut client = Client::connect(server.addr());
    (0..200).for_each(|_| assert_eq!(client.get("/metrics").status, 200));
    assert_eq!(server.requests(), 200);
}

#[test]
fn it_serves_within_a_runtime_as_well() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let server = serve(&registry());
        assert_eq!(Client::connect(server.addr()).get("/metrics").status, 200);
    });
}

#[test]
fn scrapes_during_recording_are_whole_and_never_go_back() {
    let registry = registry();
    let server = serve(&registry);
    let addr = server.addr();
    thread::scope(|scope| {
        let scraper = scope.spawn(move || {
            let mut client = Client::connect(addr);
            let mut last = 0.0;
            for _ in 0..100 {
                let families = parser::parse(&client.get("/metrics").body).unwrap();
                let now = families[0].samples[0].value;
                assert!(now >= last, "{now} after {last}");
                last = now;
            }
        });
        while !scraper.is_finished() {
            registry.counter(&RUNS).with(["success"]).inc();
        }
    });
}
