//! The value of an expression in an environment. An error is reported at the exact sub-expression, with the values involved,
//! and the expression's value is then unknown, so that what depends on it raises no second error.

use std::collections::BTreeMap;

use super::{
    ops,
    show::{Shown, shown_values},
};
use crate::{
    base::{Diagnostic, Diagnostics, FileId, Kind, Marks, Span, Type, Unknown, Value},
    lang::{
        allocations::Lookup,
        convert::{convert, to_text},
        functions::{self, World},
        syntax::{BinaryOp, Call, Conditional, Node, NodeKind, Step, StepKind, Traversal, UnaryOp},
        unify::unify,
    },
};

/// What gives meaning to names that are not bound by a `for`.
pub trait Names {
    /// The value that `root` and the first steps after it lead to, and how many of the steps that took.
    fn resolve(&self, root: &str, steps: &[Step], env: &Env, span: Span, out: &mut Diagnostics) -> (Value, usize);

    /// A pool of addresses by its declared name.
    fn pool(&self, _name: &str) -> Lookup {
        Lookup::Undeclared(Vec::new())
    }
}

/// A `for` variable and those around it.
pub struct Bound<'e> {
    pub name: &'e str,
    pub value: Value,
    pub outer: Option<&'e Bound<'e>>,
}

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub struct Env<'e> {
    pub names: &'e dyn Names,
    /// What functions may touch; without it there are no functions.
    pub world: Option<&'e World<'e>>,
    pub file: FileId,
    pub bound: Option<&'e Bound<'e>>,
    /// Only a value is wanted: errors need no explanation, whose working out could fail the same way again.
    pub quiet: bool,
}

/// For places where only constants may stand.
pub struct NoNames;

impl Names for NoNames {
    fn resolve(&self, _: &str, steps: &[Step], env: &Env, span: Span, out: &mut Diagnostics) -> (Value, usize) {
        let _ = env;
        out.push(Diagnostic::error("variables-not-allowed", "Variables not allowed", "Variables may not be used here.").at(span));
        (unknown(), steps.len())
    }
}

impl<'e> Env<'e> {
    pub fn constant(file: FileId) -> Env<'static> {
        Env { names: &NoNames, world: None, file, bound: None, quiet: false }
    }

    pub fn span(&self, node: &Node) -> Span {
        self.at(node.start, node.end)
    }

    pub fn at(&self, start: u32, end: u32) -> Span {
        Span { file: self.file, start, end }
    }

    pub fn bind<'s>(&'s self, bound: &'s Bound<'s>) -> Env<'s> {
        Env { bound: Some(bound), ..*self }
    }

    fn lookup(&self, name: &str) -> Option<&Value> {
        let mut next = self.bound;
        while let Some(b) = next {
            if b.name == name {
                return Some(&b.value);
            }
            next = b.outer;
        }
        None
    }

    /// An error at a node, with the values of the references in `about`.
    pub fn error(&self, about: &Node, at: Span, code: &'static str, summary: &str, detail: impl Into<String>) -> Diagnostic {
        let mut d = Diagnostic::error(code, summary, detail).at(at);
        if !self.quiet {
            d.values = shown_values(about, self, Shown::Known);
        }
        d
    }
}

pub fn unknown() -> Value {
    Value::unknown(Type::Any)
}

/// Evaluates a node.
pub fn eval(node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    match &node.kind {
        NodeKind::Literal(v) => v.clone(),
        NodeKind::Paren(inner) | NodeKind::Wrap(inner) => eval(inner, env, out),
        NodeKind::Root(name) => root(name, &[], node, env, out).0,
        NodeKind::Traversal(t) => traversal(t, node, env, out),
        NodeKind::Template(parts) => super::template::text(parts, env, out),
        NodeKind::Tuple(items) => Value::tuple(items.iter().map(|i| eval(i, env, out)).collect()),
        NodeKind::Object(items) => object(items, env, out),
        NodeKind::Conditional(c) => conditional(c, node, env, out),
        NodeKind::Call(c) => call(c, node, env, out),
        NodeKind::Unary(op, inner) => unary(*op, inner, env, out),
        NodeKind::Binary(b) => {
            let (left, right) = (eval(&b.left, env, out), eval(&b.right, env, out));
            binary(b.op, (&b.left, left), (&b.right, right), node, env, out)
        }
        NodeKind::For(f) if f.key.is_some() => super::repeat::to_object(f, node, env, out),
        NodeKind::For(f) => super::repeat::to_tuple(f, env, out),
    }
}

