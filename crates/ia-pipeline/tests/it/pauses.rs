//! Runs that wait for a person.

use std::io;

use ia_pipeline::{
    Backoff, Flow, MemoryStore, PauseToken, Paused, Pipeline, Policy, ResumeError, RunErrorKind,
    StepContext, StepError, StepStatus, usd,
};

use crate::probe::{Probe, double, same};

async fn approve(ctx: StepContext, n: u32) -> Result<u32, StepError> {
    let more: u32 = ctx.ask(format!("how much more than {n}?"))?;
    Ok(n + more)
}

fn pipeline(probe: &Probe) -> Pipeline<u32, u32> {
    Pipeline::builder("p")
        .step("a", double)
        .checkpoint()
        .step("s", approve)
        .checkpoint()
        .step("z", double)
        .checkpoint()
        .telemetry(probe.instruments())
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_run_pauses_and_goes_on_with_the_answer() {
    let probe = Probe::new();
    let pipeline = pipeline(&probe);
    let paused = pipeline.run(2).await.unwrap_err();
    assert_eq!((paused.kind(), paused.error_type()), (RunErrorKind::Paused, "paused"));
    let [pause] = paused.pauses() else { panic!("one question") };
    assert_eq!((pause.step.as_str(), pause.question.as_str()), ("s", "how much more than 4?"));
    assert_eq!(
        paused.to_string(),
        "pipeline `p` is paused until somebody answers: `s` asks: how much more than 4?"
    );
    let run = pipeline.resume_with(pause.token, &3).await.unwrap().await.unwrap();
    assert_eq!((run.output, run.id), (14, paused.id()));
    assert_eq!((probe.steps("a", "success"), probe.steps("s", "success")), (1.0, 2.0));
}

#[tokio::test]
async fn a_pause_is_counted_and_is_no_end() {
    let probe = Probe::new();
    let pipeline = pipeline(&probe);
    let paused = pipeline.run(2).await.unwrap_err();
    assert_eq!((probe.runs("paused"), probe.all_runs()), (1.0, 0.0));
    probe.assert_settled();
    for name in ["p", "s"] {
        let span = probe.span(name);
        assert!(span.status().is_ok(), "{name}: {:?}", span.status());
        assert_eq!(span.events()[0].name(), "paused", "{name}");
    }
    assert_eq!(probe.registry.snapshot().sum("step_errors_total", []), 0.0);
    let token = paused.pauses()[0].token;
    pipeline.resume_with(token, &1).await.unwrap().await.unwrap();
    assert_eq!((probe.runs("paused"), probe.runs("success")), (1.0, 1.0));
    probe.assert_settled();
}

#[tokio::test]
async fn a_token_is_text_and_answers_once() {
    let probe = Probe::new();
    let pipeline = pipeline(&probe);
    let paused = pipeline.run(2).await.unwrap_err();
    let text = paused.pauses()[0].token.to_string();
    let token: PauseToken = text.parse().unwrap();
    assert_eq!(token.run(), paused.id());
    let first = pipeline.resume_with(token, &1).await.unwrap();
    let second = pipeline.resume_with(token, &2).await.unwrap_err();
    assert!(matches!(second, ResumeError::NotAsked { .. }), "{second}");
    assert_eq!(first.await.unwrap().output, 10);
    let third = pipeline.resume_with(token, &2).await.unwrap_err();
    assert!(matches!(third, ResumeError::NotFound { .. }), "{third}");
    for wrong in ["", "x", "1-2", &text[1..], &text.to_uppercase()] {
        assert!(wrong.parse::<PauseToken>().is_err() || wrong == text, "{wrong}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_asked_for_again() {
    let probe = Probe::new();
    let pipeline = pipeline(&probe);
    let paused = pipeline.run(2).await.unwrap_err();
    let again =
        pipeline.resume_with(paused.pauses()[0].token, "three").await.unwrap().await.unwrap_err();
    assert_eq!(again.kind(), RunErrorKind::Paused);
    assert!(
        again.pauses()[0].question.starts_with(
            "how much more than 4? (the answer cannot be used: invalid type: string \"three\""
        ),
        "{}",
        again.pauses()[0].question
    );
    assert_eq!(again.pauses()[0].token, paused.pauses()[0].token, "who was asked still can answer");
    let run = pipeline.resume_with(again.pauses()[0].token, &3).await.unwrap().await.unwrap();
    assert_eq!(run.output, 14);
}

#[tokio::test]
async fn what_does_not_depend_on_the_answer_is_done_before_the_run_pauses() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .checkpoint()
        .step("s", approve)
        .checkpoint()
        .step("b", double)
        .checkpoint()
        .step("c", double)
        .checkpoint()
        .join("z", |_: StepContext, (s, c): (u32, u32)| {
            std::future::ready(Ok::<_, io::Error>(s + c))
        })
        .flow(Flow::start("a").fan_out("a", ["s", "b"]).edge("b", "c").join(["s", "c"], "z"))
        .telemetry(probe.instruments())
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let paused = pipeline.run(2).await.unwrap_err();
    assert_eq!((probe.steps("c", "success"), probe.steps("z", "success")), (1.0, 0.0));
    let run = pipeline.resume_with(paused.pauses()[0].token, &3).await.unwrap().await.unwrap();
    assert_eq!((run.output, probe.steps("c", "success")), (13, 1.0));
}

#[tokio::test]
async fn two_steps_can_ask_and_are_answered_one_by_one() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .checkpoint()
        .step("s", approve)
        .checkpoint()
        .step("t", approve)
        .checkpoint()
        .join("z", |_: StepContext, (s, t): (u32, u32)| {
            std::future::ready(Ok::<_, io::Error>(s * 100 + t))
        })
        .flow(Flow::start("a").fan_out("a", ["s", "t"]).join(["s", "t"], "z"))
        .telemetry(probe.instruments())
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let paused = pipeline.run(1).await.unwrap_err();
    let asked = |error: &ia_pipeline::RunError, step: &str| {
        error.pauses().iter().find(|pause| pause.step == step).unwrap().token
    };
    let (s, t) = (asked(&paused, "s"), asked(&paused, "t"));
    let still = pipeline.resume_with(t, &1).await.unwrap().await.unwrap_err();
    assert_eq!(still.pauses().len(), 1);
    assert_eq!(asked(&still, "s"), s, "a question that is open keeps its token");
    assert_eq!(probe.steps("s", "success"), 1.0, "and its step does not ask again");
    let run = pipeline.resume_with(s, &2).await.unwrap().await.unwrap();
    assert_eq!(run.output, 302);
}

#[tokio::test]
async fn a_step_can_ask_twice() {
    async fn asks_twice(ctx: StepContext, n: u32) -> Result<u32, StepError> {
        let first: u32 = ctx.ask("first?")?;
        let second: u32 = ctx.ask("second?")?;
        Ok(n + 10 * first + second)
    }
    let pipeline = Pipeline::builder("p")
        .step("s", asks_twice)
        .policy(Policy::retry(3))
        .fallback(same)
        .enable_telemetry(false)
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let first = pipeline.run(100).await.unwrap_err();
    assert_eq!((first.pauses()[0].question.as_str(), first.steps()[0].attempts), ("first?", 1));
    let second =
        pipeline.resume_with(first.pauses()[0].token, &1).await.unwrap().await.unwrap_err();
    assert_eq!(second.pauses()[0].question, "second?");
    let run = pipeline.resume_with(second.pauses()[0].token, &2).await.unwrap().await.unwrap();
    assert_eq!((run.output, run.steps[0].status), (112, StepStatus::Success));
}

#[tokio::test]
async fn what_a_step_spent_before_it_asked_is_spent() {
    async fn pays(ctx: StepContext, n: u32) -> Result<u32, StepError> {
        ctx.items(1);
        ctx.api_call("maps").cost(usd("0.01")).record();
        let more: u32 = ctx.ask("more?")?;
        Ok(n + more)
    }
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", pays)
        .telemetry(probe.instruments())
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let paused = pipeline.run(1).await.unwrap_err();
    assert_eq!(paused.cost(), usd("0.01"));
    let run = pipeline.resume_with(paused.pauses()[0].token, &1).await.unwrap().await.unwrap();
    // The call was made twice, and paid twice; the item is the same one.
    assert_eq!((run.cost, run.api_calls, run.items), (usd("0.02"), 2, 1));
    assert_eq!(probe.value("pipeline_cost_usd_total", &[]), 0.02);
}

#[tokio::test]
async fn a_question_without_a_store_is_an_error_that_names_the_remedy() {
    let probe = Probe::new();
    let pipeline =
        Pipeline::builder("p").step("s", approve).telemetry(probe.instruments()).build().unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!((error.kind(), error.error_type()), (RunErrorKind::Step, "NoStore"));
    assert!(error.to_string().contains(".checkpoint_store("), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref(), Some(&Paused::NoStore));
    assert!(matches!(pipeline.resume(error.id()).await.unwrap_err(), ResumeError::NoStore));
}

#[tokio::test]
async fn each_round_of_a_loop_asks_anew() {
    let pipeline = Pipeline::builder("p")
        .step("s", approve)
        .checkpoint()
        .flow(Flow::start("s").repeat("s", |n: &u32| *n < 100, "s", 10))
        .enable_telemetry(false)
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let mut paused = pipeline.run(1).await.unwrap_err();
    for sum in [41, 81] {
        let running = pipeline.resume_with(paused.pauses()[0].token, &40).await.unwrap();
        paused = running.await.unwrap_err();
        assert_eq!(paused.pauses()[0].question, format!("how much more than {sum}?"));
    }
    let run = pipeline.resume_with(paused.pauses()[0].token, &40).await.unwrap().await.unwrap();
    assert_eq!(run.output, 121);
}

#[tokio::test]
async fn a_step_that_asks_and_then_panics_has_panicked() {
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, n: u32| {
            assert!(ctx.ask::<u32>("more?").is_err());
            assert_eq!(n, 0, "on purpose");
            std::future::ready(Ok::<_, StepError>(n))
        })
        .enable_telemetry(false)
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!((error.kind(), error.error_type()), (RunErrorKind::Step, "panic"));
}

#[tokio::test]
async fn a_fallback_answers_for_a_step_that_asked_and_then_panicked() {
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, n: u32| {
            assert!(ctx.ask::<u32>("more?").is_err());
            assert_eq!(n, 0, "on purpose");
            std::future::ready(Ok::<_, StepError>(n))
        })
        .fallback(same)
        .enable_telemetry(false)
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let run = pipeline.run(1).await.unwrap();
    assert_eq!((run.output, run.steps[0].status), (1, StepStatus::Fallback));
}

#[tokio::test]
async fn an_attempt_that_fails_without_having_asked_does_not_wait_for_what_another_asked() {
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, _: u32| {
            if ctx.attempt() == 1 {
                assert!(ctx.ask::<u32>("more?").is_ok(), "on purpose");
            }
            std::future::ready(Err::<u32, _>(StepError::msg("no")))
        })
        .policy(Policy::retry(1).backoff(Backoff::NONE))
        .enable_telemetry(false)
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!((error.kind(), error.steps()[0].attempts), (RunErrorKind::Step, 2));
}
