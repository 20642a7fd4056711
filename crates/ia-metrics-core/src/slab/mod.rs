//! Cells that one thread writes and everybody reads.
//!
//! Each thread that records has a [`Slab`]: a large array of cells, reserved as address space and backed by memory only
//! where it was touched, so that a cell never moves. A slot is the index of a cell, the same in every slab. Its owner adds
//! with a relaxed load and a relaxed store; a reader sums the slabs ([`Totals`]). When a thread ends, its slab waits *with
//! its values* for the next thread ([`Pool`]), so totals never go back and memory follows the peak number of threads.
//!
//! Three things are counted beside the values, each by its owner alone:
//!
//! - a mark per page of cells, so that a reader skips the pages that nobody wrote;
//! - births and deaths of handles per slot, so that a slot is used again only when no handle is left (`refs`);
//! - the read section the thread is in, so that what was unlinked is freed only when nobody can still see it
//!   ([`grace`]).

mod domain;
mod grace;
mod local;
mod memory;
#[cfg(all(test, loom))]
mod models;
mod pool;
mod prefetch;
#[expect(clippy::module_inception, reason = "the type that the module is about")]
mod slab;
mod slots;
mod totals;

pub(crate) use self::domain::{Domain, domain};
pub(crate) use self::local::{attach, current, lately, remember};
pub(crate) use self::prefetch::{line as prefetch_line, prefetch};
pub(crate) use self::slab::{PAGE, Slab};
pub(crate) use self::slots::Class;
pub(crate) use self::totals::{Totals, add_float_bits};
