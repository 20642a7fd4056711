//! What a registry held at one moment: immutable, and the same for every reader.

mod family;
mod histogram;
mod integers;
mod part;
mod point;
mod series;
mod summary;

use std::sync::Arc;
use std::time::SystemTime;

pub use self::family::FamilySnapshot;
pub use self::histogram::{Bucket, HistogramPoint};
pub use self::integers::Integers;
pub(crate) use self::part::{Part, Points};
pub use self::point::DataPoint;
pub use self::series::{SeriesIter, SeriesSnapshot};
pub use self::summary::SummaryPoint;
pub use crate::labels::LabelTexts;

/// All the metrics of a registry at one moment. Cheap to clone.
///
/// Families come sorted by name, the series of a family in the order of their creation (a series may take the place of one
/// that was removed), the overflow series last.
///
/// A registry uses the memory of a snapshot again once nobody has it any more, so taking snapshots one after the other
/// allocates nothing.
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
    data: Arc<SnapshotData>,
}

/// What the clones of a snapshot share.
#[derive(Debug)]
pub(crate) struct SnapshotData {
    pub(crate) families: Vec<FamilySnapshot>,
    pub(crate) taken_at: SystemTime,
    pub(crate) started_at: SystemTime,
}

impl Snapshot {
    pub(crate) fn new(data: Arc<SnapshotData>) -> Self {
        Self { data }
    }

    /// The families, sorted by name.
    #[must_use]
    pub fn families(&self) -> impl ExactSizeIterator<Item = &FamilySnapshot> {
        self.data.families.iter()
    }

    /// The family of this name.
    #[must_use]
    pub fn family(&self, name: &str) -> Option<&FamilySnapshot> {
        let families = &self.data.families;
        let at = families.binary_search_by(|family| family.name().cmp(name)).ok()?;
        families.get(at)
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
        self.data.taken_at
    }

    /// When the registry began to count: the start of every cumulative value.
    #[must_use]
    pub fn started_at(&self) -> SystemTime {
        self.data.started_at
    }
}
