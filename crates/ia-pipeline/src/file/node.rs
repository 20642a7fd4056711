//! The tree of a file, whichever language it is written in, with positions.

use serde_json::{Map, Number, Value};

use super::place::{Place, Position};

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) value: NodeValue,
}

#[derive(Clone, Debug)]
pub(crate) enum NodeValue {
    Bool(bool),
    List(Vec<Node>),
    Map(Vec<Entry>),
    Null,
    Number(Number),
    Text(String),
}

/// A field of a map; keys are unique.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: Position,
    pub(crate) value: Node,
}

/// A node and the JSON path to it.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    pub(crate) node: &'a Node,
    pub(crate) path: String,
}

impl Node {
    /// A value that stands at one position as a whole.
    pub(crate) fn of(value: Value, at: Position) -> Self {
        let value = match value {
            Value::Null => NodeValue::Null,
            Value::Bool(yes) => NodeValue::Bool(yes),
            Value::Number(number) => NodeValue::Number(number),
            Value::String(text) => NodeValue::Text(text),
            Value::Array(items) => {
                NodeValue::List(items.into_iter().map(|item| Self::of(item, at)).collect())
            }
            Value::Object(fields) => {
                let entry = |(key, value)| Entry { key, key_at: at, value: Self::of(value, at) };
                NodeValue::Map(fields.into_iter().map(entry).collect())
            }
        };
        Self { at, value }
    }

    pub(crate) fn to_value(&self) -> Value {
        match &self.value {
            NodeValue::Bool(yes) => Value::Bool(*yes),
            NodeValue::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            NodeValue::Map(entries) => {
                let field = |entry: &Entry| (entry.key.clone(), entry.value.to_value());
                Value::Object(entries.iter().map(field).collect::<Map<_, _>>())
            }
            NodeValue::Null => Value::Null,
            NodeValue::Number(number) => Value::Number(number.clone()),
            NodeValue::Text(text) => Value::String(text.clone()),
        }
    }

    /// What it is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            NodeValue::Bool(_) => "true or false",
            NodeValue::List(_) => "a list",
            NodeValue::Map(_) => "a map",
            NodeValue::Null => "null",
            NodeValue::Number(_) => "a number",
            NodeValue::Text(_) => "a text",
        }
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            NodeValue::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }
}

impl<'a> Cursor<'a> {
    pub(crate) fn root(node: &'a Node) -> Self {
        Self { node, path: "$".to_owned() }
    }

    pub(crate) fn place(&self) -> Place {
        Place { path: self.path.clone(), at: self.node.at }
    }

    pub(crate) fn field(&self, key: &str) -> Option<Self> {
        let entry = self.node.entry(key)?;
        Some(Self { node: &entry.value, path: with_key(&self.path, key) })
    }

    /// The items, where it is a list.
    pub(crate) fn items(&self) -> Vec<Self> {
        let NodeValue::List(items) = &self.node.value else { return Vec::new() };
        let item = |(at, node)| Self { node, path: with_index(&self.path, at) };
        items.iter().enumerate().map(item).collect()
    }

    /// The fields, where it is a map.
    pub(crate) fn fields(&self) -> Vec<(&'a Entry, Self)> {
        let NodeValue::Map(entries) = &self.node.value else { return Vec::new() };
        let field = |entry: &'a Entry| {
            (entry, Self { node: &entry.value, path: with_key(&self.path, &entry.key) })
        };
        entries.iter().map(field).collect()
    }
}

pub(crate) fn with_key(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if plain { format!("{path}.{key}") } else { format!("{path}[{key:?}]") }
}

pub(crate) fn with_index(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}
