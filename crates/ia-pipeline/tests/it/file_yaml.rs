//! What is particular to flow files in YAML.

use ia_pipeline::{FlowFile, FlowFileErrorKind as Kind};
use serde_json::json;

const FLOW: &str = "flow: {start_at: a}\nsteps: [{id: a}]\n";

fn only(text: &str) -> (Kind, u32, String) {
    let errors = FlowFile::from_yaml(text).unwrap_err();
    let [error] = errors.errors() else { panic!("{text}: {errors}") };
    (error.kind(), error.line().unwrap(), error.to_string())
}

#[test]
fn mistakes_have_their_line_and_column() {
    let text = "name: a\nsteps:\n  - id: load\nflow:\n  start_at: laod\n";
    let (kind, line, told) = only(text);
    assert_eq!((kind, line), (Kind::UnknownStep, 5));
    assert!(told.starts_with("5:13: $.flow.start_at: "), "{told}");
    assert!(told.contains("did you mean `load`?"), "{told}");
}

#[test]
fn a_key_that_is_there_twice() {
    let (kind, line, told) = only(&format!("name: a\n{FLOW}name: b\n"));
    assert_eq!((kind, line), (Kind::Duplicate, 4));
    assert!(told.contains("first on line 1"), "{told}");
}

#[test]
fn what_is_not_one_document_in_yaml() {
    assert_eq!(only("").0, Kind::Syntax);
    assert_eq!(only("# nothing\n").0, Kind::Syntax);
    assert_eq!(only("- name: a\n").0, Kind::WrongType);
    assert_eq!(only("just a text").0, Kind::WrongType);
    assert_eq!(only("name: [a\nsteps: b").0, Kind::Syntax);
    assert_eq!(only("name: a\n\tsteps: b").0, Kind::Syntax);
    assert_eq!(only("{---").0, Kind::Syntax);
    let (kind, line, told) = only(&format!("name: a\n{FLOW}---\nname: b\n"));
    assert_eq!((kind, line), (Kind::Syntax, 4));
    assert!(told.contains("more than one document"), "{told}");
}

#[test]
fn scalars_are_read_by_the_core_schema() {
    let text = format!(
        "name: no\n{FLOW}metadata: [no, on, yes, 012, 0x1F, 0o17, +1, -2.5, 1e3, .5, ~, null, 'null', \"1\", 1.2.3, 1-2, 2026-11-23, '']\n"
    );
    let file = FlowFile::from_yaml(&text).unwrap();
    assert_eq!(file.name(), "no");
    let expected = json!([
        "no",
        "on",
        "yes",
        12,
        31,
        15,
        1,
        -2.5,
        1000.0,
        0.5,
        null,
        null,
        "null",
        "1",
        "1.2.3",
        "1-2",
        "2026-11-23",
        ""
    ]);
    assert_eq!(file.to_json()["metadata"], expected);
}

#[test]
fn what_json_cannot_say_is_refused() {
    for value in [".inf", "-.inf", ".nan"] {
        assert_eq!(
            only(&format!("name: a\n{FLOW}metadata: {value}\n")).0,
            Kind::BadValue,
            "{value}"
        );
    }
    assert_eq!(only(&format!("name: a\n{FLOW}metadata: !secret x\n")).0, Kind::BadValue);
    assert_eq!(only(&format!("name: a\n{FLOW}metadata: {{[a]: b}}\n")).0, Kind::WrongType);
    let (_, line, told) = only(&format!("name: a\n{FLOW}metadata:\n  <<: {{a: 1}}\n"));
    assert_eq!(line, 5);
    assert!(told.contains("write the fields out"), "{told}");
}

#[test]
fn aliases_stand_for_what_they_name_and_cannot_grow_without_bound() {
    let text = format!("name: a\n{FLOW}metadata: [&x {{a: [1, 2]}}, *x]\n");
    let file = FlowFile::from_yaml(&text).unwrap();
    assert_eq!(file.to_json()["metadata"], json!([{"a": [1, 2]}, {"a": [1, 2]}]));
    let mut laughs =
        format!("name: a\n{FLOW}metadata:\n  - &l0 [lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..10 {
        let before = vec![format!("*l{}", level - 1); 8].join(", ");
        laughs = format!("{laughs}  - &l{level} [{before}]\n");
    }
    let (kind, _, told) = only(&laughs);
    assert_eq!(kind, Kind::BadValue);
    assert!(told.contains("repeat more than"), "{told}");
    assert_eq!(only(&format!("name: a\n{FLOW}metadata: *nowhere\n")).0, Kind::Syntax);
    assert!(FlowFile::from_yaml(&format!("name: a\n{FLOW}metadata: &x [*x]\n")).is_err());
}

#[test]
fn over_deep_nesting_is_an_error_and_no_overflow_of_the_stack() {
    for depth in [102, 300, 100_000] {
        for open in ["[", "{a: ", "- "] {
            let (kind, _, told) = only(&open.repeat(depth));
            assert_eq!(kind, Kind::TooDeep, "{depth} {open}: {told}");
        }
    }
}

#[test]
fn a_block_text_and_comments_are_read() {
    let text = format!("# a comment\nname: a # another\n{FLOW}description: |\n  two\n  lines\n");
    let file = FlowFile::from_yaml(&text).unwrap();
    assert_eq!(file.description(), Some("two\nlines\n"));
}
