//! The handles that record.

mod counter;
mod gauge;
mod histogram;
mod in_flight;
mod summary;
mod up_down;

use std::fmt::Debug;

pub use self::counter::Counter;
pub use self::gauge::Gauge;
pub use self::histogram::Histogram;
pub use self::in_flight::{Countable, InFlight};
pub use self::summary::Summary;
pub use self::up_down::UpDownCounter;
use crate::Kind;
use crate::series::SeriesRef;
use crate::value::ValueType;

/// A kind of handle that a family can give out: [`Counter`], [`UpDownCounter`], [`Gauge`], [`Histogram`] or [`Summary`].
pub trait Metric: sealed::Metric + Clone + Debug + Send + Sync + 'static {}

impl<M: sealed::Metric + Clone + Debug + Send + Sync + 'static> Metric for M {}

pub(crate) mod sealed {
    use super::{Kind, SeriesRef, ValueType};

    #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
    #[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
    pub trait Metric: Sized {
        const KIND: Kind;
        const VALUE: ValueType;
        /// The handle of a series of this kind and type of value.
        fn new(series: SeriesRef) -> Self;
    }
}
