//! Which cells a series has, and how they are read.

use crate::search::{FloatSearch, IntegerSearch};
use crate::slab::Class;
use crate::value::ValueType;
use crate::{Descriptor, Kind, summary, value};

/// The cells of a series, by kind.
#[derive(Debug)]
pub(crate) enum Layout {
    /// One total.
    Counter,
    /// One total of signed numbers.
    UpDownCounter,
    /// One value, in the shared cells alone: `set` cannot be added up over threads.
    Gauge,
    /// A count and a sum for each bucket.
    Floats(FloatSearch),
    /// A count and a sum for each bucket; and how many bounds lie below every possible value.
    Integers(IntegerSearch, usize),
    /// The counts of a summary's window, and more.
    Summary,
}

impl Layout {
    pub(crate) fn of(descriptor: &Descriptor) -> Self {
        match (descriptor.kind(), descriptor.value_type()) {
            (Kind::Counter, _) => Self::Counter,
            (Kind::UpDownCounter, _) => Self::UpDownCounter,
            (Kind::Gauge, _) => Self::Gauge,
            (Kind::Summary, _) => Self::Summary,
            (Kind::Histogram, ValueType::Float) => {
                Self::Floats(FloatSearch::new(descriptor.buckets()))
            }
            (Kind::Histogram, _) => {
                // Bounds below every possible value have empty buckets: they lie before the first one that can be hit.
                let bounds: Vec<u64> = descriptor
                    .buckets()
                    .iter()
                    .filter_map(|bound| value::integer_bound(*bound, descriptor.scale()))
                    .collect();
                let unreachable = descriptor.buckets().len() - bounds.len();
                Self::Integers(IntegerSearch::new(&bounds), unreachable)
            }
        }
    }

    /// Shared cells of a series.
    #[inline]
    pub(crate) fn shared_cells(&self) -> usize {
        match self {
            Self::Counter | Self::UpDownCounter | Self::Gauge | Self::Summary => 1,
            Self::Floats(search) => 2 * search.buckets(),
            Self::Integers(search, _) => 2 * search.buckets(),
        }
    }

    /// Cells of a series in a slab.
    pub(crate) fn slots(&self) -> usize {
        match self {
            Self::Summary => summary::CELLS,
            _ => self.shared_cells(),
        }
    }

    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Counter | Self::UpDownCounter | Self::Gauge => Class::Totals,
            Self::Floats(_) => Class::FloatPairs,
            Self::Integers(..) => Class::IntegerPairs,
            Self::Summary => Class::Opaque,
        }
    }

    /// How often a series is recorded before it gets slots, where `usual` says how often it usually is.
    pub(crate) fn cold_records(&self, usual: u32) -> u32 {
        match self {
            // Without slots, a summary takes a lock.
            Self::Summary => 0,
            _ => usual,
        }
    }
}
