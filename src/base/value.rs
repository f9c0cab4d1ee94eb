//! Values: typed nulls and unknowns, exact numbers, collections shared by reference, and marks (sensitive, ephemeral).

use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap, fmt, sync::Arc};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{number::Number, types::Type};

/// What must not be shown or kept. A mark on a value covers everything inside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks {
    pub sensitive: bool,
    pub ephemeral: bool,
}

impl Marks {
    pub const NONE: Marks = Marks { sensitive: false, ephemeral: false };
    pub const SENSITIVE: Marks = Marks { sensitive: true, ephemeral: false };
    pub const EPHEMERAL: Marks = Marks { sensitive: false, ephemeral: true };

    pub fn or(self, other: Marks) -> Marks {
        Marks { sensitive: self.sensitive || other.sensitive, ephemeral: self.ephemeral || other.ephemeral }
    }

    pub fn any(self) -> bool {
        self.sensitive || self.ephemeral
    }
}

/// A value that will be known only after apply, with what is already certain about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub ty: Type,
    /// Certain not to be null.
    pub not_null: bool,
    /// Certain to start with this text (strings only).
    pub prefix: Option<Arc<str>>,
    /// Certain bounds of the length (collections only).
    pub length: (Option<usize>, Option<usize>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Null(Type),
    Unknown(Box<Unknown>),
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    /// Element type and elements.
    List(Type, Arc<Vec<Value>>),
    /// Element type and elements, sorted by [`Value::order`] and without repeats.
    Set(Type, Arc<Vec<Value>>),
    Map(Type, Arc<BTreeMap<String, Value>>),
    Tuple(Arc<Vec<Value>>),
    Object(Arc<BTreeMap<String, Value>>),
}

/// A value and its marks. Cloning is cheap: collections are shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub kind: Kind,
    pub marks: Marks,
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathStep {
    /// An object's attribute or a map's key.
    Name(String),
    /// A place in a list or tuple (or in a set's sorted order).
    Index(usize),
}

/// A way from a value to something inside it.
pub type Path = Vec<PathStep>;

impl From<Kind> for Value {
    fn from(kind: Kind) -> Value {
        Value { kind, marks: Marks::NONE }
    }
}

impl Value {
    pub fn null(ty: Type) -> Value {
        Kind::Null(ty).into()
    }

    pub fn unknown(ty: Type) -> Value {
        Kind::Unknown(Box::new(Unknown { ty, not_null: false, prefix: None, length: (None, None) })).into()
    }

    pub fn unknown_not_null(ty: Type) -> Value {
        Kind::Unknown(Box::new(Unknown { ty, not_null: true, prefix: None, length: (None, None) })).into()
    }

    pub fn bool(b: bool) -> Value {
        Kind::Bool(b).into()
    }

    pub fn number(n: impl Into<Number>) -> Value {
        Kind::Number(n.into()).into()
    }

    /// A string in Unicode's normal form C, as all strings of the language are.
    pub fn string(s: impl AsRef<str>) -> Value {
        Kind::String(Arc::from(&*normal(s.as_ref()))).into()
    }

    pub fn list(elem: Type, items: Vec<Value>) -> Value {
        Kind::List(elem, Arc::new(items)).into()
    }

    /// A set of the given elements, sorted and without repeats; the elements' own marks move to the set.
    pub fn set(elem: Type, items: Vec<Value>) -> Value {
        let mut marks = Marks::NONE;
        let mut items: Vec<Value> = items
            .into_iter()
            .map(|v| {
                let (v, m) = v.unmark_deep();
                marks = marks.or(m);
                v
            })
            .collect();
        match elem.is_primitive() {
            true => items.sort_by(Value::order),
            false => items.sort_by_cached_key(Value::set_key),
        }
        // Two unknowns may turn out different, so only wholly known repeats are dropped.
        items.dedup_by(|a, b| a.is_wholly_known() && a.order(b) == Ordering::Equal);
        Value { kind: Kind::Set(elem, Arc::new(items)), marks }
    }

    pub fn map(elem: Type, items: BTreeMap<String, Value>) -> Value {
        Kind::Map(elem, Arc::new(items)).into()
    }

    pub fn tuple(items: Vec<Value>) -> Value {
        Kind::Tuple(Arc::new(items)).into()
    }

    pub fn object(attrs: BTreeMap<String, Value>) -> Value {
        Kind::Object(Arc::new(attrs)).into()
    }

