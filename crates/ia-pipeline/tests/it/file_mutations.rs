//! Random texts and random changes of the fifteen files: never a panic, and every error with a line.

use std::path::Path;

use ia_pipeline::{FlowFile, FlowFileErrors};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::file_steps::{path, registry};

/// Numbers that look random, and are the same for the same seed.
pub(crate) struct Numbers(u64);

pub(crate) fn numbered(seed: u64) -> Numbers {
    Numbers(seed | 1)
}

impl Numbers {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

/// Changes one thing somewhere in a value.
pub(crate) fn mutated(value: &mut Value, chance: &mut Numbers) {
    let inside = chance.below(8) > 0;
    match value {
        Value::Object(fields) if inside && !fields.is_empty() => {
            let at = chance.below(fields.len());
            let key = fields.keys().nth(at).cloned().unwrap();
            match chance.below(10) {
                0 => {
                    fields.remove(&key);
                }
                1 => {
                    let value = fields.remove(&key).unwrap();
                    fields.insert(format!("{key}x"), value);
                }
                2 => {
                    fields.insert("type".to_owned(), strange(chance));
                }
                _ => mutated(&mut fields[&key], chance),
            }
        }
        Value::Array(items) if inside && !items.is_empty() => {
            let at = chance.below(items.len());
            match chance.below(8) {
                0 => {
                    items.remove(at);
                }
                1 => items.push(items[at].clone()),
                _ => mutated(&mut items[at], chance),
            }
        }
        other => *other = strange(chance),
    }
}

/// What nobody expects.
fn strange(chance: &mut Numbers) -> Value {
    let all = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(0.5),
        json!(u64::MAX),
        json!(""),
        json!("end"),
        json!("else"),
        json!("always"),
        json!("{steps.a.output"),
        json!("{{ parameters.x"),
        json!("{{ parameters.x }}"),
        json!("{a|b|}"),
        json!("steps.[0]."),
        json!("expression"),
        json!("\u{0}\n\"é"),
        json!([]),
        json!({}),
        json!([[{"name": 1}]]),
        json!({"type": "field_equals", "config": 3}),
    ];
    all[chance.below(all.len())].clone()
}

fn every_error_has_a_line(result: Result<FlowFile, FlowFileErrors>) {
    let errors = match result {
        // What can be read can be asked for with a registry, whatever that says.
        Ok(file) => match file.check(&registry()) {
            Ok(_) => return,
            Err(errors) => errors,
        },
        Err(errors) => errors,
    };
    assert!(!errors.errors().is_empty());
    for error in errors.errors() {
        assert!(error.line().is_some_and(|line| line >= 1), "{error:?}");
        assert!(!error.message().is_empty() && !error.to_string().contains('\n'), "{error:?}");
    }
}

fn texts(extension: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path("")).unwrap().map(|entry| entry.unwrap().path());
    let is_wanted = |path: &Path| path.extension().is_some_and(|kind| kind == extension);
    let mut paths: Vec<_> = entries.filter(|path| is_wanted(path)).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// A text with some bytes cut out, doubled or put in.
fn scrambled(text: &str, chance: &mut Numbers, times: usize) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..times {
        let at = chance.below(chars.len());
        let more: Vec<char> = "{}[]\",:'|&*!#-%@`~<>\\\t\n\u{FEFF}é0.e{{}}".chars().collect();
        match chance.below(4) {
            0 => {
                let end = (at + 1 + chance.below(20)).min(chars.len());
                chars.drain(at..end);
            }
            1 => {
                let end = (at + 1 + chance.below(40)).min(chars.len());
                let part: Vec<char> = chars[at..end].to_vec();
                chars.splice(at..at, part);
            }
            _ => chars.insert(at, more[chance.below(more.len())]),
        }
        if chars.is_empty() {
            chars.push(' ');
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn random_json_is_an_error_with_a_line(text in r#"[\{\}\[\]",:a-f0-9 \n\\.eE+-]{0,80}"#) {
        every_error_has_a_line(FlowFile::from_json(&text));
    }

    #[test]
    fn any_text_is_an_error_with_a_line(text in any::<String>()) {
        every_error_has_a_line(FlowFile::from_json(&text));
    }

    #[test]
    fn a_scrambled_file_is_an_error_with_a_line(seed in any::<u64>(), times in 1_usize..6) {
        let (texts, mut chance) = (texts("json"), numbered(seed));
        let text = &texts[chance.below(texts.len())];
        every_error_has_a_line(FlowFile::from_json(&scrambled(text, &mut chance, times)));
    }

    #[test]
    fn a_file_with_strange_values_is_an_error_with_a_line(seed in any::<u64>(), times in 1_usize..5) {
        let (texts, mut chance) = (texts("json"), numbered(seed));
        let mut value: Value = serde_json::from_str(&texts[chance.below(texts.len())]).unwrap();
        (0..times).for_each(|_| mutated(&mut value, &mut chance));
        every_error_has_a_line(FlowFile::from_json(&serde_json::to_string_pretty(&value).unwrap()));
    }
}

#[cfg(feature = "yaml")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn random_yaml_is_an_error_with_a_line(text in "[\\{\\}\\[\\]\",:a-f0-9 \n?&*!|>'#%@`~<.-]{0,80}") {
        every_error_has_a_line(FlowFile::from_yaml(&text));
    }

    #[test]
    fn any_text_as_yaml_is_an_error_with_a_line(text in any::<String>()) {
        every_error_has_a_line(FlowFile::from_yaml(&text));
    }

    #[test]
    fn a_scrambled_yaml_file_is_an_error_with_a_line(seed in any::<u64>(), times in 1_usize..6) {
        let (texts, mut chance) = (texts("yaml"), numbered(seed));
        let text = &texts[chance.below(texts.len())];
        every_error_has_a_line(FlowFile::from_yaml(&scrambled(text, &mut chance, times)));
    }
}
