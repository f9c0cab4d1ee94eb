//! The difference between two values as a tree: for each attribute, element and block, what happens to it.
//!
//! The rules are those of Terraform 1.11's plans, so that a plan reads as its users know it. `diff_text` puts the tree in words.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{
    Kind, PathStep, Shape, Type, Value,
    shape::{Nested, Nesting},
};

use super::align::{Row, align, number};

/// What happens to one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Same,
    Create,
    Update,
    Delete,
}

/// One attribute, element or block, with what happens to it and inside it.
#[derive(Clone, Debug)]
pub struct Node {
    pub sign: Sign,
    /// A change of it forces the resource to be replaced.
    pub replace: bool,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    /// A string, number, bool or null; `None` is null or absent.
    Scalar(Option<Value>, Option<Value>),
    List(Vec<Node>),
    Set(Vec<Node>),
    Map(BTreeMap<String, Node>),
    Object(BTreeMap<String, Node>),
    Block {
        attrs: BTreeMap<String, Node>,
        blocks: BTreeMap<String, Group>,
    },
    /// Known after apply, with what it was.
    Unknown(Option<Box<Node>>),
    /// Nested blocks whose number is known only after apply.
    UnknownBlock,
    Sensitive {
        inner: Box<Node>,
        before: bool,
        after: bool,
    },
    SensitiveBlock {
        inner: Box<Node>,
        before: bool,
        after: bool,
    },
    WriteOnly,
    /// Deleted as one type, created as another.
    TypeChange(Box<Node>, Box<Node>),
}

/// The nested blocks of one name.
#[derive(Clone, Debug)]
pub struct Group {
    pub nodes: Vec<Node>,
    /// A change of any of them forces replacement.
    pub replace: bool,
}

/// Two values at the same place, as one of them becomes the other.
#[derive(Clone)]
struct Pair<'a> {
    /// `None`: null or absent.
    before: Option<&'a Value>,
    /// `None`: null, absent or unknown.
    after: Option<&'a Value>,
    /// Present, even if null.
    before_given: bool,
    after_given: bool,
    before_hidden: bool,
    after_hidden: bool,
    unknown: bool,
    /// What is left of the paths that force replacement.
    forced: Vec<&'a [PathStep]>,
    /// Empty strings and nulls are the same, since the provider cannot tell them apart.
    legacy: bool,
}

/// The tree for a whole resource.
pub fn resource(before: Option<&Value>, after: Option<&Value>, shape: &Shape, forced: &[&[PathStep]], legacy: bool) -> Node {
    let (before, after) = (before.map(|v| hide(v, shape)), after.map(|v| hide(v, shape)));
    let pair = Pair { forced: forced.to_vec(), legacy, ..Pair::of(before.as_ref(), after.as_ref()) };
    block(&pair, shape)
}

/// The tree for a value of which nothing is declared, such as an output.
pub fn untyped(before: Option<&Value>, after: Option<&Value>) -> Node {
    json(&Pair::of(before, after))
}

/// The tree for a value of a declared type, such as an output of a state.
pub fn of_type(before: Option<&Value>, after: Option<&Value>, ty: &Type) -> Node {
    typed(&Pair::of(before, after), ty)
}

/// A shape for a value whose resource type is not known: every attribute may hold anything.
pub fn shape_of(values: &[Option<&Value>]) -> Shape {
    let names: BTreeSet<&String> = values.iter().flatten().filter_map(|v| v.entries()).flat_map(|m| m.keys()).collect();
    let attrs = names.into_iter().map(|n| (n.clone(), crate::base::shape::Attr::of(Type::Any)));
    Shape { attrs: attrs.collect(), blocks: BTreeMap::new() }
}

/// Marks what the shape declares sensitive.
pub fn hide(value: &Value, shape: &Shape) -> Value {
    if value.entries().is_none() {
        return value.clone();
    }
    value.map_children(&mut |step, v| {
        let PathStep::Name(name) = &step else { return v };
        match (shape.attrs.get(name), shape.blocks.get(name)) {
            (Some(attr), _) if attr.sensitive => v.sensitive(),
            (_, Some(nested)) => v.map_children(&mut |_, element| hide(&element, &nested.shape)),
            _ => v,
        }
    })
}

