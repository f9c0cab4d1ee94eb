//! Operators, indexing and attribute access on values, with unknowns and marks as Terraform handles them.

use crate::{
    base::{Kind, Type, Value, diag::nearest},
    lang::{convert::convert, syntax::BinaryOp},
};

/// Why a step into a value fails.
#[derive(Clone, Debug)]
pub struct Problem {
    pub code: &'static str,
    pub summary: &'static str,
    pub detail: String,
    pub hint: Option<String>,
}

fn problem(code: &'static str, summary: &'static str, detail: impl Into<String>) -> Problem {
    Problem { code, summary, detail: detail.into(), hint: None }
}

/// `value.name`.
pub fn attr(value: &Value, name: &str) -> Result<Value, Problem> {
    let found = match &value.kind {
        Kind::Object(attrs) => match attrs.get(name) {
            Some(v) => v.clone(),
            None => {
                let detail = format!("This object does not have an attribute named {name:?}.");
                let hint = nearest(name, attrs.keys().map(String::as_str)).map(|n| format!("Did you mean {n:?}?"));
                return Err(Problem { hint, ..problem("unsupported-attribute", "Unsupported attribute", detail) });
            }
        },
        Kind::Map(_, m) => match m.get(name) {
            Some(v) => v.clone(),
            None => return Err(problem("missing-map-element", "Missing map element", format!("This map does not have an element with the key {name:?}."))),
        },
        Kind::Null(_) => {
            return Err(problem("null-value", "Attempt to get attribute from null value", "This value is null, so it does not have any attributes."));
        }
        Kind::Unknown(u) => match &u.ty {
            Type::Any => Value::unknown(Type::Any),
            Type::Map(t) => Value::unknown((**t).clone()),
            Type::Object(o) => match o.attrs.get(name) {
                Some(t) => Value::unknown(t.clone()),
                None => {
                    let hint = nearest(name, o.attrs.keys().map(String::as_str)).map(|n| format!("Did you mean {n:?}?"));
                    let detail = format!("This object does not have an attribute named {name:?}.");
                    return Err(Problem { hint, ..problem("unsupported-attribute", "Unsupported attribute", detail) });
                }
            },
            _ => return Err(no_attributes(value, name)),
        },
        _ => return Err(no_attributes(value, name)),
    };
    Ok(found.marked(value.marks))
}

fn no_attributes(value: &Value, name: &str) -> Problem {
    let detail = match value.ty() {
        Type::List(t) if matches!(*t, Type::Object(_)) => format!(
            "Can't access attributes on a list of objects. Did you mean to access attribute {name:?} for a specific element of the list, or across all \
             elements of the list?"
        ),
        Type::Set(t) if matches!(*t, Type::Object(_)) => {
            "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?".into()
        }
        t if t.is_primitive() => format!("Can't access attributes on a primitive-typed value ({}).", t.friendly()),
        _ => "This value does not have any attributes.".into(),
    };
    problem("unsupported-attribute", "Unsupported attribute", detail)
}

const NO_ELEMENT: &str = "The given key does not identify an element in this collection value";

