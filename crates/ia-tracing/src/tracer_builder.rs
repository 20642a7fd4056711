//! How a tracer is configured.

use std::fmt;

use crate::memory::Memory;
use crate::sink::Sinks;
use crate::{Clock, SpanSink, SystemClock, Tracer};

/// How a tracer is configured. Made by [`Tracer::builder`].
///
/// ```
/// use ia_tracing::Tracer;
///
/// let tracer = Tracer::builder().memory(2).build();
/// for name in ["a", "b", "c"] {
///     tracer.start(name).end();
/// }
/// assert_eq!(tracer.spans().tree(), "b; c");
/// assert_eq!(tracer.stats().evicted, 1);
/// ```
#[must_use = "nothing is traced before `build`"]
pub struct TracerBuilder {
    enabled: bool,
    clock: Box<dyn Clock>,
    memory: Memory,
    sinks: Sinks,
}

impl TracerBuilder {
    const DEFAULT_MEMORY: usize = 10_000;

    pub(crate) fn new() -> Self {
        Self {
            enabled: true,
            clock: Box::new(SystemClock),
            memory: Memory::bounded(Self::DEFAULT_MEMORY),
            sinks: Sinks::default(),
        }
    }

    /// Keeps the newest `capacity` finished spans in memory; older ones are evicted and counted.
    /// Room is taken as it is needed. Defaults to 10,000.
    pub fn memory(self, capacity: usize) -> Self {
        Self { memory: Memory::bounded(capacity), ..self }
    }

    /// Keeps no finished spans in memory: only the sinks see them.
    pub fn no_memory(self) -> Self {
        Self { memory: Memory::none(), ..self }
    }

    /// Hands each finished span to `sink` too. May be called several times. Defaults to no sink.
    pub fn sink(mut self, sink: impl SpanSink + 'static) -> Self {
        self.sinks.add(Box::new(sink));
        self
    }

    /// Reads the time from `clock`. Defaults to [`SystemClock`].
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Whether spans are recorded from the start. Defaults to `true`.
    pub fn enabled(self, enabled: bool) -> Self {
        Self { enabled, ..self }
    }

    /// The tracer.
    #[must_use]
    pub fn build(self) -> Tracer {
        Tracer::new(self.enabled, self.clock, self.memory, self.sinks)
    }
}

impl Default for TracerBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TracerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracerBuilder").field("enabled", &self.enabled).finish_non_exhaustive()
    }
}
