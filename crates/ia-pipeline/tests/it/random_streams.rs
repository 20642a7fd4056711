//! Random chains of streams against a plain model.

use std::sync::{Arc, Mutex};
use std::task::Poll;

use ia_pipeline::{
    Data, Pipeline, PipelineBuilder, Running, Sink, StepContext, StepError, Stream, Typed,
};
use proptest::prelude::*;

use crate::probe::{Probe, poll_once};

/// More polls than a run of these chains needs, unless it hangs.
const MANY: u32 = 20_000;

/// What one step of the chain does.
#[derive(Clone, Debug)]
struct Spec {
    capacity: usize,
    /// How often it lets others go on before each item, in turn.
    yields: Vec<u8>,
    end: End,
    /// Whether it takes items by several of the stream's clones in turn.
    clones: bool,
}

/// How a step ends by itself, after so many items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With the items.
    Never,
    Enough(usize),
    Fails(usize),
    Panics(usize),
}

#[derive(Clone, Debug)]
struct Chain {
    items: usize,
    yields: Spec,
    between: Vec<Spec>,
    takes: Spec,
    max_steps: Option<usize>,
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        6 => Just(End::Never),
        2 => (0_usize..40).prop_map(End::Enough),
        1 => (0_usize..40).prop_map(End::Fails),
        1 => (0_usize..40).prop_map(End::Panics),
    ]
}

fn spec() -> impl Strategy<Value = Spec> {
    let yields = prop::collection::vec(0_u8..4, 1..6);
    (1_usize..6, yields, end(), any::<bool>()).prop_map(|(capacity, yields, end, clones)| Spec {
        capacity,
        yields,
        end,
        clones,
    })
}

fn chain() -> impl Strategy<Value = Chain> {
    let between = prop::collection::vec(spec(), 0..3);
    (0_usize..40, spec(), between, spec(), prop::option::weighted(0.4, 1_usize..3)).prop_map(
        |(items, yields, between, takes, max_steps)| Chain {
            items,
            yields,
            between,
            takes,
            max_steps,
        },
    )
}

/// What a step took and sent, as it happened: a send once it was taken up.
#[derive(Debug, Default)]
struct Log {
    taken: Vec<usize>,
    sent: Vec<usize>,
    /// Whether its stream came to its end.
    saw_end: bool,
}

type Logs = Arc<Vec<Mutex<Log>>>;

impl Spec {
    /// Lets others go on, and ends by itself where it is time to; whether it goes on.
    async fn goes_on(&self, done: usize) -> Result<bool, StepError> {
        for _ in 0..self.yields[done % self.yields.len()] {
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
        match self.end {
            End::Enough(at) if at == done => Ok(false),
            End::Fails(at) if at == done => Err(StepError::msg("on purpose")),
            End::Panics(at) if at == done => {
                std::panic::resume_unwind(Box::new("on purpose"));
            }
            _ => Ok(true),
        }
    }
}

/// A stream, taken by one or by several of its clones in turn.
struct Taken(Vec<Stream<usize>>);

impl Taken {
    fn new(items: Stream<usize>, spec: &Spec) -> Self {
        Self(if spec.clones { vec![items.clone(), items] } else { vec![items] })
    }

