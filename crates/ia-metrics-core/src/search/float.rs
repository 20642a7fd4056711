//! The search among floats.

use super::SHARED;
use super::near::search_from;
use super::window::{BINS, Window, slot};

/// Finds the bucket of a float.
///
/// Positive bounds are told by a table as long as they lie in bins of their own. The table is as fine as that needs, and
/// covers the highest 256 bins; bounds below it, zero and negative bounds are searched for.
#[derive(Clone, Debug)]
pub(crate) struct FloatSearch {
    low: f64,
    high: f64,
    shift: u32,
    entries: Box<[u64; BINS]>,
    bounds: Box<[f64]>,
    /// The negative bounds without their sign, ascending.
    mirrored: Option<Box<Self>>,
}

impl FloatSearch {
    /// At most 1,000 bounds, finite, ascending, without duplicates.
    pub(crate) fn new(bounds: &[f64]) -> Self {
        let window = Window::new(bounds);
        let (low, high) = window.ends(bounds);
        Self {
            low,
            high,
            shift: window.shift(),
            entries: window.entries(bounds),
            bounds: bounds.into(),
            mirrored: Self::mirrored(bounds),
        }
    }

    fn mirrored(bounds: &[f64]) -> Option<Box<Self>> {
        let mirrored: Vec<f64> =
            bounds.iter().rev().filter(|bound| **bound < 0.0).map(|bound| -bound).collect();
        (!mirrored.is_empty()).then(|| Box::new(Self::new(&mirrored)))
    }

    /// How many buckets there are.
    pub(crate) fn buckets(&self) -> usize {
        self.bounds.len() + 1
    }

    /// The index of the first bound that the finite value is not above, or the number of bounds.
    #[inline]
    pub(crate) fn bucket(&self, value: f64) -> usize {
        let bucket = self.look_up(value);
        if bucket < SHARED { bucket } else { self.search(bucket - SHARED, value) }
    }

    /// The bucket, or from [`SHARED`] on where to search for it.
    #[inline]
    pub(super) fn look_up(&self, value: f64) -> usize {
        // Two instructions, where `clamp` checks its ends and `max` and `min` look for NaN.
        let inside = if value > self.low { value } else { self.low };
        let inside = if inside < self.high { inside } else { self.high };
        let key = inside.to_bits();
        let sum = self.entries[slot(key >> self.shift)].wrapping_add(key);
        #[expect(clippy::cast_possible_truncation, reason = "the sum of indices is below 2,048")]
        let bucket = (sum >> self.shift) as usize;
        bucket
    }

    #[cold]
    fn search(&self, start: usize, value: f64) -> usize {
        match &self.mirrored {
            // The bounds that are not below the value are those that mirrored are not above it mirrored: one number
            // further they are below.
            Some(mirrored) if value < 0.0 => {
                mirrored.bounds.len() - mirrored.bucket((-value).next_up())
            }
            _ => search_from(&self.bounds, start, value),
        }
    }
}
