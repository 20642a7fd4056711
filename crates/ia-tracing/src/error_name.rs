//! What an error is called.

use std::any::type_name;
use std::error::Error;
use std::fmt::{self, Write};

use crate::Value;

/// The type of `error`, or the name its `Debug` text begins with where the type is hidden.
pub(crate) fn error_name<E: Error + ?Sized>(error: &E) -> Value {
    let path = type_name::<E>();
    if !path.starts_with("dyn ") {
        return path.into();
    }
    let mut name = LeadingName(String::new());
    // An error says that the name is complete, and so does the end of the text.
    write!(name, "{error:?}").ok();
    if name.0.is_empty() { "error".into() } else { name.0.into() }
}

/// Takes text up to the first character that is not part of a name, then refuses.
struct LeadingName(String);

impl Write for LeadingName {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
        self.0.push_str(&text[..end]);
        if end == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}
