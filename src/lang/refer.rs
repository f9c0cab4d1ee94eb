//! References as things: what a reference resolves to, and which instance an address expression means.

use std::fmt;

use super::{
    blueprint::{Body, Expr, Resource, ResourceKey},
    deps::{Node, Reference, Target, references},
    eval::{Each, Evaluator},
    syntax::{Node as Syntax, NodeKind, Step, StepKind},
};
use crate::base::{Address, Diagnostics, Key, Mode, ModulePath, Path, PathStep, ResourceAddress, Span, Value};

/// The configuration node that a reference leads to, from the module it stands in; nothing for `each`, `count`, `path` and such.
pub fn resolve(module: &[String], reference: &Reference) -> Option<Node> {
    match &reference.target {
        Target::Variable(name) => Some(Node::Variable(module.to_vec(), name.clone())),
        Target::Local(name) => Some(Node::Local(module.to_vec(), name.clone())),
        Target::Resource(key) => Some(Node::Resource(module.to_vec(), key.clone())),
        Target::Call(name) => {
            let mut child = module.to_vec();
            child.push(name.clone());
            let output = reference.path.iter().enumerate().find_map(|(i, step)| match step {
                PathStep::Name(n) if i <= 1 => Some(n.clone()),
                _ => None,
            });
            Some(match output {
                Some(output) => Node::Output(child, output),
                None => Node::Whole(child),
            })
        }
        _ => None,
    }
}

/// Whether a node stands for a block, or for a module that holds it.
pub fn covers(node: &Node, module: &[String], key: &ResourceKey) -> bool {
    match node {
        Node::Resource(names, k) => names == module && k == key,
        Node::Whole(names) | Node::Output(names, _) => module.starts_with(names),
        _ => false,
    }
}

/// The value of an expression that needs no names; nothing when it does.
pub fn literal(expr: &Expr) -> Option<Value> {
    let mut diags = Diagnostics::default();
    let value = super::eval::expr::eval(&expr.node, &super::eval::expr::Env::constant(expr.span.file), &mut diags);
    if diags.has_errors() { None } else { Some(value) }
}

