//! Which cells a series has, and how they are read.

use crate::exponential::{FloatIndex, IntegerIndex};
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
    /// A count and a sum for each bucket that a whole number can fall into; and which of all buckets these are.
    Integers(IntegerSearch, Box<[usize]>),
    /// A count and a sum for each exponential bucket.
    ExponentialFloats(FloatIndex),
    /// A count and a sum for each exponential bucket.
    ExponentialIntegers(IntegerIndex),
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
            (Kind::Histogram, ValueType::Float) => match descriptor.exponential() {
                Some(exponential) => Self::ExponentialFloats(FloatIndex::new(exponential.scale)),
                None => Self::Floats(FloatSearch::new(descriptor.buckets())),
            },
            (Kind::Histogram, _) => match descriptor.exponential() {
                Some(exponential) => Self::ExponentialIntegers(IntegerIndex::new(
                    exponential.scale,
                    descriptor.scale(),
                )),
                None => Self::integers(descriptor),
            },
        }
    }

    /// Bounds below every whole number, and all but the first of those between the same two, have empty buckets.
    fn integers(descriptor: &Descriptor) -> Self {
        let (mut bounds, mut buckets) = (Vec::new(), Vec::new());
        for (bucket, bound) in descriptor.buckets().iter().enumerate() {
            let bound = value::integer_bound(*bound, descriptor.scale());
            if let Some(bound) = bound.filter(|bound| bounds.last() != Some(bound)) {
                bounds.push(bound);
                buckets.push(bucket);
            }
        }
        buckets.push(descriptor.buckets().len());
        Self::Integers(IntegerSearch::new(&bounds), buckets.into())
    }

    /// Shared cells of a series.
    #[inline]
    pub(crate) fn shared_cells(&self) -> usize {
        match self {
            Self::Counter | Self::UpDownCounter | Self::Gauge | Self::Summary => 1,
            Self::Floats(search) => 2 * search.buckets(),
            Self::Integers(search, _) => 2 * search.buckets(),
            Self::ExponentialFloats(index) => 2 * index.cells(),
            Self::ExponentialIntegers(index) => 2 * index.cells(),
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
            Self::Floats(_) | Self::ExponentialFloats(_) => Class::FloatPairs,
            Self::Integers(..) | Self::ExponentialIntegers(_) => Class::IntegerPairs,
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
