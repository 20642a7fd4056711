//! Attribute and event names of the OpenTelemetry semantic conventions.

/// What kind of failure ended the work: a short name, never a message.
pub const ERROR_TYPE: &str = "error.type";

/// The name of the event that [`Span::record_error`](crate::Span::record_error) adds.
pub const EXCEPTION: &str = "exception";

/// On an [`EXCEPTION`] event: what the error says.
pub const EXCEPTION_MESSAGE: &str = "exception.message";

/// On an [`EXCEPTION`] event: the type of the error.
pub const EXCEPTION_TYPE: &str = "exception.type";
