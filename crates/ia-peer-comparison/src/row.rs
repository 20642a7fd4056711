//! One measured figure.

use std::borrow::Cow;

use crate::groups::Group;

/// What role a subject has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ours,
    Peer,
    /// Needs an owner or a flush by hand: shown beside the peers, not counted as one.
    Owned,
    /// A building block, not a metrics library: a table to look series up in, an instruction.
    Part,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Peer => "peer",
            Self::Owned => "owned",
            Self::Part => "part",
        }
    }
}

/// One measured figure and the limit beside it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) group: Group,
    /// Which of the group's questions: a number of series, a quantile. Empty where there is only one.
    pub(crate) case: Cow<'static, str>,
    pub(crate) subject: &'static str,
    pub(crate) kind: Kind,
    pub(crate) threads: usize,
    /// In the group's unit.
    pub(crate) value: f64,
    pub(crate) limit: f64,
    pub(crate) how: &'static str,
}

impl Row {
    /// How many times the limit.
    pub(crate) fn ratio(&self) -> f64 {
        self.value / self.limit
    }

    /// Whether both answer the same question.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        (self.group, &self.case) == (other.group, &other.case)
            && (self.threads == other.threads || self.group.threads_are_variants())
    }
}

/// The best figure of a peer among the rows that answer the same question as `row`.
pub(crate) fn best_peer(rows: &[Row], row: &Row) -> Option<f64> {
    rows.iter()
        .filter(|other| other.kind == Kind::Peer && other.is_beside(row))
        .map(|other| other.value)
        .min_by(f64::total_cmp)
}
