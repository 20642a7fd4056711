//! Random programs against a circuit breaker and against a plain model of one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use ia_metrics_core::Registry;
use ia_pipeline::{
    CircuitBreaker, CircuitState, Pipeline, Policy, Running, StepContext, StepError,
};
use ia_tracing::{ManualClock, Tracer};
use proptest::prelude::*;
use tokio::sync::oneshot::{Sender, channel};

use crate::probe::poll_once;

/// What may happen next. Calls under way are chosen by a number, modulo how many there are.
#[derive(Clone, Debug)]
enum Event {
    Begin,
    Cancel(usize),
    Fail(usize),
    Succeed(usize),
    Pass(u64),
}

#[derive(Clone, Copy, Debug)]
struct Numbers {
    /// In a row, or of a window of so many.
    trip: Result<u32, (u32, u32)>,
    open_for: u64,
    probes: u32,
}

/// A breaker as one would write it down: it remembers everything.
struct Model {
    numbers: Numbers,
    now: u64,
    state: CircuitState,
    since: u64,
    age: u32,
    /// Of this time closed or half-open: which calls failed.
    ended: Vec<bool>,
    probing: u32,
}

/// A call under way in the model: in which age it began, and whether as a probe.
type Call = (u32, bool);

impl Model {
    fn new(numbers: Numbers) -> Self {
        let (state, ended) = (CircuitState::Closed, Vec::new());
        Self { numbers, now: 0, state, since: 0, age: 0, ended, probing: 0 }
    }

    fn turn(&mut self, state: CircuitState) {
        (self.state, self.since) = (state, self.now);
        self.age += 1;
        self.ended.clear();
    }

    fn begin(&mut self) -> Option<Call> {
        if self.state == CircuitState::Open && self.now >= self.since + self.numbers.open_for {
            self.turn(CircuitState::HalfOpen);
        }
        let is_probe = self.state == CircuitState::HalfOpen;
        let succeeded = u32::try_from(self.ended.len()).unwrap();
        let has_place = !is_probe || self.probing + succeeded < self.numbers.probes;
        if self.state == CircuitState::Open || !has_place {
            return None;
        }
        self.probing += u32::from(is_probe);
        Some((self.age, is_probe))
    }

    fn end(&mut self, (age, was_probe): Call, failed: Option<bool>) {
        self.probing -= u32::from(was_probe);
        let Some(failed) = failed.filter(|_| age == self.age) else { return };
        self.ended.push(failed);
        let last = |window: u32| {
            self.ended.len().checked_sub(window as usize).map(|first| &self.ended[first..])
        };
        let opens = match (self.state, self.numbers.trip) {
            (CircuitState::HalfOpen, _) => failed,
            (_, Ok(in_a_row)) => last(in_a_row).is_some_and(|last| last.iter().all(|f| *f)),
            (_, Err((most, window))) => {
                failed
                    && last(window)
                        .is_some_and(|last| last.iter().filter(|f| **f).count() >= most as usize)
            }
        };
        if opens {
            self.turn(CircuitState::Open);
        } else if self.state == CircuitState::HalfOpen
            && self.ended.len() == self.numbers.probes as usize
        {
            self.turn(CircuitState::Closed);
        }
    }
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let in_a_row = (1_u32..4).prop_map(Ok);
    let share = (1_u32..6).prop_flat_map(|window| (1..=window, Just(window)).prop_map(Err));
    (prop_oneof![in_a_row, share], 0_u64..10, 1_u32..4)
        .prop_map(|(trip, open_for, probes)| Numbers { trip, open_for, probes })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => Just(Event::Begin),
        1 => any::<usize>().prop_map(Event::Cancel),
        3 => any::<usize>().prop_map(Event::Fail),
        2 => any::<usize>().prop_map(Event::Succeed),
        2 => (0_u64..12).prop_map(Event::Pass),
    ];
    proptest::collection::vec(event, 0..80)
}

type Answer = Result<u32, StepError>;

/// A pipeline whose step ends when it is told to, and how.
fn subject(breaker: &CircuitBreaker, clock: &ManualClock) -> (Pipeline<u32, u32>, Asked) {
    let asked = Asked::default();
    let asks = Arc::clone(&asked);
    let step = move |_: StepContext, _: u32| {
        let (answer, answered) = channel::<Answer>();
        *asks.lock().unwrap() = Some(answer);
        async move { answered.await? }
    };
    let tracer = Tracer::builder().clock(clock.clone()).no_memory().build();
    let policy = Policy::new().circuit_breaker(breaker.clone());
    let steps = Pipeline::builder("p").step("s", step).policy(policy);
    (steps.telemetry(Registry::new()).telemetry(tracer).build().unwrap(), asked)
}

/// Where the step leaves what it is to be told by.
type Asked = Arc<Mutex<Option<Sender<Answer>>>>;

fn check(numbers: Numbers, events: Vec<Event>) {
    let clock = ManualClock::new();
    let breaker = CircuitBreaker::new()
        .open_for(Duration::from_secs(numbers.open_for))
        .probes(numbers.probes);
    let breaker = match numbers.trip {
        Ok(in_a_row) => breaker.failures(in_a_row),
        Err((most, window)) => breaker.failure_rate(f64::from(most) / f64::from(window), window),
    };
    let (pipeline, asked) = subject(&breaker, &clock);
    let mut model = Model::new(numbers);
    let mut under_way: Vec<(Running<u32>, Sender<Answer>, Call)> = Vec::new();
    for event in events {
        let (at, answer) = match event {
            Event::Begin => {
                let mut running = pipeline.run(1);
                let ended = poll_once(&mut running);
                let call = model.begin();
                assert_eq!(call.is_none(), ended, "whether it was let through");
                if let Some(call) = call {
                    let answer = asked.lock().unwrap().take().unwrap();
                    under_way.push((running, answer, call));
                }
                let probes = under_way.iter().filter(|(.., (_, is_probe))| *is_probe).count();
                assert!(probes <= numbers.probes as usize, "{probes} probes at once");
                assert_eq!(breaker.state(), model.state);
                continue;
            }
            Event::Pass(seconds) => {
                clock.advance(Duration::from_secs(seconds));
                model.now += seconds;
                continue;
            }
            Event::Cancel(at) => (at, None),
            Event::Fail(at) => (at, Some(Err(StepError::msg("no")))),
            Event::Succeed(at) => (at, Some(Ok(1))),
        };
        if under_way.is_empty() {
            continue;
        }
        let (running, tell, call) = under_way.swap_remove(at % under_way.len());
        model.end(call, answer.as_ref().map(Result::is_err));
        match answer {
            None => drop(running),
            Some(answer) => {
                assert!(tell.send(answer).is_ok());
                running.now_or_never().unwrap().ok();
            }
        }
        assert_eq!(breaker.state(), model.state);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_breaker_does_what_its_model_does(numbers in numbers(), events in events()) {
        check(numbers, events);
    }
}
