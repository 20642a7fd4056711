//! Price files in LiteLLM's format.

use ia_pipeline::{Price, PriceBook, PriceBookError, Usage, Usd, usd};

const MILLION: u64 = 1_000_000;

fn book(json: &str) -> PriceBook {
    PriceBook::from_litellm(json).unwrap()
}

/// A book with a good model and this entry as `m`.
fn with_entry(entry: &str) -> PriceBook {
    book(&format!(
        r#"{{ "good": {{ "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6 }}, "m": {entry} }}"#
    ))
}

#[test]
fn the_kinds_of_tokens_have_their_prices() {
    let book = with_entry(
        r#"{ "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3e-07,
             "cache_creation_input_token_cost": 3.75e-06, "output_cost_per_reasoning_token": 2e-05, "mode": "chat" }"#,
    );
    let price = Price::per_million(usd("3"), usd("15"))
        .cached_per_million(usd("0.3"))
        .cache_written_per_million(usd("3.75"))
        .reasoning_per_million(usd("20"));
    assert_eq!(book.get("m"), Some(&price));
}

#[test]
fn above_a_threshold_the_whole_call_costs_the_price_of_the_tier() {
    let book = with_entry(
        r#"{ "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "cache_read_input_token_cost": 1e-07,
             "input_cost_per_token_above_128k_tokens": 3e-06, "output_cost_per_token_above_128k_tokens": 4e-06,
             "input_cost_per_token_above_272k_tokens": 5e-06, "output_cost_per_token_above_272k_tokens": 6e-06,
             "cache_read_input_token_cost_above_272k_tokens": 5e-07 }"#,
    );
    let price = book.get("m").unwrap();
    assert_eq!(price.of(Usage::tokens(128_000, 0)), usd("0.128"));
    assert_eq!(price.of(Usage::tokens(128_001, MILLION)), usd("0.384003") + usd("4"));
    assert_eq!(price.of(Usage::tokens(200_000, 0).cached(200_000)), usd("0.02"));
    assert_eq!(price.of(Usage::tokens(300_000, 0).cached(100_000)), usd("1.05"));
}

#[test]
fn a_list_of_tiers_is_read_like_thresholds() {
    let book = with_entry(
        r#"{ "tiered_pricing": [
               { "range": [0, 32000.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06 },
               { "range": [32000.0, 1000000.0], "input_cost_per_token": 1.8e-06, "output_cost_per_token": 9e-06 } ] }"#,
    );
    let price = book.get("m").unwrap();
    assert_eq!(price.of(Usage::tokens(32_000, 0)), usd("0.032"));
    assert_eq!(price.of(Usage::tokens(MILLION, MILLION)), usd("10.8"));
}

#[test]
fn a_reasoning_price_that_repeats_the_output_follows_it_into_a_tier() {
    let book = with_entry(
        r#"{ "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-05, "output_cost_per_reasoning_token": 1e-05,
             "input_cost_per_token_above_200k_tokens": 2e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05 }"#,
    );
    let reasoning = Usage::tokens(200_001, MILLION).reasoning(MILLION);
    assert_eq!(book.get("m").unwrap().of(reasoning), usd("0.400002") + usd("15"));
}

