//! Ends the telemetry of a process in good order.

use std::ops::Deref;
use std::time::Duration;

use ia_export::Report;

use super::Telemetry;

/// How long dropping the guard may take.
const DROP_DEADLINE: Duration = Duration::from_secs(2);

/// The installed [`Telemetry`]. Keep it until the end of `main`: dropping it closes the endpoints, within 2 seconds.
#[derive(Debug)]
#[must_use = "dropping it closes the endpoints: bind it to a name, not to `_`"]
pub struct TelemetryGuard {
    telemetry: Telemetry,
}

impl TelemetryGuard {
    pub(super) fn new(telemetry: Telemetry) -> Self {
        Self { telemetry }
    }

    /// Ends it within the deadline; what became of everything that was recorded. See [`Telemetry::shutdown`].
    #[must_use = "the report says what was lost"]
    pub fn shutdown(self, deadline: Duration) -> Report {
        self.telemetry.shutdown(deadline)
    }
}

impl Deref for TelemetryGuard {
    type Target = Telemetry;

    fn deref(&self) -> &Telemetry {
        &self.telemetry
    }
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        // After `shutdown` there is nothing left to close.
        drop(self.telemetry.shutdown(DROP_DEADLINE));
    }
}
