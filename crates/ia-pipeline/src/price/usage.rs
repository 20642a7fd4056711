//! The tokens of one call.

/// How many tokens a call used.
///
/// ```
/// use ia_pipeline::Usage;
///
/// let usage = Usage::tokens(1_200, 80).cached(1_000);
/// assert_eq!((usage.input(), usage.output(), usage.cached_input()), (1_200, 80, 1_000));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    input: u64,
    output: u64,
    cached: u64,
}

impl Usage {
    /// A call that used no tokens, or of which they are not known.
    pub const NONE: Self = Self { input: 0, output: 0, cached: 0 };

    /// Tokens read and tokens written.
    #[must_use]
    pub const fn tokens(input: u64, output: u64) -> Self {
        Self { input, output, cached: 0 }
    }

    /// How many of the tokens read came from the provider's cache: a part of the input, never more than it. Defaults to
    /// none.
    #[must_use]
    pub const fn cached(mut self, tokens: u64) -> Self {
        self.cached = if tokens > self.input { self.input } else { tokens };
        self
    }

    /// All tokens read.
    #[must_use]
    pub const fn input(self) -> u64 {
        self.input
    }

    /// All tokens written.
    #[must_use]
    pub const fn output(self) -> u64 {
        self.output
    }

    /// The tokens read from the provider's cache, which [`input`](Self::input) includes.
    #[must_use]
    pub const fn cached_input(self) -> u64 {
        self.cached
    }
}
