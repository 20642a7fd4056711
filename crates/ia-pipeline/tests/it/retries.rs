//! Which failures are tried again, and when.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ia_pipeline::{Backoff, ErrorType, Jitter, Pipeline, Policy, StepContext, StepError};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
#[error("status {status}")]
struct Refused {
    status: u16,
    after: Option<Duration>,
}

/// How often a step that always fails this way is tried, and how long that takes.
async fn tried(
    policy: Policy,
    failure: impl Fn() -> StepError + Send + Sync + 'static,
) -> (u32, Duration) {
    let tries = Arc::new(AtomicU32::new(0));
    let (counter, failure) = (Arc::clone(&tries), Arc::new(failure));
    let step = move |_: StepContext, n: u32| {
        counter.fetch_add(1, Ordering::Relaxed);
        let failure = Arc::clone(&failure);
        async move { Err::<u32, _>(failure()).map(|_| n) }
    };
    let steps = Pipeline::builder("p").step("s", step).policy(policy).enable_telemetry(false);
    let since = Instant::now();
    assert!(steps.build().unwrap().run(1).await.is_err());
    (tries.load(Ordering::Relaxed), since.elapsed())
}

fn refused(status: u16) -> StepError {
    Refused { status, after: None }.into()
}

fn at_once(retries: u32) -> Policy {
    Policy::retry(retries).backoff(Backoff::NONE)
}

#[tokio::test]
async fn without_a_predicate_every_error_is_tried_again() {
    assert_eq!(tried(at_once(2), || refused(400)).await.0, 3);
}

#[tokio::test]
async fn an_error_is_tried_again_if_its_predicate_says_so() {
    let policy = || at_once(2).retry_on(|error: &Refused| error.status >= 500);
    assert_eq!(tried(policy(), || refused(503)).await.0, 3);
    assert_eq!(tried(policy(), || refused(400)).await.0, 1);
}

#[tokio::test]
async fn an_error_of_another_type_than_the_predicate_asks_about_is_not_tried_again() {
    let policy = at_once(2).retry_on(|_: &Refused| true);
    assert_eq!(tried(policy, || io::Error::other("disk").into()).await.0, 1);
}

#[tokio::test]
async fn one_predicate_of_several_is_enough() {
    let policy = || {
        at_once(2)
            .retry_on(|error: &Refused| error.status >= 500)
            .retry_if(|error| error.to_string().contains("429"))
    };
    assert_eq!(tried(policy(), || refused(500)).await.0, 3);
    assert_eq!(tried(policy(), || refused(429)).await.0, 3);
    assert_eq!(tried(policy(), || refused(404)).await.0, 1);
}