    pub fn object_of(attrs: impl IntoIterator<Item = (impl Into<String>, Value)>) -> Value {
        Value::object(attrs.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    pub fn marked(mut self, marks: Marks) -> Value {
        self.marks = self.marks.or(marks);
        self
    }

    pub fn sensitive(self) -> Value {
        self.marked(Marks::SENSITIVE)
    }

    /// The value without its own (outermost) marks, and those marks.
    pub fn unmark(mut self) -> (Value, Marks) {
        let marks = std::mem::take(&mut self.marks);
        (self, marks)
    }

    /// The value without any marks, and all marks that were found in it.
    pub fn unmark_deep(self) -> (Value, Marks) {
        let found = self.marks_deep();
        if !found.any() {
            return (self, Marks::NONE);
        }
        let plain = self.map_children(&mut |_, v| v.unmark_deep().0);
        (Value { marks: Marks::NONE, ..plain }, found)
    }

    pub fn marks_deep(&self) -> Marks {
        self.children().fold(self.marks, |m, (_, v)| m.or(v.marks_deep()))
    }

    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(t) => t.clone(),
            Kind::Unknown(u) => u.ty.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(t, _) => Type::list(t.clone()),
            Kind::Set(t, _) => Type::set(t.clone()),
            Kind::Map(t, _) => Type::map(t.clone()),
            Kind::Tuple(vs) => Type::Tuple(vs.iter().map(Value::ty).collect()),
            Kind::Object(attrs) => Type::object(attrs.iter().map(|(k, v)| (k.clone(), v.ty()))),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown(_))
    }

    /// Neither unknown itself nor holding an unknown.
    pub fn is_wholly_known(&self) -> bool {
        !self.is_unknown() && self.children().all(|(_, v)| v.is_wholly_known())
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(b) => Some(b),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(n) => Some(n),
            _ => None,
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The elements of a list, set or tuple.
    pub fn elements(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Some(vs),
            _ => None,
        }
    }

    /// The entries of a map or object.
    pub fn entries(&self) -> Option<&BTreeMap<String, Value>> {
        match &self.kind {
            Kind::Map(_, m) | Kind::Object(m) => Some(m),
            _ => None,
        }
    }