fn root(name: &str, steps: &[Step], node: &Node, env: &Env, out: &mut Diagnostics) -> (Value, usize) {
    if let Some(v) = env.lookup(name) {
        return (v.clone(), 0);
    }
    env.names.resolve(name, steps, env, env.span(node), out)
}

fn traversal(t: &Traversal, node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    let (value, used) = match &t.on.kind {
        NodeKind::Root(name) => root(name, &t.steps, &t.on, env, out),
        _ => (eval(&t.on, env, out), 0),
    };
    let before = out.items.len();
    let result = follow(value, t.steps.get(used..).unwrap_or(&[]), node, env, out);
    // What is missing from a resource is told in terms of its type.
    if let (NodeKind::Root(name), Some(Step { kind: StepKind::Attr(attr), .. })) = (&t.on.kind, t.steps.get(used))
        && used > 0
        && !matches!(&**name, "var" | "local" | "module" | "each" | "count" | "path" | "terraform")
        && let Some(d) = out.items.get_mut(before)
        && d.code == "unsupported-attribute"
        && d.detail == format!("This object does not have an attribute named {attr:?}.")
    {
        d.detail = format!("This object has no argument, nested block, or exported attribute named {attr:?}.");
    }
    result
}

/// Follows the rest of a traversal from a value.
fn follow(mut value: Value, steps: &[Step], node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    for (i, step) in steps.iter().enumerate() {
        let at = env.at(step.start, step.end);
        let rest = steps.get(i + 1..).unwrap_or(&[]);
        let next = match &step.kind {
            StepKind::Attr(name) => ops::attr(&value, name),
            StepKind::LegacyIndex(n) => ops::index(&value, &Value::number(*n)),
            StepKind::Index(key) => {
                let key = eval(key, env, out);
                ops::index(&value, &key)
            }
            StepKind::FullSplat => return splat(value, &mut |item, out| follow(item, rest, node, env, out), out),
            StepKind::AttrSplat => {
                let own = rest.iter().take_while(|s| matches!(s.kind, StepKind::Attr(_) | StepKind::LegacyIndex(_))).count();
                let (own, rest) = rest.split_at(own);
                let all = splat(value, &mut |item, out| follow(item, own, node, env, out), out);
                return follow(all, rest, node, env, out);
            }
        };
        match next {
            Ok(v) => value = v,
            Err(problem) => {
                let mut d = env.error(node, at, problem.code, problem.summary, problem.detail);
                d.hint = problem.hint;
                out.push(d);
                return unknown();
            }
        }
    }
    value
}

/// Applies a splat: lists and sets give lists, tuples give tuples, null gives nothing, anything else stands for itself alone.
fn splat(value: Value, each: &mut dyn FnMut(Value, &mut Diagnostics) -> Value, out: &mut Diagnostics) -> Value {
    let (value, marks) = value.unmark();
    let result = match &value.kind {
        Kind::Null(_) => Value::tuple(Vec::new()),
        Kind::Unknown(u) => match &u.ty {
            Type::List(t) | Type::Set(t) => Value::unknown(Type::list(each(Value::unknown((**t).clone()), out).ty())),
            Type::Tuple(types) => Value::unknown(Type::Tuple(types.iter().map(|t| each(Value::unknown(t.clone()), out).ty()).collect())),
            // It may turn out null, which gives nothing, or not.
            _ => {
                each(value.clone(), out);
                unknown()
            }
        },
        Kind::List(t, items) | Kind::Set(t, items) => {
            let items: Vec<Value> = items.iter().map(|v| each(v.clone(), out)).collect();
            let ty = match items.first() {
                Some(first) => first.ty(),
                None => each(Value::unknown(t.clone()), &mut Diagnostics::default()).ty(),
            };
            if items.iter().all(|v| v.ty() == ty) { Value::list(ty, items) } else { Value::tuple(items) }
        }
        Kind::Tuple(items) => Value::tuple(items.iter().map(|v| each(v.clone(), out)).collect()),
        _ => Value::tuple(vec![each(value.clone(), out)]),
    };
    result.marked(marks)
}

fn object(items: &[(Node, Node)], env: &Env, out: &mut Diagnostics) -> Value {
    let mut attrs = BTreeMap::new();
    let mut marks = Marks::NONE;
    let mut whole_unknown = false;
    for (key_node, value_node) in items {
        let (key, key_marks) = eval(key_node, env, out).unmark();
        let value = eval(value_node, env, out);
        marks = marks.or(key_marks);
        let problem = if key.is_null() {
            "Can't use a null value as a key.".to_owned()
        } else if key.is_unknown() {
            whole_unknown = true;
            continue;
        } else if let Some(text) = to_text(&key) {
            attrs.insert(text, value);
            continue;
        } else {
            "Can't use this value as a key: string required.".to_owned()
        };
        let (code, summary) = if key.is_null() { ("null-key", "Null value as key") } else { ("incorrect-key-type", "Incorrect key type") };
        out.push(env.error(key_node, env.span(key_node), code, summary, problem));
        whole_unknown = true;
    }
    if whole_unknown { unknown().marked(marks) } else { Value::object(attrs).marked(marks) }
}

