//! References to values: `steps.load.output.pages[0]`, `parameters.limit`, alternatives between `|`.

use serde_json::Value;

/// Where a value comes from: the first of these that is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    pub(crate) text: String,
    pub(crate) alternatives: Vec<Alternative>,
}

/// One place to look.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Alternative {
    Literal(Value),
    Path(Root, Vec<Segment>),
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// The run's input.
    Input,
    /// What all steps so far gave, in one map.
    Merged,
    Parameter(String),
    /// What the step before the condition gave.
    Result,
    /// Whether a step has given nothing.
    Skipped(String),
    /// What a step gave.
    Step(String),
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Index(usize),
    Key(String),
}

/// Where a reference stands, and so what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// In `inputs` and `outputs`: a path begins with `steps`, `parameters`, `input` or the id of a step.
    Mapping,
    /// The source of a condition: may also be a field of what the step before gave, or of the merged map.
    Condition,
}

impl Reference {
    /// Reads what stands between the braces.
    pub(crate) fn read(text: &str, setting: Setting, steps: &[String]) -> Result<Self, String> {
        let mut alternatives = Vec::new();
        for part in between_bars(text) {
            alternatives.extend(alternative(part.trim(), setting, steps)?);
        }
        Ok(Self { text: text.trim().to_owned(), alternatives })
    }

    /// Looks last for what is always there.
    pub(crate) fn or_else(&mut self, value: Value) {
        self.alternatives.push(Alternative::Literal(value));
    }

    /// The steps that it names.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().filter_map(|alternative| match alternative {
            Alternative::Path(Root::Step(step) | Root::Skipped(step), _) => Some(step.as_str()),
            _ => None,
        })
    }

    /// The parameters that it names.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().filter_map(|alternative| match alternative {
            Alternative::Path(Root::Parameter(name), _) => Some(name.as_str()),
            _ => None,
        })
    }
}

/// What the segments lead to.
pub(crate) fn follow<'a>(value: &'a Value, path: &[Segment]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, segment| match (value, segment) {
        (Value::Object(fields), Segment::Key(key)) => fields.get(key),
        (Value::Array(items), Segment::Index(index)) => items.get(*index),
        // `items.0` as others write it, and a key that looks like a number.
        (Value::Array(items), Segment::Key(key)) => items.get(key.parse::<usize>().ok()?),
        (Value::Object(fields), Segment::Index(index)) => fields.get(&index.to_string()),
        _ => None,
    })
}

/// The parts between `|`, but for those between quotes.
fn between_bars(text: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut quote) = (Vec::new(), 0, None);
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '|' => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            Some(_) | None => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

fn alternative(text: &str, setting: Setting, steps: &[String]) -> Result<Vec<Alternative>, String> {
    if text.is_empty() {
        return Err("an alternative is empty; write a path, or remove the `|`".to_owned());
    }
    if let Some(literal) = literal(text) {
        return Ok(vec![Alternative::Literal(literal)]);
    }
    let mut segments = segments(text)?.into_iter();
    let Some(Segment::Key(first)) = segments.next() else {
        return Err("a path begins with a name".to_owned());
    };
    let rest: Vec<Segment> = segments.collect();
    let is_step = steps.contains(&first);
    let path = match first.as_str() {
        "steps" => return in_steps(rest).map(|path| vec![path]),
        "parameters" => match rest.split_first() {
            Some((Segment::Key(name), rest)) => {
                Alternative::Path(Root::Parameter(name.clone()), rest.to_vec())
            }
            _ => return Err("say which parameter: `parameters.name`".to_owned()),
        },
        "input" | "pipeline_input" if !is_step => Alternative::Path(Root::Input, rest),
        // What others call the result of the step before; where it has such a field, the map is next.
        "result" | "output" if setting == Setting::Condition && !is_step => {
            let path = std::iter::once(Segment::Key(first)).chain(rest.clone()).collect();
            return Ok(vec![
                Alternative::Path(Root::Result, rest),
                Alternative::Path(Root::Merged, path),
            ]);
        }
        _ if is_step && setting == Setting::Mapping => Alternative::Path(Root::Step(first), rest),
        _ if setting == Setting::Condition => {
            let path = std::iter::once(Segment::Key(first)).chain(rest).collect();
            Alternative::Path(Root::Merged, path)
        }
        _ => {
            return Err(format!(
                "a path begins with `steps`, `parameters`, `input` or the id of a step, not with `{first}`; \
                 steps give `steps.<id>.output.<field>`"
            ));
        }
    };
    Ok(vec![path])
}

fn in_steps(path: Vec<Segment>) -> Result<Alternative, String> {
    let mut path = path.into_iter();
    let usage =
        "say which step and what of it: `steps.<id>.output.<field>` or `steps.<id>.skipped`";
    match (path.next(), path.next()) {
        (Some(Segment::Key(step)), Some(Segment::Key(part))) => {
            let rest: Vec<Segment> = path.collect();
            match part.as_str() {
                "output" | "result" => Ok(Alternative::Path(Root::Step(step), rest)),
                "skipped" if rest.is_empty() => {
                    Ok(Alternative::Path(Root::Skipped(step), Vec::new()))
                }
                _ => Err(usage.to_owned()),
            }
        }
        _ => Err(usage.to_owned()),
    }
}

/// `null`, a boolean, a number, or a text in quotes.
fn literal(text: &str) -> Option<Value> {
    if let Some(text) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return Some(Value::String(text.to_owned()));
    }
    serde_json::from_str(text).ok().filter(|value: &Value| !value.is_array() && !value.is_object())
}

/// `a.b[0]["c.d"].e`
fn segments(text: &str) -> Result<Vec<Segment>, String> {
    let bad = |what: &str| format!("`{text}` is no path: {what}; write it like `a.b[0].c`");
    let mut segments = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let quoted = inside.strip_prefix('"').and_then(|key| key.split_once("\"]"));
            if let Some((key, after)) = quoted {
                segments.push(Segment::Key(key.to_owned()));
                rest = after;
            } else {
                let (index, after) =
                    inside.split_once(']').ok_or_else(|| bad("a `[` is not closed"))?;
                let index = index.trim().parse();
                segments.push(Segment::Index(index.map_err(|_| bad("an index is no number"))?));
                rest = after;
            }
        } else {
            let dotted = rest.strip_prefix('.');
            if dotted.is_some() == segments.is_empty() {
                return Err(bad("a `.` is missing or too many"));
            }
            let name = dotted.unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (key, after) = name.split_at(end);
            if key.is_empty() || key.contains(|c: char| c.is_whitespace() || "{}]'\"".contains(c)) {
                return Err(bad("a name is empty or holds what names do not"));
            }
            segments.push(Segment::Key(key.to_owned()));
            rest = after;
        }
    }
    Ok(segments)
}
