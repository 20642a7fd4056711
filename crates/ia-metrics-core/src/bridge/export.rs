//! From names as given to families of the registry.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::handles::Bridged;
use super::{names, units};
use crate::metric::sealed;
use crate::{Buckets, Difference, DynamicFamily, Kind, MetricError, Registry};

/// What the kinds of metrics of one recorder share.
pub(super) struct Exporter {
    pub(super) registry: Registry,
    buckets: HashMap<String, Buckets>,
    default_buckets: Buckets,
    /// Who has an exported name.
    owners: Mutex<HashMap<String, Owner>>,
    collisions: AtomicU64,
    refused: AtomicU64,
}

/// A metric as the `metrics` crate tells them apart.
#[derive(Debug, PartialEq)]
struct Owner {
    kind: Kind,
    given: String,
}

/// What was said of a metric.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub(super) help: String,
    pub(super) unit: Option<metrics::Unit>,
}

impl Exporter {
    pub(super) fn new(
        registry: Registry,
        buckets: HashMap<String, Buckets>,
        default_buckets: Buckets,
    ) -> Self {
        Self {
            registry,
            buckets,
            default_buckets,
            owners: Mutex::default(),
            collisions: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// The buckets of the histogram of this name.
    pub(super) fn buckets(&self, given: &str) -> Buckets {
        self.buckets.get(given).unwrap_or(&self.default_buckets).clone()
    }

    /// Finds the name under which the metric can be exported, and its first family. The plain one belongs to whoever
    /// came first; the others get their kind, or their kind and their fingerprint, behind it.
    pub(super) fn first<M: Bridged>(
        &self,
        given: &str,
        labels: &[String],
        description: &Description,
    ) -> Option<(String, DynamicFamily<M>)> {
        let kind = <M as sealed::Metric>::KIND;
        let plain = names::metric(given);
        let of_kind = format!("{plain}_{kind}");
        let fingerprint = names::distinct(&of_kind, given);
        let candidates = [plain.into_owned(), of_kind, fingerprint];
        for name in candidates {
            match self.try_first(given, &name, labels, description) {
                Ok(family) => return Some((name, family)),
                Err(error) => {
                    self.collided(1);
                    self.registry.note(error);
                }
            }
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        None
    }

    fn try_first<M: Bridged>(
        &self,
        given: &str,
        name: &str,
        labels: &[String],
        description: &Description,
    ) -> Result<DynamicFamily<M>, MetricError> {
        self.claim(name, <M as sealed::Metric>::KIND, given)?;
        // A name that the registry refuses may be good for a metric of another kind.
        self.family(given, name, labels, description).inspect_err(|_| self.release(name))
    }

    /// The family of these labels, under a name that was found before.
    pub(super) fn family<M: Bridged>(
        &self,
        given: &str,
        name: &str,
        labels: &[String],
        description: &Description,
    ) -> Result<DynamicFamily<M>, MetricError> {
        let help = units::help(&description.help, description.unit);
        let unit = description.unit.map(units::unit).unwrap_or_default();
        let descriptor = M::describe(self, given, name, &help).unit(unit).labels(labels).build()?;
        self.registry.variant(&descriptor)
    }

    /// Completes the description of a metric that is exported already.
    pub(super) fn describe(&self, name: &str, description: &Description) {
        let help = units::help(&description.help, description.unit);
        let unit = description.unit.map(units::unit).unwrap_or_default();
        self.registry.describe(name, &help, unit);
    }

    pub(super) fn collided(&self, times: u64) {
        self.collisions.fetch_add(times, Ordering::Relaxed);
    }

    pub(super) fn collisions(&self) -> u64 {
        self.collisions.load(Ordering::Relaxed)
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn release(&self, name: &str) {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Takes an exported name, or says who has it.
    fn claim(&self, name: &str, kind: Kind, given: &str) -> Result<(), MetricError> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = Owner { kind, given: given.to_owned() };
        match owners.entry(name.to_owned()) {
            Entry::Vacant(place) => {
                place.insert(asked);
                Ok(())
            }
            Entry::Occupied(known) if *known.get() == asked => Ok(()),
            Entry::Occupied(known) if known.get().given == given => {
                let difference = Difference::Kind { existing: known.get().kind, asked: kind };
                Err(MetricError::Conflict { metric: given.to_owned(), difference })
            }
            Entry::Occupied(known) => Err(MetricError::NameTaken {
                metric: given.to_owned(),
                sample: name.to_owned(),
                owner: known.get().given.clone(),
            }),
        }
    }
}
