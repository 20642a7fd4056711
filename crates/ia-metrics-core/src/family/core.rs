//! A metric: what it is, its series, and how one of them is found.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hashbrown::DefaultHashBuilder;

use super::create::State;
use super::{FamilyOwner, Layout};
use crate::Descriptor;
use crate::exemplar::Exemplars;
use crate::labels::{self, Interner};
use crate::series::{Chunk, ChunkList, Head, Key, SeriesRef, Table};
use crate::shared::Shared;
use crate::slab::{self, Slab};
use crate::summary::Windows;

/// Numbers for [`FamilyCore::stamp`]; 0 is nobody's.
static STAMPS: AtomicU64 = AtomicU64::new(1);

/// A metric, its series by their label values, and the series that takes what is over the limit.
pub(crate) struct FamilyCore {
    pub(super) descriptor: Arc<Descriptor>,
    pub(super) layout: Layout,
    /// The bounds of a histogram's buckets, as snapshots show them.
    pub(super) bounds: Arc<[f64]>,
    pub(super) limit: usize,
    /// The family that was there first of those of this name, where it is not this one.
    pub(super) eldest: Option<Arc<FamilyOwner>>,
    /// How many series all families of this name have together. That of the eldest counts.
    pub(super) taken: AtomicUsize,
    pub(super) shared: Arc<Shared>,
    pub(super) interner: Arc<Interner>,
    pub(super) hasher: DefaultHashBuilder,
    /// Tells the entries of caches whether they still hold: another one after each removal of series.
    pub(super) stamp: AtomicU64,
    /// A `Box`, replaced by a larger one when it is full.
    pub(super) table: AtomicPtr<Table>,
    pub(super) chunks: ChunkList,
    /// How many rows of the chunks are in use or were.
    pub(super) len: AtomicUsize,
    /// How many series there are.
    pub(super) alive: AtomicUsize,
    /// How often a series became findable: whether it is worth looking again.
    pub(super) indexed: AtomicU64,
    /// How many rows wait to be used again.
    pub(super) reusable: AtomicUsize,
    pub(super) state: Mutex<State>,
    pub(super) overflow: OnceLock<Chunk>,
    pub(super) overflowed: AtomicU64,
    /// Whether series get slots. Those of a refused metric do not: the registry could not switch them off.
    pub(super) promotes: bool,
    pub(crate) windows: Windows,
    /// Where the metric keeps exemplars.
    pub(crate) exemplars: Option<Exemplars>,
}

impl FamilyCore {
    pub(crate) fn new(
        descriptor: Descriptor,
        limit: usize,
        shared: Arc<Shared>,
        interner: Arc<Interner>,
        promotes: bool,
    ) -> Self {
        Self {
            layout: Layout::of(&descriptor),
            bounds: descriptor.buckets().into(),
            limit: descriptor.series_limit().unwrap_or(limit).min(crate::series::MOST),
            eldest: None,
            taken: AtomicUsize::new(0),
            windows: Windows::new(descriptor.window(), shared.clock().now()),
            exemplars: descriptor.has_exemplars().then(|| Exemplars::new(&descriptor)),
            descriptor: Arc::new(descriptor),
            shared,
            interner,
            hasher: DefaultHashBuilder::default(),
            stamp: AtomicU64::new(new_stamp()),
            table: AtomicPtr::new(Box::into_raw(Box::new(Table::with_room_for(0)))),
            chunks: ChunkList::default(),
            len: AtomicUsize::new(0),
            alive: AtomicUsize::new(0),
            indexed: AtomicU64::new(0),
            reusable: AtomicUsize::new(0),
            state: Mutex::default(),
            overflow: OnceLock::new(),
            overflowed: AtomicU64::new(0),
            promotes,
        }
    }

    pub(crate) fn descriptor(&self) -> &Arc<Descriptor> {
        &self.descriptor
    }

