//! Other systems: CPU time is not attributed there, and the memory of the process is not read.

pub(in crate::attribution) fn thread_cpu() -> Option<u64> {
    None
}

pub(in crate::attribution) fn process_cpu() -> Option<u64> {
    None
}

pub(in crate::attribution) fn resident_memory() -> Option<u64> {
    None
}
