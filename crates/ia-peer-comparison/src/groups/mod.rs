//! The questions, and who measures each.

mod create;
pub(crate) mod memory;
mod recording;
mod scrape;
mod tail;

use clap::ValueEnum;

use crate::data::Shape;
use crate::row::Row;
use crate::timing::Budget;
use ia_bench_machine as os;

/// One question to all subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Group {
    Counter,
    Histogram,
    NativeHistogram,
    Labels,
    LabelsEnum,
    Disabled,
    Create,
    Scrape,
    Memory,
    MemoryUnique,
    Tail,
}

impl Group {
    /// In the order of measuring. What allocates and frees many strings comes late: small allocations of several threads
    /// would fall into the same cache lines afterwards, and a peer that makes one for each thread would pay for that.
    pub(crate) const ALL: [Self; 11] = [
        Self::Counter,
        Self::Histogram,
        Self::NativeHistogram,
        Self::LabelsEnum,
        Self::Disabled,
        Self::Labels,
        Self::Create,
        Self::Scrape,
        Self::Memory,
        Self::MemoryUnique,
        Self::Tail,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Histogram => "histogram",
            Self::NativeHistogram => "native_histogram",
            Self::Labels => "labels",
            Self::LabelsEnum => "labels_enum",
            Self::Disabled => "disabled",
            Self::Create => "create",
            Self::Scrape => "scrape",
            Self::Memory => "memory",
            Self::MemoryUnique => "memory_unique",
            Self::Tail => "tail",
        }
    }

    /// What is asked, in a line.
    pub(crate) fn question(self) -> &'static str {
        match self {
            Self::Counter => "count one through a handle, all threads the same counter",
            Self::Histogram => {
                "observe a value through a handle, 11 bounds, all threads the same histogram"
            }
            Self::NativeHistogram => {
                "observe a value through a handle, exponential buckets of at most 10 % growth"
            }
            Self::Labels => {
                "find a counter by two run-time strings in pseudo-random order, count one"
            }
            Self::LabelsEnum => {
                "find a counter by two enums of four values in pseudo-random order, count one"
            }
            Self::Disabled => "count one where recording is off",
            Self::Create => {
                "look up a series that does not exist yet, 200,000 of them in a fresh registry"
            }
            Self::Scrape => {
                "the text of all series, all counted since the last; threads: how many recorded them"
            }
            Self::Memory => {
                "resident memory per series at 200,000 series: 50,000 routes with 4 methods each"
            }
            Self::MemoryUnique => {
                "resident memory per series at 200,000 series: 200,000 routes with one method each"
            }
            Self::Tail => "record while another thread scrapes 10,000 series without pause",
        }
    }

    /// What the figures are in.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Counter
            | Self::Histogram
            | Self::NativeHistogram
            | Self::Labels
            | Self::LabelsEnum
            | Self::Disabled
            | Self::Tail => "ns/operation",
            Self::Create | Self::Scrape => "ns/series",
            Self::Memory | Self::MemoryUnique => "B/series",
        }
    }

    /// Whether rows that differ in their threads alone still answer the same question: what a peer's page costs does not
    /// depend on who recorded it.
    pub(crate) fn threads_are_variants(self) -> bool {
        matches!(self, Self::Scrape | Self::Memory | Self::MemoryUnique)
    }

    pub(crate) fn measure(self, context: &Context) -> Vec<Row> {
        match self {
            Self::Counter
            | Self::Histogram
            | Self::NativeHistogram
            | Self::Labels
            | Self::LabelsEnum
            | Self::Disabled => recording::measure(self, context),
            Self::Create => create::measure(context),
            Self::Scrape => scrape::measure(context),
            Self::Memory => memory::measure(self, Shape::Routes),
            Self::MemoryUnique => memory::measure(self, Shape::Unique),
            Self::Tail => tail::measure(context),
        }
    }
}

/// How much to measure.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) budget: Budget,
    /// Processors, and so threads, of the measurements with several.
    pub(crate) cores: usize,
    /// How often a page is scraped for one figure: of 10,000 series, and of 200,000.
    pub(crate) scrapes: [u32; 2],
    /// How often all series are created for one figure.
    pub(crate) creations: u32,
    /// How long recordings are watched for stalls.
    pub(crate) watch_ns: u64,
}

impl Context {
    pub(crate) fn new(quick: bool) -> Self {
        let cores = os::cpus().len();
        if quick {
            Self {
                budget: Budget { rounds: 2, ns: 15_000_000 },
                cores,
                scrapes: [5, 2],
                creations: 1,
                watch_ns: 200_000_000,
            }
        } else {
            Self {
                budget: Budget { rounds: 8, ns: 60_000_000 },
                cores,
                scrapes: [20, 6],
                creations: 3,
                watch_ns: 1_000_000_000,
            }
        }
    }

    /// One thread, and one on each processor.
    pub(crate) fn threads(&self) -> impl Iterator<Item = usize> + use<> {
        [1, self.cores].into_iter().take(if self.cores == 1 { 1 } else { 2 })
    }
}
