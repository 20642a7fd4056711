//! The exemplars of all series of a metric.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::kept::Kept;
use super::recent::Recent;
use super::{Exemplar, ExemplarSpan};
use crate::series::Head;
use crate::shared::Shared;
use crate::value::ValueType;
use crate::{Descriptor, Scale};

/// How many exemplars a series with exponential buckets keeps.
const MOST_OF_EXPONENTIAL: usize = 8;

/// The exemplars of a metric's series, by the address of their heads. Only metrics that keep exemplars have one.
#[derive(Debug)]
pub(crate) struct Exemplars {
    value: ValueType,
    scale: Scale,
    /// The most exemplars of one series.
    most: usize,
    recent: Recent,
    known: Mutex<HashMap<usize, Kept>>,
}

impl Exemplars {
    pub(crate) fn new(descriptor: &Descriptor) -> Self {
        let exponential = descriptor.exponential_scale().is_some();
        Self {
            value: descriptor.value_type(),
            scale: descriptor.scale(),
            most: if exponential { MOST_OF_EXPONENTIAL } else { usize::MAX },
            recent: Recent::new(),
            known: Mutex::default(),
        }
    }

    /// Offers a value, as the bits of a cell. It is kept where there is a current span and the bucket has no exemplar since
    /// the last snapshot, unless somebody has the lock.
    #[inline]
    pub(crate) fn offer(&self, shared: &Shared, head: &Head, bucket: usize, bits: u64) {
        if let Some(ticket) = self.recent.ticket(head, bucket)
            && let Some(span) = shared.current_span()
        {
            let mut known = match self.known.try_lock() {
                Ok(known) => known,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            let kept = known.entry(address(head)).or_default();
            kept.put(bucket, ticket.round, self.most, || self.exemplar(shared, span, bits));
            self.recent.done(ticket);
        }
    }

    /// Shows the exemplars of some series, each by its head, and begins the next round.
    pub(crate) fn read<'h>(
        &self,
        heads: impl Iterator<Item = &'h Head>,
        mut show: impl FnMut(usize, &mut dyn Iterator<Item = (usize, Exemplar)>),
    ) {
        let known = self.lock();
        for (row, head) in heads.enumerate() {
            match known.get(&address(head)) {
                Some(kept) => show(row, &mut kept.iter()),
                None => show(row, &mut std::iter::empty()),
            }
        }
        self.recent.next_round();
    }

    /// Forgets the exemplars of a series that is no more.
    pub(crate) fn forget(&self, head: &Head) {
        if self.lock().remove(&address(head)).is_some() {
            // Whoever has the place next has no exemplar yet.
            self.recent.next_round();
        }
    }

    #[cold]
    fn exemplar(&self, shared: &Shared, span: ExemplarSpan, bits: u64) -> Exemplar {
        Exemplar::new(self.value.number(bits, self.scale), span, shared.clock().wall())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<usize, Kept>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address(head: &Head) -> usize {
    std::ptr::from_ref(head).addr()
}