impl<'a> Pair<'a> {
    fn of(before: Option<&'a Value>, after: Option<&'a Value>) -> Pair<'a> {
        let known = |v: &&Value| !v.is_null() && !v.is_unknown();
        Pair {
            before: before.filter(known),
            after: after.filter(known),
            before_given: before.is_some(),
            after_given: after.is_some(),
            before_hidden: before.is_some_and(|v| v.marks.sensitive),
            after_hidden: after.is_some_and(|v| v.marks.sensitive),
            unknown: after.is_some_and(Value::is_unknown),
            forced: Vec::new(),
            legacy: false,
        }
    }

    fn child(&self, before: Option<&'a Value>, after: Option<&'a Value>, steps: &[PathStep]) -> Pair<'a> {
        let forced = self.forced.iter().filter_map(|p| p.split_first()).filter(|(first, _)| steps.contains(first)).map(|(_, rest)| rest).collect();
        Pair { forced, legacy: self.legacy, ..Pair::of(before, after) }
    }

    fn name(&self, name: &str) -> Pair<'a> {
        let get = |v: Option<&'a Value>| v.and_then(|v| v.get(name));
        self.child(get(self.before), get(self.after), &[PathStep::Name(name.to_owned())])
    }

    fn index(&self, i: Option<usize>, j: Option<usize>) -> Pair<'a> {
        let get = |v: Option<&'a Value>, i: Option<usize>| v.and_then(Value::elements).and_then(|e| e.get(i?));
        let steps: Vec<PathStep> = i.or(j).map(PathStep::Index).into_iter().collect();
        self.child(get(self.before, i), get(self.after, j), &steps)
    }

    /// The same pair as an attribute, for which null and absent are one.
    fn implicit(self) -> Pair<'a> {
        Pair { before_given: false, after_given: false, ..self }
    }

    fn replaces(&self) -> bool {
        self.forced.iter().any(|p| p.is_empty())
    }

    fn deleted(&self) -> Pair<'a> {
        Pair { after: None, after_given: false, after_hidden: false, unknown: false, ..self.clone() }
    }

    fn created(&self) -> Pair<'a> {
        Pair { before: None, before_given: false, before_hidden: false, ..self.clone() }
    }

    fn shown(&self) -> Pair<'a> {
        Pair { before_hidden: false, after_hidden: false, ..self.clone() }
    }

    /// The sign of a pair that is compared as a whole.
    fn sign(&self) -> Sign {
        let (before, after) = (self.before.is_some() || self.before_given, self.after.is_some() || self.after_given || self.unknown);
        match (before, after) {
            (false, true) => Sign::Create,
            (true, false) => Sign::Delete,
            _ if self.unknown => Sign::Update,
            _ => {
                let same = match (self.before, self.after) {
                    (Some(b), Some(a)) => b.same(a),
                    (None, None) => true,
                    _ => false,
                };
                if same && self.before_hidden == self.after_hidden { Sign::Same } else { Sign::Update }
            }
        }
    }

    /// The sign that a container starts with, before its children have their say.
    fn start(&self) -> Sign {
        match (self.before, self.after) {
            (None, Some(_)) => Sign::Create,
            (Some(_), None) => Sign::Delete,
            _ => Sign::Same,
        }
    }

    fn nothing(&self) -> bool {
        self.before.is_none() && self.after.is_none() && !self.unknown
    }

    fn node(&self, sign: Sign, body: Body) -> Node {
        Node { sign, replace: self.replaces(), body }
    }

    fn elements(&self) -> (&'a [Value], &'a [Value]) {
        let all = |v: Option<&'a Value>| v.and_then(Value::elements).unwrap_or(&[]);
        (all(self.before), all(self.after))
    }

    fn keys(&self) -> BTreeSet<&'a String> {
        [self.before, self.after].into_iter().flatten().filter_map(Value::entries).flat_map(|m| m.keys()).collect()
    }
}

