//! The format of LiteLLM's `model_prices_and_context_window.json`.
//!
//! Source: the file itself and `litellm_core_utils/llm_cost_calc/utils.py` of repository `BerriAI/litellm`, which says
//! what its keys mean.

use std::collections::{BTreeMap, HashMap};

use serde_json::value::RawValue;

use super::Price;
use super::decimal::Picos;
use super::load_report::{LoadReport, PriceBookError, RefusedPrice};
use super::tier_fields::{Fields, Kind, TierList, field};

/// An entry that explains the format.
const SAMPLE: &str = "sample_spec";

/// The values of `mode` whose models write no tokens.
const WRITE_NOTHING: [&str; 3] = ["embedding", "moderation", "rerank"];

/// The text of a JSON object, member by member; of members with one name, the last.
pub(super) type Object<'a> = BTreeMap<String, &'a RawValue>;

/// What an entry says.
enum Entry {
    OtherUnits,
    Priced { price: Price, unused: usize, rounded: usize },
}

/// Reads all prices of a file.
pub(super) fn read(json: &str) -> Result<(HashMap<String, Price>, LoadReport), PriceBookError> {
    let entries: Object<'_> = serde_json::from_str(json).map_err(|error| PriceBookError::Json {
        line: error.line(),
        column: error.column(),
        message: error.to_string(),
    })?;
    let (mut prices, mut report) = (HashMap::new(), LoadReport::default());
    for (model, entry) in entries.into_iter().filter(|(model, _)| model != SAMPLE) {
        match read_entry(entry) {
            Ok(Entry::Priced { price, unused, rounded }) => {
                report.models += 1;
                report.unused_prices += unused;
                report.rounded_prices += rounded;
                prices.insert(model, price);
            }
            Ok(Entry::OtherUnits) => report.other_units += 1,
            Err(reason) => report.refused.push(RefusedPrice { model, reason }),
        }
    }
    if prices.is_empty() {
        return Err(PriceBookError::NoPrices {
            refused: report.refused.len(),
            other_units: report.other_units,
        });
    }
    Ok((prices, report))
}

fn read_entry(entry: &RawValue) -> Result<Entry, String> {
    let members: Object<'_> = serde_json::from_str(entry.get())
        .map_err(|_| "the entry is not an object of prices".to_owned())?;
    let mut fields = Fields::default();
    let (mut unused, mut priced_otherwise) = (0, false);
    let mut tiers = TierList::default();
    for (name, value) in members.iter().filter(|(_, value)| value.get() != "null") {
        match field(name) {
            Some((kind, above)) => fields.set(above, kind, read_price(name, value)?),
            None if name == "tiered_pricing" => tiers = TierList::read(value)?,
            None if name.contains("cost") => {
                unused += 1;
                priced_otherwise |= Picos::read(value.get()).is_ok_and(|price| price.picos > 0);
            }
            None => {}
        }
    }
    priced_otherwise |= tiers.is_of_other_units();
    tiers.fill(&mut fields);
    let mode = members.get("mode").map_or("", |mode| mode.get().trim_matches('"'));
    if WRITE_NOTHING.contains(&mode) {
        fields.write_nothing();
    }
    let Some(price) = fields.price() else {
        let has_one = fields.has(Kind::Input) != fields.has(Kind::Output);
        return if has_one && unused == 0 {
            let missing = if fields.has(Kind::Input) { Kind::Output } else { Kind::Input };
            Err(format!("`{}` is missing, and it is not priced otherwise", missing.name()))
        } else {
            Ok(Entry::OtherUnits)
        };
    };
    // The file says 0 per token where the price is per query or image.
    if price.is_free() && priced_otherwise {
        return Ok(Entry::OtherUnits);
    }
    Ok(Entry::Priced { price, unused, rounded: fields.rounded() })
}

/// A price in dollars per token.
pub(super) fn read_price(name: &str, value: &RawValue) -> Result<Picos, String> {
    Picos::read(value.get()).map_err(|why| {
        let value: String = value.get().chars().take(40).collect();
        format!("`{}` is {}: {why}", name.escape_debug(), value.escape_debug())
    })
}
