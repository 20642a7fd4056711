//! A pipeline, built and checked.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use ia_metrics_core::Registry;
use ia_tracing::Tracer;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::attribution::{Meter, PipelineResources};
use crate::boundary::Boundary;
use crate::budget::Budgets;
use crate::builder::{BuildError, BuildErrors, Graph, Settings, StepPlan, Steps, Typed, check};
use crate::checkpoint::ErasedStore;
use crate::data::{Codec, OutputType};
use crate::error_type::BUDGET_EXCEEDED;
use crate::metrics::{COMPILED_IN, PipelineMetrics};
use crate::run::Beginning;
use crate::{
    Data, Flow, PauseToken, PipelineBuilder, PriceBook, ResumeError, RunId, Running, Services,
};

/// A pipeline that takes an `I` and gives an `O`. Cheap to clone; runs share nothing but its limits.
///
/// ```
/// use ia_pipeline::{Pipeline, StepContext};
///
/// async fn split(_: StepContext, text: String) -> Result<Vec<String>, std::io::Error> {
///     Ok(text.split(' ').map(str::to_owned).collect())
/// }
///
/// async fn count(ctx: StepContext, words: Vec<String>) -> Result<usize, std::io::Error> {
///     ctx.items(words.len());
///     Ok(words.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pipeline = Pipeline::builder("words").step("split", split).step("count", count).build()?;
/// let run = pipeline.run("three little words".to_owned()).await?;
/// assert_eq!((run.output, run.items), (3, 3));
/// # Ok(()) }
/// ```
pub struct Pipeline<I = Value, O = Value> {
    core: Arc<Core>,
    types: PhantomData<fn(I) -> O>,
}

/// What all runs of a pipeline share.
pub(crate) struct Core {
    pub(crate) name: Arc<str>,
    pub(crate) plans: Vec<StepPlan>,
    pub(crate) graph: Graph,
    pub(crate) services: Services,
    pub(crate) prices: PriceBook,
    pub(crate) metrics: PipelineMetrics,
    pub(crate) meter: Arc<Meter>,
    pub(crate) registry: Registry,
    pub(crate) tracer: Tracer,
    pub(crate) input: OutputType,
    pub(crate) output: OutputType,
    pub(crate) boundary: Option<Boundary>,
    pub(crate) step_permits: Option<Semaphore>,
    pub(crate) run_permits: Option<Semaphore>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) task_grace: Duration,
    pub(crate) budgets: Budgets,
    pub(crate) checkpoints: Option<Checkpoints>,
}

/// Where runs are saved, and how their input is.
pub(crate) struct Checkpoints {
    pub(crate) store: Arc<dyn ErasedStore>,
    pub(crate) input: Codec,
}

impl Core {
    /// What a step must give for the run's output to come of it.
    pub(crate) fn gives(&self) -> OutputType {
        self.boundary.as_ref().map_or(self.output, |boundary| boundary.inner)
    }

    /// Whether anything is recorded at this moment, so that it is worth reading the clock.
    pub(crate) fn is_observed(&self) -> bool {
        COMPILED_IN && (self.registry.is_enabled() || self.tracer.is_enabled())
    }

    /// Whether spans are recorded at this moment.
    pub(crate) fn is_traced(&self) -> bool {
        COMPILED_IN && self.tracer.is_enabled()
    }
}

impl Pipeline {
    /// Starts a pipeline. Its types come from its steps.
    pub fn builder(name: impl Into<String>) -> PipelineBuilder {
        PipelineBuilder::new(name.into())
    }
}

impl<I: Data, O: Data> Pipeline<I, O> {
    /// A pipeline in one call: what [`Pipeline::builder`] does in several.
    ///
    /// ```
    /// # use ia_pipeline::{Flow, Pipeline, Services, StepContext, Steps};
    /// # async fn load(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n) }
    /// # async fn double(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(2 * n) }
    /// let steps = Steps::new().step("load", load).step("double", double);
    /// let pipeline = Pipeline::new("doubled", steps, Flow::start("load").then("double"), Services::new())?;
    /// # Ok::<(), ia_pipeline::BuildErrors>(())
    /// ```
    ///
    /// # Errors
    ///
    /// All mistakes at once: see [`BuildError`](crate::BuildError).
    pub fn new<L>(
        name: impl Into<String>,
        steps: Steps<Typed<I, L, O>>,
        flow: Flow,
        services: Services,
    ) -> Result<Self, BuildErrors> {
        let settings = Settings { services, ..Settings::new(name.into()) };
        Self::check(steps, Some(flow), settings)
    }

