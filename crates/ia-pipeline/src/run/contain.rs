//! Keeps panics of what users wrote where they happen.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// A panic that went no further, by its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panic(pub(crate) String);

/// Does some work; a panic of it is the error.
///
/// What the work leaves half done is given up with it: nothing of it is looked at afterwards.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    catch_unwind(AssertUnwindSafe(work)).map_err(Panic::of)
}

impl Panic {
    fn of(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        // What a panic carries may panic itself as it is dropped; what that carries is let go.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        Self(text.unwrap_or_else(|| "no message".to_owned()))
    }
}

pin_project! {
    /// A future whose panics, in a poll or as it is dropped, go no further.
    ///
    /// A future that panics as it is dropped would take those beside it along: they would never be dropped, nor give
    /// back what they hold.
    pub(crate) struct Contained<F> {
        // `None` only while this is being dropped.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Contained<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // It is gone either way, and there is nobody to tell.
            contain(|| this.future.set(None)).ok();
        }
    }
}

impl<F> Contained<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Some(future) }
    }
}

impl<F: Future> Future for Contained<F> {
    type Output = Result<F::Output, Panic>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = self.project().future.as_pin_mut() else { return Poll::Pending };
        match contain(|| future.poll(cx)) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}
