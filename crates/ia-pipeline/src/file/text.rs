//! The text of a flow file: read, decoded, parsed.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::{FlowFileError, FlowFileErrorKind as Kind};
use super::json;
use super::node::Node;
use super::place::{Lines, Place, Position};
use super::problems::Problems;

/// The most bytes that a flow file may have.
pub(crate) const LARGEST: usize = 4 * 1024 * 1024;

/// How deep lists and maps may be nested.
pub(crate) const DEEPEST: usize = 100;

/// The language of a flow file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Json,
    Yaml,
}

impl Language {
    /// What the name of a file says.
    fn of(path: &Path) -> Result<Self, FlowFileError> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Ok(Self::Json),
            Some("yaml" | "yml") => Ok(Self::Yaml),
            _ => Err(unreadable(
                "the name of a flow file ends in `.json`, `.yaml` or `.yml`; rename it, or read the text and use \
                 `FlowFile::from_json` or `FlowFile::from_yaml`",
            )),
        }
    }
}

/// Reads a file as text.
pub(crate) fn read(path: &Path) -> Result<(String, Language), FlowFileError> {
    let language = Language::of(path)?;
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(format!("cannot be read: {error}")))?;
    decoded(bytes).map(|text| (text, language))
}

fn decoded(bytes: Vec<u8>) -> Result<String, FlowFileError> {
    if bytes.len() > LARGEST {
        return Err(too_large());
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(encoding(Position::START, "is UTF-16; save it as UTF-8"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let at = Lines::of(&before).position(before.len());
        encoding(at, "is not UTF-8 from here on; save it as UTF-8")
    })
}

/// Parses a text; everything that is wrong goes to `problems`.
pub(crate) fn parse(text: &str, language: Language, problems: &mut Problems) -> Option<Node> {
    if text.len() > LARGEST {
        problems.errors.push(too_large());
        return None;
    }
    // A mark of the byte order is no part of the text.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.trim().is_empty() {
        let message = "is empty; a flow file has at least `name`, `steps` and `flow`";
        problems.error(Place::root(Position::START), Kind::Syntax, message);
        return None;
    }
    match language {
        Language::Json => json::parse(text, problems),
        #[cfg(feature = "yaml")]
        Language::Yaml => super::yaml::parse(text, problems),
        #[cfg(not(feature = "yaml"))]
        Language::Yaml => {
            let message = "is YAML; switch on the feature `yaml` of `ia-telemetry`, or of `ia-pipeline`, or write it in JSON";
            problems.error(Place::root(Position::START), Kind::Read, message);
            None
        }
    }
}

fn too_large() -> FlowFileError {
    let place = Some(Place::root(Position::START));
    let message = format!(
        "is larger than {} MiB; keep data out of flow files, and load it in a step",
        LARGEST / 1024 / 1024
    );
    FlowFileError { kind: Kind::Read, place, message }
}

fn unreadable(message: impl Into<String>) -> FlowFileError {
    FlowFileError { kind: Kind::Read, place: None, message: message.into() }
}

fn encoding(at: Position, message: &str) -> FlowFileError {
    FlowFileError {
        kind: Kind::Encoding,
        place: Some(Place::root(at)),
        message: message.to_owned(),
    }
}