fn unary(op: UnaryOp, inner: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    let value = eval(inner, env, out);
    let ty = if op == UnaryOp::Neg { Type::Number } else { Type::Bool };
    let Some(value) = operand(&value, &ty, "", inner, env, out) else { return Value::unknown(ty) };
    let (value, marks) = value.unmark();
    let result = match &value.kind {
        Kind::Number(n) => Value::number(n.neg()),
        Kind::Bool(b) => Value::bool(!b),
        _ => Value::unknown_not_null(ty),
    };
    result.marked(marks)
}

/// An operand as the type its operator needs; an error is reported.
fn operand(value: &Value, ty: &Type, side: &str, node: &Node, env: &Env, out: &mut Diagnostics) -> Option<Value> {
    match convert(value, ty) {
        Ok(v) if v.is_null() => {
            let detail = "Error during operation: argument must not be null.";
            out.push(env.error(node, env.span(node), "operation-failed", "Operation failed", detail));
            None
        }
        Ok(v) => Some(v),
        Err(why) => {
            let detail = format!("Unsuitable value for {side}{}: {why}.", if side.is_empty() { "unary operand" } else { " operand" });
            out.push(env.error(node, env.span(node), "invalid-operand", "Invalid operand", detail));
            None
        }
    }
}

fn binary(op: BinaryOp, left: (&Node, Value), right: (&Node, Value), node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    if matches!(op, BinaryOp::Eq | BinaryOp::NotEq) {
        let marks = left.1.marks_deep().or(right.1.marks_deep());
        let equal = ops::equals(&left.1, &right.1).map(|e| e == (op == BinaryOp::Eq));
        return equal.map_or_else(|| Value::unknown_not_null(Type::Bool), Value::bool).marked(marks);
    }
    let (ty, result_ty) = ops::operator_types(op);
    let l = operand(&left.1, &ty, "left", left.0, env, out);
    let r = operand(&right.1, &ty, "right", right.0, env, out);
    let (Some(l), Some(r)) = (l, r) else { return Value::unknown(result_ty) };
    match ops::apply(op, &l, &r) {
        Ok(v) => v,
        Err(why) => {
            out.push(env.error(node, env.span(node), "operation-failed", why.0, why.1));
            Value::unknown(result_ty)
        }
    }
}

fn conditional(c: &Conditional, node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    let (mut then_out, mut or_out) = (Diagnostics::default(), Diagnostics::default());
    let then = eval(&c.then, env, &mut then_out);
    let or = eval(&c.or, env, &mut or_out);
    let untyped_null = |v: &Value| matches!(&v.kind, Kind::Null(Type::Any));
    let ty = if untyped_null(&then) {
        Some(or.ty())
    } else if untyped_null(&or) {
        Some(then.ty())
    } else if then.ty() == Type::Any || or.ty() == Type::Any {
        Some(Type::Any)
    } else {
        unify(&[then.ty(), or.ty()])
    };
    let Some(ty) = ty else {
        let why = super::show::conditional_mismatch(&then.ty(), &or.ty());
        let detail = format!("The true and false result expressions must have consistent types. {why}.");
        let both = env.at(c.then.start, c.or.end);
        out.push(env.error(node, both, "inconsistent-conditional", "Inconsistent conditional result types", detail));
        return unknown();
    };
    let (cond, marks) = eval(&c.cond, env, out).unmark();
    let problem = match convert(&cond, &Type::Bool) {
        Ok(v) => match v.kind {
            Kind::Bool(b) => {
                // Which side was taken may be read from the result, so it bears the marks of both.
                let marks = marks.or(then.marks).or(or.marks);
                let (value, own) = if b { (then, then_out) } else { (or, or_out) };
                out.extend(own);
                return convert(&value, &ty).unwrap_or(value).marked(marks);
            }
            Kind::Unknown(_) if untyped_null(&then) && untyped_null(&or) => return then.marked(marks),
            Kind::Unknown(_) => return either(&then, &or, ty).marked(marks).marked(then.marks).marked(or.marks),
            _ => ("null-condition", "Null condition", "The condition value is null. Conditions must either be true or false.".to_owned()),
        },
        Err(why) => {
            let why = if why.starts_with("a bool is required;") {
                why.replacen("a bool is required", "The condition expression must be of type bool", 1)
            } else {
                "The condition expression must be of type bool".into()
            };
            ("incorrect-condition-type", "Incorrect condition type", format!("{why}."))
        }
    };
    out.push(env.error(&c.cond, env.span(&c.cond), problem.0, problem.1, problem.2));
    Value::unknown(ty)
}

