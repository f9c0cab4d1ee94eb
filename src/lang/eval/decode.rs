//! A block's body as a value of its shape: arguments evaluated and converted, nested blocks (written out or `dynamic`) as
//! lists and sets of objects. Defaults are not filled in here.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    Each, Evaluator, Frame,
    expr::{Bound, Env, eval},
    scope::Scope,
};
use crate::{
    base::{
        Diagnostic, Diagnostics, Kind, Marks, ModulePath, Shape, Span, Type, Value,
        shape::{Attr, Nested, Nesting},
    },
    lang::{
        blocks::{extraneous_property, missing_argument, unsupported_argument, unsupported_block},
        blueprint::{Attribute, Block, Body, Expr},
        convert::{convert, without_optional},
        json, parse,
        syntax::NodeKind,
    },
};

/// The objects that blocks of one kind give; unknown when their number is.
struct Items {
    values: Vec<Value>,
    unknown: bool,
    marks: Marks,
}

impl<'a> Evaluator<'a> {
    /// Decodes a body by its shape. What cannot be decoded is reported and unknown.
    pub fn decode(&self, module: &ModulePath, body: &Body, shape: &Shape, each: &Each, diags: &mut Diagnostics) -> Value {
        let Some(frame) = self.frame(module) else { return Value::unknown(shape.ty()) };
        self.prepare_body(&frame, body);
        let scope = Scope { ev: self, frame: &frame, each };
        let env = Env { names: &scope, world: Some(&self.world), file: body.span.file, bound: None, quiet: false };
        let value = decode_body(body, shape, &env, diags);
        self.flush(diags);
        value
    }

    fn prepare_body(&self, frame: &Rc<Frame<'a>>, body: &Body) {
        for attr in body.attrs.values() {
            self.prepare(frame, &attr.expr);
        }
        for block in &body.blocks {
            self.prepare_body(frame, &block.body);
        }
    }
}

fn decode_body(body: &Body, shape: &Shape, env: &Env, diags: &mut Diagnostics) -> Value {
    report_strangers(body, shape, diags);
    let mut attrs = BTreeMap::new();
    for (name, attr) in &shape.attrs {
        let value = match body.attrs.get(name) {
            Some(given) => argument(given, attr, body, env, diags),
            None => {
                if attr.required {
                    diags.push(missing_argument(name, body.span));
                }
                Value::null(without_optional(&attr.ty))
            }
        };
        attrs.insert(name.clone(), value);
    }
    for (name, nested) in &shape.blocks {
        attrs.insert(name.clone(), nested_blocks(name, nested, body, env, diags));
    }
    Value::object(attrs)
}

/// Arguments and blocks that the shape does not have.
fn report_strangers(body: &Body, shape: &Shape, diags: &mut Diagnostics) {
    let known_attrs: Vec<&str> = shape.attrs.iter().filter(|(_, a)| a.settable()).map(|(n, _)| n.as_str()).collect();
    let known_blocks: Vec<&str> = shape.blocks.iter().filter(|(_, n)| n.optional || n.min > 0).map(|(n, _)| n.as_str()).collect();
    for attr in parse::in_order(&body.attrs) {
        let name = attr.name.as_str();
        let as_block = shape.blocks.get(name).is_some_and(|n| n.as_attribute || body.json);
        if shape.attrs.contains_key(name) || as_block || (body.json && name == "dynamic") {
            continue;
        }
        let mut known = known_attrs.clone();
        known.extend(&known_blocks);
        diags.push(if body.json { extraneous_property(attr, known.iter().copied()) } else { unsupported_argument(attr, &known, &known_blocks) });
    }
    for block in &body.blocks {
        let (kind, span) = match (block.kind.as_str(), block.labels.first()) {
            ("dynamic", Some(kind)) => (kind.as_str(), block.span),
            (kind, _) => (kind, block.span),
        };
        let is_dynamic = block.kind == "dynamic";
        if !shape.blocks.contains_key(kind) {
            let known_as_attr = shape.attrs.keys().map(String::as_str).collect::<Vec<_>>();
            diags.push(unsupported_block(&Block { kind: kind.to_owned(), span, ..block.clone() }, &known_blocks, &known_as_attr));
        } else if !block.labels.is_empty() && !is_dynamic {
            let detail = format!("No labels are expected for {kind} blocks.");
            diags.push(Diagnostic::error("extraneous-label", format!("Extraneous label for {kind}"), detail).at(span));
        }
    }
}

fn computed_only(name: &str, span: Span) -> Diagnostic {
    let detail = format!("Can't configure a value for {name:?}: its value will be decided automatically based on the result of applying this configuration.");
    Diagnostic::error("unconfigurable-attribute", "Value for unconfigurable attribute", detail).at(span)
}

