//! Telemetry that is built, not installed.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use ia_telemetry::TelemetryError;
use ia_telemetry::prelude::*;

use crate::http::scrape;

const PAGES: CounterDesc<0> = CounterDesc::new("pages_total", "Pages.", []);

async fn same(_: StepContext, n: u32) -> Result<u32, std::io::Error> {
    Ok(n)
}

#[tokio::test]
async fn what_is_built_is_apart_from_the_process() {
    let built = Telemetry::builder().build().unwrap();
    let pipeline = Pipeline::builder("apart").step("s", same).telemetry(&built).build().unwrap();
    pipeline.run(1).await.unwrap();
    assert_eq!(built.spans().tree(), "apart > s");
    assert!(telemetry().spans().iter().all(|span| span.name() != "apart"));
    assert!(
        Registry::global()
            .snapshot()
            .sum("pipeline_executions_total", [("pipeline_name", "apart")])
            < 1.0
    );
}

#[test]
fn every_endpoint_is_scraped_and_has_its_own_prefix() {
    let built = Telemetry::builder()
        .prometheus("127.0.0.1:0")
        .prometheus_with(PrometheusExporter::builder().prefix("myapp"), "127.0.0.1:0")
        .build()
        .unwrap();
    built.registry().counter(&PAGES).get().inc();
    let [plain, prefixed] = built.addresses()[..] else { panic!("two endpoints") };
    assert!(scrape(plain).contains("\npages_total 1\n"));
    assert!(scrape(prefixed).contains("\nmyapp_pages_total 1\n"));
}

#[test]
fn shutdown_closes_the_endpoints_and_says_what_became_of_the_spans() {
    let built = Telemetry::builder()
        .tracer(Tracer::builder().memory(2).build())
        .prometheus("127.0.0.1:0")
        .build()
        .unwrap();
    let addr = built.addresses()[0];
    (0..5).for_each(|_| built.tracer().start("work").end());
    let report = built.shutdown(Duration::from_secs(5));
    assert!(TcpStream::connect(addr).is_err());
    assert_eq!(built.addresses(), []);
    let ledger = &report.rows()[0].ledger;
    assert!(ledger.is_balanced() && !report.is_complete());
    assert_eq!((ledger.recorded, ledger.delivered, ledger.dropped["evicted"]), (5, 2, 3));
    assert_eq!(
        built.shutdown(Duration::ZERO).rows(),
        report.rows(),
        "a second shutdown does no harm"
    );
}

#[test]
fn a_port_in_use_is_an_error_that_names_the_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = Telemetry::builder()
        .prometheus(taken.local_addr().unwrap().to_string())
        .build()
        .unwrap_err();
    assert!(matches!(error, TelemetryError::Serve { .. }), "{error:?}");
    assert!(error.to_string().contains("port 0"), "{error}");
}

#[test]
fn an_address_or_a_prefix_that_is_none_is_an_error() {
    let error = Telemetry::builder().prometheus("nowhere").build().unwrap_err();
    assert!(error.to_string().contains("`nowhere`"), "{error}");
    let exporter = PrometheusExporter::builder().prefix("my-app");
    let error = Telemetry::builder().prometheus_with(exporter, "127.0.0.1:0").build().unwrap_err();
    assert!(matches!(error, TelemetryError::Prometheus(_)), "{error:?}");
}

#[tokio::test]
async fn switching_off_reaches_pipelines_that_are_built_already() {
    let built = Telemetry::builder().enabled(false).build().unwrap();
    let pipeline = Pipeline::builder("p").step("s", same).telemetry(&built).build().unwrap();
    pipeline.run(1).await.unwrap();
    assert_eq!((built.spans().len(), built.is_enabled()), (0, false));
    built.set_enabled(true);
    pipeline.run(1).await.unwrap();
    built.set_enabled(false);
    pipeline.run(1).await.unwrap();
    assert_eq!(built.spans().tree(), "p > s");
    let runs = built.metrics().sum("pipeline_executions_total", []);
    assert!((runs - 1.0).abs() < f64::EPSILON, "{runs}");
}
