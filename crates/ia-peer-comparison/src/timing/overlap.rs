//! Which chunks of several threads really ran at the same time.

use super::chunks::Chunk;

/// The share of a chunk that undisturbed chunks of each other thread have to cover.
const COVERED: f64 = 0.9;

/// All undisturbed chunks that ran beside undisturbed chunks of all other threads.
pub(crate) fn overlapped(threads: &[Vec<Chunk>]) -> Vec<Chunk> {
    let clean: Vec<Vec<Chunk>> = threads
        .iter()
        .map(|chunks| chunks.iter().filter(|chunk| !chunk.preempted).copied().collect())
        .collect();
    let mut overlapped = Vec::new();
    for (i, own) in clean.iter().enumerate() {
        let others = || clean.iter().enumerate().filter(move |(j, _)| i != *j);
        overlapped.extend(
            own.iter()
                .filter(|chunk| others().all(|(_, chunks)| covered(chunk, chunks) >= COVERED)),
        );
    }
    overlapped
}

/// The share of `chunk` that lies within `others`, which are in order and do not overlap.
fn covered(chunk: &Chunk, others: &[Chunk]) -> f64 {
    let first = others.partition_point(|other| other.end <= chunk.start);
    let shared: u64 = others[first..]
        .iter()
        .take_while(|other| other.start < chunk.end)
        .map(|other| other.end.min(chunk.end) - other.start.max(chunk.start))
        .sum();
    shared as f64 / (chunk.end - chunk.start).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::{Chunk, overlapped};

    fn chunk(start: u64, end: u64) -> Chunk {
        Chunk { start, end, turns: 1, preempted: false, blocked: false }
    }

    #[test]
    fn a_chunk_counts_where_all_others_ran_too() {
        let threads = [
            vec![chunk(0, 100), chunk(100, 200), chunk(200, 300)],
            vec![chunk(0, 50), chunk(50, 195)],
        ];
        let starts: Vec<u64> = overlapped(&threads).iter().map(|chunk| chunk.start).collect();
        assert_eq!(starts, [0, 100, 0, 50]);
    }

    #[test]
    fn a_preempted_chunk_counts_neither_for_itself_nor_for_others() {
        let preempted = Chunk { preempted: true, ..chunk(0, 100) };
        assert_eq!(overlapped(&[vec![chunk(0, 100)], vec![preempted]]).len(), 0);
    }
}
