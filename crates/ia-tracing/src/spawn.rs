//! Tokio tasks that keep the current span.

use tokio::task::JoinHandle;

use crate::Instrument;

/// [`tokio::spawn`] whose task runs under what is current here. Feature `tokio`.
///
/// The span is not kept open: a task may outlive it.
///
/// # Panics
///
/// Outside a tokio runtime, as [`tokio::spawn`] does.
///
/// ```
/// use ia_tracing::{Instrument, Tracer, spawn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tracer = Tracer::default();
/// let child = tracer.clone();
/// let work = async {
///     spawn(async move { child.start("child").end() }).await.unwrap();
/// };
/// work.instrument(tracer.start("parent")).await;
/// assert_eq!(tracer.spans().tree(), "parent > child");
/// # }
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_current_context())
}
