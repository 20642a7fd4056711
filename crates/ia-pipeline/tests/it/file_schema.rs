//! The published schema of flow files, held against the parser.

use ia_pipeline::FlowFile;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::file_broken::BROKEN;
use crate::file_mutations::{mutated, numbered};
use crate::file_steps::path;

fn schema() -> Validator {
    let text = include_str!("../../schema/flow.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

/// The fifteen files as JSON; those in YAML are left out, as nothing here reads them as values.
fn flows() -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(path("")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path.display().to_string(), value)
    };
    files.into_iter().map(read).collect()
}

/// YAML as JSON, for the few shapes that the files of the tests have.
#[cfg(feature = "yaml")]
fn yaml_flows() -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(path("")).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|kind| kind == "yaml"));
    let read = |path: std::path::PathBuf| {
        let file = FlowFile::read(&path).unwrap();
        (path.display().to_string(), file.to_json())
    };
    files.map(read).collect()
}

#[test]
fn all_flows_are_what_the_schema_says() {
    let schema = schema();
    let flows = flows();
    assert_eq!(flows.len(), 11);
    #[cfg(feature = "yaml")]
    let flows: Vec<_> = flows.into_iter().chain(yaml_flows()).collect();
    for (name, flow) in flows {
        let errors: Vec<String> =
            schema.iter_errors(&flow).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn what_the_schema_can_see_to_be_wrong_it_refuses() {
    let schema = schema();
    let mut refused = 0;
    for broken in BROKEN {
        let Ok(flow) = serde_json::from_str::<Value>(broken.text) else { continue };
        assert_eq!(schema.is_valid(&flow), !broken.in_schema, "{}", broken.text);
        refused += u32::from(broken.in_schema);
    }
    assert!(refused > 15, "{refused}");
}

#[test]
fn the_schema_itself_says_what_it_is_and_is_valid() {
    let text = include_str!("../../schema/flow.schema.json");
    let schema: Value = serde_json::from_str(text).unwrap();
    assert_eq!(schema["$schema"], json!("https://json-schema.org/draft/2020-12/schema"));
    assert!(jsonschema::meta::is_valid(&schema));
}

proptest! {
    /// What the parser takes, the schema takes: a user who follows an editor's advice is never misled.
    #[test]
    fn whatever_the_parser_takes_is_valid(seed in any::<u64>(), cuts in 1_usize..4) {
        let schema = schema();
        let flows = flows();
        let mut chance = numbered(seed);
        let (_, flow) = &flows[chance.below(flows.len())];
        let mut flow = flow.clone();
        (0..cuts).for_each(|_| mutated(&mut flow, &mut chance));
        if FlowFile::from_json(&flow.to_string()).is_ok() {
            let errors: Vec<String> = schema.iter_errors(&flow).map(|error| error.to_string()).collect();
            prop_assert!(errors.is_empty(), "{flow}: {errors:?}");
        }
    }
}
