//! A running span.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::attributes::Attributes;
use crate::error_name::error_name;
use crate::span_body::SpanBody;
use crate::{EXCEPTION, EXCEPTION_MESSAGE, EXCEPTION_TYPE};
use crate::{
    Entered, Event, SpanContext, SpanData, SpanId, Status, TraceFlags, TraceId, Tracer, Value,
};

/// A running span: one piece of work, from its start until [`Span::end`] or its drop.
///
/// All methods take `&self`, so a span can be shared by reference or `Arc` and ended on any thread.
/// Once it has ended, whatever is set on it is ignored.
///
/// A span that started while its tracer was off is not recorded: everything on it does nothing. It
/// stands in for its parent, so that spans below it find the right one; without a parent it has
/// fresh ids that are not sampled.
///
/// ```
/// use ia_tracing::{Status, Tracer};
///
/// let tracer = Tracer::default();
/// let span = tracer.start("fetch");
/// span.set_attribute("url", "https://example.org");
/// span.add_event("retry", [("attempt", 2)]);
/// span.set_status(Status::error("timeout"));
/// span.end();
/// assert_eq!(tracer.spans()[0].status().to_string(), "error: timeout");
/// ```
#[must_use = "a span ends where it is dropped: bind it to a name"]
pub struct Span {
    name: Cow<'static, str>,
    context: SpanContext,
    parent_id: Option<SpanId>,
    recording: Option<Recording>,
}

struct Recording {
    tracer: Tracer,
    start: Instant,
    sequence: u64,
    /// `None` once the span has ended.
    body: Mutex<Option<SpanBody>>,
}

impl Span {
    pub(crate) fn recording(
        tracer: Tracer,
        name: Cow<'static, str>,
        parent: Option<SpanContext>,
        start: Instant,
        attributes: Attributes,
    ) -> Self {
        let context = match parent {
            Some(parent) => {
                SpanContext::new(parent.trace_id, SpanId::random(), parent.flags.sampled())
            }
            None => SpanContext::random(TraceFlags::SAMPLED),
        };
        let sequence = tracer.next_sequence();
        let body = Mutex::new(Some(SpanBody::new(attributes)));
        Self {
            name,
            context,
            parent_id: parent.map(|parent| parent.span_id),
            recording: Some(Recording { tracer, start, sequence, body }),
        }
    }

    /// A span that nobody records: everything on it does nothing. It stands in for `parent`; without one it has fresh ids
    /// that are not sampled. Cheaper than starting a span on a tracer that is off, as it has no name.
    ///
    /// ```
    /// use ia_tracing::{Span, Tracer};
    ///
    /// let parent = Tracer::default().start("parent");
    /// let span = Span::non_recording(&parent);
    /// assert_eq!((span.is_recording(), span.context()), (false, parent.context()));
    /// ```
    pub fn non_recording(parent: impl Into<Option<SpanContext>>) -> Self {
        Self::silent(Cow::Borrowed(""), parent.into())
    }

    /// A span that records nothing and passes its parent's context on.
    pub(crate) fn silent(name: Cow<'static, str>, parent: Option<SpanContext>) -> Self {
        let context = parent.unwrap_or_else(|| SpanContext::random(TraceFlags::default()));
        Self { name, context, parent_id: None, recording: None }
    }

    /// What the work is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What identifies this span to its children.
    #[must_use]
    pub const fn context(&self) -> SpanContext {
        self.context
    }