    async fn next(&mut self, log: &Mutex<Log>) -> Option<usize> {
        self.0.rotate_left(1);
        let item = self.0[0].next().await;
        let mut log = log.lock().unwrap();
        match item {
            Some(item) => log.taken.push(item),
            None => log.saw_end = true,
        }
        item
    }
}

async fn send(out: &Sink<usize>, item: usize, log: &Mutex<Log>) -> Result<(), StepError> {
    out.send(item).await?;
    log.lock().unwrap().sent.push(item);
    Ok(())
}

type Yields<I> = PipelineBuilder<Typed<(), I, Stream<usize>>>;

fn build(chain: &Chain, probe: &Probe) -> (Pipeline<(), usize>, Logs) {
    let logs: Logs = Arc::new((0..chain.between.len() + 2).map(|_| Mutex::default()).collect());
    let (spec, items, log) = (Arc::new(chain.yields.clone()), chain.items, Arc::clone(&logs));
    let first = move |_: StepContext, (): (), out: Sink<usize>| {
        let (spec, log) = (Arc::clone(&spec), Arc::clone(&log));
        async move {
            for item in 0..items {
                if !spec.goes_on(item).await? {
                    break;
                }
                send(&out, item, &log[0]).await?;
            }
            // Also after the last item it may be time to fail.
            spec.goes_on(items).await.map(drop)
        }
    };
    let builder = Pipeline::builder("p").telemetry(probe.instruments()).stream("s0", first);
    (add(chain, 1, builder.capacity(chain.yields.capacity), &logs), logs)
}

/// Adds the steps from this number on.
fn add<I: Data>(chain: &Chain, at: usize, builder: Yields<I>, logs: &Logs) -> Pipeline<(), usize> {
    let Some(spec) = chain.between.get(at - 1) else { return add_last(chain, builder, logs) };
    let (shared, log) = (Arc::new(spec.clone()), Arc::clone(logs));
    let between = move |_: StepContext, items: Stream<usize>, out: Sink<usize>| {
        let (spec, log) = (Arc::clone(&shared), Arc::clone(&log));
        async move {
            let mut items = Taken::new(items, &spec);
            let mut done = 0;
            while spec.goes_on(done).await? {
                let Some(item) = items.next(&log[at]).await else { break };
                send(&out, item, &log[at]).await?;
                done += 1;
            }
            Ok::<_, StepError>(())
        }
    };
    add(chain, at + 1, builder.stream(format!("s{at}"), between).capacity(spec.capacity), logs)
}

fn add_last<I: Data>(chain: &Chain, builder: Yields<I>, logs: &Logs) -> Pipeline<(), usize> {
    let (spec, log, at) = (Arc::new(chain.takes.clone()), Arc::clone(logs), logs.len() - 1);
    let last = move |_: StepContext, items: Stream<usize>| {
        let (spec, log) = (Arc::clone(&spec), Arc::clone(&log));
        async move {
            let mut items = Taken::new(items, &spec);
            let mut done = 0;
            while spec.goes_on(done).await? && items.next(&log[at]).await.is_some() {
                done += 1;
            }
            Ok::<_, StepError>(done)
        }
    };
    let builder = builder.step(format!("s{at}"), last);
    match chain.max_steps {
        Some(steps) => builder.max_concurrency(steps).build().unwrap(),
        None => builder.build().unwrap(),
    }
}

/// Polls to the end; whether it came there.
fn poll_to_end(running: &mut Running<usize>) -> bool {
    (0..MANY).any(|_| poll_once(running))
}

/// What must hold of every run, however it ended.
fn check_logs(chain: &Chain, logs: &Logs, probe: &Probe) {
    let steps = logs.len();
    for at in 0..steps {
        let log = logs[at].lock().unwrap();
        let in_order = |items: &[usize]| items.iter().copied().eq(0..items.len());
        assert!(in_order(&log.taken) && in_order(&log.sent), "step {at}: {log:?}");
        let name = format!("s{at}");
        let counted = probe.value("step_items_total", &[("step_name", &name)]);
        // A send that was taken up may not have been noted yet when the run ended.
        let noted = log.sent.len() as f64;
        assert!(counted == noted || counted == noted + 1.0, "step {at} sent {noted}: {counted}");
        if at > 0 {
            let before = logs[at - 1].lock().unwrap();
            assert!(log.taken.len() <= before.sent.len() + 1, "step {at}: {log:?} of {before:?}");
            if log.saw_end {
                assert_eq!(log.taken, before.sent, "step {at} took the part for the whole");
            }
        }
    }
    let last = logs[steps - 1].lock().unwrap();
    assert!(last.taken.len() <= chain.items);
}

/// How many items each step takes at most, as it or one after it has enough then: the last gives so many.
fn expected(chain: &Chain) -> usize {
    let enough = |spec: &Spec| match spec.end {
        End::Enough(at) => at,
        _ => usize::MAX,
    };
    let specs = [&chain.yields, &chain.takes].into_iter().chain(&chain.between);
    specs.map(enough).min().unwrap_or(usize::MAX).min(chain.items)
}

/// Whether a step may fail, or never comes to it.
fn may_fail(chain: &Chain) -> bool {
    let specs = [&chain.yields, &chain.takes].into_iter().chain(&chain.between);
    specs.into_iter().any(|spec| matches!(spec.end, End::Fails(_) | End::Panics(_)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_item_is_taken_once_in_order_or_the_run_failed(chain in chain()) {
        let probe = Probe::new();
        let (pipeline, logs) = build(&chain, &probe);
        let mut running = pipeline.run(());
        let mut polls = (0..MANY).map(|_| {
            let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
            std::pin::Pin::new(&mut running).poll(cx)
        });
        let Some(Poll::Ready(result)) = polls.find(Poll::is_ready) else { panic!("it hangs") };
        drop(polls);
        match &result {
            Ok(run) => {
                prop_assert_eq!(run.output, expected(&chain));
                for (at, log) in logs.iter().enumerate() {
                    let name = format!("s{at}");
                    let report = run.steps.iter().find(|step| step.name == name).unwrap();
                    prop_assert_eq!(report.items, log.lock().unwrap().sent.len() as u64);
                }
            }
            Err(error) => prop_assert!(may_fail(&chain), "{}", error),
        }
        check_logs(&chain, &logs, &probe);
        probe.assert_settled();
        prop_assert_eq!(probe.runs(if result.is_ok() { "success" } else { "error" }), 1.0);
    }

    #[test]
    fn a_run_that_is_dropped_anywhere_leaves_nothing_behind(chain in chain(), polls in 0_u32..60) {
        let probe = Probe::new();
        let (pipeline, logs) = build(&chain, &probe);
        let mut running = pipeline.run(());
        (0..polls).any(|_| poll_once(&mut running));
        drop(running);
        check_logs(&chain, &logs, &probe);
        probe.assert_settled();
        prop_assert_eq!(probe.all_runs(), f64::from(u8::from(polls > 0)));
        // And its permits are back.
        prop_assert!(poll_to_end(&mut pipeline.run(())));
    }
}
