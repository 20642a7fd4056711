//! One metric of a snapshot and its series.

use std::sync::Arc;

use super::{DataPoint, PointData};
use crate::labels::Values;
use crate::{Descriptor, Kind};

/// The label of the series that takes what is over a metric's limit. Source: OpenTelemetry metrics SDK specification,
/// "Overflow attribute", in the spelling that Prometheus label names allow.
const OVERFLOW: (&str, &str) = ("otel_metric_overflow", "true");

/// One metric of a [`Snapshot`](super::Snapshot).
#[derive(Clone, Debug)]
pub struct FamilySnapshot {
    descriptor: Arc<Descriptor>,
    series: Vec<SeriesData>,
}

impl FamilySnapshot {
    pub(crate) fn new(descriptor: Arc<Descriptor>, series: Vec<SeriesData>) -> Self {
        Self { descriptor, series }
    }

    /// What the metric is.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The metric's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.descriptor.name()
    }

    /// The metric's kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.descriptor.kind()
    }

    /// Its series, in the order of their creation.
    #[must_use]
    pub fn series(&self) -> impl ExactSizeIterator<Item = SeriesSnapshot<'_>> {
        self.series.iter().map(|data| SeriesSnapshot { descriptor: &self.descriptor, data })
    }

    /// The series that has exactly these labels, in any order.
    #[must_use]
    pub fn series_with<'a>(
        &self,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<SeriesSnapshot<'_>> {
        let mut wanted: Vec<(&str, &str)> = labels.into_iter().collect();
        wanted.sort_unstable();
        self.series().find(|series| {
            let mut own: Vec<(&str, &str)> = series.labels().collect();
            own.sort_unstable();
            own == wanted
        })
    }
}

/// The values and the point of one series.
#[derive(Clone, Debug)]
pub(crate) struct SeriesData {
    /// `None` for the overflow series.
    values: Option<Values>,
    point: PointData,
}

impl SeriesData {
    pub(crate) fn new(values: Option<Values>, point: PointData) -> Self {
        Self { values, point }
    }
}

/// One series of a [`FamilySnapshot`]: its labels and its value.
#[derive(Clone, Copy, Debug)]
pub struct SeriesSnapshot<'a> {
    descriptor: &'a Descriptor,
    data: &'a SeriesData,
}

impl<'a> SeriesSnapshot<'a> {
    /// The labels, name and value, in the order of the descriptor. The overflow series has the one label
    /// `otel_metric_overflow="true"`.
    pub fn labels(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let (names, values) = match &self.data.values {
            Some(values) => (Some(self.descriptor.labels()), &values[..]),
            None => (None, &[][..]),
        };
        let overflow = self.is_overflow().then_some(OVERFLOW);
        names.into_iter().flatten().zip(values.iter().map(AsRef::as_ref)).chain(overflow)
    }

    /// The value of one label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&'a str> {
        self.labels().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Whether this is the series that takes what is over the metric's limit.
    #[must_use]
    pub fn is_overflow(&self) -> bool {
        self.data.values.is_none()
    }

    /// The value.
    #[must_use]
    pub fn point(&self) -> DataPoint<'a> {
        self.data.point.as_ref()
    }
}
