//! The one tracer of the process.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;

use crate::Tracer;

static GLOBAL: OnceLock<Tracer> = OnceLock::new();

impl Tracer {
    /// The tracer of the process: the installed one, else one made now that keeps spans in memory.
    pub fn global() -> &'static Self {
        GLOBAL.get_or_init(Self::default)
    }

    /// Installs the tracer of the process.
    ///
    /// # Errors
    ///
    /// [`GlobalAlreadySet`] when one was installed or used before: spans may have gone there.
    ///
    /// ```
    /// use ia_tracing::Tracer;
    ///
    /// Tracer::set_global(Tracer::builder().memory(100).build())?;
    /// assert!(Tracer::set_global(Tracer::default()).is_err());
    /// # Ok::<(), ia_tracing::GlobalAlreadySet>(())
    /// ```
    pub fn set_global(tracer: Self) -> Result<(), GlobalAlreadySet> {
        GLOBAL.set(tracer).map_err(|_| GlobalAlreadySet)
    }
}

/// The process has its tracer already. Made by [`Tracer::set_global`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GlobalAlreadySet;

impl fmt::Display for GlobalAlreadySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the global tracer is in use already: \
             call Tracer::set_global once, before the first use of Tracer::global",
        )
    }
}

impl Error for GlobalAlreadySet {}
