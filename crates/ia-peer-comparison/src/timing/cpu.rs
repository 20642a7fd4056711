//! Processor time of one call.

use ia_bench_machine as os;

/// The processor time that the calling thread spends in `call`, in nanoseconds. Wall-clock time would count the time in
/// which other processes had the processor.
pub(crate) fn cpu_ns(call: impl FnOnce()) -> f64 {
    let before = os::thread_cpu();
    call();
    os::thread_cpu().saturating_sub(before).as_nanos() as f64
}
