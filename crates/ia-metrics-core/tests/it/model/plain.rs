//! The metrics of a program, as they should be.

use std::collections::BTreeMap;
use std::time::Duration;

use super::real::{Shown, labels};
use super::{BOUNDS, LIMIT, Metric, TIMEOUT, WINDOW};

/// A series, as long as something refers to it.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) metric: Metric,
    pub(super) registry: usize,
    /// What a counter or a gauge has.
    total: i64,
    /// What a histogram or a summary has seen, and when.
    observed: Vec<(Duration, u8)>,
    pub(super) handles: usize,
    /// The value that it had when it was looked at, and since when.
    stood: Option<(String, Duration)>,
    /// Since when nobody did anything with it that was seen when it was looked at.
    untouched: Option<Duration>,
}

#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) off: bool,
    pub(super) rejected: u64,
    live: BTreeMap<(Metric, usize), usize>,
    overflow: BTreeMap<Metric, usize>,
    pub(super) overflowed: BTreeMap<Metric, u64>,
}

/// All series there ever were, and the registries that have them.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub(super) now: Duration,
    pub(super) series: Vec<Series>,
    pub(super) registries: Vec<Registry>,
}

impl Plain {
    pub(super) fn registry(&mut self) -> &mut Registry {
        self.registries.last_mut().unwrap()
    }

    pub(super) fn look_up(&mut self, metric: Metric, label: usize) -> usize {
        let registry = self.registries.len() - 1;
        let own = self.registries.last_mut().unwrap();
        if let Some(series) = own.live.get(&(metric, label)) {
            return *series;
        }
        let new = self.series.len();
        let live = own.live.keys().filter(|(of, _)| *of == metric).count();
        let series = if live < LIMIT {
            own.live.insert((metric, label), new);
            new
        } else {
            *own.overflowed.entry(metric).or_default() += 1;
            *own.overflow.entry(metric).or_insert(new)
        };
        if series == new {
            self.series.push(Series {
                metric,
                registry,
                total: 0,
                observed: Vec::new(),
                handles: 0,
                stood: None,
                untouched: None,
            });
        }
        series
    }

    pub(super) fn record(&mut self, series: usize, amount: u8) {
        let (now, series) = (self.now, &mut self.series[series]);
        series.untouched = None;
        let registry = &mut self.registries[series.registry];
        if registry.off {
            return;
        }
        let value = i64::from(amount);
        match series.metric {
            Metric::Counter | Metric::IdleCounter | Metric::Dynamic => series.total += value,
            Metric::UpDown => series.total += value - 100,
            Metric::Gauge if amount.is_multiple_of(2) => series.total = value,
            Metric::Gauge => series.total -= value,
            Metric::Floats if amount == u8::MAX => registry.rejected += 1,
            Metric::Floats | Metric::Integers | Metric::Summary => {
                series.observed.push((now, amount));
            }
        }
    }

    pub(super) fn add(&mut self, series: usize, amount: i64) {
        self.series[series].untouched = None;
        self.series[series].total += amount;
    }

    pub(super) fn touch(&mut self, series: usize) {
        self.series[series].untouched = None;
    }

    pub(super) fn remove(&mut self, metric: Metric, label: usize) -> bool {
        self.registry().live.remove(&(metric, label)).is_some()
    }

    pub(super) fn clear(&mut self, metric: Metric) {
        self.registry().live.retain(|(of, _), _| *of != metric);
    }

    pub(super) fn len(&mut self) -> usize {
        let registry = self.registry();
        registry.live.len() + registry.overflow.len()
    }

    /// Evicts what is idle, given what is shown after that.
    pub(super) fn tidy(&mut self, shown: &Shown) {
        let (now, all) = (self.now, &mut self.series);
        let registry = self.registries.last_mut().unwrap();
        registry.live.retain(|(metric, label), series| {
            let series = &mut all[*series];
            let value = series.value();
            if series.stood.as_ref().is_none_or(|(stood, _)| *stood != value) {
                series.stood = Some((value, now));
            }
            let stands = series.stood.as_ref().map_or(now, |(_, since)| *since);
            let untouched = *series.untouched.get_or_insert(now);
            let is_there = shown.contains_key(&(metric.name().to_owned(), labels(*metric, *label)));
            let idle = |since: Duration| {
                metric.is_idle() && series.handles == 0 && now.saturating_sub(since) >= TIMEOUT
            };
            // A series that was only looked up may have been seen to be or not.
            assert!(is_there || idle(stands), "{metric:?} {label} was evicted: {series:?}");
            assert!(!is_there || !idle(untouched), "{metric:?} {label} is there: {series:?}");
            is_there
        });
    }

    /// What a snapshot shows.
    pub(super) fn show(&self) -> Shown {
        let registry = self.registries.last().unwrap();
        let overflow = || format!("{:?}", [("otel_metric_overflow", "true")]);
        let live = registry
            .live
            .iter()
            .map(|((metric, label), series)| (*metric, labels(*metric, *label), *series));
        let over = registry.overflow.iter().map(|(metric, series)| (*metric, overflow(), *series));
        let counts = registry.overflowed.iter().map(|(metric, count)| {
            let labels = format!("{:?}", [("metric", metric.name())]);
            (("telemetry_series_overflow_total".to_owned(), labels), count.to_string())
        });
        live.chain(over)
            .map(|(metric, labels, series)| {
                ((metric.name().to_owned(), labels), self.series[series].value())
            })
            .chain(counts)
            .collect()
    }
}

impl Series {
    /// What a snapshot shows.
    fn value(&self) -> String {
        let sum: u64 = self.observed.iter().map(|(_, value)| u64::from(*value)).sum();
        let buckets = |divisor: f64| {
            let mut counts = [0; BOUNDS.len() + 1];
            for (_, value) in &self.observed {
                let value = f64::from(*value) / divisor;
                counts[BOUNDS.iter().filter(|bound| **bound < value).count()] += 1;
            }
            counts
        };
        match self.metric {
            Metric::Floats => format!("{:?} {}", buckets(2.0), sum as f64 / 2.0),
            Metric::Integers => format!("{:?} {sum}", buckets(1.0)),
            Metric::Summary => format!("{} {sum}", self.observed.len()),
            _ => self.total.to_string(),
        }
    }

    /// What a handle says.
    pub(super) fn handle_value(&self) -> i64 {
        match self.metric {
            Metric::Floats | Metric::Integers => self.observed.len().try_into().unwrap(),
            Metric::Summary => 0,
            _ => self.total,
        }
    }

    /// Checks the smallest and the largest value of a summary's window.
    pub(super) fn check_extremes(&self, now: Duration, found: (Option<f64>, Option<f64>)) {
        let within = |age: Duration| {
            let young = self.observed.iter().filter(move |(at, _)| now.saturating_sub(*at) < age);
            young.map(|(_, value)| f64::from(*value))
        };
        // What is surely in the window, and what may be.
        let (sure, may) = (within(WINDOW), within(WINDOW + WINDOW / 5));
        let (sure, may): (Vec<f64>, Vec<f64>) = (sure.collect(), may.collect());
        let of = |found: f64, best: fn(f64, f64) -> f64| {
            assert!(may.contains(&found), "{found} is not one of {may:?}");
            assert!(
                sure.iter().all(|value| best(*value, found).total_cmp(&found).is_eq()),
                "{found} of {sure:?}"
            );
        };
        match found {
            (Some(smallest), Some(largest)) => {
                of(smallest, f64::min);
                of(largest, f64::max);
            }
            none => assert!(none == (None, None) && sure.is_empty(), "{none:?} of {sure:?}"),
        }
    }
}
