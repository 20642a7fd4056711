//! A span before it starts.

use std::borrow::Cow;
use std::time::Instant;

use crate::attributes::Attributes;
use crate::{Span, SpanContext, Tracer, Value, current, sink};

/// A span before it starts. Made by [`Tracer::span`].
///
/// ```
/// use ia_tracing::Tracer;
///
/// let tracer = Tracer::default();
/// let run = tracer.start("run");
/// let step = tracer.span("step").parent(&run).attribute("attempt", 1).start();
/// assert_eq!(step.parent_id(), Some(run.span_id()));
/// ```
#[derive(Debug)]
#[must_use = "the span begins with `start`"]
pub struct SpanBuilder<'t> {
    tracer: &'t Tracer,
    name: Cow<'static, str>,
    parent: Parent,
    attributes: Attributes,
    start_time: Option<Instant>,
    recording: bool,
}

#[derive(Debug)]
enum Parent {
    Current,
    Given(Option<SpanContext>),
}

impl<'t> SpanBuilder<'t> {
    pub(crate) fn new(tracer: &'t Tracer, name: Cow<'static, str>) -> Self {
        Self {
            tracer,
            name,
            parent: Parent::Current,
            attributes: Attributes::default(),
            start_time: None,
            recording: tracer.is_enabled() && !sink::is_inside(),
        }
    }

    /// Puts the span under `parent`: a [`SpanContext`], a `&Span`, or `None` for a new trace.
    /// Defaults to the context that is current where the span starts.
    pub fn parent(self, parent: impl Into<Option<SpanContext>>) -> Self {
        Self { parent: Parent::Given(parent.into()), ..self }
    }

    /// Begins a new trace, whatever is current.
    pub fn root(self) -> Self {
        Self { parent: Parent::Given(None), ..self }
    }

    /// Sets one attribute, replacing the value it had.
    pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        if self.recording {
            self.attributes.set(key.into(), value.into());
        }
        self
    }

    /// When the work began, on the tracer's clock: one reading can end a span and start the next.
    /// Defaults to [`Tracer::now`] at the start.
    pub fn start_time(self, start: Instant) -> Self {
        Self { start_time: Some(start), ..self }
    }

    /// Starts the span.
    pub fn start(self) -> Span {
        let parent = match self.parent {
            Parent::Current => current::get(),
            Parent::Given(parent) => parent,
        };
        if self.recording {
            let start = self.start_time.unwrap_or_else(|| self.tracer.now());
            Span::recording(self.tracer.clone(), self.name, parent, start, self.attributes)
        } else {
            Span::silent(self.name, parent)
        }
    }
}