    #[inline]
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.shared.is_enabled()
    }

    /// How many series there are, the overflow series included.
    pub(crate) fn series(&self) -> usize {
        self.alive.load(Ordering::Relaxed) + usize::from(self.overflow.get().is_some())
    }

    /// Whether some rows are not series: then each has to be looked at.
    pub(super) fn has_holes(&self) -> bool {
        // In this order: a series that is made meanwhile must not be taken for one that fills a hole.
        self.alive.load(Ordering::Acquire) != self.len.load(Ordering::Acquire)
    }

    /// How many lookups of a new series were over the limit.
    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    /// The series of these values, made on first use; past the limit, the one for everything else.
    #[inline]
    pub(crate) fn find<const N: usize>(&self, values: &[&str; N]) -> SeriesRef {
        let key = Key::of(values);
        if let (Some(key), Some(slab)) = (&key, slab::current())
            && let Some(series) = self.find_in_cache(slab, key)
        {
            return series;
        }
        self.find_or_create(key, values)
    }

    /// As [`Self::find`], for a number of values that the compiler does not know.
    pub(crate) fn find_slice(&self, values: &[&str]) -> SeriesRef {
        match *values {
            [] => self.find(&[]),
            [a] => self.find(&[a]),
            [a, b] => self.find(&[a, b]),
            [a, b, c] => self.find(&[a, b, c]),
            _ => self.find_or_create(None, values),
        }
    }

    /// Among the series that this thread looked up lately.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the key stays in registers")]
    #[expect(unsafe_code, reason = "a reference is made of what a cache remembers")]
    fn find_in_cache(&self, slab: &Slab, key: &Key) -> Option<SeriesRef> {
        let _inside = slab.enter();
        let stamp = self.stamp.load(Ordering::Acquire);
        // SAFETY: nothing is allocated while the cache is looked at. With this stamp, the head is that of a series of this
        // metric which was not removed before the read section began, and it is counted within the section.
        unsafe {
            let head = slab::lately()?.find(key, stamp)?;
            head.as_ref().birth(Some(slab));
            Some(SeriesRef::counted(head, self))
        }
    }

    #[inline(never)]
    fn find_or_create(&self, key: Option<Key>, values: &[&str]) -> SeriesRef {
        if values.iter().any(|value| value.len() > labels::VALUE_LIMIT) {
            let clipped: Vec<_> = values.iter().map(|value| labels::clip(value)).collect();
            let clipped: Vec<&str> = clipped.iter().map(AsRef::as_ref).collect();
            return self.find_or_create(None, &clipped);
        }
        let hash = self.hash(values.iter().copied());
        // A thread without a slab may look under the lock only: for it, something always has changed.
        let mut seen = u64::MAX;
        let found = slab::attach().and_then(|slab| {
            seen = self.indexed.load(Ordering::Acquire);
            slab.section(|| {
                let stamp = self.stamp.load(Ordering::Acquire);
                Some((self.find_in_table(hash, values, Some(slab))?, stamp))
            })
        });
        let Some((series, stamp)) = found else { return self.create(hash, values, seen) };
        if let Some(key) = key {
            slab::remember(|cache| cache.put(&key, stamp, NonNull::from(series.head())));
        }
        series
    }

    /// In the table: in a read section, or under the lock.
    pub(super) fn find_in_table(
        &self,
        hash: u64,
        values: &[&str],
        slab: Option<&Slab>,
    ) -> Option<SeriesRef> {
        let has = |series| {
            self.chunks.find(series).is_some_and(|(chunk, at)| chunk.rows().has(at, values))
        };
        let series = self.table().find(hash, has)?;
        let (chunk, at) = self.chunks.find(series)?;
        Some(self.refer(chunk.head(at), slab))
    }

    /// A reference to a series that was just found.
    #[expect(unsafe_code, reason = "a reference is made of a head")]
    pub(super) fn refer(&self, head: &Head, slab: Option<&Slab>) -> SeriesRef {
        head.birth(slab);
        // SAFETY: the head was found in the table, in a read section or under the lock, and is counted within it.
        unsafe { SeriesRef::counted(NonNull::from(head), self) }
    }

    /// The table: in a read section, or under the lock.
    #[expect(unsafe_code, reason = "the table is read without a lock")]
    pub(super) fn table(&self) -> &Table {
        // SAFETY: it came from `Box::into_raw`, and is freed only after a grace period, or by the holder of the lock.
        unsafe { &*self.table.load(Ordering::Acquire) }
    }

    pub(super) fn hash<'a>(&self, values: impl Iterator<Item = &'a str>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for value in values {
            hasher.write(value.as_bytes());
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes every entry of every cache that is about this metric void.
    pub(super) fn restamp(&self) {
        self.stamp.store(new_stamp(), Ordering::Release);
    }
}

impl Drop for FamilyCore {
    #[expect(unsafe_code, reason = "the table is read without a lock")]
    fn drop(&mut self) {
        // SAFETY: it came from `Box::into_raw`, and nobody has the metric any more.
        drop(unsafe { Box::from_raw(*self.table.get_mut()) });
    }
}

impl fmt::Debug for FamilyCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("descriptor", &self.descriptor).finish_non_exhaustive()
    }
}

fn new_stamp() -> u64 {
    STAMPS.fetch_add(1, Ordering::Relaxed)
}
