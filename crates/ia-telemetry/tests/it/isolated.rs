//! Telemetry for a test.

use std::time::Duration;

use ia_telemetry::prelude::*;
use ia_telemetry::testing::{ManualClock, isolated};

#[tokio::test]
async fn time_passes_only_when_the_test_says_so() {
    let telemetry = isolated();
    let clock: ManualClock = telemetry.clock().clone();
    let pipeline = Pipeline::builder("p")
        .step("s", move |_: StepContext, n: u32| {
            clock.advance(Duration::from_secs(90));
            async move { Ok::<_, std::io::Error>(n) }
        })
        .telemetry(&telemetry)
        .build()
        .unwrap();
    let run = pipeline.run(1).await.unwrap();
    assert_eq!(
        (run.duration, run.steps[0].duration),
        (Duration::from_secs(90), Duration::from_secs(90))
    );
    assert_eq!(telemetry.spans()[0].duration(), Duration::from_secs(90));
    assert_eq!(telemetry.value("pipeline_duration_seconds", [("pipeline_name", "p")]), 1);
}

#[test]
fn a_value_compares_with_numbers_of_any_type_and_nothing_equals_no_series() {
    const LEVEL: GaugeDesc<0> = GaugeDesc::new("level", "Level.", []);
    let telemetry = isolated();
    telemetry.registry().gauge(&LEVEL).get().set(-3);
    assert_eq!(telemetry.value("level", []), -3);
    assert_eq!(telemetry.value("level", []), -3.0);
    assert_ne!(telemetry.value("levels", []), 0);
    assert_eq!(format!("{:?}", telemetry.value("levels", [])), "no such series");
}
