//! The status of a span whose work panicked.

use crate::{Span, Status};

/// Gives a span the status error `panic` unless it is disarmed first.
pub(crate) struct PanicMark<'a> {
    span: Option<&'a Span>,
}

impl<'a> PanicMark<'a> {
    #[must_use = "it acts where it is dropped"]
    pub(crate) const fn on(span: &'a Span) -> Self {
        Self { span: Some(span) }
    }

    /// The work returned.
    pub(crate) fn disarm(mut self) {
        self.span = None;
    }
}

impl Drop for PanicMark<'_> {
    fn drop(&mut self) {
        if let Some(span) = self.span {
            span.set_status(Status::error("panic"));
        }
    }
}
