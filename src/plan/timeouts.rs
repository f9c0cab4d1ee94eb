//! The `timeouts` block, which every resource type takes: how long each operation may last, instead of the type's own limits.

use std::borrow::Cow;

use crate::{
    base::{Diagnostic, Diagnostics, ModulePath, Shape, Type, Value, shape::Attr},
    lang::{
        Body, Each, Evaluator,
        blueprint::{Attribute, Block},
    },
    schema::Timeouts,
};

const NAME: &str = "timeouts";

/// The body without the block, which no type's shape knows of.
pub fn without(body: &Body) -> Cow<'_, Body> {
    if !body.attrs.contains_key(NAME) && !body.blocks.iter().any(|b| b.kind == NAME) {
        return Cow::Borrowed(body);
    }
    let mut rest = body.clone();
    rest.attrs.remove(NAME);
    rest.blocks.retain(|b| b.kind != NAME);
    Cow::Owned(rest)
}

/// The limits that hold for an instance: the type's own, or what the block says.
pub fn read(eval: &Evaluator, module: &ModulePath, body: &Body, each: &Each, own: Timeouts, diags: &mut Diagnostics) -> Timeouts {
    let mut out = own;
    let block = body.blocks.iter().find(|b| b.kind == NAME);
    let attribute = body.attrs.get(NAME);
    let value = match (block, attribute) {
        (Some(block), _) => eval.decode(module, &block.body, &shape(), each, diags),
        (None, Some(attribute)) => eval.eval(module, &attribute.expr, each, diags),
        (None, None) => return out,
    };
    // Written in JSON, the one block may stand in a list.
    let value = value.elements().and_then(<[Value]>::first).unwrap_or(&value);
    let limits = [("create", &mut out.create), ("read", &mut out.read), ("update", &mut out.update), ("delete", &mut out.delete)];
    for (name, limit) in limits {
        let Some(text) = value.get(name).and_then(Value::as_str) else { continue };
        match seconds(text) {
            Some(given) => *limit = given,
            None => diags.push(unreadable(name, text, block, attribute)),
        }
    }
    out
}

fn shape() -> Shape {
    let attr = || Attr { optional: true, ..Attr::of(Type::String) };
    Shape { attrs: ["create", "read", "update", "delete"].map(|n| (n.to_owned(), attr())).into(), ..Shape::default() }
}

fn unreadable(name: &str, text: &str, block: Option<&Block>, attribute: Option<&Attribute>) -> Diagnostic {
    let inner = block.and_then(|b| b.body.attrs.get(name));
    Diagnostic::error("timeout", "Invalid timeout", format!("{text:?} is not a duration for {name}."))
        .at(inner.or(attribute).map(|a| a.expr.span))
        .hint("Write hours, minutes and seconds, such as \"90m\" or \"1h30m\".")
}

/// Seconds of a duration as Go writes it (`1h30m`, `1.5h`, `45s`); fractions of a second are rounded up.
pub fn seconds(text: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 6] = [("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
    if text == "0" {
        return Some(0);
    }
    let (mut rest, mut total) = (text, 0.0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let (unit, size) = UNITS.iter().find(|(unit, _)| tail.starts_with(unit))?;
        total += number.parse::<f64>().ok()? * size;
        rest = tail.strip_prefix(unit)?;
    }
    if text.is_empty() { None } else { Some(total.ceil() as u64) }
}
