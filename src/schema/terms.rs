//! The plain things that declarations are made of, taken from HCL expressions: words, texts, numbers, calls, values.

use std::collections::BTreeMap;

use hcl::{Expression, expr::FuncCall};
use serde_json::Value as Json;

use super::template::Template;
use crate::base::{Value, json as bjson};

pub(super) type Parsed<T> = Result<T, String>;

/// The attributes of one level of a file.
pub(super) type Head = BTreeMap<String, Expression>;

/// `30m` or `90m`.
pub(super) fn minutes(text: &str) -> Parsed<u64> {
    text.strip_suffix('m').and_then(|n| n.parse().ok()).ok_or_else(|| format!("{text:?} is not a number of minutes"))
}

pub(super) fn modifier_of(expr: &Expression) -> Parsed<(String, &[Expression])> {
    match expr {
        Expression::Variable(v) => Ok((v.as_str().to_owned(), &[])),
        Expression::FuncCall(c) => Ok((c.name.name.as_str().to_owned(), &c.args)),
        other => Err(format!("{other:?} is not a modifier")),
    }
}

pub(super) fn call(expr: &Expression) -> Parsed<&FuncCall> {
    match expr {
        Expression::FuncCall(c) => Ok(c),
        other => Err(format!("{other:?} is not a declaration")),
    }
}

pub(super) fn word(expr: &Expression) -> Option<String> {
    match expr {
        Expression::Variable(v) => Some(v.as_str().to_owned()),
        _ => None,
    }
}

pub(super) fn string(expr: &Expression) -> Parsed<String> {
    match expr {
        Expression::String(s) => Ok(s.clone()),
        other => Err(format!("{other:?} is not a text")),
    }
}

pub(super) fn number(expr: &Expression) -> Option<f64> {
    match expr {
        Expression::Number(n) => n.as_f64(),
        // A negative number is an operation in HCL.
        Expression::Operation(_) => json(expr).ok().and_then(|j| j.as_f64()),
        _ => None,
    }
}

pub(super) fn strings(expr: Option<&Expression>) -> Parsed<Vec<String>> {
    match expr {
        None => Ok(Vec::new()),
        Some(Expression::Array(items)) => items.iter().map(string).collect(),
        Some(_) => Err("a list of texts was expected".into()),
    }
}

pub(super) fn text_of(head: &Head, name: &str) -> Option<String> {
    head.get(name).and_then(|e| string(e).ok())
}

pub(super) fn optional_template(head: &Head, name: &str) -> Parsed<Option<Template>> {
    text_of(head, name).map(|t| Template::parse(&t)).transpose()
}

pub(super) fn key_of(key: &hcl::expr::ObjectKey) -> String {
    match key {
        hcl::expr::ObjectKey::Identifier(i) => i.as_str().to_owned(),
        hcl::expr::ObjectKey::Expression(Expression::String(s)) => s.clone(),
        other => other.to_string(),
    }
}

pub(super) fn value(expr: Option<&Expression>) -> Parsed<Value> {
    Ok(bjson::from_json(&json(expr.ok_or("a value is missing")?)?))
}

pub(super) fn json(expr: &Expression) -> Parsed<Json> {
    use hcl::eval::{Context, Evaluate};
    let plain = expr.evaluate(&Context::new()).map_err(|e| e.to_string())?;
    serde_json::to_value(plain).map_err(|e| e.to_string())
}