impl Evaluator<'_> {
    /// The resources that an instance's arguments name themselves (not through locals, variables or outputs), each with the
    /// instance key where this instance's `each` or `count` tells it; without a key all instances are meant.
    pub fn direct(&self, module: &ModulePath, resource: &Resource, each: &Each) -> Vec<(ResourceAddress, Option<Key>)> {
        let mut found = Vec::new();
        self.direct_in_body(module, &resource.body, each, &mut found);
        let l = &resource.lifecycle;
        let metas = resource.count.iter().chain(&resource.for_each).chain(&resource.depends_on).chain(&l.replace_triggered_by);
        let conditions = l.preconditions.iter().chain(&l.postconditions).flat_map(|c| [&c.condition, &c.error_message]);
        for reference in metas.chain(conditions).flat_map(references) {
            if let Target::Resource(key) = reference.target {
                found.push((ResourceAddress::new(module.clone(), key.mode, &key.kind, &key.name), None));
            }
        }
        found
    }

    fn direct_in_body(&self, module: &ModulePath, body: &Body, each: &Each, found: &mut Vec<(ResourceAddress, Option<Key>)>) {
        for attribute in body.attrs.values() {
            self.direct_in(module, &attribute.expr.node, attribute.expr.span, each, found);
        }
        for block in &body.blocks {
            self.direct_in_body(module, &block.body, each, found);
        }
    }

    fn direct_in(&self, module: &ModulePath, node: &Syntax, span: Span, each: &Each, found: &mut Vec<(ResourceAddress, Option<Key>)>) {
        if let Some((resource, rest)) = resource_steps(node, module) {
            let key = rest.first().filter(|s| is_index(s)).and_then(|step| {
                let mut quiet = Diagnostics::default();
                let key = self.key(module, step, span, each, &mut quiet);
                key.filter(|_| quiet.is_empty())
            });
            found.push((resource, key));
        }
        node.children(&mut |child, _| self.direct_in(module, child, span, each, found));
    }

    /// The instances that an expression such as `azurerm_subnet.a[each.key].name` names, each with the rest of the path.
    /// Without a key, all instances that have been set are meant.
    pub fn referred(&self, module: &ModulePath, expr: &Expr, each: &Each, diags: &mut Diagnostics) -> Vec<(Address, Path)> {
        let (NodeKind::Traversal(_) | NodeKind::Paren(_)) = &expr.node.kind else { return Vec::new() };
        let Some((resource, rest)) = resource_steps(&expr.node, module) else { return Vec::new() };
        let (key, used) = match rest.first().map(|s| &s.kind) {
            Some(StepKind::Index(_) | StepKind::LegacyIndex(_)) => (rest.first().and_then(|s| self.key(module, s, expr.span, each, diags)), 1),
            _ => (None, 0),
        };
        let path: Path = rest
            .iter()
            .skip(used)
            .map_while(|s| match &s.kind {
                StepKind::Attr(n) => Some(PathStep::Name(n.to_string())),
                StepKind::LegacyIndex(i) => Some(PathStep::Index(*i as usize)),
                StepKind::Index(node) => match &node.kind {
                    NodeKind::Literal(v) => v.as_i64().map(|i| PathStep::Index(i as usize)).or_else(|| v.as_str().map(|s| PathStep::Name(s.to_owned()))),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let addresses = match key {
            Some(key) => vec![resource.instance(Some(key))],
            None => self.instances_of(&resource),
        };
        addresses.into_iter().map(|a| (a, path.clone())).collect()
    }

    /// The one address that an expression such as the `to` of an `import` block names; it may lead into modules.
    pub fn address_of(&self, module: &ModulePath, expr: &Expr, each: &Each, diags: &mut Diagnostics) -> Option<Address> {
        let NodeKind::Traversal(t) = &expr.node.kind else { return None };
        let NodeKind::Root(root) = &t.on.kind else { return None };
        let mut path = module.clone();
        let mut word = Some(root.to_string());
        let mut steps = t.steps.iter().peekable();
        let next_name = |steps: &mut std::iter::Peekable<std::slice::Iter<Step>>| match steps.next().map(|s| &s.kind) {
            Some(StepKind::Attr(n)) => Some(n.to_string()),
            _ => None,
        };
        while word.as_deref() == Some("module") {
            let name = next_name(&mut steps)?;
            let key = steps.next_if(|s| is_index(s)).and_then(|s| self.key(module, s, expr.span, each, diags));
            path = path.child(&name, key);
            word = next_name(&mut steps);
        }
        let mut mode = Mode::Managed;
        if let Some(written) = word.as_deref().filter(|w| matches!(*w, "data" | "ephemeral")) {
            mode = if written == "data" { Mode::Data } else { Mode::Ephemeral };
            word = next_name(&mut steps);
        }
        let name = next_name(&mut steps)?;
        let key = steps.next_if(|s| is_index(s)).and_then(|s| self.key(module, s, expr.span, each, diags));
        Some(ResourceAddress::new(path, mode, &word?, &name).instance(key))
    }

    fn key(&self, module: &ModulePath, step: &Step, span: Span, each: &Each, diags: &mut Diagnostics) -> Option<Key> {
        match &step.kind {
            StepKind::LegacyIndex(i) => i64::try_from(*i).ok().map(Key::Int),
            StepKind::Index(node) => {
                let expr = Expr { node: std::sync::Arc::new(node.clone()), span };
                let value = self.eval(module, &expr, each, diags);
                value.as_i64().map(Key::Int).or_else(|| value.as_str().map(|s| Key::Str(s.to_owned())))
            }
            _ => None,
        }
    }
}

fn is_index(step: &Step) -> bool {
    matches!(step.kind, StepKind::Index(_) | StepKind::LegacyIndex(_))
}

/// The resource that a traversal names, and the steps after it.
fn resource_steps<'e>(node: &'e Syntax, module: &ModulePath) -> Option<(ResourceAddress, &'e [Step])> {
    let NodeKind::Traversal(t) = &node.kind else { return None };
    let NodeKind::Root(root) = &t.on.kind else { return None };
    let name = |i: usize| match t.steps.get(i).map(|s| &s.kind) {
        Some(StepKind::Attr(n)) => Some(n.to_string()),
        _ => None,
    };
    let (mode, kind, name, used) = match &**root {
        "data" => (Mode::Data, name(0)?, name(1)?, 2),
        "ephemeral" => (Mode::Ephemeral, name(0)?, name(1)?, 2),
        "resource" => (Mode::Managed, name(0)?, name(1)?, 2),
        kind => (Mode::Managed, kind.to_owned(), name(0)?, 1),
    };
    Some((ResourceAddress::new(module.clone(), mode, &kind, &name), t.steps.get(used..).unwrap_or(&[])))
}

/// As a reader knows it: `module.hub.output.vnet_id`, `local.prefixes`, `var.location`.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = |names: &[String]| names.iter().map(|n| format!("module.{n}.")).collect::<String>();
        match self {
            Node::Call(names) | Node::CallDepends(names) | Node::Whole(names) => f.write_str(prefix(names).trim_end_matches('.')),
            Node::Variable(names, n) => write!(f, "{}var.{n}", prefix(names)),
            Node::Local(names, n) => write!(f, "{}local.{n}", prefix(names)),
            Node::Provider(names, n) => write!(f, "{}provider.{n}", prefix(names)),
            Node::Output(names, n) => write!(f, "{}output.{n}", prefix(names)),
            Node::Check(names, n) => write!(f, "{}check.{n}", prefix(names)),
            Node::Resource(names, key) => {
                write!(f, "{}{}{}.{}", prefix(names), key.mode.prefix(), key.kind, key.name)
            }
        }
    }
}