fn argument(given: &Attribute, attr: &Attr, body: &Body, env: &Env, diags: &mut Diagnostics) -> Value {
    let ty = without_optional(&attr.ty);
    if !attr.settable() {
        diags.push(computed_only(&given.name, given.name_span));
        return Value::unknown(ty);
    }
    let env = Env { file: given.expr.span.file, ..*env };
    let before = diags.items.len();
    let value = eval(&given.expr.node, &env, diags);
    if diags.items.iter().skip(before).any(Diagnostic::is_error) && value.is_unknown() {
        return Value::unknown(ty);
    }
    let value = match convert(&value, &attr.ty) {
        Ok(v) => v,
        Err(why) => {
            let detail = format!("Inappropriate value for attribute {:?}: {why}.", given.name);
            let node = &given.expr.node;
            diags.push(env.error(node, given.expr.span, "wrong-attribute-type", "Incorrect attribute value type", detail));
            return Value::unknown(ty);
        }
    };
    if value.marks_deep().ephemeral && !attr.write_only {
        let detail = format!("Ephemeral values are not valid for {:?}, because it is not a write-only attribute and must be persisted to state.", given.name);
        diags.push(env.error(&given.expr.node, given.expr.span, "ephemeral-value", "Invalid use of ephemeral value", detail));
        return Value::unknown(ty);
    }
    if attr.required && value.is_null() {
        let detail = format!("The argument {:?} is required, but the given value is null.", given.name);
        diags.push(env.error(&given.expr.node, given.expr.span, "missing-argument", "Missing required argument", detail));
        return Value::unknown(ty);
    }
    let _ = body;
    value
}

fn nested_blocks(name: &str, nested: &Nested, body: &Body, env: &Env, diags: &mut Diagnostics) -> Value {
    let elem = nested.shape.ty();
    let wrap = |items: Vec<Value>| match nested.nesting {
        Nesting::List => Value::list(elem.clone(), items),
        Nesting::Set => Value::set(elem.clone(), items),
    };
    if let Some(given) = body.attrs.get(name)
        && nested.as_attribute
        && !body.json
    {
        return as_attribute(given, nested, env, diags);
    }
    let mut items = Items { values: Vec::new(), unknown: false, marks: Marks::NONE };
    let mut first = None;
    let mut written: Vec<Block> = Vec::new();
    if body.json {
        written.extend(body.attrs.get(name).map(|a| json::blocks(a, name)).into_iter().flatten());
        let dynamic = body.attrs.get("dynamic").map(|a| json::blocks(a, "dynamic")).into_iter().flatten();
        written.extend(dynamic.filter(|b| b.labels.first().is_some_and(|l| l == name)));
    }
    let own = body.blocks.iter().filter(|b| b.kind == name || (b.kind == "dynamic" && b.labels.first().is_some_and(|l| l == name)));
    for block in own.chain(&written) {
        first = first.or(Some(block.span));
        if block.kind == "dynamic" && name != "dynamic" {
            dynamic(block, name, nested, env, &mut items, diags);
        } else {
            items.values.push(decode_body(&block.body, &nested.shape, &at_body(env, &block.body), diags));
        }
    }
    if let Some(span) = first
        && !nested.optional
        && nested.min == 0
    {
        diags.push(computed_only(name, span));
        return Value::unknown(nested.ty());
    }
    if items.unknown {
        return Value::unknown_not_null(nested.ty()).marked(items.marks);
    }
    check_number(name, nested, items.values.len(), first, body, diags);
    wrap(items.values).marked(items.marks)
}

fn at_body<'e>(env: &Env<'e>, body: &Body) -> Env<'e> {
    Env { file: body.span.file, ..*env }
}

fn check_number(name: &str, nested: &Nested, found: usize, first: Option<Span>, body: &Body, diags: &mut Diagnostics) {
    if let Some(max) = nested.max
        && found > max
    {
        let detail = format!("No more than {max} {name:?} blocks are allowed");
        diags.push(Diagnostic::error("too-many-blocks", format!("Too many {name} blocks"), detail).at(first.unwrap_or(body.span)));
    }
    if found < nested.min {
        let detail = format!("At least {} {name:?} blocks are required.", nested.min);
        diags.push(Diagnostic::error("missing-block", format!("Insufficient {name} blocks"), detail).at(body.span));
    }
}

/// `name = [ { … } ]`: a list of objects where each may leave out what the shape does not require.
fn as_attribute(given: &Attribute, nested: &Nested, env: &Env, diags: &mut Diagnostics) -> Value {
    let env = Env { file: given.expr.span.file, ..*env };
    let value = eval(&given.expr.node, &env, diags);
    let loose = loosen(&nested.ty(), &nested.shape);
    match convert(&value, &loose) {
        Ok(v) => v,
        Err(why) => {
            let detail = format!("Inappropriate value for attribute {:?}: {why}.", given.name);
            diags.push(env.error(&given.expr.node, given.expr.span, "wrong-attribute-type", "Incorrect attribute value type", detail));
            Value::unknown(nested.ty())
        }
    }
}

