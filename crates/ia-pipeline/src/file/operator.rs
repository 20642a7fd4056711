//! The operators of conditions.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Contains,
    EndsWith,
    Equals,
    Exists,
    GreaterOrEqual,
    GreaterThan,
    In,
    LessOrEqual,
    LessThan,
    NotContains,
    NotEquals,
    NotExists,
    NotIn,
    StartsWith,
}

/// Two values that an operator cannot compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Incomparable;

impl Operator {
    /// Each spelling; the first of an operator's is the one that is shown.
    const SPELLINGS: [(&'static str, Self); 38] = [
        ("equals", Self::Equals),
        ("==", Self::Equals),
        ("eq", Self::Equals),
        ("equal", Self::Equals),
        ("not_equals", Self::NotEquals),
        ("!=", Self::NotEquals),
        ("ne", Self::NotEquals),
        ("not_equal", Self::NotEquals),
        ("greater_than", Self::GreaterThan),
        (">", Self::GreaterThan),
        ("gt", Self::GreaterThan),
        ("greater_or_equal", Self::GreaterOrEqual),
        (">=", Self::GreaterOrEqual),
        ("gte", Self::GreaterOrEqual),
        ("ge", Self::GreaterOrEqual),
        ("greater_than_or_equal", Self::GreaterOrEqual),
        ("greater_than_or_equals", Self::GreaterOrEqual),
        ("less_than", Self::LessThan),
        ("<", Self::LessThan),
        ("lt", Self::LessThan),
        ("less_or_equal", Self::LessOrEqual),
        ("<=", Self::LessOrEqual),
        ("lte", Self::LessOrEqual),
        ("le", Self::LessOrEqual),
        ("less_than_or_equal", Self::LessOrEqual),
        ("less_than_or_equals", Self::LessOrEqual),
        ("contains", Self::Contains),
        ("not_contains", Self::NotContains),
        ("in", Self::In),
        ("not_in", Self::NotIn),
        ("exists", Self::Exists),
        ("is_set", Self::Exists),
        ("not_exists", Self::NotExists),
        ("is_not_set", Self::NotExists),
        ("starts_with", Self::StartsWith),
        ("startswith", Self::StartsWith),
        ("ends_with", Self::EndsWith),
        ("endswith", Self::EndsWith),
    ];

    pub(crate) fn of(name: &str) -> Option<Self> {
        let spelling = Self::SPELLINGS.iter().find(|(spelling, _)| *spelling == name);
        spelling.map(|(_, operator)| *operator)
    }

    pub(crate) fn spellings() -> impl Iterator<Item = &'static str> {
        Self::SPELLINGS.iter().map(|(spelling, _)| *spelling)
    }

    /// The spellings that are shown.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::SPELLINGS
            .iter()
            .filter(|(spelling, operator)| operator.name() == *spelling)
            .map(|(spelling, _)| *spelling)
    }

    pub(crate) fn name(self) -> &'static str {
        let spelling = Self::SPELLINGS.iter().find(|(_, operator)| *operator == self);
        spelling.map_or("", |(spelling, _)| spelling)
    }

    /// Whether it asks only if there is a value, and so needs none to compare with.
    pub(crate) fn asks_presence(self) -> bool {
        matches!(self, Self::Exists | Self::NotExists)
    }

    /// Whether it holds between a value that is there and what it is compared with.
    pub(crate) fn holds(self, value: &Value, wanted: &Value) -> Result<bool, Incomparable> {
        match self {
            Self::Exists => Ok(true),
            Self::NotExists => Ok(false),
            Self::Equals => same(value, wanted),
            Self::NotEquals => same(value, wanted).map(|same| !same),
            Self::GreaterThan => order(value, wanted).map(Ordering::is_gt),
            Self::GreaterOrEqual => order(value, wanted).map(Ordering::is_ge),
            Self::LessThan => order(value, wanted).map(Ordering::is_lt),
            Self::LessOrEqual => order(value, wanted).map(Ordering::is_le),
            Self::Contains => contains(value, wanted),
            Self::NotContains => contains(value, wanted).map(|contains| !contains),
            Self::In => contains(wanted, value),
            Self::NotIn => contains(wanted, value).map(|contains| !contains),
            Self::StartsWith => texts(value, wanted).map(|(text, part)| text.starts_with(part)),
            Self::EndsWith => texts(value, wanted).map(|(text, part)| text.ends_with(part)),
        }
    }
}

/// Whether two values are the same: those of one kind, and whatever is compared with null.
fn same(one: &Value, other: &Value) -> Result<bool, Incomparable> {
    match (one, other) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::String(_), Value::String(_))
        | (Value::Array(_), Value::Array(_))
        | (Value::Object(_), Value::Object(_)) => Ok(equal(one, other)),
        _ => Err(Incomparable),
    }
}

/// Whether two values are equal; those of different kinds are not. `1` and `1.0` are.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare(one, other) == Some(Ordering::Equal),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let in_other = |(key, value): (&String, &Value)| {
                other.get(key).is_some_and(|other| equal(value, other))
            };
            one.len() == other.len() && one.iter().all(in_other)
        }
        _ => one == other,
    }
}

fn order(one: &Value, other: &Value) -> Result<Ordering, Incomparable> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare(one, other).ok_or(Incomparable),
        (Value::String(one), Value::String(other)) => Ok(one.cmp(other)),
        _ => Err(Incomparable),
    }
}

/// Whole numbers exactly, others as the nearest `f64`.
fn compare(one: &Number, other: &Number) -> Option<Ordering> {
    let whole = |number: &Number| {
        number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
    };
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

fn contains(whole: &Value, part: &Value) -> Result<bool, Incomparable> {
    match (whole, part) {
        (Value::Array(items), part) => Ok(items.iter().any(|item| equal(item, part))),
        (Value::Object(fields), Value::String(key)) => Ok(fields.contains_key(key)),
        (Value::String(text), Value::String(part)) => Ok(text.contains(part.as_str())),
        _ => Err(Incomparable),
    }
}

fn texts<'a>(one: &'a Value, other: &'a Value) -> Result<(&'a str, &'a str), Incomparable> {
    one.as_str().zip(other.as_str()).ok_or(Incomparable)
}