/// A container's sign after one more child.
fn combine(current: Sign, child: Sign) -> Sign {
    if child == Sign::Same || child == current { current } else { Sign::Update }
}

/// Handles what sensitive and unknown values have in common, whatever their type.
fn special(pair: &Pair<'_>, inner: &dyn Fn(&Pair<'_>) -> Node) -> Option<Node> {
    if pair.before_hidden || pair.after_hidden {
        let node = inner(&pair.shown());
        let turned = pair.before_hidden != pair.after_hidden;
        let nothing = pair.nothing() && !pair.before_given && !pair.after_given;
        let sign = if node.sign == Sign::Same && turned && !nothing { Sign::Update } else { node.sign };
        return Some(pair.node(sign, Body::Sensitive { inner: Box::new(node), before: pair.before_hidden, after: pair.after_hidden }));
    }
    if pair.unknown {
        let before = pair.before.is_some().then(|| Box::new(inner(&pair.deleted())));
        return Some(pair.node(pair.sign(), Body::Unknown(before)));
    }
    None
}

fn typed(pair: &Pair<'_>, ty: &Type) -> Node {
    let mut pair = pair.clone();
    if pair.legacy {
        let filled = |v: &&Value| v.as_str() != Some("");
        (pair.before, pair.after) = (pair.before.filter(filled), pair.after.filter(filled));
        // That holds for attributes, also those of objects inside; an empty text as an element of a map or list is a text.
        let elements = match ty {
            Type::Map(t) | Type::List(t) | Type::Set(t) => t.is_primitive(),
            _ => false,
        };
        pair.legacy = !elements;
    }
    if let Some(node) = special(&pair, &|p| typed(p, ty)) {
        return node;
    }
    match ty {
        Type::Any => json(&pair),
        Type::Bool | Type::Number | Type::String => scalar(&pair),
        Type::Object(o) => object(&pair, &o.attrs),
        Type::Map(t) => map(&pair, t),
        Type::List(t) => list(&pair, t),
        Type::Tuple(ts) => tuple(&pair, ts),
        Type::Set(t) => {
            let (nodes, sign) = set(&pair, &|p| typed(p, t));
            pair.node(sign, Body::Set(nodes))
        }
    }
}

fn scalar(pair: &Pair<'_>) -> Node {
    pair.node(pair.sign(), Body::Scalar(pair.before.cloned(), pair.after.cloned()))
}

fn object(pair: &Pair<'_>, attrs: &BTreeMap<String, Type>) -> Node {
    let mut sign = pair.start();
    let mut nodes = BTreeMap::new();
    for (name, ty) in attrs {
        let child = pair.name(name).implicit();
        let node = typed(&child, ty);
        if node.sign == Sign::Same && child.nothing() {
            continue;
        }
        sign = combine(sign, node.sign);
        nodes.insert(name.clone(), node);
    }
    pair.node(sign, Body::Object(nodes))
}

fn map(pair: &Pair<'_>, elem: &Type) -> Node {
    let nodes: BTreeMap<String, Node> = pair.keys().into_iter().map(|k| (k.clone(), typed(&pair.name(k), elem))).collect();
    let sign = nodes.values().fold(pair.start(), |s, n| combine(s, n.sign));
    pair.node(sign, Body::Map(nodes))
}

fn list(pair: &Pair<'_>, elem: &Type) -> Node {
    let objects = matches!(elem, Type::Object(_));
    sequence(pair, &|_, _| objects, &|p| typed(p, elem))
}

fn tuple(pair: &Pair<'_>, types: &[Type]) -> Node {
    let (before, after) = pair.elements();
    let any = Type::Any;
    let each = |i: usize| {
        let child = pair.index((i < before.len()).then_some(i), (i < after.len()).then_some(i));
        typed(&child, types.get(i).unwrap_or(&any))
    };
    let nodes: Vec<Node> = (0..before.len().max(after.len())).map(each).collect();
    let sign = nodes.iter().fold(pair.start(), |s, n| combine(s, n.sign));
    pair.node(sign, Body::List(nodes))
}