    /// An object's attribute or a map's entry; nothing of unknowns, nulls and other kinds. Marks of `self` are not added.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries().and_then(|m| m.get(name))
    }

    /// What a path leads to. Marks on the way are not added.
    pub fn at(&self, path: &[PathStep]) -> Option<&Value> {
        path.iter().try_fold(self, |v, step| match step {
            PathStep::Name(n) => v.get(n),
            PathStep::Index(i) => v.elements().and_then(|e| e.get(*i)),
        })
    }

    /// The direct children with the step that leads to each.
    pub fn children(&self) -> Box<dyn Iterator<Item = (PathStep, &Value)> + '_> {
        match &self.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Box::new(vs.iter().enumerate().map(|(i, v)| (PathStep::Index(i), v))),
            Kind::Map(_, m) | Kind::Object(m) => Box::new(m.iter().map(|(k, v)| (PathStep::Name(k.clone()), v))),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// The same container with each direct child replaced; other kinds unchanged.
    pub fn map_children(&self, f: &mut dyn FnMut(PathStep, Value) -> Value) -> Value {
        let each = |vs: &Vec<Value>, f: &mut dyn FnMut(PathStep, Value) -> Value| {
            vs.iter().enumerate().map(|(i, v)| f(PathStep::Index(i), v.clone())).collect::<Vec<_>>()
        };
        let entries = |m: &BTreeMap<String, Value>, f: &mut dyn FnMut(PathStep, Value) -> Value| {
            m.iter().map(|(k, v)| (k.clone(), f(PathStep::Name(k.clone()), v.clone()))).collect::<BTreeMap<_, _>>()
        };
        let new = match &self.kind {
            Kind::List(t, vs) => Value::list(t.clone(), each(vs, f)),
            Kind::Set(t, vs) => Value::set(t.clone(), each(vs, f)),
            Kind::Tuple(vs) => Value::tuple(each(vs, f)),
            Kind::Map(t, m) => Value::map(t.clone(), entries(m, f)),
            Kind::Object(m) => Value::object(entries(m, f)),
            _ => return self.clone(),
        };
        new.marked(self.marks)
    }

    /// A total order over values, whatever their kinds: sets are sorted by it. Marks do not count. Null and then unknown come
    /// last; collections and objects go by the text that Terraform hashes for its sets, so that both list the same order.
    pub fn order(&self, other: &Value) -> Ordering {
        fn rank(k: &Kind) -> u8 {
            match k {
                Kind::Bool(_) => 1,
                Kind::Number(_) => 2,
                Kind::String(_) => 3,
                Kind::Tuple(_) | Kind::List(..) | Kind::Set(..) => 4,
                Kind::Object(_) | Kind::Map(..) => 5,
                Kind::Null(_) => 6,
                Kind::Unknown(_) => 7,
            }
        }
        match (&self.kind, &other.kind) {
            (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
            (Kind::Number(a), Kind::Number(b)) => a.cmp(b),
            (Kind::String(a), Kind::String(b)) => a.cmp(b),
            (a, b) if rank(a) != rank(b) => rank(a).cmp(&rank(b)),
            (Kind::Null(_), _) | (Kind::Unknown(_), _) => Ordering::Equal,
            _ => self.set_key().cmp(&other.set_key()),
        }
    }

    /// What elements of a set are ordered by when they are not primitive: null and unknown last, and the text.
    fn set_key(&self) -> (u8, String) {
        let last = match self.kind {
            Kind::Null(_) => 1,
            Kind::Unknown(_) => 2,
            _ => 0,
        };
        let mut text = String::new();
        self.hashed(&mut text);
        (last, text)
    }

    fn hashed(&self, out: &mut String) {
        let sequence = |(open, close): (char, char), items: &mut dyn Iterator<Item = &Value>, out: &mut String| {
            out.push(open);
            for item in items {
                item.hashed(out);
                out.push(';');
            }
            out.push(close);
        };
        match &self.kind {
            Kind::Unknown(_) => out.push('?'),
            Kind::Null(_) => out.push('~'),
            Kind::Bool(b) => out.push(if *b { 'T' } else { 'F' }),
            Kind::Number(n) => {
                out.push_str(&n.general(10));
                // Numbers that differ further down are different elements all the same.
                if n.general(10) != n.to_string() {
                    out.push_str(&format!("\0{n}"));
                }
            }
            Kind::String(s) => out.push_str(&format!("{s:?}")),
            Kind::List(_, vs) | Kind::Set(_, vs) => sequence(('[', ']'), &mut vs.iter(), out),
            Kind::Tuple(vs) => sequence(('<', '>'), &mut vs.iter(), out),
            Kind::Object(m) => sequence(('<', '>'), &mut m.values(), out),
            Kind::Map(_, m) => {
                out.push('{');
                for (k, v) in m.iter() {
                    out.push_str(&format!("{k:?}:"));
                    v.hashed(out);
                    out.push(';');
                }
                out.push('}');
            }
        }
    }

    /// Equal in value, marks and types of empty collections aside.
    pub fn same(&self, other: &Value) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => self.is_unknown() && other.is_unknown(),
            _ => match (self.elements(), other.elements(), self.entries(), other.entries()) {
                (Some(a), Some(b), ..) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.same(y)),
                (_, _, Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(b).all(|((i, x), (j, y))| i == j && x.same(y)),
                _ => self.order(other) == Ordering::Equal,
            },
        }
    }
}

/// The text in Unicode's normal form C.
pub fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// A path as the language writes it, without a leading dot: `ip_configuration[0].subnet_id`.
pub fn show_path(path: &[PathStep]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            PathStep::Name(n) if is_identifier(n) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(n);
            }
            PathStep::Name(n) => out.push_str(&format!("[{n:?}]")),
            PathStep::Index(i) => out.push_str(&format!("[{i}]")),
        }
    }
    out
}

/// Whether the text can stand as an identifier of the language.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// A short form for messages and tests, close to the language's own literals.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.marks.sensitive {
            return f.write_str("(sensitive value)");
        }
        match &self.kind {
            Kind::Null(_) => f.write_str("null"),
            Kind::Unknown(_) => f.write_str("(known after apply)"),
            Kind::Bool(b) => write!(f, "{b}"),
            Kind::Number(n) => write!(f, "{n}"),
            Kind::String(s) => write!(f, "{s:?}"),
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
                f.write_str("[")?;
                for (i, v) in vs.iter().enumerate() {
                    write!(f, "{}{v}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Kind::Map(_, m) | Kind::Object(m) => {
                f.write_str("{")?;
                for (i, (k, v)) in m.iter().enumerate() {
                    write!(f, "{}{} = {v}", if i > 0 { ", " } else { " " }, if is_identifier(k) { k.clone() } else { format!("{k:?}") })?;
                }
                f.write_str(if m.is_empty() { "}" } else { " }" })
            }
        }
    }
}
