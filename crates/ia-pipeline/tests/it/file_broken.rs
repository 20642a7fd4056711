//! Flow files with one mistake each, and what is said of it.

use ia_pipeline::{FlowFile, FlowFileErrorKind as Kind, Pipeline};
use serde_json::json;

use crate::file_steps::registry;

/// A flow file with a mistake.
pub(crate) struct Broken {
    pub(crate) text: &'static str,
    kind: Kind,
    line: u32,
    path: &'static str,
    says: &'static str,
    /// Whether the schema can see it.
    pub(crate) in_schema: bool,
}

const fn broken(
    text: &'static str,
    kind: Kind,
    (line, path): (u32, &'static str),
    says: &'static str,
    in_schema: bool,
) -> Broken {
    Broken { text, kind, line, path, says, in_schema }
}

pub(crate) const BROKEN: &[Broken] = &[
    broken("", Kind::Syntax, (1, "$"), "is empty", false),
    broken(" \n\t", Kind::Syntax, (1, "$"), "is empty", false),
    broken("\u{FEFF}", Kind::Syntax, (1, "$"), "is empty", false),
    broken(
        "[]",
        Kind::WrongType,
        (1, "$"),
        "a flow file has to be a map, but this is a list",
        true,
    ),
    broken("{\n\"name\": }", Kind::Syntax, (2, "$"), "is not JSON", false),
    broken("{\"name\": 'a'}", Kind::Syntax, (1, "$"), "is not JSON", false),
    broken("{\"name\": \"a\",}", Kind::Syntax, (1, "$"), "is not JSON", false),
    broken("{\"name\": 1e999}", Kind::Syntax, (1, "$"), "is not JSON", false),
    broken(
        "{\"name\": \"a\",\n \"name\": \"b\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::Duplicate,
        (2, "$.name"),
        "the key `name` is there twice, first on line 1",
        false,
    ),
    broken(
        "{\"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::Missing,
        (1, "$"),
        "a flow file has no `name`; add it",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"flow\": {\"start_at\": \"a\"}, \n\"steps\": []}",
        Kind::Missing,
        (2, "$.steps"),
        "there are no steps",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}]}",
        Kind::Missing,
        (1, "$"),
        "has no `flow`",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": {\"id\": \"a\"}, \"flow\": {}}",
        Kind::WrongType,
        (1, "$.steps"),
        "a list of steps",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"},\n{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::Duplicate,
        (2, "$.steps[1].id"),
        "two steps have the id `a`, the first on line 1",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"end\"}], \"flow\": {\"start_at\": \"end\"}}",
        Kind::BadValue,
        (1, "$.steps[0].id"),
        "means an end of the flow",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"type\": \"human\"}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::UnknownStepType,
        (1, "$.steps[0].type"),
        "there is no type `human` of steps",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"load\"}],\n\"flow\": {\"start_at\": \"laod\"}}",
        Kind::UnknownStep,
        (2, "$.flow.start_at"),
        "there is no step `laod`; did you mean `load`?",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"load\"}], \"flow\": {\"start_at\": \"load\", \"paths\": [\n{\"from\": \"load\", \"to\": \"end_with_succes\"}]}}",
        Kind::UnknownStep,
        (2, "$.flow.paths[0].to"),
        "did you mean `end_with_success`?",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"from_step\": \"b\", \"to\": \"end\"}]}}",
        Kind::BadValue,
        (1, "$.flow.paths[0].from_step"),
        "keep one of them",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\"}]}}",
        Kind::Missing,
        (1, "$.flow.paths[0]"),
        "a path has no `to`",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"end\",\n\"condition\": {\"type\": \"expresion\"}}]}}",
        Kind::UnknownCondition,
        (2, "$.flow.paths[0].condition.type"),
        "there is no type `expresion` of conditions; did you mean `expression`?",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"end\",\n\"condition\": {\"type\": \"expression\", \"config\": {\n\"source\": \"n\", \"operator\": \"graeter_than\", \"value\": 1}}}]}}",
        Kind::UnknownOperator,
        (3, "$.flow.paths[0].condition.config.operator"),
        "there is no operator `graeter_than`; did you mean `greater_than`?",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"end\", \"condition\": {\"type\": \"field_equals\", \"field\": \"n\"}}]}}",
        Kind::Missing,
        (1, "$.flow.paths[0].condition"),
        "has no `value`",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"end\", \"condition\": {\"type\": \"expression\", \"value\": 1}}]}}",
        Kind::Missing,
        (1, "$.flow.paths[0].condition"),
        "has no `source`",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"end\", \"condition\": {\"type\": \"agent\"}}]}}",
        Kind::Missing,
        (1, "$.flow.paths[0].condition"),
        "register it by `StepRegistry::condition`",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"end\", \"condition\": {\"type\": \"expression\", \"source\": \"a..b\", \"value\": 1}}]}}",
        Kind::BadSource,
        (1, "$.flow.paths[0].condition.source"),
        "is no path",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}, {\"id\": \"b\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"b\"},\n{\"from\": \"b\", \"to\": \"a\"}]}}",
        Kind::Cycle,
        (2, "$.flow.paths[1]"),
        "leads back from `b` to `a` and nothing asks whether to go back",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}, {\"id\": \"b\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"b\"},\n{\"from\": \"a\", \"to\": \"b\"}]}}",
        Kind::Duplicate,
        (2, "$.flow.paths[1]"),
        "this path is there already, on line 1",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"},\n{\"id\": \"b\"}], \"flow\": {\"start_at\": \"a\", \"paths\": []}}",
        Kind::Unreachable,
        (2, "$.steps[1]"),
        "the flow never comes to step `b`",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"inputs\": {\"x\": \"{steps.b.output.y}\"}}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::UnknownStep,
        (1, "$.steps[0].inputs.x"),
        "reads a step `b` that there is not",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"inputs\": {\"x\": \"{stesp.b.output}\"}}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::BadSource,
        (1, "$.steps[0].inputs.x"),
        "not with `stesp`",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"inputs\": {\"x\": \"{steps.b.output}\"}}, {\"id\": \"b\"}], \"flow\": {\"start_at\": \"a\", \"paths\": [{\"from\": \"a\", \"to\": \"b\"}]}}",
        Kind::Unreachable,
        (1, "$.steps[0].inputs.x"),
        "reads step `b`, which never comes before step `a`",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}, \"outputs\": {\"x\": \"{parameters.nmae}\"}, \"parameters\": {\"name\": 1}}",
        Kind::UnknownParameter,
        (1, "$.outputs.x"),
        "did you mean `name`?",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"config\": {\"x\":\n\"{{ parameters.y }\"}}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::BadSource,
        (2, "$.steps[0].config.x"),
        "a `{{` is not closed",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"config\": {\"x\": \"{{ steps.a.output }}\"}}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::BadSource,
        (1, "$.steps[0].config.x"),
        "known only when the pipeline runs",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"config\": {\"x\": \"{{ parameters.y }}\"}}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::UnknownParameter,
        (1, "$.steps[0].config.x"),
        "there is no parameter `y`",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"parameters\": [{\"name\": \"n\", \"type\": \"integr\"}], \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::BadValue,
        (1, "$.parameters[0].type"),
        "did you mean `integer`?",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"parameters\": [{\"name\": \"n\", \"type\": \"integer\", \"default\": \"many\"}], \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::WrongType,
        (1, "$.parameters[0]"),
        "has to be a whole number",
        false,
    ),
    broken(
        "{\"name\": \"a\", \"loop_config\": {\"max_iterations\": 0}, \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::BadValue,
        (1, "$.loop_config.max_iterations"),
        "0 is not a whole number from 1",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"config\": {\"error_handling\": {\"retry\": {\"max_attempts\": \"3\"}}}}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::WrongType,
        (1, "$.steps[0].config.error_handling.retry.max_attempts"),
        "this has to be a whole number, but is a text",
        true,
    ),
    broken(
        "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"config\": {\"error_handling\": {\"enable_fallback\": true}}}], \"flow\": {\"start_at\": \"a\"}}",
        Kind::Missing,
        (1, "$.steps[0].config.error_handling"),
        "name one of the registry in `fallback_step`",
        true,
    ),
];

