//! What must hold for any text and any value.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ravelin::{
    base::{Type, Value},
    lang::{self, console::format_value, convert::convert, unify::unify},
};

use super::support::*;

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::bool),
        any::<i64>().prop_map(Value::number),
        (any::<i32>(), 0u32..6).prop_map(|(n, e)| Value::number(ravelin::base::Number::parse(&format!("{n}e-{e}")).expect("a number"))),
        "[ -~é\n\t\"$%{}\\\\]{0,12}".prop_map(Value::string),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
            prop::collection::btree_map("[a-z\"${ ]{1,6}", inner, 0..4).prop_map(Value::object),
        ]
    })
}

/// The value as the language writes it.
fn literal(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        let quoted = lang::console::quote(text);
        return quoted.replace("${", "$${").replace("%{", "%%{");
    }
    if let Some(items) = value.elements() {
        return format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", "));
    }
    if let Some(entries) = value.entries() {
        let entries: BTreeMap<_, _> = entries.iter().map(|(k, v)| (literal(&Value::string(k)), literal(v))).collect();
        return format!("{{{}}}", entries.iter().map(|(k, v)| format!("{k} = {v}")).collect::<Vec<_>>().join(", "));
    }
    value.to_string()
}

fn evaluate(expr: &str) -> Option<Value> {
    let l = load(&format!("output \"o\" {{\n  value = {expr}\n}}\n"));
    let bp = l.blueprint?;
    let ev = lang::Evaluator::new(&bp, &l.sources, &l.files, inputs());
    let mut diags = l.diags;
    let value = ev.output(&Default::default(), "o", &mut diags);
    (!diags.has_errors()).then_some(value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn literals_read_back(value in any_value()) {
        prop_assert_eq!(evaluate(&literal(&value)), Some(value));
    }

    #[test]
    fn json_reads_back(value in any_value()) {
        let there = evaluate(&format!("jsondecode(jsonencode({}))", literal(&value)));
        prop_assert_eq!(there, Some(value));
    }

    #[test]
    fn yaml_reads_back(value in any_value()) {
        let there = evaluate(&format!("yamldecode(yamlencode({}))", literal(&value)));
        prop_assert_eq!(there, Some(value));
    }

    #[test]
    fn conversion_ends_where_it_is(value in any_value(), ty in prop::sample::select(vec![
        Type::String, Type::Number, Type::Bool, Type::list(Type::Any), Type::set(Type::String), Type::map(Type::Any), Type::list(Type::String), Type::map(Type::String),
    ])) {
        if let Ok(once) = convert(&value, &ty) {
            prop_assert_eq!(convert(&once, &ty), Ok(once.clone()));
            prop_assert_eq!(convert(&once, &once.ty()), Ok(once));
        }
    }

    #[test]
    fn unification_does_not_depend_on_order(a in any_value(), b in any_value(), c in any_value()) {
        let types = [a.ty(), b.ty(), c.ty()];
        let turned = [c.ty(), a.ty(), b.ty()];
        let common = unify(&types);
        prop_assert_eq!(&common, &unify(&turned));
        if let Some(common) = common && common != Type::Any {
            for value in [&a, &b, &c] {
                if let Ok(v) = convert(value, &common) {
                    prop_assert!(v.ty() == common || !common.is_concrete());
                }
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_crash(text in "[a-z\"${}%<>=\\[\\]().,:?!#/* \n\\\\~-]{0,80}") {
        let l = load(&text);
        let _ = show(&l.diags, &l.sources);
        let l = load(&format!("-- a.tf.json --\n{text}"));
        let _ = show(&l.diags, &l.sources);
        let _ = eval(&format!("\"{text}\""));
    }

    #[test]
    fn broken_pieces_of_a_good_file_are_reported(cut in 0usize..400) {
        let good = "variable \"a\" {\n  type = object({ b = optional(string, \"x\") })\n  default = {}\n}\nlocals {\n  c = [for k in [1, 2] : \"${k}-%{ if k == 1 }one%{ else }more%{ endif }\" if k > 0]\n  d = <<-EOT\n    text ${join(\",\", local.c)}\n  EOT\n}\noutput \"o\" {\n  value = { \"q\" = local.d, r : var.a.b[0], s = -1 ? !true : null }\n}\n";
        let cut = cut.min(good.len());
        if good.is_char_boundary(cut) {
            let mut text = good.to_owned();
            text.remove(cut.min(good.len() - 1));
            let l = load(&text);
            for d in &l.diags.items {
                prop_assert!(d.span.is_some(), "{d:?}");
            }
        }
    }
}

#[test]
fn values_are_shown_as_the_console_does() {
    let value = Value::object_of([
        ("b", Value::list(Type::String, vec![Value::string("x\ny")])),
        ("a", Value::null(Type::Number)),
        ("c", Value::string("s").sensitive()),
    ]);
    assert_eq!(
        format_value(&value),
        "{\n  \"a\" = tonumber(null)\n  \"b\" = tolist([\n    <<-EOT\n    x\n    y\n    EOT,\n  ])\n  \"c\" = (sensitive value)\n}"
    );
}
