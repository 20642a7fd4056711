//! How exactly CPU time is measured.

/// How a pipeline's CPU time is measured. Set by
/// [`PipelineBuilder::cpu_accounting`](crate::PipelineBuilder::cpu_accounting).
///
/// Work is measured while it is polled: the attempts of steps, what they hand to
/// [`StepContext::spawn`](crate::StepContext::spawn) and
/// [`StepContext::spawn_blocking`](crate::StepContext::spawn_blocking). What a step starts by other means, such as
/// `tokio::spawn`, threads, or a pool like rayon's, is not seen. A pipeline that runs inside a step of another one counts for
/// itself alone.
///
/// Where the operating system has no clock of a thread's CPU time, it is as [`Off`](Self::Off).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CpuAccounting {
    /// The CPU clock is read around some polls, more often around long ones, and the rest is estimated from the time that
    /// each poll took. Costs some nanoseconds a poll, and about 0.1 % of the work at most.
    #[default]
    Sampled,
    /// The CPU clock is read before and after every poll. Costs about a microsecond a poll.
    EveryPoll,
    /// CPU time is not measured: `pipeline_cpu_seconds_total` stays at zero.
    Off,
}
