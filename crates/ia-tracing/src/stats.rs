//! What became of a tracer's spans.

/// What became of a tracer's spans, so that none is lost in silence.
///
/// With a memory, `recorded == in_memory + evicted + cleared` at every moment. Without one, only
/// `recorded` and `sink_panics` count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracerStats {
    /// Spans that were recorded and have ended.
    pub recorded: u64,
    /// Finished spans in memory now.
    pub in_memory: u64,
    /// Finished spans pushed out of the memory by newer ones.
    pub evicted: u64,
    /// Finished spans that [`Tracer::clear`](crate::Tracer::clear) removed from memory.
    pub cleared: u64,
    /// How often a sink panicked over a span.
    pub sink_panics: u64,
}