    /// The trace this span belongs to.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.context.trace_id
    }

    /// The id of this span; that of its parent when the span was never recorded.
    #[must_use]
    pub const fn span_id(&self) -> SpanId {
        self.context.span_id
    }

    /// The span above this one; `None` for a root and for a span that was never recorded.
    #[must_use]
    pub const fn parent_id(&self) -> Option<SpanId> {
        self.parent_id
    }

    /// Whether what is set on this span is kept: it is recorded and has not ended.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| recording.body().is_some())
    }

    /// Sets one attribute, replacing the value it had. A span holds 128; more are counted as
    /// [`SpanData::dropped_attributes`].
    pub fn set_attribute(&self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        if self.recording.is_some() {
            let (key, value) = (key.into(), value.into());
            self.update(|body| body.attributes.set(key, value));
        }
    }

    /// Notes that something happened now. A span holds 128 events; more are counted as
    /// [`SpanData::dropped_events`]. For an event without attributes, [`Span::add_bare_event`] is
    /// shorter.
    pub fn add_event<K, V>(
        &self,
        name: impl Into<Cow<'static, str>>,
        attributes: impl IntoIterator<Item = (K, V)>,
    ) where
        K: Into<Cow<'static, str>>,
        V: Into<Value>,
    {
        // The iterator is the caller's code: it is run before the lock is taken.
        if let Some(Recording { tracer, .. }) = &self.recording {
            let event = Event::new(
                name.into(),
                tracer.wall(tracer.now()),
                attributes.into_iter().collect(),
            );
            self.update(|body| body.add_event(event));
        }
    }

    /// Notes that something happened now, with nothing more to say about it.
    pub fn add_bare_event(&self, name: impl Into<Cow<'static, str>>) {
        self.add_event(name, std::iter::empty::<(&str, Value)>());
    }

    /// Says how the work went. [`Status::Ok`] is final, [`Status::Unset`] is ignored, and the last
    /// error wins over those before.
    pub fn set_status(&self, status: Status) {
        self.update(|body| body.status.update(status));
    }

    /// Adds an [`EXCEPTION`] event with the type and message of `error`, and sets the status to an
    /// error with that message.
    ///
    /// The type is the full path of `E`. Behind a `dyn Error` no path is known: then it is the name
    /// that the error's `Debug` text begins with, which is the type's or the variant's.
    pub fn record_error<E: Error + ?Sized>(&self, error: &E) {
        if self.is_recording() {
            let message = error.to_string();
            self.add_event(
                EXCEPTION,
                [(EXCEPTION_TYPE, error_name(error)), (EXCEPTION_MESSAGE, message.clone().into())],
            );
            self.set_status(Status::error(message));
        }
    }

    /// Makes this span current on this thread until the guard is dropped.
    ///
    /// Never hold the guard across an `.await`: use [`Instrument`](crate::Instrument) there.
    pub fn enter(&self) -> Entered<'_> {
        Entered::new(Some(self.context))
    }

    /// Ends the span now. Only the first end counts.
    pub fn end(&self) {
        self.finish(Tracer::now);
    }

    /// Ends the span at `end`, a reading of the tracer's clock. Only the first end counts; an end
    /// before the start makes a duration of zero.
    pub fn end_at(&self, end: Instant) {
        self.finish(|_| end);
    }

    fn update(&self, change: impl FnOnce(&mut SpanBody)) {
        if let Some(recording) = &self.recording
            && let Some(body) = recording.body().as_mut()
        {
            change(body);
        }
    }

    fn finish(&self, end: impl FnOnce(&Tracer) -> Instant) {
        let Some(recording) = &self.recording else { return };
        let Some(body) = recording.body().take() else { return };
        let Recording { tracer, start, sequence, .. } = recording;
        let duration = end(tracer).saturating_duration_since(*start);
        let started = tracer.wall(*start);
        tracer.record(&SpanData::new(
            self.name.clone(),
            self.context,
            self.parent_id,
            started,
            duration,
            *sequence,
            body,
        ));
    }
}

impl Recording {
    fn body(&self) -> MutexGuard<'_, Option<SpanBody>> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Span")
            .field("name", &self.name)
            .field("context", &self.context)
            .field("parent_id", &self.parent_id)
            .field("recording", &self.is_recording())
            .finish_non_exhaustive()
    }
}

/// Lets `&span` be given as a parent.
impl From<&Span> for Option<SpanContext> {
    fn from(span: &Span) -> Self {
        Some(span.context)
    }
}
