//! The kinds of metrics.

use std::fmt;

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A total that only grows.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Observations counted in buckets.
    Histogram,
    /// Quantiles of recent observations.
    Summary,
    /// A total that grows and shrinks: how many there are of something.
    UpDownCounter,
}

impl Kind {
    /// The kind as Prometheus' `# TYPE` line writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            // Prometheus has no name for what goes both ways but this one.
            Self::Gauge | Self::UpDownCounter => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }

    /// The suffixes of the samples that a metric of this kind writes.
    pub(crate) const fn sample_suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter | Self::Gauge | Self::UpDownCounter => &[""],
            Self::Histogram => &["", "_bucket", "_sum", "_count"],
            Self::Summary => &["", "_sum", "_count"],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UpDownCounter => "up-down counter",
            kind => kind.as_str(),
        })
    }
}
