//! What a registry held at one moment: immutable, and the same for every reader.

mod family;
mod histogram;
mod point;
mod summary;

use std::sync::Arc;
use std::time::SystemTime;

pub(crate) use self::family::SeriesData;
pub use self::family::{FamilySnapshot, SeriesSnapshot};
pub use self::histogram::{Bucket, HistogramPoint};
pub use self::point::DataPoint;
pub(crate) use self::point::PointData;
pub use self::summary::SummaryPoint;

/// All the metrics of a registry at one moment. Cheap to clone.
///
/// Families come sorted by name, the series of a family in the order of their creation, the overflow series last.
///
/// ```
/// use ia_metrics_core::{CounterDesc, Registry};
///
/// const PAGES: CounterDesc<1> = CounterDesc::new("pages_parsed_total", "Pages parsed.", ["format"]);
/// let registry = Registry::new();
/// registry.counter(&PAGES).with(["pdf"]).add(3);
///
/// let snapshot = registry.snapshot();
/// assert_eq!(snapshot.value("pages_parsed_total", [("format", "pdf")]), Some(3.0));
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    families: Arc<[FamilySnapshot]>,
    taken_at: SystemTime,
    started_at: SystemTime,
}

impl Snapshot {
    pub(crate) fn new(
        families: Vec<FamilySnapshot>,
        taken_at: SystemTime,
        started_at: SystemTime,
    ) -> Self {
        Self { families: families.into(), taken_at, started_at }
    }

    /// The families, sorted by name.
    #[must_use]
    pub fn families(&self) -> impl ExactSizeIterator<Item = &FamilySnapshot> {
        self.families.iter()
    }

    /// The family of this name.
    #[must_use]
    pub fn family(&self, name: &str) -> Option<&FamilySnapshot> {
        let at = self.families.binary_search_by(|family| family.name().cmp(name)).ok()?;
        self.families.get(at)
    }

    /// The value of one series in the exported unit: a counter's total, a gauge's value, how many values a histogram or
    /// a summary observed. `None` where there is no such series.
    #[must_use]
    pub fn value<'a>(
        &self,
        name: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<f64> {
        Some(self.family(name)?.series_with(labels)?.point().as_f64())
    }

    /// The histogram of one series. `None` where there is no such series, or it is of another kind.
    #[must_use]
    pub fn histogram<'a>(
        &self,
        name: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<&HistogramPoint> {
        match self.family(name)?.series_with(labels)?.point() {
            DataPoint::Histogram(histogram) => Some(histogram),
            DataPoint::Counter(_) | DataPoint::Gauge(_) | DataPoint::Summary(_) => None,
        }
    }

    /// The sum of all the series of a metric whose labels include the given ones, each as [`value`](Self::value) has it.
    #[must_use]
    pub fn sum<'a>(&self, name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> f64 {
        let wanted: Vec<(&str, &str)> = labels.into_iter().collect();
        let matches = |series: &SeriesSnapshot<'_>| {
            wanted.iter().all(|pair| series.labels().any(|own| own == *pair))
        };
        let series = self.family(name).into_iter().flat_map(FamilySnapshot::series);
        // The sum of nothing is a zero without a sign.
        series
            .filter(matches)
            .map(|series| series.point().as_f64())
            .fold(0.0, |sum, value| sum + value)
    }

    /// When the snapshot was taken.
    #[must_use]
    pub fn taken_at(&self) -> SystemTime {
        self.taken_at
    }

    /// When the registry began to count: the start of every cumulative value.
    #[must_use]
    pub fn started_at(&self) -> SystemTime {
        self.started_at
    }
}
