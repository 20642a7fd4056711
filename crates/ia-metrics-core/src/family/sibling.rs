//! Families of one name: one limit of series and one overflow series for all of them, kept by the eldest.

use std::sync::atomic::Ordering;

use super::FamilyCore;
#[cfg(feature = "metrics")]
use super::FamilyOwner;
#[cfg(feature = "metrics")]
use crate::exemplar::Exemplars;
#[cfg(feature = "metrics")]
use crate::series::SeriesRef;

impl FamilyCore {
    /// A family of the same name with other labels; past the limit of series, one that never has any.
    ///
    /// It owns the eldest family, and the eldest family knows nothing of it.
    #[cfg(feature = "metrics")]
    pub(crate) fn sibling(
        eldest: &std::sync::Arc<FamilyOwner>,
        descriptor: crate::Descriptor,
    ) -> Self {
        use std::sync::Arc;

        debug_assert!(eldest.eldest.is_none(), "siblings have one eldest");
        let limit = if eldest.is_full() { 0 } else { eldest.limit };
        let (shared, interner) = (Arc::clone(&eldest.shared), Arc::clone(&eldest.interner));
        let mut sibling = Self::new(descriptor, limit, shared, interner, eldest.promotes);
        sibling.limit = limit;
        sibling.bounds = Arc::clone(&eldest.bounds);
        // The first description decides, as it does for the limit.
        sibling.exemplars = eldest.exemplars.as_ref().map(|_| Exemplars::new(&sibling.descriptor));
        sibling.eldest = Some(Arc::clone(eldest));
        sibling
    }

    /// The one that was there first of all families of this name.
    pub(super) fn eldest(&self) -> &Self {
        self.eldest.as_deref().map_or(self, |owner| owner)
    }

    /// Whether there was a place when it was made: where there was none, there never will be.
    #[cfg(feature = "metrics")]
    pub(crate) fn may_have_series(&self) -> bool {
        self.limit > 0
    }

    /// Whether there is no place for one more series.
    #[cfg(feature = "metrics")]
    pub(crate) fn is_full(&self) -> bool {
        self.eldest().taken.load(Ordering::Relaxed) >= self.limit
    }

    /// Takes the place of one more series, if there is one.
    pub(super) fn take_place(&self) -> bool {
        let more = |taken: usize| (taken < self.limit).then(|| taken + 1);
        self.eldest().taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Leaves the places of series that are no more.
    pub(super) fn leave_places(&self, places: usize) {
        self.eldest().taken.fetch_sub(places, Ordering::Relaxed);
    }

    /// Whether a series is the one for what is over the limit.
    #[cfg(feature = "metrics")]
    pub(super) fn is_overflow(&self, series: &SeriesRef) -> bool {
        let overflow = self.eldest().overflow.get();
        overflow.is_some_and(|chunk| std::ptr::eq(chunk.head(0), series.head()))
    }
}
