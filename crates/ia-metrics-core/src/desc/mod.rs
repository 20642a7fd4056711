//! Descriptors: what a metric is called, what it means, which labels it has.

mod common;
mod counter;
mod descriptor;
mod gauge;
mod histogram;
mod summary;
mod up_down;

pub(crate) use self::common::{Common, common_methods, exemplars_method};
pub use self::counter::CounterDesc;
pub(crate) use self::descriptor::Exponential;
pub use self::descriptor::{Descriptor, DescriptorBuilder};
pub use self::gauge::GaugeDesc;
pub use self::histogram::HistogramDesc;
pub use self::summary::SummaryDesc;
pub use self::up_down::UpDownCounterDesc;
