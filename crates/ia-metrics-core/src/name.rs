//! The rules for metric and label names, usable in constants and at run time.
//!
//! Source: the Prometheus data model, "Metric names and labels". Names outside it are refused here rather than
//! rewritten later, because two names that become one after rewriting would lose half of the data.

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameFault {
    /// The name has no characters.
    Empty,
    /// The name has a character outside `[a-zA-Z0-9_]` (metrics may also use `:`), or starts with a digit.
    Character,
    /// The label name is kept for the exporters: it starts with `__`, or is `le`, `quantile` or `otel_metric_overflow`.
    Reserved,
    /// The label name appears twice.
    Duplicate,
    /// The name is longer than 1,024 bytes.
    TooLong,
}

/// The longest name, in bytes.
const LONGEST: usize = 1_024;

impl NameFault {
    pub(crate) const fn remedy(self) -> &'static str {
        match self {
            Self::Empty => "it is empty; give it a name",
            Self::Character => {
                "use letters, digits and underscores (metric names also colons), and start with a letter or underscore"
            }
            Self::Reserved => {
                "labels `le`, `quantile`, `otel_metric_overflow` and those that start with `__` belong to the exporters; choose another"
            }
            Self::Duplicate => "the same label is named twice; remove one",
            Self::TooLong => "it is longer than 1,024 bytes; shorten it",
        }
    }
}

/// Checks a metric name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
pub(crate) const fn check_metric(name: &str) -> Result<(), NameFault> {
    check(name, true)
}

/// Checks a label name: `[a-zA-Z_][a-zA-Z0-9_]*`, and none that the exporters write themselves.
pub(crate) const fn check_label(name: &str) -> Result<(), NameFault> {
    let bytes = name.as_bytes();
    if bytes.len() >= 2 && bytes[0] == b'_' && bytes[1] == b'_'
        || same(name, "le")
        || same(name, "quantile")
        || same(name, "otel_metric_overflow")
    {
        return Err(NameFault::Reserved);
    }
    check(name, false)
}

const fn check(name: &str, colons: bool) -> Result<(), NameFault> {
    let bytes = name.as_bytes();
    if bytes.is_empty() {
        return Err(NameFault::Empty);
    }
    if bytes.len() > LONGEST {
        return Err(NameFault::TooLong);
    }
    let mut i = 0;
    while i < bytes.len() {
        let legal = match bytes[i] {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => true,
            b'0'..=b'9' => i > 0,
            b':' => colons,
            _ => false,
        };
        if !legal {
            return Err(NameFault::Character);
        }
        i += 1;
    }
    Ok(())
}

/// Checks all the label names of one metric; answers with the index of the first bad one.
pub(crate) const fn check_labels(names: &[&str]) -> Result<(), (usize, NameFault)> {
    let mut i = 0;
    while i < names.len() {
        if let Err(fault) = check_label(names[i]) {
            return Err((i, fault));
        }
        let mut j = 0;
        while j < i {
            if same(names[i], names[j]) {
                return Err((i, NameFault::Duplicate));
            }
            j += 1;
        }
        i += 1;
    }
    Ok(())
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