#[test]
fn each_mistake_is_told_with_its_place_and_its_remedy() {
    for broken in BROKEN {
        let errors = FlowFile::from_json(broken.text).unwrap_err();
        let [error] = errors.errors() else { panic!("{}: {errors}", broken.text) };
        let found = (error.kind(), error.line(), error.path());
        assert_eq!(found, (broken.kind, Some(broken.line), Some(broken.path)), "{error}");
        assert!(error.message().contains(broken.says), "{error}");
        assert!(error.column().is_some_and(|column| column >= 1), "{error}");
    }
}

#[test]
fn what_is_wrong_with_the_file_and_what_the_registry_lacks_is_told_at_once() {
    let text = r#"{
  "name": "a",
  "steps": [
    {"id": "load", "module": "m", "step_class": "Colect"},
    {"id": "add", "step_class": "Add", "config": {"by": "two"}},
    {"id": "more", "step_class": "Give", "config": {"gve": 1}, "inputs": {"x": "{steps.laod.output}"}}
  ],
  "flow": {
    "start_at": "load",
    "paths": [
      {"from": "load", "to": "add", "condition": {"type": "function", "function": "is_lod"}},
      {"from": "add", "to": "more", "condition": {"type": "expression", "source": "n", "operator": "~", "value": 1}}
    ]
  }
}"#;
    let file = std::env::temp_dir().join(format!("ia-pipeline-broken-{}.json", std::process::id()));
    std::fs::write(&file, text).unwrap();
    let errors = Pipeline::from_file(&file, &registry()).unwrap_err();
    std::fs::remove_file(&file).unwrap();
    let found: Vec<_> =
        errors.errors().iter().map(|error| (error.line().unwrap(), error.kind())).collect();
    let expected = [
        (4, Kind::UnknownStepType),
        (5, Kind::BadConfig),
        (6, Kind::BadConfig),
        (6, Kind::UnknownStep),
        (11, Kind::UnknownCondition),
        (12, Kind::UnknownOperator),
    ];
    assert_eq!(found, expected, "{errors}");
    let text = errors.to_string();
    assert!(text.contains(".json:5:57: $.steps[1].config.by: "), "{text}");
    assert!(text.contains("`m.Colect` or `Colect` or `load`"), "{text}");
    assert!(text.contains("did you mean `Collect`?"), "{text}");
    assert_eq!(text.lines().count(), 7, "{text}");
}

