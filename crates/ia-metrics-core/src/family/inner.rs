//! The series of one metric.

use std::any::Any;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::Descriptor;
use crate::labels::{self, Interner, Values};
use crate::metric::Metric;
use crate::shared::Shared;
use crate::snapshot::{FamilySnapshot, SeriesData};

/// A metric, its series by their label values, and the series that takes what is over the limit.
pub(crate) struct FamilyInner<M: Metric> {
    descriptor: Arc<Descriptor>,
    limit: usize,
    shared: Arc<Shared>,
    interner: Arc<Interner>,
    table: RwLock<Table<M>>,
    hasher: DefaultHashBuilder,
    overflow: OnceLock<Arc<M::Cell>>,
    overflowed: AtomicU64,
}

/// The series in order of creation, and where to find each.
struct Table<M: Metric> {
    index: HashTable<usize>,
    series: Vec<(Values, Arc<M::Cell>)>,
}

impl<M: Metric> FamilyInner<M> {
    pub(crate) fn new(
        descriptor: Descriptor,
        limit: usize,
        shared: Arc<Shared>,
        interner: Arc<Interner>,
    ) -> Self {
        Self {
            limit: descriptor.series_limit().unwrap_or(limit),
            descriptor: Arc::new(descriptor),
            shared,
            interner,
            table: RwLock::new(Table { index: HashTable::new(), series: Vec::new() }),
            hasher: DefaultHashBuilder::default(),
            overflow: OnceLock::new(),
            overflowed: AtomicU64::new(0),
        }
    }

    pub(crate) fn descriptor(&self) -> &Arc<Descriptor> {
        &self.descriptor
    }

    /// The handle for these values, made on first use; past the limit, the one for everything else.
    pub(crate) fn handle<S: AsRef<str>>(&self, values: &[S]) -> M {
        M::handle(self.find_or_create(values), Arc::clone(&self.shared))
    }

    fn find_or_create<S: AsRef<str>>(&self, values: &[S]) -> Arc<M::Cell> {
        if values.iter().any(|value| value.as_ref().len() > labels::VALUE_LIMIT) {
            let clipped: Vec<_> = values.iter().map(|value| labels::clip(value.as_ref())).collect();
            return self.find_or_create(&clipped);
        }
        let hash = self.hash(values);
        if let Some(cell) =
            self.table.read().unwrap_or_else(PoisonError::into_inner).find(hash, values)
        {
            return Arc::clone(cell);
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = table.find(hash, values) {
            return Arc::clone(cell);
        }
        if table.series.len() >= self.limit {
            drop(table);
            self.overflowed.fetch_add(1, Ordering::Relaxed);
            return Arc::clone(
                self.overflow.get_or_init(|| Arc::new(M::cell(&self.descriptor, &self.shared))),
            );
        }
        let cell = Arc::new(M::cell(&self.descriptor, &self.shared));
        let interned: Values =
            values.iter().map(|value| self.interner.intern(value.as_ref())).collect();
        let Table { index, series } = &mut *table;
        series.push((interned, Arc::clone(&cell)));
        index.insert_unique(hash, series.len() - 1, |at| self.hash(&series[*at].0));
        cell
    }

    fn hash<S: AsRef<str>>(&self, values: &[S]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for value in values {
            hasher.write(value.as_ref().as_bytes());
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }
}

impl<M: Metric> Table<M> {
    fn find<S: AsRef<str>>(&self, hash: u64, values: &[S]) -> Option<&Arc<M::Cell>> {
        let same = |at: &usize| {
            self.series[*at].0.iter().zip(values).all(|(own, asked)| **own == *asked.as_ref())
        };
        self.index.find(hash, same).map(|at| &self.series[*at].1)
    }
}

impl<M: Metric> fmt::Debug for FamilyInner<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("descriptor", &self.descriptor).finish_non_exhaustive()
    }
}

/// A family of any kind, as the registry keeps it.
pub(crate) trait Collect: fmt::Debug + Send + Sync {
    fn collect(&self) -> FamilySnapshot;
    fn descriptor(&self) -> &Arc<Descriptor>;
    fn series(&self) -> usize;
    fn overflowed(&self) -> u64;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<M: Metric> Collect for FamilyInner<M> {
    fn collect(&self) -> FamilySnapshot {
        // Only the list is copied under the lock: reading a summary takes a while, and writers must not wait for it.
        let series = self.table.read().unwrap_or_else(PoisonError::into_inner).series.clone();
        let read = |cell: &M::Cell| M::read(cell, &self.descriptor, &self.shared);
        let mut data: Vec<SeriesData> = series
            .into_iter()
            .map(|(values, cell)| SeriesData::new(Some(values), read(&cell)))
            .collect();
        if let Some(cell) = self.overflow.get() {
            data.push(SeriesData::new(None, read(cell)));
        }
        FamilySnapshot::new(Arc::clone(&self.descriptor), data)
    }

    fn descriptor(&self) -> &Arc<Descriptor> {
        &self.descriptor
    }

    fn series(&self) -> usize {
        let own = self.table.read().unwrap_or_else(PoisonError::into_inner).series.len();
        own + usize::from(self.overflow.get().is_some())
    }

    fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
