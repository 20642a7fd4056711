//! The cells of each thread.

use std::cell::Cell as ThreadCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::cell::Cell;
use super::thread::untracked;

/// How many accounts there can be at a time; number 0 is nobody's.
pub(super) const ACCOUNTS: usize = CHUNKS * CELLS;

const CHUNKS: usize = 256;
const CELLS: usize = 16;

/// All slabs that ever were.
static FIRST: OnceLock<&'static Slab> = OnceLock::new();

thread_local! {
    // Without a destructor, so that it can be read from the allocator until the thread is gone.
    static LOCAL: ThreadCell<Option<&'static Slab>> = const { ThreadCell::new(None) };
    static LEAVE: Leave = const { Leave };
}

/// One cell for each account, made on first use. A thread that ends leaves its slab, with its totals, to the next one, so
/// there are as many as there were threads at a time.
#[derive(Debug)]
pub(super) struct Slab {
    chunks: [OnceLock<Box<[Cell; CELLS]>>; CHUNKS],
    next: OnceLock<&'static Self>,
    taken: AtomicBool,
}

impl Slab {
    fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; CHUNKS],
            next: OnceLock::new(),
            taken: AtomicBool::new(true),
        }
    }

    #[inline]
    fn cell(&self, account: u16) -> &Cell {
        let (chunk, cell) = (usize::from(account) / CELLS, usize::from(account) % CELLS);
        let chunk = &self.chunks[chunk % CHUNKS];
        let cells = match chunk.get() {
            Some(cells) => cells,
            None => chunk.get_or_init(|| untracked(Box::default)),
        };
        &cells[cell]
    }

    fn cell_if_any(&self, account: u16) -> Option<&Cell> {
        let (chunk, cell) = (usize::from(account) / CELLS, usize::from(account) % CELLS);
        Some(&self.chunks.get(chunk)?.get()?[cell])
    }

    /// One that nobody has, or a new one.
    fn take() -> &'static Self {
        let free = |slab: &&Self| {
            let take =
                slab.taken.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
            take.is_ok()
        };
        all().find(free).unwrap_or_else(|| {
            let new: &'static Self = untracked(|| Box::leak(Box::new(Self::new())));
            let mut last = &FIRST;
            while last.set(new).is_err() {
                last = last.get().map_or(last, |slab| &slab.next);
            }
            new
        })
    }

    fn leave(&self) {
        self.taken.store(false, Ordering::Release);
    }
}

/// This thread's cell of an account; `None` once the thread's own things are being dropped.
#[inline]
pub(super) fn local(account: u16) -> Option<&'static Cell> {
    let slab = match LOCAL.get() {
        Some(slab) => slab,
        None => adopt()?,
    };
    Some(slab.cell(account))
}

/// Does something with a cell of an account that no other thread writes.
#[inline]
pub(super) fn with<R>(account: u16, work: impl FnOnce(&Cell) -> R) -> R {
    if let Some(cell) = local(account) {
        return work(cell);
    }
    let slab = Slab::take();
    let result = work(slab.cell(account));
    slab.leave();
    result
}

/// The cells of an account on all threads.
pub(super) fn cells(account: u16) -> impl Iterator<Item = &'static Cell> {
    all().filter_map(move |slab| slab.cell_if_any(account))
}

fn all() -> impl Iterator<Item = &'static Slab> {
    std::iter::successors(FIRST.get().copied(), |slab| slab.next.get().copied())
}

/// Gives the thread a slab, until it ends.
#[cold]
fn adopt() -> Option<&'static Slab> {
    LEAVE.try_with(|_| ()).ok()?;
    let slab = Slab::take();
    LOCAL.set(Some(slab));
    Some(slab)
}

/// Leaves the slab when the thread ends.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        super::thread::forget_current();
        if let Some(slab) = LOCAL.take() {
            slab.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{all, local};

    /// The last one, which no pipeline of a test has.
    const ACCOUNT: u16 = 4_095;

    #[test]
    fn a_thread_that_ends_leaves_its_slab_to_the_next_one() {
        let thread = || assert!(local(ACCOUNT).is_some());
        for _ in 0..200 {
            std::thread::spawn(thread).join().unwrap();
        }
        // Other tests have threads too.
        assert!(all().count() < 100, "{}", all().count());
    }

    #[test]
    fn a_thread_has_one_cell_of_an_account() {
        let (one, other) = (local(ACCOUNT).unwrap(), local(ACCOUNT).unwrap());
        assert!(std::ptr::eq(one, other));
        assert!(!std::ptr::eq(one, local(ACCOUNT - 1).unwrap()));
    }
}
