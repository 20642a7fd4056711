//! The search among unsigned integers.

use super::{FloatSearch, SHARED};

/// Floats tell all integers up to here apart.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// How many octaves there are: a power of two begins each.
const OCTAVES: usize = u64::BITS as usize;

/// Finds the bucket of an unsigned integer.
///
/// An octave that holds no bound or one needs one comparison: half the time of a [`FloatSearch`]. Octaves that hold
/// several are left to one as far as floats are exact, and are searched beyond.
#[derive(Clone, Debug)]
pub(crate) struct IntegerSearch {
    octaves: Box<[Octave; OCTAVES]>,
    bounds: Box<[u64]>,
    /// Where an octave holds several bounds: the search among those that floats are exact for.
    fine: Option<FloatSearch>,
}

/// The values from one power of two up to the next; the first octave holds 0 as well.
#[derive(Clone, Copy, Debug)]
struct Octave {
    /// The one bound inside.
    bound: u64,
    /// How many bounds lie below the octave, or [`SHARED`] where several lie inside.
    below: usize,
}

impl IntegerSearch {
    /// At most 1,000 bounds, ascending, without duplicates.
    pub(crate) fn new(bounds: &[u64]) -> Self {
        let octaves = Box::new(std::array::from_fn(|nth| Octave::new(bounds, nth)));
        let exact: Vec<f64> =
            bounds.iter().take_while(|bound| **bound <= EXACT).map(|bound| *bound as f64).collect();
        let shared = octaves.iter().any(|octave| octave.below == SHARED);
        Self { octaves, bounds: bounds.into(), fine: shared.then(|| FloatSearch::new(&exact)) }
    }

    /// How many buckets there are.
    pub(crate) fn buckets(&self) -> usize {
        self.bounds.len() + 1
    }

    /// The index of the first bound that the value is not above, or the number of bounds.
    #[inline]
    pub(crate) fn bucket(&self, value: u64) -> usize {
        let octave = &self.octaves[octave_of(value) % OCTAVES];
        let bucket = octave.below + usize::from(octave.bound < value);
        if bucket < SHARED { bucket } else { self.search(value) }
    }

    #[cold]
    fn search(&self, value: u64) -> usize {
        match &self.fine {
            // From `i64` that is one instruction.
            Some(fine) if value <= EXACT => fine.bucket(value.cast_signed() as f64),
            _ => self.bounds.partition_point(|bound| *bound < value),
        }
    }
}

impl Octave {
    fn new(bounds: &[u64], nth: usize) -> Self {
        let start = bounds.partition_point(|bound| octave_of(*bound) < nth);
        let end = bounds.partition_point(|bound| octave_of(*bound) <= nth);
        match bounds.get(start..end) {
            Some([bound]) => Self { bound: *bound, below: start },
            Some([_, ..]) => Self { bound: u64::MAX, below: SHARED },
            _ => Self { bound: u64::MAX, below: start },
        }
    }
}

#[inline]
fn octave_of(value: u64) -> usize {
    (value | 1).ilog2() as usize
}
