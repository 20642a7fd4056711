//! Whether an attempt may be made: its circuit breaker and its rate limit.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::StepScope;
use super::attempt::Attempted;
use crate::policy::{Admitted, Policy, Turn};
use crate::run::failure::Failure;
use crate::run::state::RunState;

/// An attempt that may be made. Dropped without [`ended`](Self::ended), it was cancelled, or took too long.
pub(super) struct Admission<'a> {
    run: &'a RunState,
    scope: &'a StepScope,
    admitted: Option<Admitted>,
}

impl<'a> Admission<'a> {
    /// Waits until the attempt may be made, or says why it may not. `waited` is how long the step has waited before.
    pub(super) async fn ask(
        run: &'a RunState,
        scope: &'a StepScope,
        policy: &Policy,
        waited: Duration,
    ) -> Result<Self, Failure> {
        let breaker = policy.breaker.as_ref();
        let is_open = || breaker.is_some_and(|breaker| breaker.is_open_at(run.core.tracer.now()));
        let turn = match &policy.rate_limit {
            // Who would be refused in the end need not wait.
            Some(_) if is_open() => return Err(Failure::circuit_open()),
            Some(limit) => {
                let began = run.core.tracer.now();
                let queued = run.core.metrics.queued();
                let turn = limit.turn().await.ok_or_else(Failure::rate_limited)?;
                drop(queued);
                let waited = waited + run.core.tracer.now().saturating_duration_since(began);
                run.core.metrics.steps[scope.step].waited(waited);
                Some(turn)
            }
            None => None,
        };
        let admit = |breaker: &crate::CircuitBreaker| {
            breaker.admit(run.core.tracer.now()).ok_or_else(Failure::circuit_open)
        };
        // Before the turn is taken: who is refused leaves it to the next.
        let admitted = breaker.map(admit).transpose()?;
        turn.into_iter().for_each(Turn::take);
        Ok(Self { run, scope, admitted })
    }

    /// Tells the breaker how the attempt ended.
    pub(super) fn ended(mut self, attempted: &Attempted) {
        let Some(admitted) = self.admitted.take() else { return };
        match attempted.verdict {
            Some(verdict) if !verdict.has_answered => admitted.failed(self.now(attempted.at)),
            Some(_) | None => admitted.succeeded(),
        }
    }

    fn now(&self, at: Option<Instant>) -> Instant {
        at.unwrap_or_else(|| self.run.core.tracer.now())
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        // All attempts together took too long: whatever hangs for so long has failed.
        let is_overdue = self.scope.overdue.load(Ordering::Relaxed);
        if let Some(admitted) = self.admitted.take_if(|_| is_overdue) {
            admitted.failed(self.now(None));
        }
    }
}