#[test]
fn decimals_are_read_exactly() {
    for (written, per_million) in [
        ("1.5e-07", "0.15"),
        ("1.5E-7", "0.15"),
        ("0.00000015", "0.15"),
        ("150e-9", "0.15"),
        ("0.000000150000", "0.15"),
        ("1", "1000000"),
        ("1e-12", "0.000001"),
        ("1.4999999999999999e-12", "0.000001"),
        ("1.5e-12", "0.000002"),
        ("5e-13", "0.000001"),
        // What a float made of 2.99999e-06.
        ("2.9999900000000002e-06", "2.99999"),
    ] {
        let json =
            format!(r#"{{ "input_cost_per_token": {written}, "output_cost_per_token": 0 }}"#);
        let price = with_entry(&json).get("m").unwrap().of(Usage::tokens(MILLION, 0));
        assert_eq!(price, usd(per_million), "{written}");
    }
}

#[test]
fn a_malformed_entry_is_refused_by_name_and_the_rest_kept() {
    for (entry, reason) in [
        (
            r#"{ "input_cost_per_token": -1e-06, "output_cost_per_token": 1e-06 }"#,
            "`input_cost_per_token` is -1e-06: a price cannot be negative",
        ),
        (
            r#"{ "input_cost_per_token": 1e-06, "output_cost_per_token": "1e-06" }"#,
            "`output_cost_per_token` is \\\"1e-06\\\": a price is a number of dollars",
        ),
        (
            r#"{ "input_cost_per_token": true, "output_cost_per_token": 0 }"#,
            "`input_cost_per_token` is true: a price is a number of dollars",
        ),
        (
            r#"{ "input_cost_per_token": [1], "output_cost_per_token": 0 }"#,
            "`input_cost_per_token` is [1]: a price is a number of dollars",
        ),
        (
            r#"{ "input_cost_per_token": 1e-13, "output_cost_per_token": 0 }"#,
            "`input_cost_per_token` is 1e-13: a price that is not 0 is at least half a trillionth of a dollar",
        ),
        (
            r#"{ "input_cost_per_token": 1e-99999999999999999999, "output_cost_per_token": 0 }"#,
            "is at least half a trillionth",
        ),
        (
            r#"{ "input_cost_per_token": 1e9, "output_cost_per_token": 0 }"#,
            "`input_cost_per_token` is 1e9: a price is at most",
        ),
        (
            r#"{ "input_cost_per_token": 1e99999999999999999999, "output_cost_per_token": 0 }"#,
            "a price is at most",
        ),
        (
            r#"{ "input_cost_per_token": 1e-06, "output_cost_per_token": 0, "input_cost_per_token_above_200k_tokens": -2 }"#,
            "`input_cost_per_token_above_200k_tokens` is -2",
        ),
        (
            r#"{ "tiered_pricing": [{ "range": [0, 5], "input_cost_per_token": -1 }] }"#,
            "`input_cost_per_token` is -1",
        ),
        (
            r#"{ "tiered_pricing": [{ "range": [0.5, 5], "input_cost_per_token": 1 }] }"#,
            "`tiered_pricing` is not a list",
        ),
        (r#"{ "tiered_pricing": 3 }"#, "`tiered_pricing` is not a list"),
        (
            r#"{ "input_cost_per_token": 1e-06, "mode": "chat" }"#,
            "`output_cost_per_token` is missing",
        ),
        (r#"{ "output_cost_per_token": 1e-06 }"#, "`input_cost_per_token` is missing"),
        (r#""2026-11-23""#, "the entry is not an object of prices"),
    ] {
        let book = with_entry(entry);
        assert!(book.get("m").is_none() && book.get("good").is_some(), "{entry}");
        let [refused] = &book.load_report().unwrap().refused[..] else { panic!("{entry}") };
        assert_eq!(refused.model(), "m");
        assert!(refused.reason().contains(reason), "{entry}: {refused}");
    }
}

#[test]
fn models_of_other_units_are_left_out_and_counted() {
    for entry in [
        r#"{ "output_cost_per_image": 0.04 }"#,
        r#"{ "input_cost_per_second": 0.0001, "output_cost_per_token": 0.0 }"#,
        // Free by the token, as it is paid by the query.
        r#"{ "input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "input_cost_per_query": 0.002 }"#,
        r#"{ "input_cost_per_token": 5e-06, "output_cost_per_image_token": 3e-05 }"#,
        r#"{ "tiered_pricing": [{ "input_cost_per_query": 0.005, "max_results_range": [0, 25] }] }"#,
        r#"{ "max_tokens": 4096 }"#,
    ] {
        let book = with_entry(entry);
        assert!(book.get("m").is_none(), "{entry}");
        let report = book.load_report().unwrap();
        assert_eq!((report.other_units, report.refused.len(), report.models), (1, 0, 1), "{entry}");
    }
}

#[test]
fn prices_of_other_units_and_service_tiers_are_counted_and_change_nothing() {
    let book = with_entry(
        r#"{ "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "input_cost_per_image": 0.001,
             "input_cost_per_token_batches": 5e-07, "input_cost_per_token_priority": 9e-06,
             "cache_creation_input_token_cost_above_1hr": 6e-06, "cache_read_input_token_cost": null,
             "input_cost_per_token_above_200k_tokens_priority": 9e-06, "max_tokens": 3,
             "search_context_cost_per_query": { "search_context_size_low": -1 } }"#,
    );
    assert_eq!(book.get("m"), book.get("good"));
    assert_eq!(book.load_report().unwrap().unused_prices, 6);
}

#[test]
fn a_model_that_writes_nothing_needs_no_price_of_the_output() {
    let book = with_entry(r#"{ "input_cost_per_token": 1e-07, "mode": "embedding" }"#);
    assert_eq!(book.get("m").unwrap().of(Usage::tokens(MILLION, 0)), usd("0.1"));
}

#[test]
fn a_model_that_is_free_is_priced() {
    let book = with_entry(r#"{ "input_cost_per_token": 0.0, "output_cost_per_token": 0 }"#);
    assert_eq!(book.get("m").unwrap().of(Usage::tokens(MILLION, MILLION)), Usd::ZERO);
}

#[test]
fn the_sample_of_the_format_is_no_model() {
    let book = book(
        r#"{ "sample_spec": { "input_cost_per_token": 0.0, "max_tokens": "LEGACY parameter." },
             "good": { "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6 } }"#,
    );
    let report = book.load_report().unwrap();
    assert_eq!((report.models, report.refused.len()), (1, 0));
    assert!(book.get("sample_spec").is_none());
}

#[test]
fn a_text_that_is_no_price_file_is_refused_with_a_remedy() {
    for (text, place) in [
        ("", "line 1, column 0"),
        ("[]", "line 1, column 0"),
        ("{\n \"m\": { \"input_cost_per_token\": NaN } }", "line 2, column 33"),
    ] {
        let error = PriceBook::from_litellm(text).unwrap_err();
        assert!(matches!(error, PriceBookError::Json { .. }), "{error:?}");
        let told = error.to_string();
        assert!(told.contains(place) && told.contains("model_prices_and_context"), "{told}");
    }
    let error =
        PriceBook::from_litellm(r#"{ "m": { "output_cost_per_image": 1 }, "n": 5 }"#).unwrap_err();
    assert!(matches!(error, PriceBookError::NoPrices { refused: 1, other_units: 1 }), "{error:?}");
}

#[test]
fn a_file_is_the_source_of_its_prices() {
    let path = std::env::temp_dir().join(format!("ia-prices-{}.json", std::process::id()));
    let json = r#"{ "m": { "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6 } }"#;
    std::fs::write(&path, json).unwrap();
    let book = PriceBook::from_litellm_file(&path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(book.unwrap().source(), path.display().to_string());
    let error = PriceBook::from_litellm_file(&path).unwrap_err();
    assert!(matches!(error, PriceBookError::Read { .. }));
    assert!(error.to_string().contains("check the path"), "{error}");
}
