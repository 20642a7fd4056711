//! A call of an outside service under way.

use std::borrow::Cow;
use std::fmt;

use ia_tracing::{ERROR_TYPE, Span, Status};

use super::StepContext;
use super::accounting::{count, lost};
use crate::budget::Hold;
use crate::{Usage, Usd};

/// A call under way. Dropped before [`finish`](Self::finish), it is counted as failed, or as cancelled where its run
/// is.
///
/// What was reserved for it is settled by `finish`. Dropped, the budget keeps all of it as spent, as the provider may ask
/// for it: a call that timed out may have been answered. [`release`](Self::release) gives it back.
#[must_use = "dropping it at once counts the call as failed"]
pub struct ApiCallGuard {
    pub(super) ctx: StepContext,
    pub(super) model: Option<Cow<'static, str>>,
    pub(super) cost: Option<Usd>,
    pub(super) span: Span,
    pub(super) hold: Hold,
    pub(super) finished: bool,
}

impl ApiCallGuard {
    /// Counts the call as made; what it cost. See [`ApiCall::record`](crate::ApiCall::record) for calls whose price is not
    /// known.
    pub fn finish(mut self, usage: Usage) -> Usd {
        self.finished = true;
        let model = self.model.as_deref();
        let counted = count(&self.ctx, model, usage, self.cost, &mut self.hold);
        if self.span.is_recording() {
            let told = counted.told(&self.ctx).into_iter();
            told.for_each(|(key, value)| self.span.set_attribute(key, value));
        }
        self.span.set_status(Status::Ok);
        self.span.end();
        counted.cost
    }
}

impl ApiCallGuard {
    /// Gives back what was reserved, as the call was certainly not made: nothing is counted.
    pub fn release(mut self) {
        self.finished = true;
        self.span.set_attribute("api_call.made", false);
        self.span.end();
    }
}

impl Drop for ApiCallGuard {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // It was made, so it counts; what it used is not known.
        lost(&self.ctx, self.model.as_deref(), &mut self.hold);
        let outcome = if self.ctx.is_cancelled() { "cancelled" } else { "failed" };
        self.span.set_attribute(ERROR_TYPE, outcome);
        self.span.set_status(Status::error(outcome));
        self.span.end();
    }
}

impl fmt::Debug for ApiCallGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiCallGuard")
            .field("model", &self.model)
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}
