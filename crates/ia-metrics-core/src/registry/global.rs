//! The registry of the process.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;

use super::Registry;

static GLOBAL: OnceLock<Registry> = OnceLock::new();

impl Registry {
    /// The registry of the process, made on first use.
    #[must_use]
    pub fn global() -> &'static Self {
        GLOBAL.get_or_init(Self::new)
    }

    /// Makes this the registry of the process.
    ///
    /// # Errors
    ///
    /// [`GlobalAlreadySet`] when there is one already: set by somebody, or made by a first use.
    pub fn set_global(registry: Self) -> Result<(), GlobalAlreadySet> {
        GLOBAL.set(registry).map_err(|_| GlobalAlreadySet)
    }
}

/// The process has a registry already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalAlreadySet;

impl fmt::Display for GlobalAlreadySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the process has a registry already; set yours first thing in `main`, before anything uses it")
    }
}

impl Error for GlobalAlreadySet {}
