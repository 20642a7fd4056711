//! What is between the step that yields a stream and the step that takes it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use ia_metrics_core::InFlight;
use tokio::task::coop;

use super::Closed;
use super::meter::{Meter, Side};
use super::wakers::Wakers;
use crate::run::{SharedPermit, contain};

/// Room that is made at once, so that sending allocates nothing up to this depth.
const ROOM_AT_FIRST: usize = 64;

/// A bounded queue of items for any number of senders and receivers, which knows how its yielding step ended.
///
/// Not one of the channels that there are: that the depth is exact at every moment, that what was sent is known when it
/// ends, and that a failure is no end of the items, all need one lock, and a channel in it would be a second.
pub(super) struct Channel<T> {
    meter: Meter,
    capacity: usize,
    state: Mutex<State<T>>,
}

struct State<T> {
    items: VecDeque<Queued<T>>,
    phase: Phase,
    /// How many `Stream`s there are.
    streams: usize,
    /// Whether the step that takes has ended.
    abandoned: bool,
    sent: u64,
    /// The permit on which the step that takes runs, until the step that yields has taken it up.
    lent: Option<Arc<SharedPermit>>,
    /// Who waits for room, or for the other side to begin or to go.
    senders: Wakers,
    receivers: Wakers,
}

/// An item that waits to be taken.
struct Queued<T> {
    item: T,
    _waits: Option<InFlight>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The step that yields succeeded.
    Complete,
    Open,
    /// The step that yields failed or was dropped.
    Stopped,
}

impl<T> Channel<T> {
    /// A channel with one stream.
    pub(super) fn new(meter: Meter, capacity: usize) -> Self {
        let state = State {
            items: VecDeque::with_capacity(capacity.min(ROOM_AT_FIRST)),
            phase: Phase::Open,
            streams: 1,
            abandoned: false,
            sent: 0,
            lent: None,
            senders: Wakers::default(),
            receivers: Wakers::default(),
        };
        Self { meter, capacity, state: Mutex::new(state) }
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Sends the item, which is taken out when it has been. `since` is when it began to wait, if it did.
    pub(super) fn poll_send(
        &self,
        cx: &mut Context<'_>,
        item: &mut Option<T>,
        since: &mut Option<Instant>,
    ) -> Poll<Result<(), Closed>> {
        // Two sides that are always ready must let others have their turn.
        let turn = ready!(coop::poll_proceed(cx));
        let mut state = self.lock();
        if state.is_closed() {
            turn.made_progress();
            return Poll::Ready(Err(Closed));
        }
        if state.items.len() >= self.capacity {
            state.senders.add(cx);
            drop(state);
            self.meter.waits(since);
            return Poll::Pending;
        }
        if let Some(item) = item.take() {
            state.sent += 1;
            // Under the lock, so that no reading of the depth is one that never was.
            let queued = Queued { item, _waits: self.meter.item() };
            state.items.push_back(queued);
        }
        let receivers = state.receivers.take();
        drop(state);
        receivers.wake();
        turn.made_progress();
        Poll::Ready(Ok(()))
    }

    /// Takes an item. `since` is when it began to wait, if it did.
    pub(super) fn poll_receive(
        &self,
        cx: &mut Context<'_>,
        since: &mut Option<Instant>,
    ) -> Poll<Option<T>> {
        let turn = ready!(coop::poll_proceed(cx));
        let mut state = self.lock();
        let received = match state.items.pop_front() {
            Some(Queued { item, _waits }) => Some(item),
            None if state.phase == Phase::Complete => None,
            None => {
                state.receivers.add(cx);
                drop(state);
                self.meter.waits(since);
                return Poll::Pending;
            }
        };
        let senders = state.senders.take();
        drop(state);
        senders.wake();
        self.meter.waited(Side::Receive, since);
        turn.made_progress();
        Poll::Ready(received)
    }

    pub(super) fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.is_closed() {
            return Poll::Ready(());
        }
        state.senders.add(cx);
        Poll::Pending
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed()
    }

    pub(super) fn add_stream(&self) {
        self.lock().streams += 1;
    }

    /// One stream less; with the last one, nobody takes the items any more.
    pub(super) fn drop_stream(&self) {
        let mut state = self.lock();
        state.streams -= 1;
        if state.streams > 0 {
            return;
        }
        let (items, senders) = (std::mem::take(&mut state.items), state.senders.take());
        drop(state);
        senders.wake();
        // Last, and without the lock: they are the user's.
        drop(items);
    }

    /// The step that takes has ended: no more is sent, whatever clones of the stream somebody keeps.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        let senders = state.senders.take();
        drop(state);
        senders.wake();
    }

    /// The step that yields has ended; how many items it has sent. Only the first end counts.
    pub(super) fn end(&self, complete: bool) -> u64 {
        let mut state = self.lock();
        let mut discarded = VecDeque::new();
        if state.phase == Phase::Open {
            state.phase = if complete { Phase::Complete } else { Phase::Stopped };
            if !complete {
                discarded = std::mem::take(&mut state.items);
            }
        }
        let lent = state.lent.take();
        let (sent, senders, receivers) = (state.sent, state.senders.take(), state.receivers.take());
        drop(state);
        senders.wake();
        receivers.wake();
        drop(lent);
        // They are the user's, and there is nobody to tell that one panicked.
        contain(|| drop(discarded)).ok();
        sent
    }

    /// The step that takes has begun, on this permit.
    pub(super) fn lend(&self, permit: Arc<SharedPermit>) {
        let mut state = self.lock();
        let unwanted = if state.is_closed() { Some(permit) } else { state.lent.replace(permit) };
        let senders = state.senders.take();
        drop(state);
        senders.wake();
        drop(unwanted);
    }

    /// The permit of the step that takes, once it has begun; `None` when there will be none.
    pub(super) fn poll_lent(&self, cx: &mut Context<'_>) -> Poll<Option<Arc<SharedPermit>>> {
        let mut state = self.lock();
        if let Some(permit) = state.lent.take() {
            return Poll::Ready(Some(permit));
        }
        if state.is_closed() {
            return Poll::Ready(None);
        }
        state.senders.add(cx);
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    /// Whether what is sent would not be taken.
    fn is_closed(&self) -> bool {
        self.phase != Phase::Open || self.streams == 0 || self.abandoned
    }
}
