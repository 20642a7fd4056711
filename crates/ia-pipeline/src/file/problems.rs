//! Collects what is wrong with a file, so that everything is said at once.

use super::error::{FlowFileError, FlowFileErrorKind, FlowFileWarning};
use super::place::Place;

/// The mistakes found so far, and what has no effect.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) errors: Vec<FlowFileError>,
    pub(crate) warnings: Vec<FlowFileWarning>,
}

impl Problems {
    pub(crate) fn error(
        &mut self,
        place: Place,
        kind: FlowFileErrorKind,
        message: impl Into<String>,
    ) {
        self.errors.push(FlowFileError { kind, place: Some(place), message: message.into() });
    }

    /// A mistake that no place in the file is to blame for.
    pub(crate) fn error_nowhere(&mut self, kind: FlowFileErrorKind, message: impl Into<String>) {
        self.errors.push(FlowFileError { kind, place: None, message: message.into() });
    }

    pub(crate) fn warn(&mut self, place: Place, message: impl Into<String>) {
        self.warnings.push(FlowFileWarning { place, message: message.into() });
    }
}
