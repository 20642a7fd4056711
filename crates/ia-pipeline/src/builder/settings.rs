//! What a builder collects beside steps and flow.

use std::time::Duration;

use crate::boundary::Boundary;
use crate::budget::Budgets;
use crate::pipeline::Checkpoints;
use crate::{CpuAccounting, Instruments, PriceBook, Services};

/// The settings of a pipeline.
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) services: Services,
    pub(crate) prices: PriceBook,
    pub(crate) instruments: Instruments,
    pub(crate) telemetry: bool,
    pub(crate) cpu_accounting: CpuAccounting,
    pub(crate) max_steps: Option<usize>,
    pub(crate) max_runs: Option<usize>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) task_grace: Duration,
    pub(crate) budgets: Budgets,
    pub(crate) checkpoints: Option<Checkpoints>,
    /// Where what flows between the steps is not what a run takes and gives.
    pub(crate) boundary: Option<Boundary>,
}

impl Settings {
    pub(crate) fn new(name: String) -> Self {
        Self {
            name,
            services: Services::new(),
            prices: PriceBook::default(),
            instruments: Instruments::default(),
            telemetry: true,
            cpu_accounting: CpuAccounting::default(),
            max_steps: None,
            max_runs: None,
            deadline: None,
            task_grace: Duration::from_secs(1),
            budgets: Budgets::default(),
            checkpoints: None,
            boundary: None,
        }
    }
}
