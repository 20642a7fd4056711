//! The operators of conditions, value by value.

use ia_pipeline::{FlowFile, StepContext, StepRegistry};
use serde_json::{Value, json};

/// Whether a condition holds, or the `error_type` that it ends in.
async fn holds(operator: &str, value: Option<Value>, wanted: Value) -> Result<bool, String> {
    let file = json!({
        "name": "p",
        "steps": [{"id": "ask", "step_class": "same"}, {"id": "yes", "step_class": "same"}],
        "flow": {"start_at": "ask", "paths": [{"from": "ask", "to": "yes", "condition":
            {"type": "expression", "source": "input.v", "operator": operator, "value": wanted}}]},
        "outputs": {"held": "{steps.yes.skipped}"}
    });
    async fn same(_: StepContext, value: Value) -> Result<Value, std::io::Error> {
        Ok(value)
    }
    let steps = StepRegistry::new().register("same", same);
    let pipeline = FlowFile::from_json(&file.to_string()).unwrap().build(&steps).unwrap();
    let input = value.map_or_else(|| json!({}), |value| json!({"v": value}));
    match pipeline.run(input).await {
        Ok(run) => Ok(run.output["held"] == false),
        Err(error) => Err(error.error_type().to_owned()),
    }
}

#[tokio::test]
async fn operators_hold_where_they_should() {
    let yes = [
        ("equals", json!(1), json!(1.0)),
        ("==", json!("a"), json!("a")),
        ("==", json!([1, {"a": 2}]), json!([1.0, {"a": 2}])),
        ("==", Value::Null, Value::Null),
        ("not_equals", json!(1), json!(2)),
        ("!=", json!("a"), Value::Null),
        (
            "greater_than",
            json!(18_446_744_073_709_551_615_u64),
            json!(18_446_744_073_709_551_614_u64),
        ),
        (">", json!(0.1), json!(-5)),
        (">", json!("b"), json!("a")),
        (">=", json!(2), json!(2)),
        ("greater_or_equal", json!(3), json!(2.5)),
        ("greater_than_or_equal", json!(3), json!(3)),
        ("<", json!(-1), json!(0)),
        ("less_than", json!(1), json!(1.5)),
        ("<=", json!("a"), json!("a")),
        ("less_or_equal", json!(0), json!(0)),
        ("contains", json!("forbidden word"), json!("bid")),
        ("contains", json!([1, 2]), json!(2.0)),
        ("contains", json!({"k": null}), json!("k")),
        ("not_contains", json!([1, "a"]), json!(2)),
        ("in", json!("b"), json!(["a", "b"])),
        ("in", json!("b"), json!("abc")),
        ("not_in", json!(3), json!([1, 2])),
        ("exists", Value::Null, Value::Null),
        ("starts_with", json!("abc"), json!("ab")),
        ("ends_with", json!("abc"), json!("bc")),
    ];
    for (operator, value, wanted) in yes {
        let told = format!("{value} {operator} {wanted}");
        assert_eq!(holds(operator, Some(value), wanted).await, Ok(true), "{told}");
    }
}

#[tokio::test]
async fn operators_do_not_hold_where_they_should_not() {
    let no = [
        ("equals", json!(1), json!(2)),
        ("==", json!([1]), json!([1, 2])),
        ("==", json!({"a": 1}), json!({"b": 1})),
        ("==", json!(false), Value::Null),
        ("!=", json!(1), json!(1.0)),
        (">", json!(2), json!(2)),
        (">=", json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_993_u64)),
        ("<", json!("b"), json!("a")),
        ("<=", json!(3), json!(2)),
        ("contains", json!(["1"]), json!(1)),
        ("not_contains", json!("abc"), json!("b")),
        ("in", json!("d"), json!(["a", "b"])),
        ("not_in", json!("a"), json!(["a", "b"])),
        ("not_exists", json!(0), Value::Null),
        ("starts_with", json!("abc"), json!("b")),
        ("ends_with", json!("abc"), json!("b")),
    ];
    for (operator, value, wanted) in no {
        let told = format!("{value} {operator} {wanted}");
        assert_eq!(holds(operator, Some(value), wanted).await, Ok(false), "{told}");
    }
}

#[tokio::test]
async fn values_that_cannot_be_compared_are_never_silently_false() {
    let neither = [
        ("equals", json!(1), json!("1")),
        ("!=", json!(true), json!(1)),
        (">", json!("10"), json!(9)),
        (">", Value::Null, json!(1)),
        ("<", json!(true), json!(false)),
        ("<=", json!([1]), json!([2])),
        ("contains", json!(12), json!(1)),
        ("contains", json!("12"), json!(1)),
        ("in", json!("a"), json!(5)),
        ("starts_with", json!(12), json!("1")),
    ];
    for (operator, value, wanted) in neither {
        let told = format!("{value} {operator} {wanted}");
        assert_eq!(
            holds(operator, Some(value), wanted).await,
            Err("incomparable".into()),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_missing_value_is_an_error_but_for_who_asks_whether_it_is_there() {
    for operator in ["equals", "!=", ">", "contains", "in", "not_in", "starts_with"] {
        assert_eq!(
            holds(operator, None, json!([])).await,
            Err("missing_value".into()),
            "{operator}"
        );
    }
    assert_eq!(holds("exists", None, Value::Null).await, Ok(false));
    assert_eq!(holds("not_exists", None, Value::Null).await, Ok(true));
    assert_eq!(holds("exists", Some(json!(0)), Value::Null).await, Ok(true));
}
