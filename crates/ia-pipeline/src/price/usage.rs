//! The tokens of one call.

/// How many tokens a call used.
///
/// All tokens are [`input`](Self::input) or [`output`](Self::output); the other figures are parts of these two and are
/// never added to them.
///
/// ```
/// use ia_pipeline::Usage;
///
/// let usage = Usage::tokens(1_200, 80).cached(1_000).reasoning(30);
/// assert_eq!((usage.input(), usage.output()), (1_200, 80));
/// assert_eq!((usage.cached_input(), usage.reasoning_output()), (1_000, 30));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    input: u64,
    output: u64,
    cached: u64,
    cache_written: u64,
    reasoning: u64,
}

impl Usage {
    /// A call that used no tokens, or of which they are not known.
    pub const NONE: Self = Self { input: 0, output: 0, cached: 0, cache_written: 0, reasoning: 0 };

    /// Tokens read and tokens written.
    #[must_use]
    pub const fn tokens(input: u64, output: u64) -> Self {
        Self { input, output, cached: 0, cache_written: 0, reasoning: 0 }
    }

    /// How many of the tokens read came from the provider's cache: a part of the input, never more than it. Defaults to
    /// none.
    #[must_use]
    pub const fn cached(mut self, tokens: u64) -> Self {
        self.cached = min(tokens, self.input);
        self.cache_written = min(self.cache_written, self.input - self.cached);
        self
    }

    /// How many of the tokens read were written to the provider's cache: a part of the input that does not come from
    /// the cache, never more than that. Defaults to none.
    #[must_use]
    pub const fn cache_written(mut self, tokens: u64) -> Self {
        self.cache_written = min(tokens, self.input - self.cached);
        self
    }

    /// How many of the tokens written the model wrote for itself, as it reasoned: a part of the output, never more than
    /// it. Defaults to none.
    #[must_use]
    pub const fn reasoning(mut self, tokens: u64) -> Self {
        self.reasoning = min(tokens, self.output);
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

    /// The tokens written to the provider's cache, which [`input`](Self::input) includes.
    #[must_use]
    pub const fn cache_written_input(self) -> u64 {
        self.cache_written
    }

    /// The tokens that the model wrote as it reasoned, which [`output`](Self::output) includes.
    #[must_use]
    pub const fn reasoning_output(self) -> u64 {
        self.reasoning
    }
}

const fn min(a: u64, b: u64) -> u64 {
    if a < b { a } else { b }
}