/// Lists of one length are compared place by place, others along their longest common subsequence.
fn sequence(pair: &Pair<'_>, together: &dyn Fn(&Value, &Value) -> bool, inner: &dyn Fn(&Pair<'_>) -> Node) -> Node {
    let (before, after) = pair.elements();
    let rows = if before.len() == after.len() {
        (0..before.len()).map(|i| Row::Both(i, i)).collect()
    } else {
        let (b, a) = numbers(before, after);
        align(&b, &a, &|i, j| matches!((before.get(i), after.get(j)), (Some(b), Some(a)) if together(b, a)))
    };
    let each = |row: Row| match row {
        Row::Both(i, j) => inner(&pair.index(Some(i), Some(j))),
        Row::Before(i) => inner(&pair.index(Some(i), None)),
        Row::After(j) => inner(&pair.index(None, Some(j))),
    };
    let nodes: Vec<Node> = rows.into_iter().map(each).collect();
    let sign = nodes.iter().fold(pair.start(), |s, n| combine(s, n.sign));
    pair.node(sign, Body::List(nodes))
}

/// Ordered by value, so that equal elements get one number. An element that is not wholly known equals no other.
struct ByValue<'a>(&'a Value, Option<usize>);

impl PartialEq for ByValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for ByValue<'_> {}
impl PartialOrd for ByValue<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for ByValue<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.order(other.0).then(self.1.cmp(&other.1))
    }
}

fn numbers(before: &[Value], after: &[Value]) -> (Vec<u32>, Vec<u32>) {
    let keys: Vec<ByValue<'_>> = before.iter().chain(after).enumerate().map(|(i, v)| ByValue(v, (!v.is_wholly_known()).then_some(i))).collect();
    let all: Vec<&ByValue<'_>> = keys.iter().collect();
    let (b, a) = all.split_at(before.len());
    number(b, a)
}

/// Elements that are in both sets stay; the others go or come.
fn set(pair: &Pair<'_>, inner: &dyn Fn(&Pair<'_>) -> Node) -> (Vec<Node>, Sign) {
    let (before, after) = pair.elements();
    let (b, a) = numbers(before, after);
    let mut places: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (j, id) in a.iter().enumerate().rev() {
        places.entry(*id).or_default().push(j);
    }
    let mut used = vec![false; after.len()];
    let mut nodes = Vec::new();
    for (i, id) in b.iter().enumerate() {
        let j = places.get_mut(id).and_then(Vec::pop);
        if let Some(flag) = j.and_then(|j| used.get_mut(j)) {
            *flag = true;
        }
        nodes.push(inner(&pair.index(Some(i), j)));
    }
    nodes.extend(used.iter().enumerate().filter(|(_, u)| !**u).map(|(j, _)| inner(&pair.index(None, Some(j)))));
    let sign = nodes.iter().fold(pair.start(), |s, n| combine(s, n.sign));
    (nodes, sign)
}

/// What JSON can tell apart.
#[derive(PartialEq)]
enum Form {
    Null,
    Scalar(u8),
    Array,
    Object,
}

fn form(value: Option<&Value>) -> Form {
    match value.map(|v| &v.kind) {
        None | Some(Kind::Null(_) | Kind::Unknown(_)) => Form::Null,
        Some(Kind::Bool(_)) => Form::Scalar(0),
        Some(Kind::Number(_)) => Form::Scalar(1),
        Some(Kind::String(_)) => Form::Scalar(2),
        Some(Kind::List(..) | Kind::Set(..) | Kind::Tuple(_)) => Form::Array,
        Some(Kind::Map(..) | Kind::Object(_)) => Form::Object,
    }
}

/// Compares values of no declared type by their JSON form.
fn json(pair: &Pair<'_>) -> Node {
    if let Some(node) = special(pair, &json) {
        return Node { replace: false, ..node };
    }
    let (before, after) = (form(pair.before), form(pair.after));
    let deleted = after == Form::Null && !pair.after_given;
    let created = before == Form::Null && !pair.before_given;
    if before == after || created || deleted {
        return json_as(pair, if before == Form::Null { &after } else { &before });
    }
    let (gone, come) = (json_as(&pair.deleted(), &before), json_as(&pair.created(), &after));
    Node { sign: Sign::Update, replace: false, body: Body::TypeChange(Box::new(gone), Box::new(come)) }
}

