//! States and outputs in words and JSON.

use std::collections::BTreeMap;

use expect_test::expect;
use ravelin::{
    base::{Mode, Shape, Type, Value},
    render::{OutputLine, Style, output_raw, output_text, outputs_json, outputs_text, state_json, state_list, state_text, values::value_text},
    state::{State, v4},
};

fn no_shape(_: Mode, _: &str) -> Option<&'static Shape> {
    None
}

#[test]
fn state_as_terraform() {
    let state = v4::read(include_str!("recorded/state.tfstate")).unwrap();
    assert_eq!(state_text(&state, &no_shape, &Style::plain()), include_str!("recorded/state.txt"));
    let theirs: serde_json::Value = serde_json::from_str(include_str!("recorded/state.json")).unwrap();
    assert_eq!(state_json(&state, &no_shape), theirs);
}

#[test]
fn an_empty_state() {
    assert_eq!(state_text(&State::default(), &no_shape, &Style::plain()), "No state.\n");
    assert_eq!(state_json(&State::default(), &no_shape).to_string(), r#"{"format_version":"1.0"}"#);
}

#[test]
fn listing() {
    let state = v4::read(include_str!("recorded/state.tfstate")).unwrap();
    expect![[r#"
        terraform_data.cntno[0]
        terraform_data.eachno["a"]
        module.gone.terraform_data.in
    "#]]
    .assert_eq(&state_list(&state, &|a| a.key.is_some() || !a.module().is_root()));
}

fn outputs() -> BTreeMap<String, OutputLine> {
    let strings = |all: &[&str]| all.iter().map(Value::string).collect::<Vec<_>>();
    let object = Value::object_of([
        ("a", Value::string("x\ny")),
        ("b", Value::tuple(strings(&["x\ny"]))),
        ("c d", Value::number(1)),
        ("e", Value::list(Type::Any, vec![])),
        ("f", Value::map(Type::Any, BTreeMap::new())),
        ("g", Value::set(Type::String, strings(&["a"]))),
        ("h", Value::map(Type::String, BTreeMap::from([("a".to_owned(), Value::string("x"))]))),
        ("n", Value::null(Type::Any)),
        ("s", Value::null(Type::String)),
    ]);
    let line = |value: Value, sensitive: bool| OutputLine { sensitive, value };
    BTreeMap::from([
        ("a".to_owned(), line(Value::string("x\ny"), false)),
        ("b".to_owned(), line(Value::string("${a} %{b} \"q\" é"), false)),
        ("c".to_owned(), line(object, false)),
        ("g".to_owned(), line(Value::string("s"), true)),
    ])
}

#[test]
fn outputs_in_words() {
    expect![[r#"
        a = <<EOT
        x
        y
        EOT
        b = "${a} %{b} \"q\" é"
        c = {
          "a" = <<-EOT
          x
          y
          EOT
          "b" = [
            <<-EOT
            x
            y
            EOT,
          ]
          "c d" = 1
          "e" = tolist([])
          "f" = tomap({})
          "g" = toset([
            "a",
          ])
          "h" = tomap({
            "a" = "x"
          })
          "n" = null
          "s" = tostring(null)
        }
        g = <sensitive>
    "#]]
    .assert_eq(&outputs_text(&outputs()));
}

#[test]
fn one_output() {
    let outputs = outputs();
    assert_eq!(output_text(&outputs["g"]), "\"s\"\n");
    assert_eq!(output_raw("g", &outputs["g"]), Ok("s".into()));
    expect![[r#"
        The -raw option only supports strings, numbers, and boolean values, but output value "c" is object.

        Use the -json option for machine-readable representations of output values that have complex types."#]]
    .assert_eq(&output_raw("c", &outputs["c"]).unwrap_err());
    expect![[r#"{"sensitive":true,"type":"string","value":"s"}"#]].assert_eq(&outputs_json(&outputs)["g"].to_string());
    // A final line break shows as an empty line.
    assert_eq!(value_text(&Value::string("x\n")), "<<EOT\nx\n\nEOT");
    assert_eq!(value_text(&Value::unknown(Type::String)), "(known after apply)");
}
