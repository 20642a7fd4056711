//! The prices that are built in.

use super::Price;

/// Where the sample comes from.
pub(super) const SOURCE: &str = "LiteLLM model_prices_and_context_window.json at commit 00035b69f416, read on 2026-11-22; base prices only";

/// Trillionths of a dollar per token.
pub(super) const PRICES: &[(&str, Price)] = &[
    (
        "claude-haiku-4-5",
        Price::per_token_pico(1_000_000, 5_000_000).cached_per_token_pico(100_000),
    ),
    (
        "claude-opus-4-1",
        Price::per_token_pico(15_000_000, 75_000_000).cached_per_token_pico(1_500_000),
    ),
    (
        "claude-sonnet-4-5",
        Price::per_token_pico(3_000_000, 15_000_000).cached_per_token_pico(300_000),
    ),
    (
        "deepseek/deepseek-chat",
        Price::per_token_pico(280_000, 420_000).cached_per_token_pico(28_000),
    ),
    ("gemini-2.0-flash", Price::per_token_pico(100_000, 400_000).cached_per_token_pico(25_000)),
    ("gemini-2.5-flash", Price::per_token_pico(300_000, 2_500_000).cached_per_token_pico(30_000)),
    ("gemini-2.5-pro", Price::per_token_pico(1_250_000, 10_000_000).cached_per_token_pico(125_000)),
    ("gpt-4.1", Price::per_token_pico(2_000_000, 8_000_000).cached_per_token_pico(500_000)),
    ("gpt-4.1-mini", Price::per_token_pico(400_000, 1_600_000).cached_per_token_pico(100_000)),
    ("gpt-4.1-nano", Price::per_token_pico(100_000, 400_000).cached_per_token_pico(25_000)),
    ("gpt-4o", Price::per_token_pico(2_500_000, 10_000_000).cached_per_token_pico(1_250_000)),
    ("gpt-4o-mini", Price::per_token_pico(150_000, 600_000).cached_per_token_pico(75_000)),
    ("gpt-5", Price::per_token_pico(1_250_000, 10_000_000).cached_per_token_pico(125_000)),
    ("gpt-5-mini", Price::per_token_pico(250_000, 2_000_000).cached_per_token_pico(25_000)),
    ("mistral/mistral-small-latest", Price::per_token_pico(60_000, 180_000)),
    ("o3", Price::per_token_pico(2_000_000, 8_000_000).cached_per_token_pico(500_000)),
    ("o4-mini", Price::per_token_pico(1_100_000, 4_400_000).cached_per_token_pico(275_000)),
    ("text-embedding-3-large", Price::per_token_pico(130_000, 0)),
    ("text-embedding-3-small", Price::per_token_pico(20_000, 0)),
    ("text-embedding-ada-002", Price::per_token_pico(100_000, 0)),
];
