//! What a pipeline used.

use std::time::Duration;

/// What a pipeline used since it was built. From [`Pipeline::resources`](crate::Pipeline::resources).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PipelineResources {
    /// CPU time; `None` where it is not measured.
    pub cpu: Option<CpuUsage>,
    /// Memory.
    pub memory: MemoryUsage,
}

/// CPU time of a pipeline's work.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CpuUsage {
    /// On all threads together. Work under way counts from the end of its poll.
    pub time: Duration,
    /// The part of the polls' time of which the CPU time is known, from 0 to 1; of the rest it is estimated. 1 where every
    /// poll is measured.
    pub coverage: f64,
}

/// Memory of a pipeline, or of the whole process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemoryUsage {
    /// What the pipeline's work allocated: the process has a [`TrackingAllocator`](crate::TrackingAllocator).
    Pipeline(MemoryTotals),
    /// Nobody knows whose memory is whose.
    Process {
        /// Bytes of the process that are in memory; `None` where the operating system is not asked for it.
        resident: Option<u64>,
    },
}

/// What a pipeline's work allocated. Bytes are those asked for, without what an allocator adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryTotals {
    /// Bytes that are not freed. Exact but for what threads allocate and free during the reading.
    pub live: u64,
    /// The most bytes that were live at a time, short of it by at most 64 KiB for each thread.
    pub peak: u64,
    /// Bytes that were ever allocated. A block that is resized counts as a new one.
    pub allocated: u64,
    /// Blocks that were ever allocated.
    pub allocations: u64,
}

/// Whose resources a figure tells: the label `scope` of `telemetry_attribution`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributionScope {
    /// The pipeline's own.
    Pipeline,
    /// Those of the whole process.
    Process,
    /// Nobody's: it is not measured.
    Off,
}

impl PipelineResources {
    /// Whose CPU time it is.
    #[must_use]
    pub fn cpu_scope(&self) -> AttributionScope {
        match self.cpu {
            Some(_) => AttributionScope::Pipeline,
            None => AttributionScope::Off,
        }
    }

    /// Whose memory it is.
    #[must_use]
    pub fn memory_scope(&self) -> AttributionScope {
        self.memory.scope()
    }
}

impl MemoryUsage {
    /// Bytes that are in use now: those of the pipeline that are live, or those of the process that are resident.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Pipeline(totals) => Some(totals.live),
            Self::Process { resident } => *resident,
        }
    }

    /// Whose memory it is.
    #[must_use]
    pub fn scope(&self) -> AttributionScope {
        match self {
            Self::Pipeline(_) => AttributionScope::Pipeline,
            Self::Process { resident: Some(_) } => AttributionScope::Process,
            Self::Process { resident: None } => AttributionScope::Off,
        }
    }
}

impl AttributionScope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pipeline, Self::Process, Self::Off];

    /// The value of the label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Process => "process",
            Self::Off => "off",
        }
    }
}
