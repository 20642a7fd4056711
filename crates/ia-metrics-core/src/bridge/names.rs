//! Names as Prometheus takes them.

use std::borrow::Cow;

use crate::name;

/// The metric's name with `_` for each character that is not allowed, and before a leading digit.
pub(super) fn metric(given: &str) -> Cow<'_, str> {
    if name::check_metric(given).is_ok() { given.into() } else { rewritten(given, true).into() }
}

/// The label's name with `_` for each character that is not allowed, and before a leading digit; what the exporters write
/// themselves gets `exported_` in front, as Prometheus does with labels that it needs itself.
pub(super) fn label(given: &str) -> Cow<'_, str> {
    if name::check_label(given).is_ok() {
        return given.into();
    }
    let plain = rewritten(given, false);
    if name::check_label(&plain).is_ok() {
        plain.into()
    } else {
        format!("exported_{plain}").into()
    }
}

/// A label name that only this given one has, whatever others become by rewriting.
pub(super) fn distinct_label(plain: &str, given: &str) -> String {
    // `_` and a fingerprint would start with `__`.
    label(&distinct(plain, given)).into_owned()
}

/// A metric name that only this given one has, whatever others become by rewriting.
pub(super) fn distinct(plain: &str, given: &str) -> String {
    format!("{plain}_{:08x}", fingerprint(given))
}

fn rewritten(given: &str, colons: bool) -> String {
    let digit_first = given.starts_with(|first: char| first.is_ascii_digit());
    let lead = (digit_first || given.is_empty()).then_some('_');
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colons && c == ':');
    lead.into_iter().chain(given.chars().map(|c| if legal(c) { c } else { '_' })).collect()
}

/// FNV-1a: the same for a name in every process, which the standard library's hashes do not promise.
fn fingerprint(given: &str) -> u32 {
    given.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::{distinct, distinct_label, label, metric};

    #[test]
    fn what_is_not_allowed_becomes_an_underscore() {
        assert_eq!(metric("http.requests-total"), "http_requests_total");
        assert_eq!(metric("a:b"), "a:b");
        assert_eq!(metric("5xx"), "_5xx");
        assert_eq!(metric("größe"), "gr__e");
        assert_eq!(metric(""), "_");
        assert_eq!(label("a:b"), "a_b");
        assert_eq!(label("http.route"), "http_route");
    }

    #[test]
    fn labels_of_the_exporters_are_moved_aside() {
        assert_eq!(label("le"), "exported_le");
        assert_eq!(label("__name__"), "exported___name__");
        assert_eq!(label(".."), "exported___");
        assert_eq!(label("otel.metric.overflow"), "exported_otel_metric_overflow");
    }

    #[test]
    fn every_name_becomes_a_valid_one() {
        for given in ["", "1", "é", "a b", "__", "le", "quantile", "\0", "🦀"] {
            assert!(crate::name::check_metric(&metric(given)).is_ok(), "{given}");
            assert!(crate::name::check_label(&label(given)).is_ok(), "{given}");
            assert!(
                crate::name::check_label(&distinct_label(&label(given), given)).is_ok(),
                "{given}"
            );
        }
    }

    #[test]
    fn a_distinct_name_is_always_the_same() {
        assert_eq!(distinct("a_b", "a.b"), "a_b_108bf50c");
        assert_ne!(distinct("a_b", "a.b"), distinct("a_b", "a-b"));
    }
}
