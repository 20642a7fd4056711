//! The outcome table: what each way to end leaves behind.

use std::sync::Arc;
use std::time::Duration;

use ia_pipeline::{
    Backoff, Budget, CircuitBreaker, Flow, MemoryStore, OnExceeded, Pipeline, Policy, RateLimit,
};
use ia_tracing::Status;

use crate::outcome_rows::{
    Expect, Row, asks, fails_later, open_breaker, panics, row, slow_at_first, spends, takes_all,
    third_time, used, yields_and_fails,
};
use crate::probe::{Probe, double, fail, never, same};

macro_rules! pipeline {
    ($builder:ident => $steps:expr) => {
        |_| {
            let probe = Probe::new();
            let $builder = Pipeline::builder("p").telemetry(probe.instruments());
            ($steps.build().unwrap(), probe)
        }
    };
}

pub(crate) fn table() -> Vec<Row> {
    failures().into_iter().chain(limits()).chain(beyond_the_process()).collect()
}

#[expect(clippy::too_many_lines, reason = "it is one table")]
fn failures() -> Vec<Row> {
    use Expect::{Error, None as Absent, Ok as Fine};
    let second = Duration::from_secs(1);
    vec![
        row(
            "finished",
            pipeline!(b => b.step("s", same)),
            ("success", "success", None),
            (Fine, Fine),
            0.0,
        ),
        row(
            "step returned an error",
            pipeline!(b => b.step("s", fail)),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            0.0,
        ),
        row(
            "step timed out",
            pipeline!(b => b.step("s", never).policy(Policy::new().timeout(second))),
            ("error", "error", Some("timeout")),
            (Error, Error),
            0.0,
        ),
        row(
            "all attempts together took too long",
            pipeline!(b => b.step("s", never).policy(Policy::new().total_timeout(second))),
            ("error", "error", Some("timeout")),
            (Error, Error),
            0.0,
        ),
        row(
            "run deadline",
            pipeline!(b => b.step("s", never).deadline(second)),
            ("error", "error", Some("timeout")),
            (Error, Error),
            0.0,
        ),
        row(
            "step panicked",
            pipeline!(b => b.step("s", panics)),
            ("error", "error", Some("panic")),
            (Error, Error),
            0.0,
        ),
        row(
            "fallback answered",
            pipeline!(b => b.step("s", fail).fallback(double)),
            ("success", "fallback", Some("NotFound")),
            (Fine, Fine),
            0.0,
        ),
        row(
            "fallback failed too",
            pipeline!(b => b.step("s", fail).fallback(panics)),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            0.0,
        ),
        row(
            "failed, continue_on_error",
            pipeline!(b => b
                .step("a", same)
                .step("s", fail)
                .policy(Policy::new().continue_on_error())
                .step("z", same)
                .flow(Flow::start("a").fan_out("a", ["s", "z"]))),
            ("success", "error", Some("NotFound")),
            (Fine, Error),
            0.0,
        ),
        row(
            "attempts failed, then success",
            pipeline!(b => b
                .step("s", third_time(&Arc::default()))
                .policy(Policy::retry(5).backoff(Backoff::NONE))),
            ("success", "success", None),
            (Fine, Fine),
            2.0,
        ),
        row(
            "all attempts failed",
            pipeline!(b => b.step("s", fail).policy(Policy::retry(3))),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            3.0,
        ),
        row(
            "loop limit",
            pipeline!(b => b.step("s", same).flow(Flow::start("s").repeat("s", |_: &u32| true, "s", 2))),
            ("error", "error", Some("loop_limit")),
            (Error, Error),
            0.0,
        ),
        row(
            "branch not taken",
            pipeline!(b => b
                .step("a", same)
                .step("s", same)
                .step("b", same)
                .flow(Flow::start("a").when("a", |n: &u32| *n > 100, "s").otherwise("a", "b"))),
            ("success", "skipped", None),
            (Fine, Absent),
            0.0,
        ),
        row(
            "flow ended in end_with_failure",
            pipeline!(b => b.step("s", same).flow(Flow::start("s").edge("s", Flow::FAILURE).when("s", |_: &u32| false, Flow::END))),
            ("error", "success", None),
            (Error, Fine),
            0.0,
        ),
    ]
}

