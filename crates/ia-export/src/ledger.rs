//! The ledger of one exporter.

use std::collections::BTreeMap;
use std::fmt;

/// Where everything that one exporter was given has gone.
///
/// Each item (a span, or one data point of a batch) is in exactly one state, so the states add up to what was recorded.
/// `Display` is one line.
///
/// ```
/// use ia_export::Ledger;
///
/// let mut ledger = Ledger { recorded: 7, delivered: 4, pending: 1, ..Ledger::default() };
/// ledger.dropped.insert("queue_full", 2);
/// assert!(ledger.is_balanced());
/// assert_eq!(
///     ledger.to_string(),
///     "7 recorded = 4 delivered + 1 pending + 0 ambiguous + 2 dropped (queue_full: 2)"
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Items that the exporter was given.
    pub recorded: u64,
    /// Items that the backend acknowledged. Where nobody acknowledges (datagrams), those that the kernel took.
    pub delivered: u64,
    /// Items that still wait to be sent.
    pub pending: u64,
    /// Items that were sent, whose reply was lost: the backend may or may not have them.
    pub ambiguous: u64,
    /// Items that were given up, by reason.
    pub dropped: BTreeMap<&'static str, u64>,
}

impl Ledger {
    /// How many items were given up, whatever the reason.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.values().fold(0, |total, count| total.saturating_add(*count))
    }

    /// Whether the states add up to what was recorded. They always do, unless an exporter miscounts.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        u128::from(self.recorded) == self.accounted()
    }

    /// Whether everything that was recorded is delivered.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_balanced() && self.delivered == self.recorded
    }

    /// The sum of all states: in 128 bits, where it cannot wrap into a balance.
    fn accounted(&self) -> u128 {
        let states = [self.delivered, self.pending, self.ambiguous];
        states.iter().chain(self.dropped.values()).map(|count| u128::from(*count)).sum()
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recorded, delivered, pending, ambiguous, dropped } = self;
        let sign = if self.is_balanced() { "=" } else { "≠" };
        write!(f, "{recorded} recorded {sign} {delivered} delivered + {pending} pending")?;
        write!(f, " + {ambiguous} ambiguous + {} dropped", self.dropped_total())?;
        let mut before = " (";
        for (reason, count) in dropped {
            write!(f, "{before}{reason}: {count}")?;
            before = ", ";
        }
        if dropped.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}