    pub(crate) fn check<T>(
        steps: Steps<T>,
        flow: Option<Flow>,
        settings: Settings,
    ) -> Result<Self, BuildErrors> {
        let (plans, input, output) = (steps.plans, OutputType::of::<I>(), OutputType::of::<O>());
        let inner = settings.boundary.as_ref().map(|boundary| boundary.inner);
        let (begins, gives) = (inner.unwrap_or(input), inner.unwrap_or(output));
        if inner.is_some() && output.id() != OutputType::of::<Value>().id() {
            // What flow files give is JSON.
            let error = BuildError::NoOutput { wanted: output.name(), ends: Vec::new() };
            return Err(BuildErrors::new(&settings.name, vec![error]));
        }
        let graph = check(&plans, flow, &settings, begins, gives)
            .map_err(|errors| BuildErrors::new(&settings.name, errors))?;
        let (registry, tracer) = settings.instruments.resolve(settings.telemetry);
        let permits = |limit: usize| Semaphore::new(limit.min(Semaphore::MAX_PERMITS));
        let name: Arc<str> = settings.name.into();
        let accounting = settings.telemetry.then_some(settings.cpu_accounting);
        let core = Core {
            metrics: PipelineMetrics::bind(&registry, &name, &plans),
            meter: Meter::start(&name, plans.len(), accounting, &registry, &tracer),
            name,
            plans,
            graph,
            services: settings.services,
            prices: settings.prices,
            registry,
            tracer,
            input: begins,
            output,
            boundary: settings.boundary,
            step_permits: settings.max_steps.map(permits),
            run_permits: settings.max_runs.map(permits),
            deadline: settings.deadline,
            task_grace: settings.task_grace,
            budgets: settings.budgets,
            checkpoints: settings.checkpoints,
        };
        if !core.budgets.is_empty() {
            core.metrics.steps.iter().for_each(|step| step.can_fail_as(BUDGET_EXCEEDED));
        }
        Ok(Self { core: Arc::new(core), types: PhantomData })
    }

    /// Runs the pipeline. Nothing happens, and nothing is counted, until the future is polled; dropping it afterwards
    /// cancels the run. The span of the run is a child of the span that is current here.
    pub fn run(&self, input: I) -> Running<O> {
        Running::new(Arc::clone(&self.core), Arc::new(input))
    }

    /// Goes on with a run that did not come to its end: its process was killed, a step failed, or it was cancelled. Steps
    /// whose output is saved do not run again; what they reported and spent is a part of the run, counted once.
    ///
    /// A run goes on in one process: whoever still runs it elsewhere ends with [`RunErrorKind::Checkpoint`] when it comes to
    /// save something. A store cannot tell a process that is gone from one that is slow: resume runs whose process is known
    /// to be gone. What a step had spent when its process was killed is not known to the resumed run.
    ///
    /// ```
    /// use ia_pipeline::{FileStore, Pipeline, StepContext};
    ///
    /// # async fn load(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n) }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = std::env::temp_dir().join(format!("ia-pipeline-resume-{}", std::process::id()));
    /// let store = FileStore::open(&folder)?;
    /// let pipeline =
    ///     Pipeline::builder("p").step("load", load).checkpoint().checkpoint_store(store.clone()).build()?;
    /// for run in store.runs().await? {
    ///     // What a crash has left. One that cannot go on must not keep the others waiting.
    ///     match pipeline.resume(run).await {
    ///         Ok(resumed) => drop(resumed.await.inspect_err(|error| eprintln!("{error}"))),
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ResumeError`], and nothing has been run or counted.
    ///
    /// [`RunErrorKind::Checkpoint`]: crate::RunErrorKind::Checkpoint
    pub async fn resume(&self, run: RunId) -> Result<Running<O>, ResumeError> {
        let beginning = Beginning::resumed(&self.core, run, None).await?;
        Ok(Running::resumed(Arc::clone(&self.core), run, beginning))
    }

    /// Goes on with a run that waits for a person, with what the person answered. See
    /// [`StepContext::ask`](crate::StepContext::ask).
    ///
    /// # Errors
    ///
    /// [`ResumeError`], and nothing has been run or counted: [`ResumeError::NotAsked`] where the question was answered
    /// before.
    pub async fn resume_with(
        &self,
        token: PauseToken,
        answer: &(impl Serialize + ?Sized + Sync),
    ) -> Result<Running<O>, ResumeError> {
        let answer = serde_json::value::to_raw_value(answer)
            .map_err(|error| ResumeError::Answer { reason: error.to_string() })?;
        let answer = Some((token, answer.into()));
        let beginning = Beginning::resumed(&self.core, token.run(), answer).await?;
        Ok(Running::resumed(Arc::clone(&self.core), token.run(), beginning))
    }
}

impl<I, O> Pipeline<I, O> {
    /// The pipeline's name: the label `pipeline_name`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.core.name
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// What the pipeline has used since it was built: CPU time and memory, in all its runs.
    ///
    /// ```
    /// # use ia_pipeline::{AttributionScope, Pipeline, StepContext};
    /// # async fn load(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n) }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pipeline = Pipeline::builder("rag").step("load", load).build()?;
    /// pipeline.run(1).await?;
    /// let resources = pipeline.resources();
    /// if let Some(cpu) = resources.cpu {
    ///     println!("{:?} of CPU time, {:.0} % of it measured", cpu.time, 100.0 * cpu.coverage);
    /// }
    /// // This program has no tracking allocator.
    /// assert_ne!(resources.memory_scope(), AttributionScope::Pipeline);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn resources(&self) -> PipelineResources {
        self.core.meter.resources()
    }

    /// The names of its steps, in the order in which they were added.
    #[must_use]
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &str> {
        self.core.plans.iter().map(|plan| &*plan.name)
    }
}

impl<I, O> Clone for Pipeline<I, O> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), types: PhantomData }
    }
}

impl<I, O> fmt::Debug for Pipeline<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<&str> = self.steps().collect();
        f.debug_struct("Pipeline")
            .field("name", &self.name())
            .field("steps", &steps)
            .finish_non_exhaustive()
    }
}
