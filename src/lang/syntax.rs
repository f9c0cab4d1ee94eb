//! The syntax of expressions, as evaluation reads it: made from what `hcl::edit` parsed, with exact numbers and absolute byte offsets.

use std::sync::Arc;

use crate::base::Value;

/// An expression and the bytes it covers in its file.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: NodeKind,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A null, bool, number or plain string; also an object's bare key.
    Literal(Value),
    /// A string with interpolations or directives.
    Template(Vec<Part>),
    /// `"${x}"`: a string template of one interpolation yields that value as it is.
    Wrap(Box<Node>),
    Tuple(Vec<Node>),
    /// Keys and values in writing order; of equal keys the last wins.
    Object(Vec<(Node, Node)>),
    Paren(Box<Node>),
    /// A bare name: `var`, `each`, a `for` variable, …
    Root(Arc<str>),
    Traversal(Box<Traversal>),
    Conditional(Box<Conditional>),
    Call(Box<Call>),
    Unary(UnaryOp, Box<Node>),
    Binary(Box<Binary>),
    For(Box<For>),
}

/// One piece of a template, after strip markers and heredoc indentation were applied.
#[derive(Clone, Debug)]
pub enum Part {
    Text(Arc<str>),
    Value(Node),
    If { cond: Node, then: Vec<Part>, or: Vec<Part> },
    For { key: Option<Arc<str>>, value: Arc<str>, collection: Node, body: Vec<Part> },
}

/// `on.a["b"][*].c`.
#[derive(Clone, Debug)]
pub struct Traversal {
    pub on: Node,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub kind: StepKind,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Debug)]
pub enum StepKind {
    Attr(Arc<str>),
    Index(Node),
    /// `.0`, the old way to index; inside an attribute splat it belongs to the splat.
    LegacyIndex(u64),
    /// `.*`: covers the attributes that follow it.
    AttrSplat,
    /// `[*]`: covers everything that follows it.
    FullSplat,
}

#[derive(Clone, Debug)]
pub struct Conditional {
    pub cond: Node,
    pub then: Node,
    pub or: Node,
}

#[derive(Clone, Debug)]
pub struct Call {
    /// With its namespace, if any: `provider::azurerm::parse_resource_id`.
    pub name: Arc<str>,
    pub name_start: u32,
    pub name_end: u32,
    pub args: Vec<Node>,
    /// Whether the last argument is spread with `...`.
    pub expand: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Neg,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Eq,
    NotEq,
    LessEq,
    GreaterEq,
    Less,
    Greater,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
}

#[derive(Clone, Debug)]
pub struct Binary {
    pub op: BinaryOp,
    pub left: Node,
    pub right: Node,
}

#[derive(Clone, Debug)]
pub struct For {
    pub key_var: Option<Arc<str>>,
    pub value_var: Arc<str>,
    pub collection: Node,
    /// Present in `{ for … : key => value }`.
    pub key: Option<Node>,
    pub value: Node,
    /// `value...`: values of equal keys are collected.
    pub group: bool,
    pub cond: Option<Node>,
}

impl Node {
    pub fn new(kind: NodeKind, start: u32, end: u32) -> Node {
        Node { kind, start, end }
    }

    pub fn literal(value: Value, start: u32, end: u32) -> Node {
        Node::new(NodeKind::Literal(value), start, end)
    }

    /// Where the expression begins, as Terraform points at arguments: the first operand, the text inside quotes, an opening bracket.
    pub fn beginning(&self) -> (u32, u32) {
        match &self.kind {
            NodeKind::Literal(v) if v.as_str().is_some_and(|s| !s.is_empty()) && self.end > self.start + 2 => (self.start + 1, self.end - 1),
            NodeKind::Template(parts) => match parts.first() {
                Some(Part::Value(node)) => node.beginning(),
                _ => (self.start + 1, self.end.max(self.start + 3) - 1),
            },
            NodeKind::Wrap(inner) => inner.beginning(),
            NodeKind::Tuple(_) | NodeKind::Object(_) | NodeKind::For(_) => (self.start, self.start + 1),
            NodeKind::Conditional(c) => c.cond.beginning(),
            NodeKind::Binary(b) => b.left.beginning(),
            NodeKind::Call(c) => (c.name_start, c.name_end),
            NodeKind::Traversal(t) if !matches!(t.on.kind, NodeKind::Root(_)) => t.on.beginning(),
            _ => (self.start, self.end),
        }
    }

    /// The text of a plain string literal.
    pub fn as_literal_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Literal(v) => v.as_str(),
            NodeKind::Paren(inner) => inner.as_literal_str(),
            _ => None,
        }
    }

    /// Calls `visit` for each direct sub-expression with the names it binds there (`for` variables).
    pub fn children<'n>(&'n self, visit: &mut dyn FnMut(&'n Node, &[&'n str])) {
        match &self.kind {
            NodeKind::Literal(_) | NodeKind::Root(_) => {}
            NodeKind::Template(parts) => part_children(parts, &mut Vec::new(), visit),
            NodeKind::Wrap(inner) | NodeKind::Paren(inner) | NodeKind::Unary(_, inner) => visit(inner, &[]),
            NodeKind::Tuple(items) => items.iter().for_each(|n| visit(n, &[])),
            NodeKind::Object(items) => items.iter().for_each(|(k, v)| {
                visit(k, &[]);
                visit(v, &[]);
            }),
            NodeKind::Traversal(t) => {
                visit(&t.on, &[]);
                for step in &t.steps {
                    if let StepKind::Index(key) = &step.kind {
                        visit(key, &[]);
                    }
                }
            }
            NodeKind::Conditional(c) => [&c.cond, &c.then, &c.or].into_iter().for_each(|n| visit(n, &[])),
            NodeKind::Call(c) => c.args.iter().for_each(|n| visit(n, &[])),
            NodeKind::Binary(b) => [&b.left, &b.right].into_iter().for_each(|n| visit(n, &[])),
            NodeKind::For(f) => {
                visit(&f.collection, &[]);
                let bound: Vec<&str> = f.key_var.iter().chain([&f.value_var]).map(|n| &**n).collect();
                for inner in f.key.iter().chain([&f.value]).chain(&f.cond) {
                    visit(inner, &bound);
                }
            }
        }
    }
}

fn part_children<'n>(parts: &'n [Part], bound: &mut Vec<&'n str>, visit: &mut dyn FnMut(&'n Node, &[&'n str])) {
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Value(node) => visit(node, bound),
            Part::If { cond, then, or } => {
                visit(cond, bound);
                part_children(then, bound, visit);
                part_children(or, bound, visit);
            }
            Part::For { key, value, collection, body } => {
                visit(collection, bound);
                let depth = bound.len();
                bound.extend(key.iter().chain([value]).map(|n| &**n));
                part_children(body, bound, visit);
                bound.truncate(depth);
            }
        }
    }
}
