//! What the examples share: how they hear that they should stop, and how they speak.

pub mod output;

mod interrupt;

pub use self::interrupt::Interrupt;
