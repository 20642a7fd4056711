//! The sliding windows of summaries.
//!
//! Each thread counts what it observes in fine buckets of its own, for ever, beside the smallest and the largest value of
//! each of the latest steps. A window is made of the differences: whoever first notices that a step has ended takes what
//! all threads have counted so far, and keeps what was added since the last time as a slice. So the writers share
//! nothing, and the window knows what was when.

mod buckets;
mod cells;
mod window;
mod windows;

pub(crate) use self::cells::{CELLS, Run};
pub(crate) use self::windows::Windows;
