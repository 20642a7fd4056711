//! The handles that record.

mod counter;
mod gauge;
mod histogram;
mod summary;

use std::fmt::Debug;
use std::sync::Arc;

pub use self::counter::Counter;
pub use self::gauge::{Gauge, InFlight};
pub use self::histogram::Histogram;
pub use self::summary::Summary;
use crate::shared::Shared;
use crate::snapshot::PointData;
use crate::value::ValueType;
use crate::{Descriptor, Kind};

/// A kind of handle that a family can give out: [`Counter`], [`Gauge`], [`Histogram`] or [`Summary`].
pub trait Metric: sealed::Metric + Clone + Debug + Send + Sync + 'static {}

impl<M: sealed::Metric + Clone + Debug + Send + Sync + 'static> Metric for M {}

pub(crate) mod sealed {
    use super::{Arc, Debug, Descriptor, Kind, PointData, Shared, ValueType};

    #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
    #[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
    pub trait Metric: Sized {
        const KIND: Kind;
        const VALUE: ValueType;
        type Cell: Debug + Send + Sync + 'static;
        fn cell(descriptor: &Descriptor, shared: &Shared) -> Self::Cell;
        fn handle(cell: Arc<Self::Cell>, shared: Arc<Shared>) -> Self;
        fn read(cell: &Self::Cell, descriptor: &Descriptor, shared: &Shared) -> PointData;
    }
}
