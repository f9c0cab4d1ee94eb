//! What `cidr::allocate` answers from and asks for: the ranges that were given out, the declared pools that more may be
//! taken from, and the requests that are still open.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{
    Each, Evaluator,
    blueprint::{Attribute, Block, Body, Expr},
    eval::Inputs,
    syntax::{Node, NodeKind},
};
use crate::base::{
    Diagnostics, Ledger, ModulePath, Prefix, Shape, Span, Type, Value,
    ledger::Request,
    shape::{Attr, Nested, Nesting},
};

/// The block that declares pools and more.
pub const ADDRESS_PLAN: &str = "address_plan";

/// Ranges given out, and what evaluation asked of them. Shared by everything that evaluates in one run.
#[derive(Clone, Debug, Default)]
pub struct Allocations {
    pub ledger: Ledger,
    wanted: Rc<RefCell<BTreeMap<Request, Span>>>,
    used: Rc<RefCell<BTreeSet<(String, String)>>>,
}

impl Allocations {
    pub fn of(ledger: Ledger) -> Allocations {
        Allocations { ledger, ..Allocations::default() }
    }

    /// The range of a request; one that has none yet is noted as wanted.
    pub fn ask(&self, request: &Request, at: Span) -> Option<Prefix> {
        if let Some(entry) = self.ledger.find(request) {
            self.used.borrow_mut().insert((entry.pool.clone(), entry.key.clone()));
        }
        let found = self.ledger.get(request);
        if found.is_none() {
            self.wanted.borrow_mut().entry(request.clone()).or_insert(at);
        }
        found
    }

    /// The requests without a range since this was last asked, each with a place that makes it.
    pub fn take_wanted(&self) -> BTreeMap<Request, Span> {
        std::mem::take(&mut *self.wanted.borrow_mut())
    }

    /// Pool and key of every entry that was asked for so far.
    pub fn used(&self) -> BTreeSet<(String, String)> {
        self.used.borrow().clone()
    }
}

/// What is known of the declared pools.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Pools {
    #[default]
    Unread,
    /// They are being read: whoever asks now is part of their own declaration.
    Reading,
    Read(BTreeMap<String, DeclaredPool>),
}

/// A declared pool, as `cidr::allocate` sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclaredPool {
    Known(Vec<Prefix>),
    /// Some prefix is not known yet, or not sound: its declaration says why.
    Unknown,
    /// It depends on what resources or data sources say, which may be planned after the range is asked for.
    Resources,
}

/// The answer to a look-up of a pool by name.
pub enum Lookup {
    Found(DeclaredPool),
    /// The names that there are.
    Undeclared(Vec<String>),
    /// The pools are declared by what asks for one of them.
    Circular,
}

/// The shape of a `pool` block, whose label stands in `name`.
pub fn pool_shape() -> Shape {
    let name = Attr { required: true, ..Attr::of(Type::String) };
    let prefixes = Attr { required: true, ..Attr::of(Type::list(Type::String)) };
    Shape { attrs: [("name".to_owned(), name), ("prefixes".to_owned(), prefixes)].into(), ..Shape::default() }
}

/// A block whose one label is written as an argument, so that blocks with a label and those made by `dynamic` are alike.
pub fn with_label_as(block: &Block, argument: &str) -> Block {
    let mut out = block.clone();
    if block.kind == "dynamic" {
        return out;
    }
    if let [label] = block.labels.as_slice()
        && !block.body.attrs.contains_key(argument)
    {
        let node = Node { kind: NodeKind::Literal(Value::string(label)), start: block.span.start, end: block.span.end };
        let expr = Expr { node: std::sync::Arc::new(node), span: block.span };
        out.body.attrs.insert(argument.to_owned(), Attribute { name: argument.to_owned(), name_span: block.span, expr });
        out.labels.clear();
    }
    out
}

/// What a block stands for: its own kind, or that of the blocks that a `dynamic` block makes.
pub fn kind_of(block: &Block) -> &str {
    match block.labels.first() {
        Some(kind) if block.kind == "dynamic" => kind,
        _ => &block.kind,
    }
}

/// A body of one block, to decode by itself.
pub fn alone(block: Block) -> Body {
    let mut body = Body::empty(block.span);
    body.blocks.push(block);
    body
}

/// The shape of a body with blocks of one kind, any number of them.
pub fn holding(kind: &str, shape: Shape) -> Shape {
    let nested = Nested { nesting: Nesting::List, shape, min: 0, max: None, computed: false, optional: true, force_new: false, as_attribute: false };
    Shape { blocks: [(kind.to_owned(), nested)].into(), ..Shape::default() }
}

impl Inputs {
    /// The same inputs with other ranges given out. What was asked for is remembered with that of before.
    pub fn allocating(self, ledger: Ledger) -> Inputs {
        Inputs { allocations: Rc::new(Allocations { ledger, ..(*self.allocations).clone() }), ..self }
    }
}

impl Evaluator<'_> {
    /// A pool that `address_plan` declares.
    pub fn pool(&self, name: &str) -> Lookup {
        if *self.pools.borrow() == Pools::Reading {
            return Lookup::Circular;
        }
        if *self.pools.borrow() == Pools::Unread {
            *self.pools.borrow_mut() = Pools::Reading;
            let read = self.read_pools();
            *self.pools.borrow_mut() = Pools::Read(read);
        }
        let pools = self.pools.borrow();
        let Pools::Read(read) = &*pools else { return Lookup::Circular };
        match read.get(name) {
            Some(found) => Lookup::Found(found.clone()),
            None => Lookup::Undeclared(read.keys().cloned().collect()),
        }
    }

    fn read_pools(&self) -> BTreeMap<String, DeclaredPool> {
        let mut out: BTreeMap<String, DeclaredPool> = BTreeMap::new();
        let plans = self.blueprint().root.extra.iter().filter(|b| b.kind == ADDRESS_PLAN);
        for block in plans.flat_map(|b| &b.body.blocks).filter(|b| kind_of(b) == "pool") {
            let body = alone(with_label_as(block, "name"));
            let shape = holding("pool", pool_shape());
            let mut found = Diagnostics::default();
            let (value, reads) = self.recording(|| self.decode(&ModulePath::root(), &body, &shape, &Each::default(), &mut found));
            // Errors of locals on the way are told once only, so they must not be lost here.
            self.pending.borrow_mut().extend(found);
            for pool in value.get("pool").and_then(Value::elements).unwrap_or_default() {
                let Some(name) = pool.get("name").and_then(Value::as_str) else { continue };
                let found = if reads.is_empty() { declared(pool) } else { DeclaredPool::Resources };
                let merged = match (out.remove(name), found) {
                    (Some(DeclaredPool::Known(mut a)), DeclaredPool::Known(b)) => {
                        a.extend(b);
                        DeclaredPool::Known(a)
                    }
                    (Some(other), DeclaredPool::Known(_)) | (_, other) => other,
                };
                out.insert(name.to_owned(), merged);
            }
        }
        out
    }
}

fn declared(pool: &Value) -> DeclaredPool {
    let prefixes = pool.get("prefixes").filter(|v| !v.is_unknown()).and_then(Value::elements);
    let parsed: Option<Vec<Prefix>> = prefixes.and_then(|all| all.iter().map(|v| v.as_str()?.parse().ok()).collect());
    parsed.filter(|p| !p.is_empty()).map_or(DeclaredPool::Unknown, DeclaredPool::Known)
}
