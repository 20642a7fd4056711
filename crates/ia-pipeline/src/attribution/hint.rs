//! How long work is expected to take.

use std::sync::atomic::{AtomicU8, Ordering};

/// How long the first poll of some work took last, to the next power of two.
#[derive(Debug, Default)]
pub(super) struct Hint(AtomicU8);

impl Hint {
    /// In nanoseconds.
    #[inline]
    pub(super) fn get(&self) -> u64 {
        1 << (self.0.load(Ordering::Relaxed) % 64)
    }

    #[inline]
    pub(super) fn set(&self, nanos: u64) {
        let exponent = nanos.max(1).ilog2().to_le_bytes()[0];
        // Mostly it stays what it is, and threads share it then.
        if self.0.load(Ordering::Relaxed) != exponent {
            self.0.store(exponent, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Hint;

    #[test]
    fn what_took_long_last_is_expected_to_take_about_as_long() {
        let hint = Hint::default();
        assert_eq!(hint.get(), 1);
        for nanos in [0, 1, 1_000, 10_000_000, u64::MAX] {
            hint.set(nanos);
            assert!(hint.get() <= nanos.max(1) && hint.get() > nanos / 2, "{nanos}");
        }
    }
}
