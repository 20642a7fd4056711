//! Policies that cannot be followed, and what the build says of them.

use std::time::Duration;

use ia_pipeline::{Backoff, BuildError, CircuitBreaker, Pipeline, Policy, PolicyError, RateLimit};

use crate::probe::same;

const SECOND: Duration = Duration::from_secs(1);

fn mistakes(policy: Policy) -> Vec<PolicyError> {
    let Err(errors) = Pipeline::builder("p").step("s", same).policy(policy).build() else {
        return Vec::new();
    };
    let policies = errors.errors().iter().map(|error| match error {
        BuildError::UnusablePolicy { step, error } if step == "s" => *error,
        other => panic!("{other}"),
    });
    policies.collect()
}

fn of_backoff(backoff: Backoff) -> Vec<PolicyError> {
    mistakes(Policy::retry(1).backoff(backoff))
}

fn of_breaker(breaker: CircuitBreaker) -> Vec<PolicyError> {
    mistakes(Policy::new().circuit_breaker(breaker))
}

fn of_rate(limit: RateLimit) -> Vec<PolicyError> {
    mistakes(Policy::new().rate_limit(limit))
}

#[test]
fn a_backoff_that_shrinks_or_is_not_a_number() {
    assert_eq!(of_backoff(Backoff::exponential(2 * SECOND, SECOND)), [PolicyError::BackoffLongest]);
    let backoff = Backoff::exponential(SECOND, SECOND);
    for multiplier in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.99, 0.0, -2.0] {
        let mistakes = of_backoff(backoff.multiplier(multiplier));
        assert_eq!(mistakes, [PolicyError::BackoffMultiplier], "{multiplier}");
    }
    for multiplier in [1.0, f64::MAX] {
        assert_eq!(of_backoff(backoff.multiplier(multiplier)), [], "{multiplier}");
    }
}

#[test]
fn a_breaker_that_could_never_close_or_is_always_open() {
    let breaker = CircuitBreaker::new;
    assert_eq!(of_breaker(breaker().failures(0)), [PolicyError::BreakerFailures]);
    assert_eq!(of_breaker(breaker().probes(0)), [PolicyError::BreakerProbes]);
    assert_eq!(of_breaker(breaker().failure_rate(0.5, 0)), [PolicyError::BreakerWindow]);
    for rate in [0.0, -0.1, 1.01, f64::NAN, f64::INFINITY] {
        let mistakes = of_breaker(breaker().failure_rate(rate, 10));
        assert_eq!(mistakes, [PolicyError::BreakerRate], "{rate}");
    }
    assert_eq!(of_breaker(breaker().failure_rate(1.0, 1).open_for(Duration::ZERO)), []);
}

#[test]
fn a_rate_of_nothing() {
    assert_eq!(of_rate(RateLimit::per_second(0)), [PolicyError::Rate]);
    assert_eq!(of_rate(RateLimit::new(1, Duration::ZERO)), [PolicyError::Rate]);
    assert_eq!(of_rate(RateLimit::per_minute(1).burst(0)), [PolicyError::RateBurst]);
    assert_eq!(of_rate(RateLimit::new(u32::MAX, Duration::MAX).burst(u32::MAX)), []);
}

#[test]
fn a_step_that_may_not_run_once_at_a_time() {
    assert_eq!(mistakes(Policy::new().max_concurrency(0)), [PolicyError::Concurrency]);
    assert_eq!(mistakes(Policy::new().max_concurrency(usize::MAX)), []);
}

#[test]
fn all_mistakes_of_a_policy_at_once_each_with_its_remedy() {
    let policy = Policy::retry(1)
        .backoff(Backoff::exponential(2 * SECOND, SECOND))
        .max_concurrency(0)
        .rate_limit(RateLimit::per_second(0))
        .circuit_breaker(CircuitBreaker::new().probes(0));
    let errors = Pipeline::builder("p").step("s", same).policy(policy).build().unwrap_err();
    assert_eq!(errors.errors().len(), 4, "{errors}");
    for error in errors.errors() {
        let text = error.to_string();
        assert!(text.starts_with("step `s` has a policy that cannot be followed: "), "{text}");
        assert!(text.contains("use "), "no remedy: {text}");
    }
}
