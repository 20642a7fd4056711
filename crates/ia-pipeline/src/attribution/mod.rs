//! What of the process' CPU time and memory is which pipeline's.
//!
//! A pipeline has a [`Meter`], with an account. While a thread polls work of the pipeline there is a [`Charge`](charge::Charge),
//! which names the account to the thread; what the thread does meanwhile is added to the thread's own [`Cell`](cell::Cell) of
//! the account. A reader adds up the cells of all threads. So polls and allocations write nothing that other threads write, and
//! nothing is lost or late when a thread ends.
//!
//! ```text
//! poll -> Charge -> the thread's Cell: CPU time by strata       -> Account -> Meter -> Publisher -> registry
//! allocation -> tag behind the block -> Cell: bytes and blocks  ↗
//! ```

mod account;
mod accounting;
mod allocator;
mod attributed;
mod cell;
mod charge;
mod hint;
mod memory;
mod meter;
mod os;
mod publisher;
mod resources;
mod slab;
mod strata;
mod thread;

pub use self::accounting::CpuAccounting;
pub use self::allocator::TrackingAllocator;
pub(crate) use self::attributed::{Attributed, Done, Work, attributed};
pub(crate) use self::meter::Meter;
pub use self::resources::{
    AttributionScope, CpuUsage, MemoryTotals, MemoryUsage, PipelineResources,
};