#[test]
fn a_parameter_without_a_value_of_another_type_or_unknown_is_an_error_of_the_build() {
    let text = r#"{"name": "a", "steps": [{"id": "a", "step_class": "Give"}], "flow": {"start_at": "a"},
        "parameters": [{"name": "n", "schema": {"type": "integer"}}, {"name": "lang", "enum": ["en"], "default": "en"}]}"#;
    let file = FlowFile::from_json(text).unwrap();
    let only = |file: &FlowFile| {
        let errors = file.build(&registry()).unwrap_err();
        assert_eq!(errors.errors().len(), 1, "{errors}");
        (errors.errors()[0].kind(), errors.to_string())
    };
    let (kind, text) = only(&file);
    assert_eq!(kind, Kind::Missing);
    assert!(text.contains(r#".parameter("n", …)"#), "{text}");
    assert_eq!(only(&file.clone().parameter("n", "3")).0, Kind::WrongType);
    assert_eq!(only(&file.clone().parameter("n", 3).parameter("lang", "de")).0, Kind::BadValue);
    let (kind, text) = only(&file.clone().parameter("n", 3).parameter("lnag", "en"));
    assert_eq!(kind, Kind::UnknownParameter);
    assert!(text.contains("did you mean `lang`?"), "{text}");
    file.parameter("n", json!(3.0)).build(&registry()).unwrap();
}

#[test]
fn fields_without_effect_are_warnings_with_a_line() {
    let text = "{\"name\": \"a\", \"steps\": [{\"id\": \"a\", \"step_clas\": \"A\",\n\"step_class\": \"Collect\", \"config\": {\"x\": 1}}],\n\"flow\": {\"start_at\": \"a\"}, \"flwo\": 1}";
    let file = FlowFile::from_json(text).unwrap();
    let told: Vec<_> =
        file.warnings().iter().map(|warning| (warning.line(), warning.path())).collect();
    assert_eq!(told, [(3, "$.flwo"), (1, "$.steps[0].step_clas")]);
    assert!(file.warnings()[0].message().contains("did you mean `flow`?"));
    assert!(file.warnings()[1].to_string().starts_with("1:37: $.steps[0].step_clas: "));
    let warnings = file.check(&registry()).unwrap();
    assert!(warnings[2].to_string().contains("register_with"), "{warnings:?}");
}

#[test]
fn a_file_that_cannot_be_read() {
    let only = |path: &std::path::Path| {
        let errors = FlowFile::read(path).unwrap_err();
        assert_eq!(errors.errors().len(), 1, "{errors}");
        errors.errors()[0].clone()
    };
    let folder = std::env::temp_dir().join(format!("ia-pipeline-files-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let missing = only(&folder.join("none.json"));
    assert_eq!((missing.kind(), missing.line()), (Kind::Read, None));
    assert!(only(&write("flow.txt", b"{}")).message().contains("rename it"));
    let latin = only(&write("latin.json", b"{\n\"name\": \"caf\xE9\"}"));
    assert_eq!((latin.kind(), latin.line(), latin.column()), (Kind::Encoding, Some(2), Some(13)));
    let wide = only(&write("wide.json", &[0xFF, 0xFE, b'{', 0]));
    assert!(wide.message().contains("UTF-16"), "{wide}");
    let huge = only(&write("huge.json", &vec![b' '; 5 * 1024 * 1024]));
    assert!(huge.message().contains("larger than 4 MiB"), "{huge}");
    assert_eq!(only(&folder).kind(), Kind::Read);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn over_deep_nesting_is_an_error_and_no_overflow_of_the_stack() {
    for depth in [101, 130, 5_000, 1_000_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            if text.len() > 4 * 1024 * 1024 {
                continue;
            }
            let errors = FlowFile::from_json(&text).unwrap_err();
            assert_eq!(errors.errors()[0].kind(), Kind::TooDeep, "{errors}");
            assert!(errors.errors()[0].line().is_some());
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let text =
        "\u{FEFF}{\"name\": \"a\", \"steps\": [{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}}";
    assert_eq!(FlowFile::from_json(text).unwrap().name(), "a");
}

#[test]
fn a_service_that_a_step_needs_is_told_with_the_line_of_the_step() {
    use ia_pipeline::{Service, Services, StepContext, StepRegistry};
    use serde_json::Value;
    async fn ask(_: StepContext, n: Value, _: Service<u32>) -> Result<Value, std::io::Error> {
        Ok(n)
    }
    let text = "{\"name\": \"a\", \"steps\": [\n{\"id\": \"a\"}], \"flow\": {\"start_at\": \"a\"}}";
    let steps = StepRegistry::new().register("a", ask);
    let file = FlowFile::from_json(text).unwrap();
    let errors = file.build(&steps).unwrap_err();
    let error = &errors.errors()[0];
    assert_eq!(
        (error.kind(), error.line(), error.path()),
        (Kind::Build, Some(2), Some("$.steps[0]"))
    );
    let builder = file.builder(&steps).unwrap();
    assert!(builder.services(Services::new().insert(3_u32)).build().is_ok());
}

#[test]
fn ways_back_by_else_do_not_grow_with_each_other() {
    let ids: Vec<String> = (0..60).map(|n| format!("s{n}")).collect();
    let steps: Vec<_> = ids.iter().map(|id| json!({"id": id, "step_class": "echo"})).collect();
    let mut paths: Vec<_> =
        ids.windows(2).map(|pair| json!({"from": pair[0], "to": pair[1]})).collect();
    let last = ids.last().unwrap();
    let ask = json!({"type": "field_equals", "config": {"field": "x", "value": 1}});
    paths.extend((0..60).map(|_| json!({"from": last, "to": "end", "condition": ask})));
    paths.extend(
        ids.iter().map(|id| json!({"from": last, "to": id, "condition": {"type": "else"}})),
    );
    let text = json!({"name": "p", "steps": steps, "flow": {"start_at": "s0", "paths": paths}});
    // Whatever it says of it, it says it soon.
    drop(FlowFile::from_json(&text.to_string()));
}
