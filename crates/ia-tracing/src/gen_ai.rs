//! Names of the `gen_ai.*` attributes, in one place because they still change.
//!
//! Source: OpenTelemetry, repository `semantic-conventions-genai`, status Development. The names
//! left the general semantic conventions and may change again; use these constants and a later
//! version of this crate follows.
//!
//! ```
//! use ia_tracing::{Tracer, gen_ai};
//!
//! let span = Tracer::global().span("chat gpt-4o-mini")
//!     .attribute(gen_ai::OPERATION_NAME, "chat")
//!     .attribute(gen_ai::PROVIDER_NAME, "openai")
//!     .attribute(gen_ai::REQUEST_MODEL, "gpt-4o-mini")
//!     .start();
//! span.set_attribute(gen_ai::USAGE_INPUT_TOKENS, 1_200);
//! ```

/// What was asked of the model: `chat`, `embeddings`, `text_completion`, …
pub const OPERATION_NAME: &str = "gen_ai.operation.name";

/// Who serves the model: `openai`, `anthropic`, `aws.bedrock`, …
pub const PROVIDER_NAME: &str = "gen_ai.provider.name";

/// The model that was asked for.
pub const REQUEST_MODEL: &str = "gen_ai.request.model";

/// Tokens read by the model, those from its cache included.
pub const USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";

/// Tokens written by the model.
pub const USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";

/// Tokens served from the provider's cache, a part of [`USAGE_INPUT_TOKENS`].
pub const USAGE_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";

/// Tokens written to the provider's cache, a part of [`USAGE_INPUT_TOKENS`].
pub const USAGE_CACHE_CREATION_INPUT_TOKENS: &str = "gen_ai.usage.cache_creation.input_tokens";

/// Tokens written by the model as it reasoned, a part of [`USAGE_OUTPUT_TOKENS`].
pub const USAGE_REASONING_OUTPUT_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";
