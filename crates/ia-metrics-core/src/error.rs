//! What can be wrong with a metric's description, registration or labels.

use std::error::Error;
use std::fmt;

use crate::{Descriptor, Kind, NameFault};

/// A configuration mistake. Recording itself never fails.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MetricError {
    /// The bounds of a histogram make no buckets.
    InvalidBuckets {
        /// What is wrong with them, and what to give instead.
        reason: &'static str,
    },
    /// A label name is not valid, reserved, or given twice.
    InvalidLabel {
        /// The metric.
        metric: String,
        /// The label.
        label: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// A metric name is not valid.
    InvalidName {
        /// The name.
        name: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// The metric exists with another definition.
    Conflict {
        /// The metric.
        metric: String,
        /// What differs.
        difference: Difference,
    },
    /// Another metric writes samples of this name: a histogram `x` owns `x_bucket`, `x_sum` and `x_count`.
    NameTaken {
        /// The metric that was refused.
        metric: String,
        /// The sample name both would write.
        sample: String,
        /// The metric that has it.
        owner: String,
    },
    /// A dynamic family was given the wrong number of label values.
    LabelCount {
        /// The metric.
        metric: String,
        /// How many labels it has.
        expected: usize,
        /// How many values were given.
        found: usize,
    },
    /// A dynamic family was given a label that it does not have.
    UnknownLabel {
        /// The metric.
        metric: String,
        /// The label that was given.
        label: String,
        /// The labels that it has.
        known: Vec<String>,
    },
    /// A descriptor of one kind was used to make a family of another.
    WrongKind {
        /// The metric.
        metric: String,
        /// What the descriptor describes.
        described: Kind,
        /// What was asked for.
        asked: Kind,
    },
    /// A descriptor over one type of values was used to make a family over another.
    WrongValue {
        /// The metric.
        metric: String,
        /// What the descriptor describes.
        described: &'static str,
        /// What was asked for.
        asked: &'static str,
    },
}

/// In what a second definition of a metric differs from the first.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Difference {
    /// The bounds of the buckets.
    Buckets,
    /// The kind of metric.
    Kind {
        /// The kind that exists.
        existing: Kind,
        /// The kind that was asked for.
        asked: Kind,
    },
    /// The label names or their order.
    Labels {
        /// The labels that exist.
        existing: Vec<String>,
        /// The labels that were asked for.
        asked: Vec<String>,
    },
    /// The unit, the scale or the Rust type of the values.
    Value,
    /// The window of a summary.
    Window,
}

impl fmt::Display for MetricError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidBuckets { reason } => write!(f, "the buckets cannot be used: {reason}"),
            Self::InvalidLabel { metric, label, fault } => {
                write!(
                    f,
                    "label `{}` of metric `{metric}` cannot be used: {}",
                    label.escape_debug(),
                    fault.remedy()
                )
            }
            Self::InvalidName { name, fault } => {
                write!(
                    f,
                    "metric name `{}` cannot be used: {}",
                    name.escape_debug(),
                    fault.remedy()
                )
            }
            Self::Conflict { metric, difference } => {
                write!(
                    f,
                    "metric `{metric}` already exists {difference}; use one definition, or another name"
                )
            }
            Self::NameTaken { metric, owner, .. } if metric == owner => {
                write!(
                    f,
                    "metric `{metric}` is written by the registry itself; choose another name"
                )
            }
            Self::NameTaken { metric, sample, owner } => {
                write!(
                    f,
                    "metric `{metric}` would write `{sample}`, which `{owner}` writes already; choose another name"
                )
            }
            Self::LabelCount { metric, expected, found } => {
                write!(
                    f,
                    "metric `{metric}` has {expected} labels, but {found} values were given; give one for each"
                )
            }
            Self::UnknownLabel { metric, label, known } => write!(
                f,
                "metric `{metric}` has no label `{}`, or it was given twice; its labels are [{}]: give each once",
                label.escape_debug(),
                known.join(", ")
            ),
            Self::WrongKind { metric, described, asked } => {
                write!(
                    f,
                    "metric `{metric}` is described as a {described}, not as a {asked}; ask for a {described} family"
                )
            }
            Self::WrongValue { metric, described, asked } => {
                write!(
                    f,
                    "metric `{metric}` is described over {described}, not {asked}; ask for a family over {described}"
                )
            }
        }
    }
}

impl Error for MetricError {}

impl Difference {
    /// The refusal of this description, for what differs.
    pub(crate) fn conflict(self, asked: &Descriptor) -> MetricError {
        MetricError::Conflict { metric: asked.name().to_owned(), difference: self }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buckets => f.write_str("with other buckets"),
            Self::Kind { existing, asked } => write!(f, "as a {existing}, not as a {asked}"),
            Self::Labels { existing, asked } => {
                write!(f, "with the labels [{}], not [{}]", existing.join(", "), asked.join(", "))
            }
            Self::Value => f.write_str("with another unit, scale or type of value"),
            Self::Window => f.write_str("with another window"),
        }
    }
}