/// `value[key]`.
pub fn index(value: &Value, key: &Value) -> Result<Value, Problem> {
    // Which attribute of an object is asked for does not make it secret.
    let marks = if matches!(value.kind, Kind::Object(_)) { value.marks } else { value.marks.or(key.marks) };
    if value.is_null() {
        return Err(problem("null-value", "Attempt to index null value", "This value is null, so it does not have any indices."));
    }
    if key.is_null() {
        return Err(problem("invalid-index", "Invalid index", "Can't use a null value as an indexing key."));
    }
    let wrong_key = |why: String| problem("invalid-index", "Invalid index", format!("{NO_ELEMENT}: {why}."));
    let found = match &value.kind {
        Kind::List(..) | Kind::Tuple(_) => sequence_index(value, &convert(key, &Type::Number).map_err(wrong_key)?)?,
        Kind::Map(elem, m) => match convert(key, &Type::String).map_err(wrong_key)?.as_str() {
            Some(k) => m.get(k).cloned().ok_or_else(|| problem("invalid-index", "Invalid index", format!("{NO_ELEMENT}.")))?,
            None => Value::unknown(elem.clone()),
        },
        Kind::Object(attrs) => match convert(key, &Type::String).map_err(wrong_key)?.as_str() {
            None => Value::unknown(Type::Any),
            Some(k) => match attrs.get(k) {
                Some(v) => v.clone(),
                None => {
                    let hint = nearest(k, attrs.keys().map(String::as_str)).map(|n| format!("Did you mean {n:?}?"));
                    let by_number =
                        if key.as_number().is_some() { " An object only supports looking up attributes by name, not by numeric index." } else { "" };
                    return Err(Problem { hint, ..problem("invalid-index", "Invalid index", format!("{NO_ELEMENT}.{by_number}")) });
                }
            },
        },
        Kind::Unknown(u) => match &u.ty {
            Type::Any => Value::unknown(Type::Any),
            Type::List(_) | Type::Tuple(_) => sequence_index(value, &convert(key, &Type::Number).map_err(wrong_key)?)?,
            Type::Map(t) => {
                convert(key, &Type::String).map_err(wrong_key)?;
                Value::unknown((**t).clone())
            }
            Type::Object(_) => {
                convert(key, &Type::String).map_err(wrong_key)?;
                Value::unknown(Type::Any)
            }
            ty => return Err(not_indexable(ty)),
        },
        _ => return Err(not_indexable(&value.ty())),
    };
    Ok(found.marked(marks))
}

fn not_indexable(ty: &Type) -> Problem {
    let detail = match ty {
        Type::Set(_) => {
            "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to \
             perform operations across all elements of the set."
        }
        _ => "This value does not have any indices.",
    };
    problem("invalid-index", "Invalid index", detail)
}

fn sequence_index(value: &Value, key: &Value) -> Result<Value, Problem> {
    if let (Some(n), Type::Tuple(types)) = (key.as_number(), value.ty())
        && value.is_unknown()
        && n.as_usize().is_none_or(|i| i >= types.len())
    {
        // Of an unknown tuple at least the length is known.
        return sequence_index(&Value::tuple(types.into_iter().map(Value::unknown).collect()), key);
    }
    let (Some(n), Some(items)) = (key.as_number(), value.elements()) else {
        // A key that is not known, or a list that is not: one element of it, whichever.
        let ty = match (value.ty(), key.as_number().and_then(|n| n.as_usize())) {
            (Type::Tuple(ts), Some(i)) => ts.get(i).cloned().unwrap_or(Type::Any),
            (Type::List(t), _) => *t,
            _ => Type::Any,
        };
        return Ok(Value::unknown(ty));
    };
    let fail = |why: String| Err(problem("invalid-index", "Invalid index", format!("{NO_ELEMENT}: {why}.")));
    if n.is_negative() {
        return fail("a negative number is not a valid index for a sequence".into());
    }
    if !n.is_integer() {
        return fail("indexing a sequence requires a whole number, but the given index has a fractional part".into());
    }
    match n.as_usize().and_then(|i| items.get(i)) {
        Some(v) => Ok(v.clone()),
        None if items.is_empty() => fail("the collection has no elements".into()),
        None if n.as_usize() == Some(items.len()) => fail("the given index is greater than or equal to the length of the collection".into()),
        None => Err(problem("invalid-index", "Invalid index", format!("{NO_ELEMENT}."))),
    }
}

