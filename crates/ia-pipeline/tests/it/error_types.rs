//! The short names of errors.

use std::fmt;
use std::io;

use ia_pipeline::{ErrorType, Pipeline, StepContext, StepError};

use crate::probe::Probe;

#[derive(Debug, thiserror::Error)]
enum LlmError {
    #[error("slow down, request 4711")]
    RateLimited { after: u32 },
    #[error("no such model: {0}")]
    UnknownModel(String),
    #[error("cannot read")]
    Reading(#[from] io::Error),
}

#[derive(Debug, thiserror::Error)]
#[error("outer")]
struct Outer(#[source] LlmError);

/// The `error_type` of a step that fails with this error.
async fn name<E>(make: impl Fn() -> E + Clone + Send + Sync + 'static) -> String
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    let pipeline = Pipeline::builder("p")
        .step("s", move |_: StepContext, (): ()| {
            let make = make.clone();
            async move { Err::<(), E>(make()) }
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    pipeline.run(()).await.unwrap_err().error_type().to_owned()
}

#[tokio::test]
async fn the_variant_of_an_error_names_it() {
    assert_eq!(name(|| LlmError::RateLimited { after: 3 }).await, "RateLimited");
    assert_eq!(name(|| LlmError::UnknownModel("secret".to_owned())).await, "UnknownModel");
}

#[tokio::test]
async fn the_io_kind_names_an_error_wherever_it_is_in_the_chain() {
    assert_eq!(name(|| io::Error::from(io::ErrorKind::PermissionDenied)).await, "PermissionDenied");
    assert_eq!(
        name(|| Outer(LlmError::Reading(io::Error::from(io::ErrorKind::NotFound)))).await,
        "NotFound"
    );
}

#[tokio::test]
async fn a_struct_is_named_by_its_type() {
    assert_eq!(name(|| "x".parse::<u32>().unwrap_err()).await, "ParseIntError");
    assert_eq!(name(|| Outer(LlmError::RateLimited { after: 1 })).await, "Outer");
}

#[tokio::test]
async fn an_error_whose_debug_text_is_a_message_is_named_by_its_type() {
    struct Odd;
    impl fmt::Debug for Odd {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("request 4711 went wrong")
        }
    }
    impl fmt::Display for Odd {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("odd")
        }
    }
    impl std::error::Error for Odd {}
    assert_eq!(name(|| Odd).await, "Odd");
}

#[tokio::test]
async fn the_error_of_a_crate_is_named_by_the_crate() {
    assert_eq!(name(|| serde_json::from_str::<u32>("x").unwrap_err()).await, "serde_json");
}

#[tokio::test]
async fn a_message_is_never_a_name() {
    assert_eq!(name(|| "customer 4711 not found").await, "error");
    assert_eq!(name(|| String::from("Customer")).await, "error");
    assert_eq!(name(|| StepError::msg("Customer 4711")).await, "error");
    assert_eq!(
        name(|| Box::<dyn std::error::Error + Send + Sync>::from("Customer")).await,
        "error"
    );
}

#[tokio::test]
async fn a_boxed_error_is_still_named_by_its_variant() {
    let boxed =
        || Box::<dyn std::error::Error + Send + Sync>::from(LlmError::RateLimited { after: 1 });
    assert_eq!(name(boxed).await, "RateLimited");
    assert_eq!(name(|| StepError::from(LlmError::RateLimited { after: 1 })).await, "RateLimited");
}

#[tokio::test]
async fn a_name_given_at_the_call_wins() {
    let named = || Err::<(), _>(io::Error::other("x")).error_type("rate_limited").unwrap_err();
    assert_eq!(name(named).await, "rate_limited");
}

#[tokio::test]
async fn a_name_given_by_the_builder_is_found_along_the_chain() {
    let pipeline = Pipeline::builder("p")
        .step("s", |_: StepContext, (): ()| async {
            Err::<(), _>(Outer(LlmError::RateLimited { after: 1 }))
        })
        .error_type(|error: &LlmError| match error {
            LlmError::RateLimited { .. } => "slow_down",
            LlmError::UnknownModel(_) | LlmError::Reading(_) => "llm",
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(()).await.unwrap_err().error_type(), "slow_down");
}

#[tokio::test]
async fn past_thirty_two_names_a_step_counts_others() {
    const NAMES: [&str; 60] = {
        let text = "aaabacadaeafagahaiajakalamanaoapaqarasatauavawaxayazbabbbcbdbebfbgbhbibjbkblbmbnbobpbqbrbsbtbubvbwbxbybzcacbcccdcecfcgch";
        let mut names = [""; 60];
        let mut i = 0;
        while i < 60 {
            names[i] = text.split_at(2 * i).1.split_at(2).0;
            i += 1;
        }
        names
    };
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step(
            "s",
            |_: StepContext, n: usize| async move { Err::<(), _>("no").error_type(NAMES[n]) },
        )
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    for n in 0..60 {
        assert!(pipeline.run(n).await.is_err());
    }
    assert_eq!(probe.registry.snapshot().sum("step_errors_total", []), 60.0);
    // Two of the 32 are those that every step has: `panic` and `timeout`.
    assert_eq!(probe.errors("s", "other"), 30.0);
}
