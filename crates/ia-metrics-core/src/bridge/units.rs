//! Units of the `metrics` crate.

use crate::Unit;

/// The unit of ours that is the same, if there is one: values are passed on as they are, so one that is only similar
/// would be a lie.
pub(super) fn unit(given: metrics::Unit) -> Unit {
    match given {
        metrics::Unit::Bytes => Unit::Bytes,
        metrics::Unit::Percent => Unit::Percent,
        metrics::Unit::Seconds => Unit::Seconds,
        // A count is a number of things, and the rest are multiples and rates of units.
        _ => Unit::None,
    }
}

/// The help text, which names the unit where [`unit`] cannot.
pub(super) fn help(text: &str, given: Option<metrics::Unit>) -> String {
    let unsaid = given.filter(|given| *given != metrics::Unit::Count && unit(*given) == Unit::None);
    let gap = if text.is_empty() { "" } else { " " };
    match unsaid {
        Some(unit) => format!("{text}{gap}Unit: {}.", unit.as_str().replace('_', " ")),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{help, unit};
    use crate::Unit;

    #[test]
    fn a_unit_that_is_not_ours_is_told_in_words() {
        assert_eq!(unit(metrics::Unit::Milliseconds), Unit::None);
        assert_eq!(help("Time.", Some(metrics::Unit::Milliseconds)), "Time. Unit: milliseconds.");
        assert_eq!(help("", Some(metrics::Unit::CountPerSecond)), "Unit: count per second.");
    }

    #[test]
    fn a_unit_of_ours_and_a_count_need_no_words() {
        assert_eq!(unit(metrics::Unit::Seconds), Unit::Seconds);
        assert_eq!(help("Time.", Some(metrics::Unit::Seconds)), "Time.");
        assert_eq!(help("Jobs.", Some(metrics::Unit::Count)), "Jobs.");
        assert_eq!(help("Jobs.", None), "Jobs.");
    }
}