/// Whether two values are equal; `None` while that is not known. Marks do not count.
pub fn equals(a: &Value, b: &Value) -> Option<bool> {
    match (&a.kind, &b.kind) {
        (Kind::Null(_), Kind::Null(_)) => Some(true),
        (Kind::Unknown(u), Kind::Null(_)) | (Kind::Null(_), Kind::Unknown(u)) => u.not_null.then_some(false),
        (Kind::Unknown(u), Kind::String(s)) | (Kind::String(s), Kind::Unknown(u)) => match u.prefix.as_deref() {
            Some(prefix) if !s.starts_with(prefix) => Some(false),
            _ => None,
        },
        // Values of different types are different, whatever they turn out to be.
        (Kind::Unknown(u), Kind::Unknown(w)) => (u.ty.is_concrete() && w.ty.is_concrete() && u.ty != w.ty).then_some(false),
        (Kind::Unknown(u), _) => (u.ty.is_concrete() && u.ty != b.ty()).then_some(false),
        (_, Kind::Unknown(u)) => (u.ty.is_concrete() && u.ty != a.ty()).then_some(false),
        (Kind::Null(_), _) | (_, Kind::Null(_)) => Some(false),
        (Kind::Bool(x), Kind::Bool(y)) => Some(x == y),
        (Kind::Number(x), Kind::Number(y)) => Some(x == y),
        (Kind::String(x), Kind::String(y)) => Some(x == y),
        (Kind::List(s, x), Kind::List(t, y)) => {
            if s == t || x.len() != y.len() {
                all_equal(x.len() == y.len(), x.iter().zip(y.iter()))
            } else {
                all_equal(s.is_concrete() == t.is_concrete(), x.iter().zip(y.iter()))
            }
        }
        (Kind::Tuple(x), Kind::Tuple(y)) => all_equal(x.len() == y.len(), x.iter().zip(y.iter())),
        (Kind::Set(_, x), Kind::Set(_, y)) => {
            let known = x.iter().chain(y.iter()).all(Value::is_wholly_known);
            if known { all_equal(x.len() == y.len(), x.iter().zip(y.iter())) } else { None }
        }
        (Kind::Map(_, x), Kind::Map(_, y)) | (Kind::Object(x), Kind::Object(y)) => {
            all_equal(x.len() == y.len() && x.keys().eq(y.keys()), x.values().zip(y.values()))
        }
        _ => Some(false),
    }
}

fn all_equal<'v>(same_shape: bool, pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Option<bool> {
    if !same_shape {
        return Some(false);
    }
    let mut known = Some(true);
    for (a, b) in pairs {
        match equals(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = None,
        }
    }
    known
}

/// Operand and result types of an operator other than equality.
pub fn operator_types(op: BinaryOp) -> (Type, Type) {
    match op {
        BinaryOp::And | BinaryOp::Or => (Type::Bool, Type::Bool),
        BinaryOp::Less | BinaryOp::LessEq | BinaryOp::Greater | BinaryOp::GreaterEq => (Type::Number, Type::Bool),
        _ => (Type::Number, Type::Number),
    }
}

/// Applies an operator to operands of its type; an error is a summary and a detail.
pub fn apply(op: BinaryOp, l: &Value, r: &Value) -> Result<Value, (&'static str, &'static str)> {
    let marks = l.marks.or(r.marks);
    let failed = |detail| ("Operation failed", detail);
    let result = match (&l.kind, &r.kind) {
        (Kind::Bool(a), Kind::Bool(b)) => Value::bool(if op == BinaryOp::And { *a && *b } else { *a || *b }),
        (Kind::Number(a), Kind::Number(b)) => match op {
            BinaryOp::Add => Value::number(a.add(b).ok_or(failed("Error during operation: can't compute sum of opposing infinities."))?),
            BinaryOp::Sub => Value::number(a.sub(b).ok_or(failed("Error during operation: can't subtract infinity from itself."))?),
            BinaryOp::Mul => Value::number(a.mul(b).ok_or(failed("Error during operation: can't multiply zero by infinity."))?),
            BinaryOp::Div => Value::number(a.div(b).ok_or(failed("Error during operation: can't divide zero by zero or infinity by infinity."))?),
            BinaryOp::Rem => Value::number(a.rem(b).ok_or(failed("Error during operation: can't use modulo with zero and infinity."))?),
            BinaryOp::Less => Value::bool(a < b),
            BinaryOp::LessEq => Value::bool(a <= b),
            BinaryOp::Greater => Value::bool(a > b),
            _ => Value::bool(a >= b),
        },
        _ => Value::unknown_not_null(operator_types(op).1),
    };
    Ok(result.marked(marks))
}
