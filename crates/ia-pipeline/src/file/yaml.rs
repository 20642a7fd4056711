//! YAML 1.2 as a tree with positions. Plain scalars are read by its core schema, so `no` and `on` are texts.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag, options};
use serde_json::Number;

use super::error::FlowFileErrorKind as Kind;
use super::json::{Entries, too_deep};
use super::node::{Entry, Node, NodeValue, with_index, with_key};
use super::place::{Place, Position};
use super::problems::Problems;
use super::text::DEEPEST;
use super::words::quoted;

/// The most values that aliases may stand for, all together.
const MOST_REPEATED: usize = 100_000;

/// Parses one YAML document.
pub(crate) fn parse(text: &str, problems: &mut Problems) -> Option<Node> {
    let limits = options! {
        emit_comments: false,
        flow_nesting_limit: DEEPEST + 1,
        block_nesting_limit: DEEPEST + 1,
    };
    let mut reader = Reader {
        parser: Parser::new_from_str_with_options(text, limits),
        anchors: HashMap::new(),
        repeated: 0,
        problems,
    };
    reader.document()
}

struct Reader<'a, 'p> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    /// By id: what it stands for, and how many values that is.
    anchors: HashMap<usize, (Node, usize)>,
    repeated: usize,
    problems: &'p mut Problems,
}

impl<'a> Reader<'a, '_> {
    fn document(&mut self) -> Option<Node> {
        let mut root = None;
        loop {
            let (event, span) = self.next("$")?;
            match event {
                Event::StreamStart | Event::DocumentEnd => {}
                Event::StreamEnd => {
                    if root.is_none() {
                        self.refuse::<()>(
                            &span,
                            "$",
                            Kind::Syntax,
                            "holds no document; a flow file has one",
                        );
                    }
                    return root;
                }
                Event::DocumentStart(..) if root.is_some() => {
                    let message = "holds more than one document; a flow file has one";
                    return self.refuse(&span, "$", Kind::Syntax, message);
                }
                Event::DocumentStart(..) => {
                    let first = self.next("$")?;
                    root = Some(self.node(first, "$", 0)?);
                }
                _ => return self.refuse(&span, "$", Kind::Syntax, "is not YAML that can be read"),
            }
        }
    }

    fn next(&mut self, path: &str) -> Option<(Event<'a>, Span)> {
        match self.parser.next_event() {
            Some(Ok(next)) => Some(next),
            Some(Err(error)) => {
                let at = Position::new(error.marker().line(), error.marker().col() + 1);
                let place = Place { path: path.to_owned(), at };
                let info = error.info();
                if info.contains("nesting") || info.contains("recursion") {
                    too_deep(place, self.problems);
                } else {
                    self.problems.error(place, Kind::Syntax, format!("is not YAML: {info}"));
                }
                None
            }
            None => {
                let place = Place { path: path.to_owned(), at: Position::START };
                self.problems.error(place, Kind::Syntax, "is not YAML: it ends too early");
                None
            }
        }
    }

    fn node(&mut self, (event, span): (Event<'a>, Span), path: &str, depth: usize) -> Option<Node> {
        let at = position(&span);
        if depth > DEEPEST {
            too_deep(Place { path: path.to_owned(), at }, self.problems);
            return None;
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(&text, style, tag.as_deref(), &span, path)?, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", &span, path)?;
                (self.list(path, depth)?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", &span, path)?;
                (self.map(path, depth)?, anchor)
            }
            Event::Alias(anchor) => return self.alias(anchor, &span, path, depth),
            _ => return self.refuse(&span, path, Kind::Syntax, "is not YAML that can be read"),
        };
        let node = Node { at, value };
        if anchor != 0 {
            let size = size(&node);
            // Kept beside where it stands: that repeats it as well.
            self.repeat(size, &span, path)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Some(node)
    }

    fn list(&mut self, path: &str, depth: usize) -> Option<NodeValue> {
        let mut items = Vec::new();
        loop {
            let path = with_index(path, items.len());
            match self.next(&path)? {
                (Event::SequenceEnd, _) => return Some(NodeValue::List(items)),
                first => items.push(self.node(first, &path, depth + 1)?),
            }
        }
    }

    fn map(&mut self, path: &str, depth: usize) -> Option<NodeValue> {
        let mut entries = Entries::default();
        loop {
            let (event, span) = self.next(path)?;
            let key = match event {
                Event::MappingEnd => return Some(entries.finish()),
                Event::Scalar(key, style, ..) => {
                    if style == ScalarStyle::Plain && key == "<<" {
                        let message = "`<<` is not a part of YAML 1.2; write the fields out";
                        return self.refuse(&span, path, Kind::Syntax, message);
                    }
                    key.into_owned()
                }
                _ => {
                    let message = "a key has to be a text, not a list, a map or an alias";
                    return self.refuse(&span, path, Kind::WrongType, message);
                }
            };
            let path = with_key(path, &key);
            let first = self.next(&path)?;
            let value = self.node(first, &path, depth + 1)?;
            let entry = Entry { key, key_at: position(&span), value };
            entries.push(entry, &path, self.problems);
        }
    }

    fn alias(&mut self, anchor: usize, span: &Span, path: &str, depth: usize) -> Option<Node> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            let message = "an alias cannot stand for what it is a part of; write it out";
            return self.refuse(span, path, Kind::BadValue, message);
        };
        if depth + deepness(node) > DEEPEST {
            too_deep(Place { path: path.to_owned(), at: position(span) }, self.problems);
            return None;
        }
        let (node, size) = (node.clone(), *size);
        self.repeat(size, span, path)?;
        Some(node)
    }

    fn repeat(&mut self, values: usize, span: &Span, path: &str) -> Option<()> {
        self.repeated = self.repeated.saturating_add(values);
        if self.repeated > MOST_REPEATED {
            let message =
                format!("anchors and aliases repeat more than {MOST_REPEATED} values; use fewer");
            return self.refuse(span, path, Kind::BadValue, &message);
        }
        Some(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: &Span,
        path: &str,
    ) -> Option<NodeValue> {
        let core = tag.map(|tag| tag.core_suffix().unwrap_or(""));
        let value = match core {
            None if style != ScalarStyle::Plain => NodeValue::Text(text.to_owned()),
            Some("str") => NodeValue::Text(text.to_owned()),
            None | Some("null" | "bool" | "int" | "float") => plain(text),
            Some(_) => {
                let message = "has a tag that means nothing here; remove it";
                return self.refuse(span, path, Kind::BadValue, message);
            }
        };
        if matches!(value, NodeValue::Text(_)) && style == ScalarStyle::Plain && is_endless(text) {
            let message = format!("{} has no place in JSON; use a number", quoted(text));
            return self.refuse(span, path, Kind::BadValue, &message);
        }
        Some(value)
    }

    fn check_tag(
        &mut self,
        tag: Option<&Tag>,
        wanted: &str,
        span: &Span,
        path: &str,
    ) -> Option<()> {
        match tag {
            Some(tag) if tag.core_suffix() != Some(wanted) => {
                let message = "has a tag that means nothing here; remove it";
                self.refuse(span, path, Kind::BadValue, message)
            }
            _ => Some(()),
        }
    }

    fn refuse<T>(&mut self, span: &Span, path: &str, kind: Kind, message: &str) -> Option<T> {
        self.problems.error(Place { path: path.to_owned(), at: position(span) }, kind, message);
        None
    }
}

