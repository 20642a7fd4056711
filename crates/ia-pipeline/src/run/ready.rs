//! Which steps begin now.

use std::collections::VecDeque;
use std::sync::Arc;

use super::RunState;
use super::journal::Journal;
use super::progress::Progress;
use super::resume::{Replay, Replayed};
use crate::data::Deliveries;
use crate::stream::{Opened, Outlet};

/// A step that begins, with what it is given.
pub(crate) struct Ready {
    pub(crate) step: usize,
    pub(crate) given: Deliveries,
    /// Where it puts its items, if it yields a stream.
    pub(crate) outlet: Option<Outlet>,
}

/// The steps that are ready, and those that are ready by that: who takes a stream begins with who yields it, and steps that
/// a checkpoint knows are passed over.
pub(super) fn take(
    run: &RunState,
    progress: &mut Progress<'_>,
    mut journal: Option<&mut Journal>,
    replay: &mut Replay,
) -> Vec<Ready> {
    let mut open = VecDeque::from(progress.take_ready());
    let mut ready = Vec::with_capacity(open.len());
    while let Some((step, given)) = open.pop_front() {
        let stream = run.core.plans[step].stream;
        if let Some(journal) = journal.as_deref_mut() {
            match replay.next(step) {
                Some(Replayed::Gave(output, routes)) => {
                    if let Some(link) = routes.back {
                        run.take_loop(link);
                    }
                    if stream.is_some() {
                        // Who took it has ended too.
                        progress.opened(step, Arc::new(()));
                    }
                    progress.ended(step, output.as_ref(), &routes);
                    open.extend(progress.take_ready());
                    continue;
                }
                Some(Replayed::Again(sequence)) => journal.forget(sequence),
                None if journal.waits_for_answer(step) => continue,
                None => {}
            }
        }
        let opened = stream.and_then(|stream| stream.open(&run.core, step));
        let outlet = opened.map(|Opened { outlet, stream }| {
            if let Some(taker) = run.core.graph.successors(step).next() {
                run.takes(taker, outlet.taking());
            }
            progress.opened(step, stream);
            open.extend(progress.take_ready());
            outlet
        });
        ready.push(Ready { step, given, outlet });
    }
    ready
}