/// The result when the condition is not known: what is certain about both sides stays certain.
fn either(then: &Value, or: &Value, ty: Type) -> Value {
    let not_null = |v: &Value| match &v.kind {
        Kind::Null(_) => false,
        Kind::Unknown(u) => u.not_null,
        _ => true,
    };
    let certain = not_null(then) && not_null(or);
    let length = match (length(then), length(or)) {
        (Some(a), Some(b)) if certain => (Some(a.min(b)), Some(a.max(b))),
        _ => (None, None),
    };
    match (&ty, length) {
        // With the length certain, only the elements are unknown.
        (Type::List(t), (Some(n), Some(m))) if n == m => Value::list((**t).clone(), vec![Value::unknown((**t).clone()); n]),
        (Type::Set(t), (Some(n), Some(m))) if n == m && n < 2 => Value::set((**t).clone(), vec![Value::unknown((**t).clone()); n]),
        (Type::Map(t), (Some(0), Some(0))) => Value::map((**t).clone(), BTreeMap::new()),
        _ => Kind::Unknown(Box::new(Unknown { ty, not_null: certain, prefix: None, length })).into(),
    }
}

/// How many elements a list, set or map has, when that is certain.
fn length(v: &Value) -> Option<usize> {
    match &v.kind {
        Kind::Set(_, items) if items.len() > 1 && !v.is_wholly_known() => None,
        Kind::List(_, items) | Kind::Set(_, items) => Some(items.len()),
        Kind::Map(_, m) => Some(m.len()),
        Kind::Tuple(items) => Some(items.len()),
        Kind::Object(m) => Some(m.len()),
        _ => None,
    }
}

/// The keys and values of a collection; `None` when it is unknown or an error was reported.
pub(super) fn iterate(value: &Value, node: &Node, what: &str, env: &Env, out: &mut Diagnostics) -> Option<Vec<(Value, Value)>> {
    let (summary, detail) = match &value.kind {
        Kind::List(_, items) | Kind::Tuple(items) => return Some(items.iter().enumerate().map(|(i, v)| (Value::number(i), v.clone())).collect()),
        Kind::Set(_, items) => return Some(items.iter().map(|v| (v.clone(), v.clone())).collect()),
        Kind::Map(_, m) | Kind::Object(m) => return Some(m.iter().map(|(k, v)| (Value::string(k), v.clone())).collect()),
        Kind::Unknown(u) if !u.ty.is_primitive() => return None,
        Kind::Null(_) => ("Iteration over null value", format!("A null value cannot be used as the collection in {what}.")),
        _ => ("Iteration over non-iterable value", format!("A value of type {} cannot be used as the collection in {what}.", value.ty().friendly())),
    };
    out.push(env.error(node, env.span(node), "invalid-iteration", summary, detail));
    None
}

fn call(c: &Call, node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    let Some(world) = env.world else {
        let detail = "Functions may not be called here.";
        out.push(Diagnostic::error("functions-not-allowed", "Function calls not allowed", detail).at(env.span(node)));
        return unknown();
    };
    match &*c.name {
        "try" => return functions::try_(c, node, env, out),
        "can" => return functions::can(c, node, env, out),
        _ => {}
    }
    let mut args = Vec::with_capacity(c.args.len());
    for (i, arg) in c.args.iter().enumerate() {
        let value = eval(arg, env, out);
        if !(c.expand && i + 1 == c.args.len()) {
            args.push((arg, value));
            continue;
        }
        let (value, marks) = value.unmark();
        match &value.kind {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => args.extend(items.iter().map(|v| (arg, v.clone().marked(marks)))),
            Kind::Unknown(_) => return unknown().marked(marks),
            _ => {
                let detail = if value.is_null() {
                    "The expanding argument (indicated by ...) must not be null."
                } else {
                    "The expanding argument (indicated by ...) must be of a tuple, list, or set type."
                };
                out.push(env.error(arg, env.span(arg), "invalid-expanding-argument", "Invalid expanding argument value", detail));
                return unknown();
            }
        }
    }
    functions::call(c, node, args, world, env, out)
}
