//! What can be wrong with a flow file.

use std::error::Error;
use std::fmt;

use super::place::Place;
use super::words::one_line;

/// Everything that is wrong with a flow file, in one go, in the order of its lines.
///
/// `Debug` writes what `Display` does: a `main` that returns it prints it that way.
#[derive(Clone, PartialEq, Eq)]
pub struct FlowFileErrors {
    file: Option<String>,
    errors: Vec<FlowFileError>,
}

/// One mistake in a flow file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowFileError {
    pub(crate) kind: FlowFileErrorKind,
    pub(crate) place: Option<Place>,
    pub(crate) message: String,
}

/// Something in a flow file that has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowFileWarning {
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlowFileErrorKind {
    /// What a step is configured with is not what its factory takes.
    BadConfig,
    /// A source, a template or a mapping cannot be read.
    BadSource,
    /// A value is of the right type, but not one that makes sense there.
    BadValue,
    /// The pipeline cannot be built, for a reason that has no kind of its own here: the message is that of a
    /// [`BuildError`](crate::BuildError).
    Build,
    /// Paths lead back to a step and nothing asks whether to go back.
    Cycle,
    /// A key, a step, a parameter or a path is there twice.
    Duplicate,
    /// The text is not UTF-8.
    Encoding,
    /// A field or the value of a parameter is not there.
    Missing,
    /// The file cannot be opened or read, its name does not say what it is, or it is too large.
    Read,
    /// The text is not JSON, or not YAML.
    Syntax,
    /// It is nested too deeply.
    TooDeep,
    /// There is no condition of this type or name.
    UnknownCondition,
    /// There is no such operator.
    UnknownOperator,
    /// There is no such parameter.
    UnknownParameter,
    /// There is no such step.
    UnknownStep,
    /// The registry has no step of this type.
    UnknownStepType,
    /// The flow never comes to a step, or a source names a step that does not come before.
    Unreachable,
    /// A value is of another type than it has to be.
    WrongType,
}

impl FlowFileErrors {
    pub(crate) fn new(file: Option<String>, mut errors: Vec<FlowFileError>) -> Self {
        errors.sort_by_key(|error| error.place.as_ref().map(|place| place.at));
        errors.dedup();
        Self { file, errors }
    }

    /// The mistakes, in the order of their lines.
    #[must_use]
    pub fn errors(&self) -> &[FlowFileError] {
        &self.errors
    }

    /// The file, where it was read from one.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }
}

impl FlowFileError {
    /// The kind of mistake.
    #[must_use]
    pub fn kind(&self) -> FlowFileErrorKind {
        self.kind
    }

    /// The line, counted from 1. There is none where no place in the file is to blame, as when it cannot be opened.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.place.as_ref().map(|place| place.at.line)
    }

    /// The column, counted in characters from 1.
    #[must_use]
    pub fn column(&self) -> Option<u32> {
        self.place.as_ref().map(|place| place.at.column)
    }

    /// The JSON path to what is wrong, as in `$.flow.paths[2].condition.operator`.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.path.as_str())
    }

    /// What is wrong and how to mend it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl FlowFileWarning {
    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.place.at.line
    }

    /// The column, counted in characters from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.place.at.column
    }

    /// The JSON path to what has no effect.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.place.path
    }

    /// What has no effect, and what may have been meant.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for FlowFileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let things = if self.errors.len() == 1 { "mistake" } else { "mistakes" };
        let count = self.errors.len();
        match &self.file {
            Some(file) => write!(f, "flow file `{}` has {count} {things}:", one_line(file))?,
            None => write!(f, "the flow file has {count} {things}:")?,
        }
        let prefix = self.file.as_ref().map(|file| format!("{}:", one_line(file)));
        let prefix = prefix.unwrap_or_default();
        self.errors.iter().try_for_each(|error| write!(f, "\n- {prefix}{error}"))
    }
}

impl fmt::Debug for FlowFileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for FlowFileErrors {}

impl fmt::Display for FlowFileError {
    /// Line, column, path and message, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(Place { path, at }) => {
                write!(f, "{at}: {}: {}", one_line(path), one_line(&self.message))
            }
            None => write!(f, " {}", one_line(&self.message)),
        }
    }
}

impl Error for FlowFileError {}

impl fmt::Display for FlowFileWarning {
    /// Line, column, path and message, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { path, at } = &self.place;
        write!(f, "{at}: {}: {}", one_line(path), one_line(&self.message))
    }
}