fn position(span: &Span) -> Position {
    Position::new(span.start.line(), span.start.col() + 1)
}

/// A plain scalar by the core schema of YAML 1.2.
fn plain(text: &str) -> NodeValue {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeValue::Null,
        "true" | "True" | "TRUE" => NodeValue::Bool(true),
        "false" | "False" | "FALSE" => NodeValue::Bool(false),
        _ => number(text).map_or_else(|| NodeValue::Text(text.to_owned()), NodeValue::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let based = |prefix: &str, base| {
        let digits = text.strip_prefix(prefix)?;
        let is_digits = digits.chars().all(|c| c.is_digit(base));
        u64::from_str_radix(digits, base).ok().filter(|_| is_digits).map(Number::from)
    };
    if let Some(number) = based("0x", 16).or_else(|| based("0o", 8)) {
        return Some(number);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let begins = unsigned.strip_prefix('.').unwrap_or(unsigned);
    let is_number = begins.starts_with(|c: char| c.is_ascii_digit())
        && unsigned.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if !is_number {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.into());
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}

/// Whether a plain scalar means infinity or no number at all.
fn is_endless(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

fn size(node: &Node) -> usize {
    match &node.value {
        NodeValue::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        NodeValue::Map(entries) => {
            1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>()
        }
        _ => 1,
    }
}

fn deepness(node: &Node) -> usize {
    let deepest = match &node.value {
        NodeValue::List(items) => items.iter().map(deepness).max(),
        NodeValue::Map(entries) => entries.iter().map(|entry| deepness(&entry.value)).max(),
        _ => None,
    };
    1 + deepest.unwrap_or(0)
}
