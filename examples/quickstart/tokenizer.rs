//! Counts tokens as the embedding model does.

use tiktoken_rs::CoreBPE;

/// The encoding of the model, with its vocabulary inside.
pub(crate) struct Tokenizer(CoreBPE);

impl Tokenizer {
    /// Takes a moment; do it once.
    pub(crate) fn load() -> Result<Self, String> {
        tiktoken_rs::cl100k_base().map(Self).map_err(|error| {
            format!("the tokenizer's vocabulary is broken: {error}; build the example again")
        })
    }

    pub(crate) fn count(&self, text: &str) -> u64 {
        self.0.count_ordinary(text) as u64
    }
}
