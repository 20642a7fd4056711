//! Prices beside a model in whole numbers of any size.

use ia_pipeline::{Price, PriceBook, Usage};
use num_bigint::BigUint;
use proptest::prelude::*;

/// A price by kind: input, output, cached, cache written, reasoning.
type Rates = (u64, u64, Option<u64>, Option<u64>, Option<u64>);

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), 0_u64..2_000_000, any::<u64>()]
}

fn any_rates() -> impl Strategy<Value = Rates> {
    let maybe = || proptest::option::of(any_number());
    (any_number(), any_number(), maybe(), maybe(), maybe())
}

fn price((input, output, cached, written, reasoning): Rates) -> Price {
    let mut price = Price::per_token_pico(input, output);
    if let Some(cached) = cached {
        price = price.cached_per_token_pico(cached);
    }
    if let Some(written) = written {
        price = price.cache_written_per_token_pico(written);
    }
    if let Some(reasoning) = reasoning {
        price = price.reasoning_per_token_pico(reasoning);
    }
    price
}

/// Billionths of a dollar, half up, at most `i64::MAX`.
fn nanos(picos: BigUint) -> i64 {
    i64::try_from((picos + 500_u32) / 1_000_u32).unwrap_or(i64::MAX)
}

proptest! {
    #[test]
    fn a_call_costs_what_its_tokens_cost_one_by_one(
        base in any_rates(),
        tiers in proptest::collection::vec((any_number(), any_rates()), 0..4),
        (input, output) in (any_number(), any_number()),
        (cached, written, reasoning) in (any_number(), any_number(), any_number()),
    ) {
        let priced = tiers.iter().fold(price(base), |all, (above, tier)| all.above(*above, price(*tier)));
        let usage = Usage::tokens(input, output).cached(cached).cache_written(written).reasoning(reasoning);

        // The last tier of the highest threshold that the input is above.
        let tier = tiers.iter().filter(|(above, _)| input > *above).max_by_key(|(above, _)| *above);
        let rates = tier.map_or(base, |(_, tier)| {
            (tier.0, tier.1, tier.2.or(base.2), tier.3.or(base.3), tier.4.or(base.4))
        });
        let cached = cached.min(input);
        let written = written.min(input - cached);
        let reasoning = reasoning.min(output);
        let cost = |tokens: u64, price: u64| BigUint::from(tokens) * price;
        let picos = cost(input - cached - written, rates.0)
            + cost(cached, rates.2.unwrap_or(rates.0))
            + cost(written, rates.3.unwrap_or(rates.0))
            + cost(output - reasoning, rates.1)
            + cost(reasoning, rates.4.unwrap_or(rates.1));
        prop_assert_eq!(priced.of(usage).as_nanos(), nanos(picos));
    }

    #[test]
    fn parts_of_a_usage_are_the_same_in_whatever_order_they_are_said(
        (input, output, cached, written, reasoning) in
            (any_number(), any_number(), any_number(), any_number(), any_number()),
    ) {
        let one = Usage::tokens(input, output).cached(cached).cache_written(written).reasoning(reasoning);
        let other = Usage::tokens(input, output).reasoning(reasoning).cache_written(written).cached(cached);
        prop_assert_eq!(one, other);
        let parts = u128::from(one.cached_input()) + u128::from(one.cache_written_input());
        prop_assert!(parts <= u128::from(input) && one.reasoning_output() <= output);
    }

    #[test]
    fn a_decimal_of_a_price_file_is_read_to_the_nearest_trillionth(
        digits in "[0-9]{1,24}",
        point in 0_usize..24,
        exponent in -40_i32..10,
        tokens in 0_u64..5_000_000,
    ) {
        let point = point.min(digits.len() - 1);
        let whole = digits[..point].trim_start_matches('0');
        let (whole, fraction) = (if whole.is_empty() { "0" } else { whole }, &digits[point..]);
        let json = format!(
            r#"{{ "m": {{ "input_cost_per_token": {whole}.{fraction}e{exponent}, "output_cost_per_token": 0 }},
                  "n": {{ "input_cost_per_token": 1, "output_cost_per_token": 0 }} }}"#
        );
        let book = PriceBook::from_litellm(&json).unwrap();

        let number: BigUint = digits.parse().unwrap();
        let shift = exponent - i32::try_from(fraction.len()).unwrap() + 12;
        let power = BigUint::from(10_u32).pow(shift.unsigned_abs());
        let picos = if shift >= 0 { &number * power } else { (&number * 2_u32 + &power) / (power * 2_u32) };
        let zero = BigUint::from(0_u32);
        let readable = u64::try_from(&picos).is_ok() && (picos != zero || number == zero);
        prop_assert_eq!(book.get("m").is_some(), readable, "{}", json);
        if let Some(price) = book.get("m") {
            prop_assert_eq!(price.of(Usage::tokens(tokens, 0)).as_nanos(), nanos(picos * tokens));
        }
    }

    #[test]
    fn any_text_is_a_price_file_or_an_error(text in ".{0,200}") {
        PriceBook::from_litellm(&text).ok();
    }

    #[test]
    fn any_value_of_a_price_is_read_or_refused(value in "[-+0-9.eE\"a-z\\[\\]{}, ]{0,20}") {
        let json = format!(
            r#"{{ "m": {{ "input_cost_per_token": {value} , "output_cost_per_token": 0 }} }}"#
        );
        PriceBook::from_litellm(&json).ok();
    }
}
