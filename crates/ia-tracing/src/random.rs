//! Random numbers for ids: a generator per thread, seeded by the operating system.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

use fastrand::Rng;

/// Two independent streams, so that a trace id holds 128 bits of entropy and not the 64 of one.
struct Streams {
    high: Rng,
    low: Rng,
}

impl Streams {
    fn seeded() -> Self {
        // `fastrand`'s own generator is seeded from the clock and can be re-seeded by anyone on the
        // thread; both would repeat ids across machines. `RandomState` takes its keys from the
        // operating system.
        let seed = |stream: u8| RandomState::new().hash_one(stream);
        Self { high: Rng::with_seed(seed(0)), low: Rng::with_seed(seed(1)) }
    }
}

thread_local! {
    static STREAMS: RefCell<Streams> = RefCell::new(Streams::seeded());
}

pub(crate) fn next_u64() -> u64 {
    STREAMS.with_borrow_mut(|streams| streams.low.u64(..))
}

pub(crate) fn next_u128() -> u128 {
    STREAMS.with_borrow_mut(|streams| {
        (u128::from(streams.high.u64(..)) << 64) | u128::from(streams.low.u64(..))
    })
}
