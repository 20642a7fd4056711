//! Gives streams to the steps that take them, when the steps that yield them begin.

use super::RunState;
use super::progress::Progress;
use crate::data::Deliveries;
use crate::stream::{Opened, Outlet};

/// The yielding sides of streams that have just been opened, by step.
#[derive(Default)]
pub(super) struct Streams(Vec<(usize, Outlet)>);

impl Streams {
    /// Opens the streams of the steps that are ready, and of those that are ready by that.
    pub(super) fn open(
        run: &RunState,
        progress: &mut Progress<'_>,
        ready: &mut Vec<(usize, Deliveries)>,
    ) -> Self {
        let (mut streams, mut at) = (Self::default(), 0);
        while let Some(step) = ready.get(at).map(|(step, _)| *step) {
            let plan = run.core.plans[step].stream;
            if let Some(Opened { outlet, stream }) =
                plan.and_then(|plan| plan.open(&run.core, step))
            {
                progress.opened(step, stream);
                ready.append(&mut progress.take_ready());
                streams.0.push((step, outlet));
            }
            at += 1;
        }
        streams
    }

    /// The yielding side of the stream of this step, if it has one.
    pub(super) fn outlet(&mut self, step: usize) -> Option<Outlet> {
        let at = self.0.iter().position(|(of, _)| *of == step)?;
        Some(self.0.swap_remove(at).1)
    }
}
