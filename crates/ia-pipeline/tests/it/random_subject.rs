//! Pipelines made of random flows, and what holds of all their runs.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use ia_pipeline::{
    Backoff, BuildErrors, Data, Flow, Inputs, MemoryStore, Pipeline, PipelineBuilder, Policy, Run,
    RunError, Running, StepContext, StepReport, StepStatus, Typed,
};
use ia_tracing::Status;

use crate::probe::Probe;
use crate::random_spec::{FlowSpec, Kind, LoopSpec, Takes, To};

/// More polls than a run of these flows needs, unless it hangs.
pub(crate) const MANY: u32 = 20_000;

/// A pipeline made of a [`FlowSpec`], and where it records.
pub(crate) struct Subject {
    pub(crate) spec: FlowSpec,
    pub(crate) pipeline: Pipeline<u32, u32>,
    pub(crate) probe: Probe,
    /// How often attempts of each step began.
    begun: Arc<Vec<AtomicU32>>,
}

pub(crate) fn name(step: usize) -> String {
    format!("s{step}")
}

pub(crate) fn number(step: &str) -> usize {
    step[1..].parse().unwrap()
}

/// What every step calculates from what it is given: the numbers of the givers, where it sees them, and the values.
pub(crate) fn combine(step: usize, given: &[(usize, u32)]) -> u32 {
    let small = |step| u32::try_from(step).unwrap_or(0);
    let begin = small(step).wrapping_mul(7_919).wrapping_add(1);
    given.iter().fold(begin, |sum, (giver, value)| {
        sum.wrapping_mul(31).wrapping_add(value.wrapping_mul(2 * small(*giver) + 3))
    })
}

/// What a fallback makes of what its step would have calculated.
pub(crate) fn answer(output: u32) -> u32 {
    output.wrapping_add(1_000_003)
}

/// Lets everything else run, so many times.
async fn yields(times: u32) {
    for _ in 0..times {
        let mut yielded = false;
        std::future::poll_fn(|cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

type StepFn<I> =
    Box<dyn Fn(StepContext, I) -> BoxFuture<'static, Result<u32, io::Error>> + Send + Sync>;

/// What a step was given.
type Read<I> = fn(I) -> Vec<(usize, u32)>;

impl Subject {
    /// Builds the flow; the mistakes, where it has any.
    pub(crate) fn build(spec: &FlowSpec) -> Result<Self, BuildErrors> {
        Self::build_saving(spec, None)
    }

    /// As [`build`](Self::build), its runs saved where a store is given, with the outputs of the steps whose bits are set.
    pub(crate) fn build_saving(
        spec: &FlowSpec,
        saving: Option<(MemoryStore, u32)>,
    ) -> Result<Self, BuildErrors> {
        let (probe, begun) = (Probe::new(), spec.steps.iter().map(|_| AtomicU32::new(0)).collect());
        let begun = Arc::new(begun);
        let saved = saving.as_ref().map_or(0, |(_, saved)| *saved);
        let maker = Maker { spec, begun: &begun, saved };
        let (first, rest) = spec.order.split_first().unwrap();
        let builder = Pipeline::builder("p").telemetry(probe.instruments());
        let builder = builder.step(name(*first), maker.step(*first, one));
        let builder = match saving {
            Some((store, _)) => builder.checkpoint_store(store),
            None => builder,
        };
        let pipeline = maker.add(maker.finish(builder, *first, one), rest)?;
        Ok(Self { spec: spec.clone(), pipeline, probe, begun })
    }

    fn begun(&self, step: usize) -> u32 {
        self.begun[step].load(Ordering::Relaxed)
    }

    pub(crate) fn count(&self, step: usize, status: StepStatus) -> f64 {
        self.probe.steps(&name(step), status.as_str())
    }

    /// How often a step was executed, however that ended.
    pub(crate) fn executed(&self, step: usize) -> f64 {
        let executed = StepStatus::ALL.into_iter().filter(|status| *status != StepStatus::Skipped);
        executed.map(|status| self.count(step, status)).sum()
    }
}

fn one(value: u32) -> Vec<(usize, u32)> {
    vec![(0, value)]
}

fn maybe(value: Option<u32>) -> Vec<(usize, u32)> {
    value.into_iter().map(|value| (0, value)).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "all three ways to take an input are alike")]
fn all(inputs: Inputs) -> Vec<(usize, u32)> {
    inputs.names().filter_map(|name| Some((number(name), inputs.get(name)?))).collect()
}

struct Maker<'a> {
    spec: &'a FlowSpec,
    begun: &'a Arc<Vec<AtomicU32>>,
    saved: u32,
}

impl Maker<'_> {
    fn step<I: Data>(&self, number: usize, read: Read<I>) -> StepFn<I> {
        let (spec, begun) = (self.spec.steps[number].clone(), Arc::clone(self.begun));
        Box::new(move |ctx, given| {
            let (spec, given) = (spec.clone(), read(given));
            begun[number].fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                yields(spec.yields).await;
                ctx.items(usize::from(spec.items));
                if ctx.attempt() <= spec.failures {
                    return Err(io::Error::from(io::ErrorKind::NotFound));
                }
                yields(spec.yields / 2).await;
                Ok(combine(number, &given))
            })
        })
    }

    /// Gives the step added last its policy and its fallback.
    fn finish<I: Data>(
        &self,
        builder: PipelineBuilder<Typed<u32, I, u32>>,
        number: usize,
        read: Read<I>,
    ) -> PipelineBuilder<Typed<u32, I, u32>> {
        let spec = &self.spec.steps[number];
        let policy = Policy::retry(spec.retries).backoff(Backoff::NONE);
        let policy = if spec.continue_on_error { policy.continue_on_error() } else { policy };
        let builder = builder.policy(policy);
        let saved = self.saved & (1 << number) != 0;
        let builder = if saved { builder.checkpoint() } else { builder };
        if !spec.fallback {
            return builder;
        }
        builder.fallback(move |_: StepContext, given: I| {
            let output = answer(combine(number, &read(given)));
            async move { Ok::<_, io::Error>(output) }
        })
    }

    fn add<I: Data>(
        &self,
        builder: PipelineBuilder<Typed<u32, I, u32>>,
        rest: &[usize],
    ) -> Result<Pipeline<u32, u32>, BuildErrors> {
        let Some((next, rest)) = rest.split_first() else {
            let builder = builder.flow(self.flow());
            let builder = match self.spec.max_steps {
                Some(steps) => builder.max_concurrency(steps),
                None => builder,
            };
            return match self.spec.max_runs {
                Some(runs) => builder.max_concurrent_runs(runs).build(),
                None => builder.build(),
            };
        };
        let at = name(*next);
        match self.spec.steps[*next].takes {
            Takes::All => {
                let builder = builder.join(at, self.step(*next, all));
                self.add(self.finish(builder, *next, all), rest)
            }
            Takes::Maybe => {
                let builder = builder.step(at, self.step(*next, maybe));
                self.add(self.finish(builder, *next, maybe), rest)
            }
            Takes::One => {
                let builder = builder.step(at, self.step(*next, one));
                self.add(self.finish(builder, *next, one), rest)
            }
        }
    }

    fn flow(&self) -> Flow {
        let edges = self.spec.edges.iter().fold(Flow::start(name(0)), |flow, edge| {
            let from = name(edge.from);
            let to = match edge.to {
                To::End => Flow::END.to_owned(),
                To::Failure => Flow::FAILURE.to_owned(),
                To::Step(step) => name(step),
            };
            match edge.kind {
                Kind::Always => flow.edge(from, to),
                Kind::Otherwise => flow.otherwise(from, to),
                Kind::When(by, rest) => flow.when(from, move |n: &u32| n % by == rest, to),
            }
        });
        self.spec.loops.iter().copied().fold(edges, |flow, LoopSpec { from, to, rest, limit }| {
            flow.repeat(name(from), move |n: &u32| n % 3 == rest, name(to), limit)
        })
    }
}

