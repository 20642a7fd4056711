//! Does the steps of a program, both ways.

use std::collections::BTreeMap;

use ia_metrics_core::{FamilySnapshot, Registry, Snapshot};

use super::plain::{self, Plain};
use super::real::{self, Families, Handle, Shown};
use super::threads::{Place, Threads};
use super::{Metric, Step};
use crate::clock::ManualClock;

/// The metrics, and what they should be.
pub(super) struct Machine {
    clock: ManualClock,
    registry: Registry,
    families: Families,
    threads: Threads,
    /// Each with its series, and what it takes away when it is dropped.
    handles: Vec<(Handle, usize, i64)>,
    /// Each with what it showed at first.
    snapshots: Vec<(Snapshot, Shown)>,
    plain: Plain,
}

impl Machine {
    pub(super) fn new() -> Self {
        let clock = ManualClock::new();
        let (registry, families) = real::registry(clock.clone());
        let plain = Plain { registries: vec![plain::Registry::default()], ..Plain::default() };
        let (threads, handles, snapshots) = (Threads::default(), Vec::new(), Vec::new());
        Self { clock, registry, families, threads, handles, snapshots, plain }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a step is done once")]
    pub(super) fn run(&mut self, step: Step) {
        match step {
            Step::LookUp { place, metric, label, amount, keep } => {
                self.look_up(place, metric, label, amount, keep);
            }
            Step::Record { place, handle, amount, times } => {
                self.record(place, handle, amount, times);
            }
            Step::Clone { place, handle } => self.derive(place, handle, |handle| match handle {
                Handle::Metric(metric) => Some((Handle::Metric(metric.clone()), 0)),
                Handle::InFlight(_) => None,
            }),
            Step::InFlight { place, handle } => self.derive(place, handle, |handle| match handle {
                Handle::Metric(metric) => Some((metric.in_flight()?, 1)),
                Handle::InFlight(_) => None,
            }),
            Step::Drop { place, handle } => self.drop_handle(place, handle),
            Step::EndThread { place } => self.threads.end(place),
            Step::Snapshot { place, keep } => self.snapshot(place, keep),
            Step::DropSnapshot => drop(self.snapshots.pop()),
            Step::Visit { place } => self.visit(place),
            Step::Remove { place, metric, label } => {
                let families = self.families.clone();
                let removed = self.threads.on(place, move || families.remove(metric, label));
                assert_eq!(removed, self.plain.remove(metric, label));
            }
            Step::Clear { place, metric } => {
                let families = self.families.clone();
                self.threads.on(place, move || families.clear(metric));
                self.plain.clear(metric);
            }
            Step::Advance { tenths } => {
                self.clock.advance(real::seconds(tenths));
                self.plain.now += real::seconds(tenths);
            }
            Step::Enable { place, enabled } => {
                let registry = self.registry.clone();
                self.threads.on(place, move || registry.set_enabled(enabled));
                self.plain.registry().off = !enabled;
            }
            Step::DropRegistry { place } => self.drop_registry(place),
        }
    }

    /// Whether everything is as it should be.
    pub(super) fn check(&mut self) {
        self.snapshot(Place::Here, false);
        for (handle, series, _) in &self.handles {
            let Handle::Metric(handle) = handle else { continue };
            let series = &self.plain.series[*series];
            assert_eq!(handle.value(), series.handle_value(), "{series:?}");
            if let Some(extremes) = handle.extremes() {
                series.check_extremes(self.plain.now, extremes);
            }
        }
        let (stats, registry) = (self.registry.stats(), self.plain.registry());
        assert_eq!(stats.rejected, registry.rejected);
        assert_eq!(stats.overflowed, registry.overflowed.values().sum::<u64>());
        assert_eq!(stats.series, self.plain.len());
    }

    fn look_up(
        &mut self,
        place: Place,
        metric: Metric,
        label: usize,
        amount: Option<u8>,
        keep: bool,
    ) {
        let families = self.families.clone();
        let handle = self.threads.on(place, move || {
            let handle = families.look_up(metric, label);
            amount.inspect(|amount| handle.record(*amount));
            keep.then_some(handle)
        });
        let series = self.plain.look_up(metric, label);
        self.plain.touch(series);
        if let Some(amount) = amount {
            self.plain.record(series, amount);
        }
        if let Some(handle) = handle {
            self.keep(Handle::Metric(handle), series, 0);
        }
    }

    fn record(&mut self, place: Place, handle: usize, amount: u8, times: u8) {
        let Some((handle, series, takes)) = self.take(handle) else { return };
        let (handle, is_metric) = self.threads.on(place, move || {
            let Handle::Metric(metric) = &handle else { return (handle, false) };
            (0..times).for_each(|_| metric.record(amount));
            (handle, true)
        });
        if is_metric {
            (0..times).for_each(|_| self.plain.record(series, amount));
        }
        self.handles.push((handle, series, takes));
    }

    /// Makes a handle of another one.
    fn derive(&mut self, place: Place, handle: usize, copy: fn(&Handle) -> Option<(Handle, i64)>) {
        let Some((handle, series, takes)) = self.take(handle) else { return };
        let (handle, result) = self.threads.on(place, move || {
            let result = copy(&handle);
            (handle, result)
        });
        self.handles.push((handle, series, takes));
        self.plain.touch(series);
        let Some((copied, adds)) = result else { return };
        let off = self.plain.registries[self.plain.series[series].registry].off;
        if adds > 0 && off {
            // It counts nothing, so it has no handle either.
            drop(copied);
            return;
        }
        self.plain.add(series, adds);
        self.keep(copied, series, adds);
    }

    fn drop_handle(&mut self, place: Place, handle: usize) {
        let Some((handle, series, takes)) = self.take(handle) else { return };
        self.threads.on(place, move || drop(handle));
        self.plain.series[series].handles -= 1;
        self.plain.add(series, -takes);
    }

    fn snapshot(&mut self, place: Place, keep: bool) {
        let registry = self.registry.clone();
        let snapshot = self.threads.on(place, move || registry.snapshot());
        let shown = show(snapshot.families());
        self.compare(&shown);
        if keep {
            self.snapshots.push((snapshot, shown));
        }
        for (snapshot, at_first) in &self.snapshots {
            assert_eq!(&show(snapshot.families()), at_first, "a snapshot has changed");
        }
    }

    fn visit(&mut self, place: Place) {
        let registry = self.registry.clone();
        let shown = self.threads.on(place, move || {
            let mut shown = BTreeMap::new();
            registry.visit(|piece| real::show(piece, &mut shown));
            shown
        });
        self.compare(&shown);
    }

    fn compare(&mut self, shown: &Shown) {
        self.plain.tidy(shown);
        assert_eq!(shown, &self.plain.show());
    }

    fn drop_registry(&mut self, place: Place) {
        let (registry, families) = real::registry(self.clock.clone());
        let registry = std::mem::replace(&mut self.registry, registry);
        let families = std::mem::replace(&mut self.families, families);
        self.threads.on(place, move || drop((registry, families)));
        self.plain.registries.push(plain::Registry::default());
    }

    fn take(&mut self, handle: usize) -> Option<(Handle, usize, i64)> {
        let count = self.handles.len();
        (count > 0).then(|| self.handles.swap_remove(handle % count))
    }

    fn keep(&mut self, handle: Handle, series: usize, takes: i64) {
        self.plain.series[series].handles += 1;
        self.handles.push((handle, series, takes));
    }
}

fn show<'a>(families: impl Iterator<Item = &'a FamilySnapshot>) -> Shown {
    let mut shown = BTreeMap::new();
    families.for_each(|family| real::show(family, &mut shown));
    shown
}
