//! What has an exemplar of this round already, without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::series::Head;

const PLACES_LOG2: u32 = 7;

/// A small table of what got an exemplar since the last snapshot. Where two have one place it forgets one of them, and then
/// it is the store, under its lock, that knows better.
#[derive(Debug)]
pub(super) struct Recent {
    round: AtomicU64,
    places: Box<[AtomicU64]>,
}

/// A bucket of a series, in one round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    pub(super) round: u64,
    place: usize,
    mark: u64,
}

impl Recent {
    pub(super) fn new() -> Self {
        let places = (0..1 << PLACES_LOG2).map(|_| AtomicU64::new(0)).collect();
        Self { round: AtomicU64::new(1), places }
    }

    /// A ticket for this bucket, unless it has an exemplar of this round.
    #[inline]
    pub(super) fn ticket(&self, head: &Head, bucket: usize) -> Option<Ticket> {
        let round = self.round.load(Ordering::Relaxed);
        let address = std::ptr::from_ref(head).addr() as u64;
        // The address of a head ends in three zeros and has 47 bits, so there is room for 2^20 buckets beside it.
        let key = address.rotate_right(3) ^ (bucket as u64).rotate_right(20);
        // 2^64 over the golden ratio. It is odd, so nothing is lost: two keys have two marks in any one round.
        let spread = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mark = spread.wrapping_add(round);
        let place = (spread >> (u64::BITS - PLACES_LOG2)) as usize;
        let known = self.places.get(place)?.load(Ordering::Relaxed) == mark;
        (!known).then_some(Ticket { round, place, mark })
    }

    /// The bucket has an exemplar of the ticket's round.
    pub(super) fn done(&self, ticket: Ticket) {
        if let Some(place) = self.places.get(ticket.place) {
            place.store(ticket.mark, Ordering::Relaxed);
        }
    }

    /// Begins the next round.
    pub(super) fn next_round(&self) {
        self.round.fetch_add(1, Ordering::Relaxed);
    }
}
