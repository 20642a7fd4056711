//! The telemetry of the process. All in one test: there is one process.

use std::time::Duration;

use ia_telemetry::TelemetryError;
use ia_telemetry::prelude::*;

use crate::http::scrape;

async fn same(_: StepContext, n: u32) -> Result<u32, std::io::Error> {
    Ok(n)
}

/// Runs in a process of its own, as it sets what a process has one of.
#[test]
fn installing_makes_it_the_telemetry_of_the_process() {
    const CHILD: &str = "IA_TELEMETRY_TEST_CHILD";
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let test = "global::installing_makes_it_the_telemetry_of_the_process";
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

fn child() {
    let guard = Telemetry::builder()
        .registry(Registry::new())
        .tracer(SimpleTracer::with_capacity(100))
        .prometheus("127.0.0.1:0")
        .install()
        .unwrap();
    let pipeline = Pipeline::builder("installed").step("s", same).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(pipeline.run(1)).unwrap();
    assert_eq!(telemetry().spans().tree(), "installed > s");
    let page = scrape(telemetry().addresses()[0]);
    assert!(
        page.contains(
            "pipeline_executions_total{pipeline_name=\"installed\",status=\"success\"} 1\n"
        ),
        "{page}"
    );

    let again = Telemetry::builder()
        .registry(Registry::new())
        .prometheus("127.0.0.1:0")
        .install()
        .unwrap_err();
    assert!(matches!(again, TelemetryError::AlreadyInstalled { .. }), "{again:?}");
    assert!(again.to_string().contains("first thing in `main`"), "{again}");

    let report = guard.shutdown(Duration::from_secs(5));
    assert!(report.is_complete(), "{report}");
    assert_eq!(telemetry().addresses(), []);
}
