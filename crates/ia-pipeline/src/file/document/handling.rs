//! What a flow file says of failures: `error_handling`.

use std::time::Duration;

use crate::file::error::FlowFileErrorKind as Kind;
use crate::file::fields::Fields;
use crate::file::node::Cursor;
use crate::file::place::Place;
use crate::file::problems::Problems;
use crate::{Backoff, Jitter, Policy};

/// What happens when a step fails.
#[derive(Debug)]
pub(crate) struct Handling {
    pub(crate) policy: Policy,
    /// The registry's key of the step that answers.
    pub(crate) fallback: Option<(String, Place)>,
}

/// Reads `error_handling`.
pub(crate) fn handling(cursor: Option<Cursor<'_>>, problems: &mut Problems) -> Handling {
    let nothing = Handling { policy: Policy::new(), fallback: None };
    let Some(cursor) = cursor else { return nothing };
    let Some(fields) = Fields::of(cursor, "`error_handling`", problems) else { return nothing };
    let known = [
        "continue_on_error",
        "enable_fallback",
        "fallback_step",
        "fallback",
        "retry",
        "description",
    ];
    fields.unknown(&known, problems);
    let mut policy = fields
        .get(&["retry"])
        .and_then(|retry| Fields::of(retry, "`retry`", problems))
        .map_or_else(Policy::new, |retry| retries(&retry, problems));
    if fields.flag("continue_on_error", problems).unwrap_or(false) {
        policy = policy.continue_on_error();
    }
    Handling { policy, fallback: fallback(&fields, problems) }
}

fn retries(fields: &Fields<'_>, problems: &mut Problems) -> Policy {
    let known =
        ["max_attempts", "initial_delay", "max_delay", "exponential_base", "jitter", "description"];
    fields.unknown(&known, problems);
    let attempts = fields.count("max_attempts", 1, problems).unwrap_or(3);
    let first = fields.seconds("initial_delay", problems).unwrap_or(Duration::from_secs(1));
    let longest = fields.seconds("max_delay", problems);
    if let Some((longest, field)) = longest.zip(fields.get(&["max_delay"]))
        && longest < first
    {
        let message =
            format!("`max_delay` is {longest:?}, but `initial_delay` is {first:?}; raise the one");
        problems.error(field.place(), Kind::BadValue, message);
    }
    let longest = longest.unwrap_or(Duration::from_mins(1)).max(first);
    let base = fields.number("exponential_base", 1.0, problems).unwrap_or(2.0);
    let jitter =
        if fields.flag("jitter", problems).unwrap_or(true) { Jitter::Equal } else { Jitter::None };
    let backoff = Backoff::exponential(first, longest).multiplier(base).jitter(jitter);
    Policy::retry(attempts - 1).backoff(backoff)
}

fn fallback(fields: &Fields<'_>, problems: &mut Problems) -> Option<(String, Place)> {
    let step = fields.text(&["fallback_step", "fallback"], problems);
    match (fields.flag("enable_fallback", problems), step) {
        (Some(false), Some((_, place))) => {
            problems.warn(place, "`enable_fallback` is false, so this has no effect");
            None
        }
        (Some(true), None) if fields.get(&["fallback_step", "fallback"]).is_none() => {
            let message = "`enable_fallback` is true, but no step answers; name one of the registry in `fallback_step`";
            problems.error(fields.place(), Kind::Missing, message);
            None
        }
        (_, step) => step,
    }
}
