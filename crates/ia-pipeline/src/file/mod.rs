//! Pipelines from files in JSON and YAML.
//!
//! A text becomes a tree with positions ([`text`]), the tree a [`document`] whose names, templates, sources and conditions
//! are checked, and that with the steps of a [`registry`] the plans and the flow of the engine ([`assemble`]). In a run,
//! what flows between the steps is a [`state`].

mod assemble;
mod document;
mod error;
mod fields;
mod flow_file;
mod json;
mod node;
mod operator;
mod place;
mod problems;
mod question;
mod reference;
mod registered;
mod registry;
mod resolve;
mod state;
mod step;
mod template;
mod text;
mod words;
#[cfg(feature = "yaml")]
mod yaml;

pub use self::error::{FlowFileError, FlowFileErrorKind, FlowFileErrors, FlowFileWarning};
pub use self::flow_file::{FlowFile, FlowFileBuilder};
pub use self::registry::StepRegistry;
