//! Programs of random steps, over real threads, against a model made of plain maps.
//!
//! Each step waits for the one before it, so that a program that fails does so again. `PROPTEST_CASES` says how many programs
//! there are.

mod machine;
mod plain;
mod real;
mod threads;

use std::time::Duration;

use proptest::prelude::*;

use self::machine::Machine;
use self::threads::Place;

/// The metrics of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Metric {
    Counter,
    IdleCounter,
    UpDown,
    Gauge,
    Floats,
    Integers,
    Summary,
    Dynamic,
}

impl Metric {
    const ALL: [Self; 8] = [
        Self::Counter,
        Self::IdleCounter,
        Self::UpDown,
        Self::Gauge,
        Self::Floats,
        Self::Integers,
        Self::Summary,
        Self::Dynamic,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter_total",
            Self::IdleCounter => "idle_counter_total",
            Self::UpDown => "up_down",
            Self::Gauge => "gauge",
            Self::Floats => "floats",
            Self::Integers => "integers",
            Self::Summary => "summary",
            Self::Dynamic => "dynamic_total",
        }
    }

    fn is_idle(self) -> bool {
        matches!(self, Self::IdleCounter | Self::Integers | Self::Summary)
    }
}

/// The most series of a metric.
const LIMIT: usize = 6;
/// The upper bounds of all histograms.
const BOUNDS: [f64; 3] = [10.0, 50.0, 100.0];
/// When a series is idle.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How far back a summary looks.
const WINDOW: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
enum Step {
    /// Looks a series up, records if there is an amount, and keeps the handle or drops it.
    LookUp {
        place: Place,
        metric: Metric,
        label: usize,
        amount: Option<u8>,
        keep: bool,
    },
    Record {
        place: Place,
        handle: usize,
        amount: u8,
        times: u8,
    },
    Clone {
        place: Place,
        handle: usize,
    },
    Drop {
        place: Place,
        handle: usize,
    },
    InFlight {
        place: Place,
        handle: usize,
    },
    EndThread {
        place: Place,
    },
    Snapshot {
        place: Place,
        keep: bool,
    },
    DropSnapshot,
    Visit {
        place: Place,
    },
    Remove {
        place: Place,
        metric: Metric,
        label: usize,
    },
    Clear {
        place: Place,
        metric: Metric,
    },
    Advance {
        tenths: u64,
    },
    Enable {
        place: Place,
        enabled: bool,
    },
    DropRegistry {
        place: Place,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let place = || {
        prop_oneof![
            2 => Just(Place::Here),
            6 => (0_usize..4).prop_map(Place::Worker),
            1 => Just(Place::Ending),
        ]
    };
    let metric = || prop::sample::select(&Metric::ALL[..]);
    let handle = || 0_usize..1_000;
    // Mostly few labels.
    let label = || prop_oneof![3 => 0_usize..3, 1 => 0_usize..12];
    prop_oneof![
        12 => (place(), metric(), label(), any::<Option<u8>>(), any::<bool>()).prop_map(
            |(place, metric, label, amount, keep)| Step::LookUp { place, metric, label, amount, keep }
        ),
        12 => (place(), handle(), any::<u8>(), 1_u8..12)
            .prop_map(|(place, handle, amount, times)| Step::Record { place, handle, amount, times }),
        4 => (place(), handle()).prop_map(|(place, handle)| Step::Clone { place, handle }),
        8 => (place(), handle()).prop_map(|(place, handle)| Step::Drop { place, handle }),
        2 => (place(), handle()).prop_map(|(place, handle)| Step::InFlight { place, handle }),
        2 => place().prop_map(|place| Step::EndThread { place }),
        6 => (place(), any::<bool>()).prop_map(|(place, keep)| Step::Snapshot { place, keep }),
        2 => Just(Step::DropSnapshot),
        2 => place().prop_map(|place| Step::Visit { place }),
        4 => (place(), metric(), label())
            .prop_map(|(place, metric, label)| Step::Remove { place, metric, label }),
        1 => (place(), metric()).prop_map(|(place, metric)| Step::Clear { place, metric }),
        4 => (0_u64..120).prop_map(|tenths| Step::Advance { tenths }),
        1 => (place(), any::<bool>()).prop_map(|(place, enabled)| Step::Enable { place, enabled }),
        1 => place().prop_map(|place| Step::DropRegistry { place }),
    ]
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn a_program_finds_what_the_model_says(steps in prop::collection::vec(step(), 1..150)) {
        let mut machine = Machine::new();
        steps.into_iter().for_each(|step| machine.run(step));
        machine.check();
    }
}
