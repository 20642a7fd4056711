//! Who is to be woken.

use std::task::{Context, Waker};

/// The tasks that wait for one thing. Most often there is one, which costs no allocation.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    first: Option<Waker>,
    others: Vec<Waker>,
}

impl Wakers {
    /// Adds the task, unless it waits already.
    pub(super) fn add(&mut self, cx: &Context<'_>) {
        if self.first.iter().chain(&self.others).any(|waker| waker.will_wake(cx.waker())) {
            return;
        }
        match self.first {
            None => self.first = Some(cx.waker().clone()),
            Some(_) => self.others.push(cx.waker().clone()),
        }
    }

    /// Takes them out, to be woken where no lock is held. All of them look again: one that was picked might be gone.
    #[must_use = "they wait for ever unless they are woken"]
    pub(super) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    pub(super) fn wake(self) {
        self.first.into_iter().chain(self.others).for_each(Waker::wake);
    }
}
