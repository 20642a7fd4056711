//! Exponential buckets, as OpenTelemetry's exponential histograms and Prometheus' native histograms have them.
//!
//! A scale `s` gives `2^s` buckets to each octave: bucket `i` holds the values above `base^i` up to and including
//! `base^(i+1)`, where `base` is `2^(2^-s)`. Buckets of one scale are whole groups of those of a finer one, so
//! histograms of different scales merge without loss of exactness.
//!
//! Sources: OpenTelemetry metrics data model, "`ExponentialHistogram`"; Prometheus, "Native Histograms", where the
//! schema is the scale and the bucket of OpenTelemetry's index `i` has the index `i + 1`.

mod bound;
mod buckets;
mod cell;
mod float;
mod integer;
mod iter;
mod quantile;
mod range;
mod roots;
mod scale;
mod table;
#[cfg(test)]
mod tests;

pub use self::buckets::ExponentialBuckets;
pub use self::iter::ExponentialBucket;
pub use self::range::BucketRange;
pub use self::scale::ExponentialScale;

pub(crate) use self::{cell::Cell, float::FloatIndex, integer::IntegerIndex};
