//! One arrow of a flow, by names.

use std::time::Duration;

use super::Condition;

/// An arrow from one step to another.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) kind: EdgeKind,
}

/// When an arrow is followed.
#[derive(Clone, Debug)]
pub(crate) enum EdgeKind {
    Always,
    /// `pause` is how long the loop waits before it starts over.
    Loop {
        condition: Condition,
        limit: u32,
        pause: Duration,
    },
    Otherwise,
    When(Condition),
}

impl EdgeKind {
    pub(crate) fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Loop { condition, .. } | Self::When(condition) => Some(condition),
            Self::Always | Self::Otherwise => None,
        }
    }
}