/// The type with the shape's optional attributes marked as such.
fn loosen(ty: &Type, shape: &Shape) -> Type {
    match ty {
        Type::List(t) => Type::list(loosen(t, shape)),
        Type::Set(t) => Type::set(loosen(t, shape)),
        Type::Object(o) => {
            let mut o = o.clone();
            for (name, attr) in &shape.attrs {
                if !attr.required {
                    o.optional.insert(name.clone());
                }
            }
            for (name, nested) in &shape.blocks {
                o.optional.insert(name.clone());
                o.attrs.insert(name.clone(), loosen(&nested.ty(), &nested.shape));
            }
            Type::Object(o)
        }
        other => other.clone(),
    }
}

/// `dynamic "name" { for_each = …; iterator = …; content { … } }`.
fn dynamic(block: &Block, name: &str, nested: &Nested, env: &Env, items: &mut Items, diags: &mut Diagnostics) {
    let body = &block.body;
    let env = at_body(env, body);
    for attr in parse::in_order(&body.attrs) {
        if !matches!(attr.name.as_str(), "for_each" | "iterator" | "labels") {
            diags.push(unsupported_argument(attr, &["for_each", "iterator", "labels"], &["content"]));
        }
    }
    for b in body.blocks.iter().filter(|b| b.kind != "content") {
        diags.push(unsupported_block(b, &["content"], &["for_each", "iterator", "labels"]));
    }
    let (Some(for_each), Some(content)) = (body.attrs.get("for_each"), body.blocks.iter().find(|b| b.kind == "content")) else {
        if !body.attrs.contains_key("for_each") {
            diags.push(missing_argument("for_each", block.span));
        }
        if !body.blocks.iter().any(|b| b.kind == "content") {
            let detail = "A dynamic block must have a nested block of type \"content\" to describe the body of each generated block.";
            diags.push(Diagnostic::error("missing-block", "Missing dynamic block content", detail).at(block.span));
        }
        items.unknown = true;
        return;
    };
    let iterator = match body.attrs.get("iterator").map(|a| &a.expr) {
        None => name.to_owned(),
        Some(expr) => match iterator_name(expr) {
            Some(n) => n,
            None => {
                let detail = "Dynamic iterator must be a single variable name.";
                diags.push(Diagnostic::error("invalid-iterator", "Invalid expression", detail).at(expr.span));
                return;
            }
        },
    };
    let (value, marks) = eval(&for_each.expr.node, &env, diags).unmark();
    items.marks = items.marks.or(marks);
    let pairs: Vec<(Value, Value)> = match &value.kind {
        Kind::List(_, vs) | Kind::Tuple(vs) => vs.iter().enumerate().map(|(i, v)| (Value::number(i), v.clone())).collect(),
        Kind::Set(_, vs) => vs.iter().map(|v| (v.clone(), v.clone())).collect(),
        Kind::Map(_, m) | Kind::Object(m) => m.iter().map(|(k, v)| (Value::string(k), v.clone())).collect(),
        Kind::Unknown(_) => {
            // The content is still checked, once, with values that are not known.
            let each = Value::object_of([("key", Value::unknown(Type::Any)), ("value", Value::unknown(Type::Any))]);
            let bound = Bound { name: &iterator, value: each, outer: env.bound };
            decode_body(&content.body, &nested.shape, &at_body(&env.bind(&bound), &content.body), diags);
            items.unknown = true;
            return;
        }
        kind => {
            let (summary, detail) = if matches!(kind, Kind::Null(_)) {
                ("Invalid dynamic for_each value", "Cannot use a null value in for_each.".to_owned())
            } else {
                ("Invalid dynamic for_each value", format!("Cannot use a {} value in for_each. An iterable collection is required.", value.ty().friendly()))
            };
            diags.push(env.error(&for_each.expr.node, for_each.expr.span, "invalid-for-each", summary, detail));
            items.unknown = true;
            return;
        }
    };
    for (key, value) in pairs {
        let each = Value::object_of([("key", key.marked(marks)), ("value", value.marked(marks))]);
        let bound = Bound { name: &iterator, value: each, outer: env.bound };
        items.values.push(decode_body(&content.body, &nested.shape, &at_body(&env.bind(&bound), &content.body), diags));
    }
}

fn iterator_name(expr: &Expr) -> Option<String> {
    match &expr.node.kind {
        NodeKind::Root(name) => Some(name.to_string()),
        NodeKind::Literal(v) => v.as_str().map(str::to_owned),
        _ => None,
    }
}