/// What policies refuse, or have wait.
fn limits() -> Vec<Row> {
    use Expect::{Error, Ok as Fine};
    // Rows before one of these take seconds, on the clock of the runtime.
    let (second, day) = (Duration::from_secs(1), Duration::from_hours(24));
    vec![
        row(
            "retry predicate says no",
            pipeline!(b => b.step("s", fail).policy(Policy::retry(3).retry_if(|_| false))),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            0.0,
        ),
        row(
            "timed out, then success",
            pipeline!(b => b.step("s", slow_at_first).policy(Policy::retry(3).timeout(second))),
            ("success", "success", None),
            (Fine, Fine),
            1.0,
        ),
        row(
            "open breaker",
            pipeline!(b => b
                .step("s", same)
                .policy(Policy::retry(3).circuit_breaker(open_breaker()))),
            ("error", "error", Some("circuit_open")),
            (Error, Error),
            0.0,
        ),
        row(
            "open breaker, fallback answered",
            pipeline!(b => b
                .step("s", same)
                .policy(Policy::retry(3).circuit_breaker(open_breaker()))
                .fallback(double)),
            ("success", "fallback", Some("circuit_open")),
            (Fine, Fine),
            0.0,
        ),
        row(
            "open breaker, continue_on_error",
            pipeline!(b => b
                .step("a", same)
                .step("s", same)
                .policy(Policy::new().circuit_breaker(open_breaker()).continue_on_error())
                .step("z", same)
                .flow(Flow::start("a").fan_out("a", ["s", "z"]))),
            ("success", "error", Some("circuit_open")),
            (Fine, Error),
            0.0,
        ),
        row(
            "breaker opened between attempts",
            pipeline!(b => b
                .step("s", fail)
                .policy(Policy::retry(5).circuit_breaker(CircuitBreaker::new().failures(2)))),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            1.0,
        ),
        row(
            "waited for its rate limit",
            pipeline!(b => b
                .step("s", same)
                .policy(Policy::new().rate_limit(used(RateLimit::per_minute(1))))),
            ("success", "success", None),
            (Fine, Fine),
            0.0,
        ),
        row(
            "refused by its rate limit",
            pipeline!(b => b
                .step("s", same)
                .policy(Policy::retry(3).rate_limit(used(RateLimit::new(1, day).refuse())))),
            ("error", "error", Some("rate_limited")),
            (Error, Error),
            0.0,
        ),
        row(
            "another step failed while it waited for its rate limit",
            pipeline!(b => b
                .step("a", same)
                .step("s", same)
                .policy(Policy::new().rate_limit(used(RateLimit::new(1, day))))
                .step("f", fails_later)
                .flow(Flow::start("a").fan_out("a", ["s", "f"]))),
            ("error", "cancelled", None),
            (Error, Error),
            0.0,
        ),
    ]
}

/// Money, checkpoints, persons and streams.
fn beyond_the_process() -> Vec<Row> {
    use Expect::{Error, Ok as Fine};
    let cent = || Budget::usd("0.01");
    vec![
        row(
            "a budget stopped the run",
            pipeline!(b => b.step("s", spends).fallback(same).budget(cent())),
            ("error", "error", Some("budget_exceeded")),
            (Error, Error),
            0.0,
        ),
        row(
            "a budget refused, and the fallback answered",
            pipeline!(b => b
                .step("s", spends)
                .policy(Policy::retry(3))
                .fallback(same)
                .budget(cent().on_exceeded(OnExceeded::Fallback))),
            ("success", "fallback", Some("budget_exceeded")),
            (Fine, Fine),
            0.0,
        ),
        row(
            "finished, and saved after each step",
            pipeline!(b => b
                .step("a", same)
                .checkpoint()
                .step("s", same)
                .checkpoint()
                .checkpoint_store(MemoryStore::new())),
            ("success", "success", None),
            (Fine, Fine),
            0.0,
        ),
        row(
            "waiting for a person",
            pipeline!(b => b
                .step("s", asks)
                .policy(Policy::retry(3))
                .fallback(same)
                .checkpoint_store(MemoryStore::new())),
            ("paused", "success", None),
            (Fine, Fine),
            0.0,
        ),
        row(
            "a step that yields a stream failed",
            pipeline!(b => b.stream("s", yields_and_fails).step("z", takes_all)),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            0.0,
        ),
    ]
}

fn check(status: &Status, expected: &Expect) -> bool {
    match expected {
        Expect::Error => status.is_error(),
        Expect::Ok => status.is_ok(),
        Expect::None => false,
    }
}

#[tokio::test(start_paused = true)]
async fn every_row_of_the_outcome_table_holds() {
    for row in table() {
        let (what, probe) = (row.what, &row.probe);
        let result = row.pipeline.run(7).await;
        assert_eq!(result.is_ok(), row.run == "success", "{what}: {result:?}");
        assert_eq!(probe.runs(row.run), 1.0, "{what}: run");
        let terminal = f64::from(u8::from(row.run != "paused"));
        assert_eq!(probe.all_runs(), terminal, "{what}: exactly one terminal count");
        assert!(probe.steps("s", row.step) >= 1.0, "{what}: step");
        assert_eq!(
            probe.value("step_retries_total", &[("step_name", "s")]),
            row.retries,
            "{what}: retries"
        );
        let errors = probe.registry.snapshot().sum("step_errors_total", [("step_name", "s")]);
        assert_eq!(
            errors,
            f64::from(u8::from(row.error_type.is_some())),
            "{what}: errors of the step"
        );
        if let Some(error_type) = row.error_type {
            assert_eq!(probe.errors("s", error_type), 1.0, "{what}: error type");
        }
        assert!(
            check(probe.span("p").status(), &row.run_span),
            "{what}: {:?}",
            probe.span("p").status()
        );
        if row.step_span == Expect::None {
            assert!(
                probe.spans().iter().all(|span| span.name() != "s"),
                "{what}: there is no span"
            );
        } else {
            let last = probe.spans().iter().rev().find(|span| span.name() == "s").unwrap().clone();
            assert!(check(last.status(), &row.step_span), "{what}: {:?}", last.status());
        }
        let last_success = probe
            .registry
            .snapshot()
            .value("pipeline_last_success_timestamp_seconds", [("pipeline_name", "p")]);
        assert_eq!(last_success.is_some(), row.run == "success", "{what}: last success");
        probe.assert_settled();
    }
}
