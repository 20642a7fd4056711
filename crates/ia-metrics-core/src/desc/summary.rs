//! Summary descriptors.

use std::marker::PhantomData;
use std::time::Duration;

use super::{Common, common_methods};
use crate::{Descriptor, Kind, Observed, Scale, Unit};

/// How far back the quantiles of a summary look, unless told otherwise.
pub(crate) const DEFAULT_WINDOW: Duration = Duration::from_mins(10);

/// Describes a summary with `N` labels over values of type `V`: `f64`, `u64` or `Duration`.
///
/// The number of labels is part of the type: giving a wrong number of values does not compile.
///
/// ```
/// use ia_metrics_core::{Registry, SummaryDesc};
///
/// const SCORE: SummaryDesc<0> = SummaryDesc::new("answer_score", "How good the answers were.", []);
///
/// let registry = Registry::new();
/// let score = registry.summary(&SCORE).get();
/// score.observe(0.8);
/// assert_eq!(score.quantile(0.5), Some(0.8));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SummaryDesc<const N: usize, V = f64> {
    pub(crate) common: Common<N>,
    window: Duration,
    value: PhantomData<V>,
}

impl<const N: usize, V: Observed> SummaryDesc<N, V> {
    /// Names the summary, says in a sentence what it means, and names its labels.
    ///
    /// # Panics
    ///
    /// When a name is not valid; in a constant that is a compile error. For names known only at run time use
    /// [`Descriptor`](crate::Descriptor).
    #[must_use]
    pub const fn new(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self {
            common: Common::new(name, help, labels, V::SCALE, V::UNIT),
            window: DEFAULT_WINDOW,
            value: PhantomData,
        }
    }

    /// Sets how far back the quantiles look. Defaults to 10 minutes; at least 1 second.
    #[must_use]
    pub const fn window(mut self, window: Duration) -> Self {
        self.window = if window.as_secs() == 0 { Duration::from_secs(1) } else { window };
        self
    }

    common_methods!();

    /// The same description, with the number of labels and the type of values known only at run time.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        self.common.descriptor(Kind::Summary, V::TYPE).with_window(self.window)
    }
}

impl<const N: usize> SummaryDesc<N, Duration> {
    /// [`SummaryDesc::new`] for durations: nanoseconds inside, seconds on export.
    ///
    /// # Panics
    ///
    /// As [`SummaryDesc::new`].
    #[must_use]
    pub const fn seconds(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Self {
        Self::new(name, help, labels)
    }
}