#[tokio::test]
async fn a_predicate_finds_its_error_behind_others_and_behind_names() {
    let policy = || at_once(2).retry_on(|error: &Refused| error.status >= 500);
    #[derive(Debug, thiserror::Error)]
    #[error("cannot ask")]
    struct CannotAsk(#[source] Refused);
    let wrapped = || CannotAsk(Refused { status: 503, after: None }).into();
    assert_eq!(tried(policy(), wrapped).await.0, 3);
    let named = || Err::<(), _>(refused(503)).error_type("overloaded").unwrap_err();
    assert_eq!(tried(policy(), named).await.0, 3);
    assert_eq!(tried(policy(), move || named().retry_after(Duration::ZERO)).await.0, 3);
}

#[tokio::test]
async fn a_predicate_that_panics_fails_the_attempt_as_a_panic() {
    let policy = at_once(2).retry_if(|_| std::panic::resume_unwind(Box::new("on purpose")));
    assert_eq!(tried(policy.clone(), || refused(400)).await.0, 3);
    assert_eq!(tried(policy.retry_panics(false), || refused(400)).await.0, 1);
}

async fn panicking(ctx: StepContext, n: u32) -> Result<u32, StepError> {
    if ctx.attempt() == 1 { std::panic::resume_unwind(Box::new("on purpose")) } else { Ok(n) }
}

async fn hanging(ctx: StepContext, n: u32) -> Result<u32, StepError> {
    if ctx.attempt() == 1 { std::future::pending().await } else { Ok(n) }
}

#[tokio::test]
async fn a_panic_is_tried_again_unless_the_policy_says_no() {
    for (retried, policy) in [(true, at_once(1)), (false, at_once(1).retry_panics(false))] {
        let policy = policy.retry_if(|_| false);
        let steps = Pipeline::builder("p").step("s", panicking).policy(policy);
        let run = steps.enable_telemetry(false).build().unwrap().run(1).await;
        assert_eq!(run.is_ok(), retried);
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_tried_again_unless_the_policy_says_no() {
    for (retried, policy) in [(true, at_once(1)), (false, at_once(1).retry_timeouts(false))] {
        let policy = policy.timeout(SECOND).retry_if(|_| false);
        let steps = Pipeline::builder("p").step("s", hanging).policy(policy);
        let run = steps.enable_telemetry(false).build().unwrap().run(1).await;
        assert_eq!(run.is_ok(), retried);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_asks_to_wait_is_waited_for_exactly() {
    let backoff = Backoff::exponential(SECOND, Duration::from_mins(1));
    let asks = || refused(429).retry_after(20 * SECOND);
    assert_eq!(tried(Policy::retry(2).backoff(backoff), asks).await, (3, 40 * SECOND));
    let named = || Err::<(), _>(refused(429).retry_after(7 * SECOND)).error_type("slow_down");
    let named = move || named().unwrap_err();
    assert_eq!(tried(Policy::retry(2).backoff(backoff), named).await, (3, 14 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_typed_error_can_ask_to_wait() {
    let policy = Policy::retry(2)
        .backoff(Backoff::constant(SECOND).jitter(Jitter::None))
        .retry_after(|error: &Refused| error.after);
    let asks = || Refused { status: 429, after: Some(SECOND / 2) }.into();
    assert_eq!(tried(policy.clone(), asks).await, (3, SECOND));
    assert_eq!(tried(policy, || refused(429)).await, (3, 2 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn what_an_error_asks_for_is_at_most_the_longest_wait() {
    let asks = || refused(429).retry_after(Duration::MAX);
    let backoff = Backoff::exponential(SECOND, 30 * SECOND);
    assert_eq!(tried(Policy::retry(2).backoff(backoff), asks).await, (3, 60 * SECOND));
    assert_eq!(tried(at_once(2), asks).await, (3, Duration::ZERO));
}

#[tokio::test]
async fn an_error_that_asks_to_wait_keeps_its_name() {
    let step = |_: StepContext, _: u32| async {
        let error = StepError::from(io::Error::from(io::ErrorKind::NotFound));
        Err::<u32, _>(error.retry_after(SECOND))
    };
    let steps = Pipeline::builder("p").step("s", step).enable_telemetry(false);
    let error = steps.build().unwrap().run(1).await.unwrap_err();
    assert_eq!(error.error_type(), "NotFound");
    assert!(std::error::Error::source(&error).unwrap().is::<io::Error>());
}

#[tokio::test(start_paused = true)]
async fn waits_without_jitter_grow_by_the_multiplier_up_to_the_longest() {
    let backoff = Backoff::exponential(SECOND, 20 * SECOND).multiplier(3.0).jitter(Jitter::None);
    // 1 + 3 + 9 + 20 + 20 seconds.
    let policy = Policy::retry(5).backoff(backoff);
    assert_eq!(tried(policy, || refused(503)).await, (6, 53 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn waits_are_the_same_again_for_the_same_seed() {
    let mut waits = Vec::new();
    for seed in [1, 1, 2] {
        fastrand::seed(seed);
        waits.push(tried(Policy::retry(10), || refused(503)).await.1);
    }
    assert_eq!(waits[0], waits[1]);
    assert_ne!(waits[0], waits[2]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_shortened_by_as_much_as_its_jitter_says() {
    for (jitter, least) in [(Jitter::Full, 0), (Jitter::Equal, 50), (Jitter::None, 100)] {
        let backoff = Backoff::constant(Duration::from_secs(100)).jitter(jitter);
        let mut waits = Vec::new();
        for seed in 0..100 {
            fastrand::seed(seed);
            waits.push(tried(Policy::retry(1).backoff(backoff), || refused(503)).await.1.as_secs());
        }
        let (shortest, longest) = (*waits.iter().min().unwrap(), *waits.iter().max().unwrap());
        // The timer is exact to a millisecond, and a hundred seeds come within a tenth of the bounds.
        assert!((least..=least + 10).contains(&shortest), "{jitter:?}: {shortest}");
        assert!((90..=100).contains(&longest), "{jitter:?}: {longest}");
    }
}
