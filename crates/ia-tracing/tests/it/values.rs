use std::borrow::Cow;

use ia_tracing::Value;

#[test]
fn the_usual_types_become_values() {
    assert_eq!(Value::from(true), Value::Bool(true));
    assert_eq!(Value::from(-1_i32), Value::Int(-1));
    assert_eq!(Value::from(1_u32), Value::Int(1));
    assert_eq!(Value::from(1_usize), Value::Int(1));
    assert_eq!(Value::from(0.5), Value::Float(0.5));
    assert_eq!(Value::from(Cow::Borrowed("a")), Value::from("a"));
    assert_eq!(Value::from(String::from("a")), Value::from("a"));
}

#[test]
fn unsigned_numbers_saturate() {
    assert_eq!(Value::from(u64::MAX), Value::Int(i64::MAX));
    assert_eq!(Value::from(7_u64), Value::Int(7));
}

#[test]
fn a_value_of_another_type_is_not_equal() {
    assert_ne!(Value::from("1"), 1);
    assert_ne!(Value::from(1), "1");
    assert_ne!(Value::from(1), true);
    assert_ne!(Value::from(1), 1.0);
}

#[test]
fn values_print_bare() {
    let texts = [Value::from("a b"), Value::from(3), Value::from(1.5), Value::from(false)]
        .map(|value| value.to_string());
    assert_eq!(texts, ["a b", "3", "1.5", "false"]);
}
