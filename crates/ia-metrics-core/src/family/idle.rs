//! Eviction of series that nobody records any more.

use std::time::{Duration, Instant};

use super::{FamilyCore, Layout};
use crate::slab::{Totals, domain};

/// What was last seen of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    /// Something that changes with every record and every lookup; `None` where nothing was seen yet.
    fingerprint: Option<u64>,
    since: Instant,
}

impl Idle {
    /// Makes whatever is there next look changed.
    pub(super) fn forget(&mut self) {
        self.fingerprint = None;
    }
}

impl FamilyCore {
    /// Evicts the series that have stood still for as long as the metric says and to which nobody has a handle, and makes
    /// the places of removed ones usable. The writers pay nothing for it: it is the reader who compares.
    pub(crate) fn tidy(&self, totals: &mut Totals, now: Instant) {
        let timeout = self.descriptor.idle_timeout();
        let mut state = self.lock();
        if let Some(timeout) = timeout {
            let standing = self.standing_still(totals, &mut state.idle, timeout, now);
            if !standing.is_empty() {
                self.unlink(&standing);
                // Now that nobody can find them: who found one before the last look has changed its fingerprint, or has a
                // handle still.
                domain().begin(totals);
                let (evicted, kept): (Vec<usize>, Vec<usize>) =
                    standing.into_iter().partition(|row| {
                        self.is_unreferenced(*row)
                            && self.fingerprint(totals, *row) == state.idle[*row].fingerprint
                    });
                // In this order: a table that has become too small is made anew of all that have labels.
                self.bury(&mut state, &evicted);
                self.relink(&kept);
            }
        }
        if !state.removed.is_empty() {
            self.reclaim(totals, &mut state);
        }
    }

    /// The series that have not changed for so long.
    fn standing_still(
        &self,
        totals: &mut Totals,
        idle: &mut Vec<Idle>,
        timeout: Duration,
        now: Instant,
    ) -> Vec<usize> {
        let mut standing = Vec::new();
        for row in self.rows() {
            let Some(fingerprint) = self.fingerprint(totals, row) else { continue };
            if idle.len() <= row {
                idle.resize(row + 1, Idle { fingerprint: None, since: now });
            }
            // What was not looked at yet has changed just now; so has what is new in an old place.
            if idle[row].fingerprint != Some(fingerprint) {
                idle[row] = Idle { fingerprint: Some(fingerprint), since: now };
            } else if now.saturating_duration_since(idle[row].since) >= timeout
                && self.is_unreferenced(row)
            {
                standing.push(row);
            }
        }
        standing
    }

    fn is_unreferenced(&self, row: usize) -> bool {
        self.chunks.find(row).is_some_and(|(chunk, at)| chunk.head(at).unreferenced(domain()))
    }

    /// A number that changes with every record and every lookup of a series.
    fn fingerprint(&self, totals: &mut Totals, row: usize) -> Option<u64> {
        let (chunk, at) = self.chunks.find(row)?;
        let head = chunk.head(at);
        let slot = head.slot();
        let mut fingerprint = u64::from(domain().births(slot)) ^ u64::from(head.records()) << 32;
        let mut add = |value: u64| {
            fingerprint = (fingerprint.rotate_left(5) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        };
        if let Layout::Summary = self.layout {
            // Its shared cell is no value but the step it is in, which moves on when it is read; and its counts are many. A
            // thread counts by a handle: one that was made, one that was dropped, or one that is there still.
            add(self.windows.alone(head));
            add(slot.map_or(0, u64::from));
            add(u64::from(domain().deaths(slot)) << 32 | u64::from(head.handles()));
        } else {
            let slots = slot.into_iter().flat_map(|slot| slot..).take(self.layout.shared_cells());
            slots.map(|slot| totals.get(slot)).for_each(&mut add);
            let cells = chunk.cells(at).iter();
            cells.map(|cell| cell.load(std::sync::atomic::Ordering::Relaxed)).for_each(&mut add);
        }
        Some(fingerprint)
    }
}