/// Polls a run so many times; its result, where it has one by then.
pub(crate) fn poll(running: &mut Running<u32>, times: u32) -> Option<Result<Run<u32>, RunError>> {
    let mut cx = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match Pin::new(&mut *running).poll(&mut cx) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    })
}

/// What holds once all runs are over, whatever became of them. `runs` is how many were polled.
pub(crate) fn assert_invariants(subject: &Subject, runs: usize) {
    let (probe, spec) = (&subject.probe, &subject.spec);
    assert_eq!(probe.all_runs(), runs as f64, "one terminal count for each run");
    probe.assert_settled();
    let spans = probe.spans();
    for span in &spans {
        assert_ne!(*span.status(), Status::Unset, "span `{}` ended without a status", span.name());
    }
    let named = |wanted: &str| spans.iter().filter(|span| span.name() == wanted).count() as f64;
    assert_eq!(named("p"), runs as f64, "a span for each run");
    let mut attempts = 0.0;
    for (number, step) in spec.steps.iter().enumerate() {
        let (executed, begun) = (subject.executed(number), f64::from(subject.begun(number)));
        // These were executed, but not tried.
        let ambiguous = probe.errors(&name(number), "ambiguous_input");
        let most = executed * f64::from(step.retries + 1);
        assert!(begun <= most, "step {number} began, but was not counted");
        assert!(executed - ambiguous <= begun, "step {number} was counted, but did not begin");
        assert_eq!(named(&name(number)), executed, "a span for each execution of step {number}");
        let labels = [("step_name", &*name(number))];
        assert_eq!(
            probe.value("step_duration_seconds", &labels),
            executed,
            "a duration for each execution of step {number}"
        );
        let failed =
            subject.count(number, StepStatus::Error) + subject.count(number, StepStatus::Fallback);
        let errors = probe.registry.snapshot().sum("step_errors_total", labels);
        assert_eq!(errors, failed, "an error for each failure of step {number}");
        attempts += if step.retries > 0 { begun } else { 0.0 };
    }
    assert_eq!(named("attempt"), attempts, "a span for each attempt of a retried step");
}

/// What the only run reports is what was counted.
pub(crate) fn assert_reports_match(subject: &Subject, reports: &[StepReport]) {
    for number in 0..subject.spec.steps.len() {
        let of_step = || reports.iter().filter(|report| report.name == name(number));
        for status in StepStatus::ALL {
            let reported = of_step().filter(|report| report.status == status).count();
            assert_eq!(subject.count(number, status), reported as f64, "step {number}: {status}");
        }
        let attempts: u32 = of_step().map(|report| report.attempts).sum();
        assert_eq!(attempts, subject.begun(number), "attempts of step {number}");
        let executed = of_step().filter(|report| report.attempts > 0).count();
        let retries = subject.probe.value("step_retries_total", &[("step_name", &name(number))]);
        let after_the_first = f64::from(attempts) - executed as f64;
        assert_eq!(retries, after_the_first, "retries of step {number}");
    }
    let items: u64 = reports.iter().map(|report| report.items).sum();
    assert_eq!(subject.probe.value("items_processed_total", &[]), items as f64);
}
