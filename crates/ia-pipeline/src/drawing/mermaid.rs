//! Mermaid flowcharts.

use std::fmt::Write;

use super::mark::{Marks, colours};
use super::shape::Shape;
use crate::StepStatus;
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
    // A comment ends at the end of its line.
    line(format!("%% pipeline {}", comment(&shape.name)));
    line("flowchart TD".to_owned());
    line(format!("    start((\" \")) --> s{}", shape.start));
    for (number, step) in shape.steps.iter().enumerate() {
        let mark = marks.and_then(|marks| marks.get(step));
        let lines = mark.map(super::mark::Mark::lines).unwrap_or_default();
        let label: Vec<String> =
            std::iter::once(escaped(step)).chain(lines.iter().map(|line| escaped(line))).collect();
        line(format!("    s{number}[\"{}\"]", label.join("<br/>")));
    }
    for (target, node) in
        [(Target::End, "done([\"end\"])"), (Target::Failure, "failed([\"end with failure\"])")]
    {
        if shape.leads_to(target) {
            line(format!("    {node}"));
        }
    }
    for arrow in &shape.arrows {
        let to = match arrow.to {
            Target::End => "done".to_owned(),
            Target::Failure => "failed".to_owned(),
            Target::Step(step) => format!("s{step}"),
        };
        let arm = if arrow.back { "-.->" } else { "-->" };
        let label = arrow.label.as_ref().map(|label| format!("|\"{}\"|", escaped(label)));
        line(format!("    s{} {arm}{} {to}", arrow.from, label.unwrap_or_default()));
    }
    let Some(marks) = marks else { return };
    for status in StepStatus::ALL {
        let of = |(number, step): (usize, &String)| {
            marks.get(step).is_some_and(|mark| mark.status == status).then(|| format!("s{number}"))
        };
        let steps: Vec<String> = shape.steps.iter().enumerate().filter_map(of).collect();
        if !steps.is_empty() {
            let (fill, border) = colours(status);
            line(format!("    classDef {status} fill:{fill},stroke:{border},color:#212121"));
            line(format!("    class {} {status}", steps.join(",")));
        }
    }
}

/// A text between quotes: what Mermaid, its Markdown or HTML would read as more than text becomes an entity.
fn escaped(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match c {
            '\n' => label.push_str("<br/>"),
            '\t' => label.push(' '),
            c if c.is_control() => label.push('\u{FFFD}'),
            '"' => label.push_str("#quot;"),
            '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '%' | ';' | '{' | '}' => {
                entity(&mut label, c);
            }
            // The head of an item of a list.
            '-' | '+' if at == 0 => entity(&mut label, c),
            '.' | ')' if label.chars().all(|c| c.is_ascii_digit()) => entity(&mut label, c),
            c => label.push(c),
        }
    }
    label
}

fn entity(label: &mut String, c: char) {
    write!(label, "#{};", u32::from(c)).ok();
}

fn comment(name: &str) -> String {
    // `%%{` begins a directive.
    name.chars().map(|c| if c.is_control() || "{}%".contains(c) { '_' } else { c }).collect()
}
