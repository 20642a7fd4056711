//! What no library can beat: the least that each operation has to do.

mod prerendered;
mod recording;

pub(crate) use self::prerendered::prerendered;
pub(crate) use self::recording::{
    closed_labels, counter, empty, histogram, labels, shared_counter, shared_histogram,
};