fn json_as(pair: &Pair<'_>, as_form: &Form) -> Node {
    let node = match as_form {
        Form::Null | Form::Scalar(_) => scalar(pair),
        Form::Array => sequence(pair, &|b, a| form(Some(b)) == Form::Object && form(Some(a)) == Form::Object, &json),
        Form::Object => {
            let nodes: BTreeMap<String, Node> = pair.keys().into_iter().map(|k| (k.clone(), json(&pair.name(k)))).collect();
            let sign = nodes.values().fold(pair.start(), |s, n| combine(s, n.sign));
            pair.node(sign, Body::Object(nodes))
        }
    };
    Node { replace: false, ..node }
}

fn block(pair: &Pair<'_>, shape: &Shape) -> Node {
    if pair.before_hidden || pair.after_hidden {
        let inner = Box::new(block(&pair.shown(), shape));
        let sign = if inner.sign == Sign::Same && pair.before_hidden != pair.after_hidden { Sign::Update } else { inner.sign };
        return pair.node(sign, Body::SensitiveBlock { inner, before: pair.before_hidden, after: pair.after_hidden });
    }
    if pair.unknown {
        return pair.node(pair.sign(), Body::UnknownBlock);
    }
    let mut sign = pair.start();
    let mut attrs = BTreeMap::new();
    let plain = shape.attrs.iter().map(|(n, a)| (n, a.ty.clone(), a.write_only));
    // Some nested blocks may also be written as attributes, and are shown as such.
    let nested = shape.blocks.iter().filter(|(_, n)| n.as_attribute).map(|(name, n)| (name, n.ty(), false));
    for (name, ty, write_only) in plain.chain(nested) {
        let child = pair.name(name).implicit();
        let node = if write_only { child.node(pair.start(), Body::WriteOnly) } else { typed(&child, &ty) };
        if node.sign == Sign::Same && child.nothing() && !write_only {
            continue;
        }
        sign = combine(sign, node.sign);
        attrs.insert(name.clone(), node);
    }
    let mut blocks = BTreeMap::new();
    for (name, nested) in shape.blocks.iter().filter(|(_, n)| !n.as_attribute) {
        let child = pair.name(name);
        let (nodes, group_sign) = nested_blocks(&child, nested);
        if nodes.is_empty() {
            continue;
        }
        sign = combine(sign, group_sign);
        blocks.insert(name.clone(), Group { nodes, replace: child.replaces() });
    }
    pair.node(sign, Body::Block { attrs, blocks })
}

/// The blocks of one name. A mark on all of them hides each.
fn nested_blocks(pair: &Pair<'_>, nested: &Nested) -> (Vec<Node>, Sign) {
    let inner = |p: &Pair<'_>| {
        let (before, after) = (p.before_hidden || pair.before_hidden && p.before.is_some(), p.after_hidden || pair.after_hidden && p.after.is_some());
        block(&Pair { before_hidden: before, after_hidden: after, ..p.clone() }, &nested.shape)
    };
    if pair.unknown {
        // How many there will be is not known, so what there is goes.
        let sign = if pair.before.is_some() { Sign::Update } else { Sign::Create };
        let mut nodes = vec![Node { sign, replace: false, body: Body::UnknownBlock }];
        let (before, _) = pair.elements();
        nodes.extend((0..before.len()).map(|i| inner(&pair.deleted().index(Some(i), None))));
        return (nodes, sign);
    }
    match nested.nesting {
        Nesting::Set => set(pair, &inner),
        Nesting::List => {
            let (before, after) = pair.elements();
            let each = |i: usize| inner(&pair.index((i < before.len()).then_some(i), (i < after.len()).then_some(i)));
            let nodes: Vec<Node> = (0..before.len().max(after.len())).map(each).collect();
            let sign = nodes.iter().fold(pair.start(), |s, n| combine(s, n.sign));
            (nodes, sign)
        }
    }
}
