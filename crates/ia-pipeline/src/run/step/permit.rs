//! The permit of a step, where a pipeline bounds how many run at once.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::data::Deliveries;
use crate::pipeline::Core;
use crate::run::state::RunState;
use crate::stream::Outlet;

/// Held while a step runs; given back by being dropped.
#[expect(dead_code, reason = "it is held for its drop")]
pub(super) enum Permit<'a> {
    Own(Option<SemaphorePermit<'a>>),
    Shared(Option<Arc<SharedPermit>>),
}

/// One permit for all steps that streams connect.
pub(crate) struct SharedPermit(Arc<Core>);

impl Permit<'_> {
    /// Waits for a permit.
    ///
    /// A step that yields a stream waits for the step that takes it, and then runs on its permit. So only a step that has
    /// everything it waits for but its streams waits for a permit of its own, and whatever those streams need to go on
    /// needs no other: nobody who holds a permit waits for somebody who waits for one.
    pub(super) async fn acquire<'a>(
        run: &'a RunState,
        permits: &'a Semaphore,
        outlet: Option<&Outlet>,
        given: &Deliveries,
    ) -> Permit<'a> {
        if outlet.is_none() && !given.iter().any(|(_, delivery)| delivery.is_stream()) {
            return Permit::Own(permits.acquire().await.ok());
        }
        let lent = match outlet {
            Some(outlet) => outlet.lent().await,
            None => None,
        };
        let permit = match lent {
            Some(permit) => Some(permit),
            // It ends a stream, or nobody takes what it yields.
            None => permits.acquire().await.ok().map(|permit| SharedPermit::new(run, permit)),
        };
        if let Some(permit) = &permit {
            given.iter().for_each(|(_, delivery)| delivery.lend(permit));
        }
        Permit::Shared(permit)
    }
}

impl SharedPermit {
    fn new(run: &RunState, permit: SemaphorePermit<'_>) -> Arc<Self> {
        permit.forget();
        Arc::new(Self(Arc::clone(&run.core)))
    }
}

impl Drop for SharedPermit {
    fn drop(&mut self) {
        if let Some(permits) = &self.0.step_permits {
            permits.add_permits(1);
        }
    }
}
