//! How a failure becomes a short name for `error_type`: never a message, so the number of series stays small.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write};
use std::sync::Arc;

use crate::StepError;
use crate::step::Named;

/// The longest name that is taken from an error's variant.
const LONGEST: usize = 40;

/// A function of the pipeline's author that names errors.
pub(crate) type Classifier =
    Arc<dyn Fn(&(dyn Error + 'static)) -> Option<&'static str> + Send + Sync>;

pub(crate) const BUDGET_EXCEEDED: &str = "budget_exceeded";
pub(crate) const CANCELLED: &str = "cancelled";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const CIRCUIT_OPEN: &str = "circuit_open";
pub(crate) const PAUSED: &str = "paused";
pub(crate) const NO_OUTPUT: &str = "no_output";
pub(crate) const TIMEOUT: &str = "timeout";
pub(crate) const PANIC: &str = "panic";
pub(crate) const LOOP_LIMIT: &str = "loop_limit";
pub(crate) const RATE_LIMITED: &str = "rate_limited";
pub(crate) const BAD_INPUT: &str = "bad_input";
pub(crate) const BAD_OUTPUT: &str = "bad_output";
pub(crate) const INCOMPARABLE: &str = "incomparable";
pub(crate) const MISSING_VALUE: &str = "missing_value";
pub(crate) const AMBIGUOUS_INPUT: &str = "ambiguous_input";

/// A classifier for errors of one type, wherever they are in the chain of sources.
pub(crate) fn classifier<E: Error + 'static>(
    name: impl Fn(&E) -> &'static str + Send + Sync + 'static,
) -> Classifier {
    Arc::new(move |error| error.downcast_ref::<E>().map(&name))
}

/// Names an error that a step returned, in this order: the name given at the call, the name given by the pipeline's
/// author, the I/O kind, the error's variant, its type, `error`.
pub(crate) fn name_of(failure: &StepError, classifiers: &[Classifier]) -> Cow<'static, str> {
    let error: &(dyn Error + 'static) = failure.as_error();
    let named = |error: &(dyn Error + 'static)| {
        let given = error.downcast_ref::<Named>().map(|named| named.name);
        given.or_else(|| classifiers.iter().find_map(|name| name(error)))
    };
    if let Some(name) = failure.chain().find_map(named) {
        return Cow::Borrowed(name);
    }
    if let Some(io) = failure.chain().find_map(|error| error.downcast_ref::<std::io::Error>()) {
        return Cow::Owned(format!("{:?}", io.kind()));
    }
    if let Some(variant) = variant(error) {
        return Cow::Owned(variant);
    }
    failure.type_name().and_then(last_segment).map_or(Cow::Borrowed("error"), Cow::Borrowed)
}

/// The name of an error's variant: the head of its `Debug` text, where that looks like a name.
fn variant(error: &(dyn Error + 'static)) -> Option<String> {
    let mut head = Head::default();
    // The writer answers with an error to stop where the name ends.
    write!(head, "{error:?}").ok();
    let name = head.0;
    let named = name.len() <= LONGEST
        && name != "Error"
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    named.then_some(name)
}

/// The last segment of a type's path, without its parameters.
fn last_segment(type_name: &'static str) -> Option<&'static str> {
    let path = type_name.split('<').next()?;
    let last = path.rsplit("::").next()?;
    if last == "Error" {
        // Every crate has one: its crate tells them apart.
        return path.split("::").next().filter(|first| *first != "Error");
    }
    // A text, a box and a reference say nothing of the error.
    let says_nothing =
        matches!(last, "Box" | "String" | "str") || last.starts_with(['&', '(', '[']);
    (!says_nothing).then_some(last)
}

/// Takes the first word of what is written and stops there.
#[derive(Default)]
struct Head(String);

impl Write for Head {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if matches!(c, ' ' | '(' | '{' | '\n') || self.0.len() > LONGEST {
                return Err(fmt::Error);
            }
            self.0.push(c);
        }
        Ok(())
    }
}
