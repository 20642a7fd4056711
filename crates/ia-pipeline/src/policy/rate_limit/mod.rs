//! Rate limits: so many calls in so much time.

mod schedule;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use self::schedule::{Schedule, Spacing};
use super::PolicyError;

/// Longer than anybody waits, and within the reach of every clock.
const LONGEST: Duration = Duration::from_hours(10 * 365 * 24);

/// Makes attempts wait so that no more are made than so many in so much time.
///
/// ```
/// use ia_pipeline::{Policy, RateLimit};
///
/// let openai = RateLimit::per_minute(500).burst(10);
/// let ask = Policy::retry(3).rate_limit(openai.clone());
/// let embed = Policy::new().rate_limit(openai); // together they stay within the limit
/// ```
///
/// It is a handle: its clones are one limit, shared by all runs of all steps that are given one. Each setter makes another
/// limit, so set everything before cloning.
///
/// Attempts are spaced evenly; in any span of time there are at most `burst` more of them than the rate allows. What a
/// timer was late, up to two milliseconds, is made up for.
///
/// Who comes first goes first. Waiting for a turn is part of `step_queue_wait_seconds` and `pipeline_queue_depth`. Who
/// stops waiting has used nothing, and the next moves up; a run that is kept but no longer polled keeps its place.
/// Waiting needs a tokio runtime with its timer on, whose clock is the one that counts.
#[derive(Clone)]
pub struct RateLimit {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    /// Whose turn it is. Tokio's semaphores are fair.
    turn: Semaphore,
    schedule: Mutex<Schedule>,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    calls: u32,
    per: Duration,
    burst: u32,
    refuses: bool,
}

/// The right to make the next call, now. Dropped without [`take`](Self::take), it is the right of the next in the queue.
pub(crate) struct Turn<'a> {
    limit: &'a Shared,
    since: Instant,
    _permit: SemaphorePermit<'a>,
}

impl RateLimit {
    /// So many attempts in so much time: at least 1, and some time.
    #[must_use]
    pub fn new(calls: u32, per: Duration) -> Self {
        Self::with(Settings { calls, per, burst: 1, refuses: false })
    }

    /// So many attempts a second, at least 1.
    #[must_use]
    pub fn per_second(calls: u32) -> Self {
        Self::new(calls, Duration::from_secs(1))
    }

    /// So many attempts a minute, at least 1.
    #[must_use]
    pub fn per_minute(calls: u32) -> Self {
        Self::new(calls, Duration::from_mins(1))
    }

    /// Sets how many attempts may be made at once after a pause, at least 1. Defaults to 1, so that they are evenly spaced.
    #[must_use]
    pub fn burst(self, calls: u32) -> Self {
        Self::with(Settings { burst: calls, ..self.shared.settings })
    }

    /// Refuses an attempt that would have to wait: the step fails at once with the `error_type` `rate_limited` and is not
    /// retried; its fallback answers. Defaults to waiting.
    #[must_use]
    pub fn refuse(self) -> Self {
        Self::with(Settings { refuses: true, ..self.shared.settings })
    }

    /// Waits for the turn to make a call; `None` where it refuses.
    pub(crate) async fn turn(&self) -> Option<Turn<'_>> {
        let limit = &*self.shared;
        let since = Instant::now();
        // Where all are refused that would have to wait, nobody keeps it for longer than a moment.
        let turn = limit.turn.acquire().await.ok()?;
        let earliest = limit.schedule().earliest(limit.settings.spacing(), Instant::now());
        match earliest {
            Some(_) if limit.settings.refuses => return None,
            Some(earliest) => sleep_until(earliest).await,
            None => {}
        }
        Some(Turn { limit, since, _permit: turn })
    }

    /// Whether it refuses rather than have anybody wait.
    pub(crate) fn refuses(&self) -> bool {
        self.shared.settings.refuses
    }

    pub(super) fn check(&self) -> Option<PolicyError> {
        let Settings { calls, per, burst, .. } = self.shared.settings;
        if calls == 0 || per.is_zero() {
            return Some(PolicyError::Rate);
        }
        (burst == 0).then_some(PolicyError::RateBurst)
    }

    fn with(settings: Settings) -> Self {
        let (turn, schedule) = (Semaphore::new(1), Mutex::default());
        Self { shared: Arc::new(Shared { settings, turn, schedule }) }
    }
}

impl Turn<'_> {
    /// Makes the call.
    pub(crate) fn take(self) {
        let spacing = self.limit.settings.spacing();
        self.limit.schedule().take(spacing, self.since, Instant::now());
    }
}

impl Shared {
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settings {
    fn spacing(self) -> Spacing {
        // Rounded up: a little less than the rate, never more.
        let nanos = self.per.min(LONGEST).as_nanos().div_ceil(u128::from(self.calls.max(1)));
        let interval = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        Spacing { interval, tolerance: interval.saturating_mul(self.burst.saturating_sub(1)) }
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RateLimit").field(&self.shared.settings).finish()
    }
}
