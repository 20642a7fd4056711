//! Lets threads begin at the same moment.

use std::hint;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A barrier that threads spin at: one that sleeps would wake them up at different moments, and cold.
#[derive(Debug)]
pub(crate) struct Gate {
    threads: usize,
    /// How many have come so far, in all rounds together.
    arrived: AtomicUsize,
}

/// After so many looks a thread lets others have its processor: with fewer processors than threads they need it.
const LOOKS: u32 = 10_000;

impl Gate {
    pub(crate) fn new(threads: usize) -> Self {
        Self { threads, arrived: AtomicUsize::new(0) }
    }

    /// Waits for all threads.
    pub(crate) fn wait(&self) {
        let own = self.arrived.fetch_add(1, Ordering::AcqRel);
        let all = (own / self.threads + 1) * self.threads;
        let mut looks = 0_u32;
        while self.arrived.load(Ordering::Acquire) < all {
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(LOOKS) {
                thread::yield_now();
            } else {
                hint::spin_loop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::Gate;

    #[test]
    fn nobody_passes_before_all_have_come() {
        let (gate, here) = (Gate::new(3), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for round in 1..=100 {
                        here.fetch_add(1, Ordering::SeqCst);
                        gate.wait();
                        assert!(here.load(Ordering::SeqCst) >= 3 * round);
                    }
                });
            }
        });
    }
}
