//! What all subjects are given to record: the same labels in the same order, the same values.

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use ia_metrics_core::LabelValue;

/// The name of the labelled counter.
pub(crate) const METRIC: &str = "http_requests_total";
/// Its help text, where a library insists on one.
pub(crate) const HELP: &str = "Requests answered.";
/// The 11 default bounds of Prometheus' clients.
pub(crate) const BOUNDS: [f64; 11] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// More series than any registry here has, for libraries with a limit.
pub(crate) const MOST_SERIES: usize = 200_100;
/// The growth of the buckets of native histograms: Prometheus' own suggestion, which gives schema 3.
pub(crate) const GROWTH: f64 = 1.1;

/// All of a length between four and seven bytes. Hash functions choose their way by the length, and a choice that the
/// processor cannot predict would cost as much as the hash: the limit would be higher, and less steady.
const METHODS: [&str; 4] = ["HEAD", "POST", "PATCH", "DELETE"];
const OUTCOMES: [&str; 4] = ["ok", "refused", "failed", "timed_out"];
/// Many enough that no branch predictor learns them, few enough that they stay in the first-level cache.
const PREPARED: usize = 2_048;

/// The label values of one series, as they come from a request: strings of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Labels {
    pub(crate) route: String,
    pub(crate) method: String,
}

/// How label values repeat among the series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// Each route with four methods.
    Routes,
    /// Each route once, with one of the four methods.
    Unique,
}

impl Shape {
    /// `count` different pairs of label values.
    pub(crate) fn series(self, count: usize) -> Vec<Labels> {
        let route = |i: usize| match self {
            Self::Routes => i / METHODS.len(),
            Self::Unique => i,
        };
        // Pseudo-random numbers of five digits or more, each once.
        (0..count)
            .map(|i| Labels {
                route: format!("/api/v1/items/{}", 10_000 + (route(i) * 7_919) % 899_981),
                method: METHODS[i % METHODS.len()].to_owned(),
            })
            .collect()
    }
}

/// What the series number `i` counts first, so that the numbers of a page are as long as real ones.
pub(crate) fn weight(i: usize) -> u64 {
    1_000 + (i as u64 * 7_919) % 900_000
}

/// The label values of one series, not owned. Hashes as [`Labels`] do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pair<'a> {
    pub(crate) route: &'a str,
    pub(crate) method: &'a str,
}

impl Labels {
    pub(crate) fn as_pair(&self) -> Pair<'_> {
        Pair { route: &self.route, method: &self.method }
    }
}

/// Series and a pseudo-random order in which they are recorded.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) series: Vec<Labels>,
    /// Each value once: to read them costs little, as it does where they have just come with a request.
    routes: Vec<String>,
    methods: Vec<String>,
    /// A power of two of indices into the two lists above.
    order: Vec<(u32, u32)>,
}

impl Sequence {
    /// `count` series: a multiple of four.
    pub(crate) fn new(count: usize) -> Self {
        let mut random = fastrand::Rng::with_seed(42);
        let series = Shape::Routes.series(count);
        let routes: Vec<String> =
            series.iter().step_by(METHODS.len()).map(|labels| labels.route.clone()).collect();
        let methods: Vec<String> = METHODS.map(str::to_owned).to_vec();
        let last = |values: &[String]| u32::try_from(values.len()).unwrap_or(u32::MAX);
        let lasts = (last(&routes), last(&methods));
        let turns = (4 * count).next_power_of_two();
        let order = (0..turns).map(|_| (random.u32(..lasts.0), random.u32(..lasts.1))).collect();
        Self { series, routes, methods, order }
    }

    /// The label values of turn number `turn`: route and method.
    pub(crate) fn at(&self, turn: usize) -> (&String, &String) {
        let (route, method) = self.order[turn & (self.order.len() - 1)];
        (&self.routes[route as usize], &self.methods[method as usize])
    }

