//! The DOT language of Graphviz.

use std::fmt::Write;

use super::mark::{Marks, colours};
use super::shape::Shape;
use crate::builder::Target;

pub(super) fn draw(shape: &Shape, marks: Option<&Marks>) -> String {
    let mut text = String::new();
    write(&mut text, shape, marks);
    text
}

/// A string takes everything that is written to it.
fn write(text: &mut String, shape: &Shape, marks: Option<&Marks>) {
    let mut line = |line: String| {
        writeln!(text, "{line}").ok();
    };
    line(format!("digraph {} {{", quoted(&shape.name)));
    line(
        "    node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"];"
            .to_owned(),
    );
    line("    edge [fontname=\"sans-serif\", fontsize=10];".to_owned());
    line("    start [label=\"\", shape=circle, width=0.2, fillcolor=black];".to_owned());
    for (number, step) in shape.steps.iter().enumerate() {
        let mark = marks.and_then(|marks| marks.get(step));
        let lines = mark.map(super::mark::Mark::lines).unwrap_or_default();
        let label: Vec<&str> =
            std::iter::once(step.as_str()).chain(lines.iter().map(String::as_str)).collect();
        let colour = mark.map(|mark| {
            let (fill, border) = colours(mark.status);
            format!(", fillcolor=\"{fill}\", color=\"{border}\"")
        });
        line(format!(
            "    s{number} [label={}{}];",
            quoted(&label.join("\n")),
            colour.unwrap_or_default()
        ));
    }
    for (target, node) in [(Target::End, "done"), (Target::Failure, "failed")] {
        if shape.leads_to(target) {
            let label = if target == Target::End { "end" } else { "end with failure" };
            line(format!("    {node} [label=\"{label}\", shape=oval];"));
        }
    }
    line(format!("    start -> s{};", shape.start));
    for arrow in &shape.arrows {
        let to = match arrow.to {
            Target::End => "done".to_owned(),
            Target::Failure => "failed".to_owned(),
            Target::Step(step) => format!("s{step}"),
        };
        let label = arrow.label.as_ref().map(|label| format!("label={}", quoted(label)));
        let style = arrow.back.then(|| "style=dashed".to_owned());
        let attributes: Vec<String> = label.into_iter().chain(style).collect();
        let attributes = if attributes.is_empty() {
            String::new()
        } else {
            format!(" [{}]", attributes.join(", "))
        };
        line(format!("    s{} -> {to}{attributes};", arrow.from));
    }
    line("}".to_owned());
}

/// A quoted string. Backslashes begin escapes in labels, and ampersands entities.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '&' => quoted.push_str("&amp;"),
            '\t' => quoted.push(' '),
            c if c.is_control() => quoted.push('\u{FFFD}'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
