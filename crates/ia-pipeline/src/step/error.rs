//! The error of a step, and how an error is given a short name.

use std::any::{Any, type_name};
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What a step failed with: any error. Not itself an `Error`, so that `?` turns every error into it.
pub struct StepError {
    error: Box<dyn Error + Send + Sync>,
    /// The name of the type that the error had before it was boxed.
    type_name: Option<&'static str>,
}

impl StepError {
    /// An error that is only a message. Its `error_type` is `error`; better give it a name by
    /// [`error_type`](ErrorType::error_type).
    #[must_use]
    pub fn msg(message: impl Into<String>) -> Self {
        Self { error: message.into().into(), type_name: None }
    }

    /// A message and the name under which it is counted.
    pub(crate) fn named(name: &'static str, message: impl Into<String>) -> Self {
        let source = message.into().into();
        Self { error: Box::new(Named { name, source }), type_name: None }
    }

    /// From whatever a function step may fail with.
    pub(crate) fn of<E: Into<Box<dyn Error + Send + Sync>> + 'static>(error: E) -> Self {
        let mut error = Some(error);
        // Where it is a `StepError` already it knows its type.
        if let Some(error) =
            (&mut error as &mut dyn Any).downcast_mut::<Option<Self>>().and_then(Option::take)
        {
            return error;
        }
        match error {
            Some(error) => Self { error: error.into(), type_name: Some(type_name::<E>()) },
            None => Self::msg("no error"),
        }
    }

    /// Says how long to wait before the step is tried again, like the header `Retry-After`: as long as this, but at most as
    /// long as the backoff's longest wait.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ia_pipeline::{StepContext, StepError};
    ///
    /// async fn ask(_: StepContext, _: String) -> Result<String, StepError> {
    ///     Err(StepError::msg("slow down").retry_after(Duration::from_secs(20)))
    /// }
    /// ```
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let asks = AsksToWait { wait, source: self.error };
        Self { error: Box::new(asks), type_name: self.type_name }
    }

    /// The first error of type `E` among the error and its sources.
    #[must_use]
    pub fn find<E: Error + 'static>(&self) -> Option<&E> {
        self.chain().find_map(|error| error.downcast_ref())
    }

    /// How long to wait before the next attempt, where [`retry_after`](Self::retry_after) said so.
    pub(crate) fn asked_wait(&self) -> Option<Duration> {
        self.find().map(|asks: &AsksToWait| asks.wait)
    }

    /// The error and its sources; what a name or a wait was added to comes after what adds it.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let mut next: Option<&(dyn Error + 'static)> = Some(self.error.as_ref());
        std::iter::from_fn(move || {
            let error = next?;
            next = added_to(error).or_else(|| error.source());
            Some(error)
        })
    }

    /// The error.
    #[must_use]
    pub fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.error.as_ref()
    }

    pub(crate) fn type_name(&self) -> Option<&'static str> {
        self.type_name
    }

    /// The error that the step failed with, without the name and the wait that it was given.
    pub(crate) fn into_source(self) -> Box<dyn Error + Send + Sync> {
        let mut error = self.error;
        loop {
            error = match error.downcast::<Named>() {
                Ok(named) => named.source,
                Err(error) => match error.downcast::<AsksToWait>() {
                    Ok(asks) => asks.source,
                    Err(error) => return error,
                },
            }
        }
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for StepError {
    fn from(error: E) -> Self {
        Self { error: Box::new(error), type_name: Some(type_name::<E>()) }
    }
}

impl From<StepError> for Box<dyn Error + Send + Sync> {
    fn from(error: StepError) -> Self {
        error.error
    }
}

impl fmt::Debug for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

/// Gives the error of a `Result` the short name under which `step_errors_total` counts it.
///
/// ```
/// use ia_pipeline::{ErrorType, StepContext, StepError};
///
/// async fn ask(_: StepContext, status: u16) -> Result<(), StepError> {
///     if status == 429 {
///         Err("slow down").error_type("rate_limited")?;
///     }
///     Ok(())
/// }
/// ```
pub trait ErrorType<T> {
    /// Names the error: a word of the program, never a message.
    ///
    /// # Errors
    ///
    /// The error, named.
    fn error_type(self, name: &'static str) -> Result<T, StepError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> ErrorType<T> for Result<T, E> {
    fn error_type(self, name: &'static str) -> Result<T, StepError> {
        self.map_err(|error| StepError {
            error: Box::new(Named { name, source: error.into() }),
            type_name: None,
        })
    }
}

/// An error with a name. Reads like the error it names.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for Named {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

/// An error that says how long to wait. Reads like the error it is about.
struct AsksToWait {
    wait: Duration,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Debug for AsksToWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl fmt::Display for AsksToWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for AsksToWait {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

/// The error that a name or a wait was added to.
fn added_to<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let named = error.downcast_ref::<Named>().map(|named| &named.source);
    let added = named.or_else(|| error.downcast_ref::<AsksToWait>().map(|asks| &asks.source));
    added.map(|source| source.as_ref() as &(dyn Error + 'static))
}
