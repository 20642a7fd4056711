//! Words for messages.

use std::fmt::Write;

/// The longest name that a message shows.
const LONGEST: usize = 200;

/// A name of the file between backticks, shortened where it is long.
pub(crate) fn quoted(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("`{}…`", &name[..cut]),
        None => format!("`{name}`"),
    }
}

/// `did you mean …?` for the candidate that is nearest to a name, if one is near, else what there is to choose from.
pub(crate) fn or_which<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match near(name, candidates.iter().copied()) {
        Some(near) => format!("did you mean {}?", quoted(near)),
        None if candidates.is_empty() => "there are none".to_owned(),
        None => format!("there are {}", listed(&candidates)),
    }
}

/// The candidate that is nearest to a name, if one is near.
pub(crate) fn near<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let likeness = candidates.into_iter().map(|known| (known, likeness(name, known)));
    let near = likeness.filter(|(_, like)| *like > 0.8);
    near.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(near, _)| near)
}

/// Names in a sentence, not too many.
pub(crate) fn listed(names: &[&str]) -> String {
    let mut text = String::new();
    for (at, name) in names.iter().take(20).enumerate() {
        let before = if at == 0 { "" } else { ", " };
        // A string takes everything.
        write!(text, "{before}{}", quoted(name)).ok();
    }
    if names.len() > 20 {
        text.push_str(", …");
    }
    text
}

/// A text whose control characters are written as escapes, so that no name begins a line of its own.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_debug());
        } else {
            line.push(c);
        }
    }
    line
}

fn likeness(name: &str, known: &str) -> f64 {
    // The measure takes time with the product of the lengths.
    if name.len() > LONGEST || known.len() > LONGEST {
        return 0.0;
    }
    strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase())
}