    /// The label values of all turns as `&'static str`, as a program has them that knows them beforehand.
    pub(crate) fn leak(&self) -> Arc<[Pair<'static>]> {
        let leak = |values: &[String]| -> Vec<&'static str> {
            values.iter().map(|value| &*value.clone().leak()).collect()
        };
        let (routes, methods) = (leak(&self.routes), leak(&self.methods));
        let pair = |&(route, method): &(u32, u32)| Pair {
            route: routes[route as usize],
            method: methods[method as usize],
        };
        self.order.iter().map(pair).collect()
    }
}

/// Durations in seconds from 1 ms to 20 s, evenly over their logarithm: every bucket is hit, in no order.
pub(crate) fn seconds() -> Arc<[f64]> {
    let mut random = fastrand::Rng::with_seed(42);
    (0..PREPARED).map(|_| 0.001 * 20_000_f64.powf(random.f64())).collect()
}

/// The same as `Duration`s.
pub(crate) fn durations() -> Arc<[Duration]> {
    seconds().iter().map(|seconds| Duration::from_secs_f64(*seconds)).collect()
}

/// Two labels with closed sets of values, 16 series in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(crate) method: Method,
    pub(crate) outcome: Outcome,
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, measured::FixedCardinalityLabel,
)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Delete,
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, measured::FixedCardinalityLabel,
)]
pub(crate) enum Outcome {
    Ok,
    Refused,
    Failed,
    TimedOut,
}

impl LabelValue for Method {
    const VALUES: &'static [&'static str] = &METHODS;

    #[inline]
    fn index(self) -> usize {
        self as usize
    }
}

impl LabelValue for Outcome {
    const VALUES: &'static [&'static str] = &OUTCOMES;

    #[inline]
    fn index(self) -> usize {
        self as usize
    }
}

impl Closed {
    /// How many there are.
    pub(crate) const COUNT: usize = 16;

    /// A number below [`Self::COUNT`] for each.
    pub(crate) fn index(self) -> usize {
        self.method as usize * 4 + self.outcome as usize
    }

    /// Each of them, by its number.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let methods = [Method::Get, Method::Post, Method::Put, Method::Delete];
        let outcomes = [Outcome::Ok, Outcome::Refused, Outcome::Failed, Outcome::TimedOut];
        methods.into_iter().flat_map(move |method| outcomes.map(|outcome| Self { method, outcome }))
    }

    /// A pseudo-random order of them.
    pub(crate) fn sequence() -> Arc<[Self]> {
        let mut random = fastrand::Rng::with_seed(42);
        let all: Vec<Self> = Self::all().collect();
        (0..PREPARED).map(|_| all[random.usize(..Self::COUNT)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Closed, Labels, Sequence, Shape};

    #[test]
    fn every_series_is_another_one() {
        for shape in [Shape::Routes, Shape::Unique] {
            let series: HashSet<_> = shape.series(200_000).into_iter().collect();
            assert_eq!(series.len(), 200_000);
        }
    }

    #[test]
    fn a_sequence_names_the_series_it_has() {
        let sequence = Sequence::new(100);
        let of = |turn| {
            let (route, method) = sequence.at(turn);
            Labels { route: route.clone(), method: method.clone() }
        };
        let named: HashSet<Labels> = (0..sequence.order.len()).map(of).collect();
        assert!(named.len() > 90, "{}", named.len());
        assert!(named.is_subset(&sequence.series.iter().cloned().collect()));
    }

    #[test]
    fn the_shapes_differ_in_their_routes() {
        let routes = |shape: Shape| -> usize {
            shape
                .series(200_000)
                .into_iter()
                .map(|labels| labels.route)
                .collect::<HashSet<_>>()
                .len()
        };
        assert_eq!((routes(Shape::Routes), routes(Shape::Unique)), (50_000, 200_000));
    }

    #[test]
    fn closed_labels_are_numbered_through() {
        let numbers: Vec<usize> = Closed::all().map(Closed::index).collect();
        assert_eq!(numbers, (0..Closed::COUNT).collect::<Vec<_>>());
    }
}
