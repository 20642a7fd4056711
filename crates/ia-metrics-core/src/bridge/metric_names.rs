//! The metrics of one kind, by the names they were given.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use metrics::Key;

use super::export::{Description, Exporter};
use super::handles::Bridged;
use super::keys::Keys;
use super::labels::{self, LabelNames};
use crate::DynamicFamily;
use crate::family::Found;

/// All metrics of one kind, and the keys that lead straight to a series.
pub(super) struct MetricNames<M: Bridged> {
    pub(super) keys: Keys<M>,
    names: RwLock<HashMap<String, MetricName<M>>>,
}

impl<M: Bridged> MetricNames<M> {
    /// The series of a key that leads straight to none; `None` where the metric cannot be exported.
    pub(super) fn resolve(&self, exporter: &Exporter, key: &Key) -> Option<Found<M>> {
        let pairs = labels::pairs(key);
        let known = self.names.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = known.get(key.name()) {
            if matches!(name.exported, Exported::Refused) {
                return None;
            }
            if let Some(variant) = name.variant(&pairs) {
                return variant.lookup(&pairs);
            }
        }
        drop(known);
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        names.entry(key.name().to_owned()).or_default().create(exporter, key.name(), &pairs)
    }

    /// Keeps what is said of a metric for its first use, or adds it to what is exported; the first word stays.
    pub(super) fn describe(
        &self,
        exporter: &Exporter,
        given: &str,
        help: &str,
        unit: Option<metrics::Unit>,
    ) {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let name = names.entry(given.to_owned()).or_default();
        if name.description.help.is_empty() {
            help.clone_into(&mut name.description.help);
        }
        name.description.unit = name.description.unit.or(unit);
        if let Exported::As(exported) = &name.exported {
            exporter.describe(exported, &name.description);
        }
    }
}

impl<M: Bridged> Default for MetricNames<M> {
    fn default() -> Self {
        Self { keys: Keys::default(), names: RwLock::default() }
    }
}

/// One metric: what was said of it, and its families by their label names.
struct MetricName<M: Bridged> {
    description: Description,
    exported: Exported,
    labels: LabelNames,
    variants: Vec<Variant<M>>,
}

/// What became of a name.
enum Exported {
    /// Nothing yet: it was not used.
    Not,
    As(String),
    Refused,
}

impl<M: Bridged> MetricName<M> {
    fn variant(&self, pairs: &[(&str, &str)]) -> Option<&Variant<M>> {
        let given = || pairs.iter().map(|(name, _)| *name);
        self.variants.iter().find(|variant| given().eq(variant.given.iter().map(String::as_str)))
    }

    fn create(
        &mut self,
        exporter: &Exporter,
        given: &str,
        pairs: &[(&str, &str)],
    ) -> Option<Found<M>> {
        // Another thread may have been faster.
        if let Some(variant) = self.variant(pairs) {
            return variant.lookup(pairs);
        }
        let (labels, collisions) = self.labels.export(pairs);
        exporter.collided(collisions);
        let family = self.family(exporter, given, &labels)?;
        let variant = Variant::new(pairs, &labels, family);
        let found = variant.lookup(pairs)?;
        // A family whose first series is over the limit is not kept by the registry either.
        if !found.is_overflow {
            self.variants.push(variant);
        }
        Some(found)
    }

    fn family(
        &mut self,
        exporter: &Exporter,
        given: &str,
        labels: &[String],
    ) -> Option<DynamicFamily<M>> {
        match &self.exported {
            Exported::Refused => None,
            Exported::As(name) => {
                let family = exporter.family(given, name, labels, &self.description);
                family.map_err(|error| exporter.registry.note(error)).ok()
            }
            Exported::Not => {
                let first = exporter.first(given, labels, &self.description);
                let (became, family) = match first {
                    Some((name, family)) => (Exported::As(name), Some(family)),
                    None => (Exported::Refused, None),
                };
                self.exported = became;
                family
            }
        }
    }
}

impl<M: Bridged> Default for MetricName<M> {
    fn default() -> Self {
        Self {
            description: Description::default(),
            exported: Exported::Not,
            labels: LabelNames::default(),
            variants: Vec::new(),
        }
    }
}

/// The family of one set of label names.
struct Variant<M: Bridged> {
    /// The names as given, sorted.
    given: Vec<String>,
    family: DynamicFamily<M>,
    /// For each label of the family, its place among the given ones.
    order: Vec<usize>,
}

impl<M: Bridged> Variant<M> {
    fn new(pairs: &[(&str, &str)], exported: &[String], family: DynamicFamily<M>) -> Self {
        let place = |label: &str| exported.iter().position(|name| name == label);
        let order = family.descriptor().labels().filter_map(place).collect();
        let given = pairs.iter().map(|(name, _)| (*name).to_owned()).collect();
        Self { given, family, order }
    }

    fn lookup(&self, pairs: &[(&str, &str)]) -> Option<Found<M>> {
        let values: Vec<&str> =
            self.order.iter().filter_map(|at| pairs.get(*at)).map(|(_, value)| *value).collect();
        self.family.lookup(&values)
    }
}
