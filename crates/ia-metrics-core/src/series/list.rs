//! The chunks of a metric.

use std::sync::OnceLock;

use super::Chunk;

/// The capacity of the first chunk; the next ones double the whole, up to [`LARGEST`].
const FIRST: usize = 4;
/// The capacity of every chunk from then on.
const LARGEST: usize = 1_024;
/// How many chunks there are below a thousand series.
const SMALL: usize = (LARGEST / FIRST).ilog2() as usize + 1;

/// Chunks by number, added one by one and never moved or removed.
///
/// Segment `n` has `2^n` places, so that a list of any length has few segments and finding one takes no search.
#[derive(Debug, Default)]
pub(crate) struct ChunkList {
    segments: [OnceLock<Box<[OnceLock<Chunk>]>>; 13],
}

impl ChunkList {
    /// The chunk of a series and its place in it.
    #[inline]
    pub(crate) fn find(&self, series: usize) -> Option<(&Chunk, usize)> {
        let (number, at) = locate(series);
        Some((self.get(number)?, at))
    }

    /// As [`Self::find`], with `new` making the chunk, given its capacity, where it is not there yet.
    pub(crate) fn find_or_add(
        &self,
        series: usize,
        new: impl FnOnce(usize) -> Chunk,
    ) -> Option<(&Chunk, usize)> {
        let (number, at) = locate(series);
        let (segment, place) = place(number);
        let chunks = self
            .segments
            .get(segment)?
            .get_or_init(|| (0..1_usize << segment).map(|_| OnceLock::new()).collect());
        Some((chunks[place].get_or_init(|| new(capacity(number))), at))
    }

    /// The chunks in order, each with the number of its first series.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Chunk)> {
        (0..).map_while(|number| Some((first(number), self.get(number)?)))
    }

    #[inline]
    fn get(&self, number: usize) -> Option<&Chunk> {
        let (segment, place) = place(number);
        self.segments.get(segment)?.get()?.get(place)?.get()
    }
}

/// The number of a series' chunk, and the series' place in it.
#[inline]
fn locate(series: usize) -> (usize, usize) {
    if series < FIRST {
        (0, series)
    } else if series < LARGEST {
        let number = (series / FIRST).ilog2() as usize + 1;
        (number, series - first(number))
    } else {
        (SMALL + (series - LARGEST) / LARGEST, series % LARGEST)
    }
}

/// The first series of a chunk.
fn first(number: usize) -> usize {
    match number {
        0 => 0,
        1..SMALL => FIRST << (number - 1),
        _ => LARGEST * (number - SMALL + 1),
    }
}

fn capacity(number: usize) -> usize {
    first(number + 1) - first(number)
}

#[inline]
fn place(number: usize) -> (usize, usize) {
    let segment = (number + 1).ilog2() as usize;
    (segment, number + 1 - (1 << segment))
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{capacity, first, locate};

    #[test]
    fn every_series_has_a_place_of_its_own() {
        let mut next = (0, 0);
        for series in 0..20_000 {
            let found = locate(series);
            assert_eq!(found, next, "series {series}");
            assert_eq!(first(found.0) + found.1, series);
            next = if found.1 + 1 < capacity(found.0) {
                (found.0, found.1 + 1)
            } else {
                (found.0 + 1, 0)
            };
        }
    }
}
