//! The handles of a pipeline, bound when it is built, so that a run looks nothing up.

mod error_counters;
mod pipeline;
mod step;
mod stream;

pub(crate) use self::pipeline::PipelineMetrics;
pub(crate) use self::step::StepMetrics;
pub(crate) use self::stream::StreamMetrics;

/// Whether this build records at all. Only the comparison of what recording costs builds this source without.
pub(crate) const COMPILED_IN: bool = cfg!(not(ia_uninstrumented));
