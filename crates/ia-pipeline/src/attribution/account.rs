//! What is charged to one pipeline.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::MemoryTotals;
use super::cell::Cell;
use super::slab::{self, ACCOUNTS};
use super::strata::CpuTotals;

/// By account: the most bytes it had at a time.
static PEAKS: [AtomicU64; ACCOUNTS] = [const { AtomicU64::new(0) }; ACCOUNTS];

static NUMBERS: Mutex<Numbers> = Mutex::new(Numbers { next: 1, retired: Vec::new() });

struct Numbers {
    next: u16,
    /// Of accounts that were closed; the memory of some may still live.
    retired: Vec<u16>,
}

/// A number under which threads count what they do for a pipeline. It is given to another pipeline once this one is gone
/// and so is all its memory.
#[derive(Debug)]
pub(super) struct Account {
    number: u16,
    /// What its cells held from their earlier uses.
    base: Base,
}

#[derive(Debug)]
struct Base {
    cpu: CpuTotals,
    allocated: u64,
    allocations: u64,
}

impl Account {
    /// `None` where there are too many.
    pub(super) fn open() -> Option<Self> {
        let number = {
            let mut numbers = NUMBERS.lock().unwrap_or_else(PoisonError::into_inner);
            let free = numbers.retired.iter().position(|number| live(*number) == 0);
            match free {
                Some(at) => numbers.retired.swap_remove(at),
                None if usize::from(numbers.next) < ACCOUNTS => {
                    numbers.next += 1;
                    numbers.next - 1
                }
                None => return None,
            }
        };
        PEAKS[usize::from(number)].store(0, Ordering::Relaxed);
        let base = Base {
            cpu: cpu(number),
            allocated: sum(number, |cell| &cell.memory.allocated),
            allocations: sum(number, |cell| &cell.memory.allocations),
        };
        Some(Self { number, base })
    }

    #[inline]
    pub(super) fn number(&self) -> u16 {
        self.number
    }

    pub(super) fn cpu(&self) -> CpuTotals {
        cpu(self.number).since(&self.base.cpu)
    }

    /// Exact for what happened before; each thread's own addition that is under way may be missing.
    pub(super) fn memory(&self) -> MemoryTotals {
        let live = live(self.number);
        let total =
            |of: fn(&Cell) -> &AtomicU64, base: u64| sum(self.number, of).wrapping_sub(base);
        MemoryTotals {
            live,
            peak: raise_peak(self.number, live),
            allocated: total(|cell| &cell.memory.allocated, self.base.allocated),
            allocations: total(|cell| &cell.memory.allocations, self.base.allocations),
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let mut numbers = NUMBERS.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.retired.push(self.number);
    }
}

/// A thread's share has grown: looks at the account's peak.
#[cold]
pub(super) fn has_grown(account: u16, cell: &Cell) {
    cell.memory.looked_at();
    raise_peak(account, live(account));
}

fn raise_peak(account: u16, live: u64) -> u64 {
    PEAKS
        .get(usize::from(account))
        .map_or(live, |peak| peak.fetch_max(live, Ordering::Relaxed).max(live))
}

fn cpu(account: u16) -> CpuTotals {
    let mut totals = CpuTotals::default();
    slab::cells(account).for_each(|cell| totals.add(&cell.cpu));
    totals
}

/// Bytes that were allocated and not yet freed.
fn live(account: u16) -> u64 {
    // What was freed is added up first: whoever sees a block freed has seen it allocated, so this is never too little.
    let freed = sum(account, |cell| &cell.memory.freed);
    let allocated = sum(account, |cell| &cell.memory.allocated);
    u64::try_from(allocated.wrapping_sub(freed).cast_signed()).unwrap_or(0)
}

fn sum(account: u16, of: impl Fn(&Cell) -> &AtomicU64) -> u64 {
    slab::cells(account).map(|cell| of(cell).load(Ordering::Acquire)).fold(0, u64::wrapping_add)
}
