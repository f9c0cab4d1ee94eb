//! What refers to what, by configuration: the edges a plan's graph is made of, and the check that every reference leads somewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{
    blocks::static_step,
    blueprint::{Blueprint, Body, Condition, Expr, Module, ModuleCall, Resource, ResourceKey},
    syntax::{Node as Syntax, NodeKind, Step, StepKind},
};
use crate::base::{Diagnostics, FileId, Mode, PathStep, Sources, Span};

/// What a reference names, in the module it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Variable(String),
    Local(String),
    /// A module call; the path goes on with an instance key or an output's name.
    Call(String),
    Resource(ResourceKey),
    /// `each.key` or `each.value`: the path says which.
    Each,
    Count,
    SelfValue,
    Path,
    Terraform,
    /// A name that leads nowhere by itself.
    Bare(String),
}

/// One reference in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub target: Target,
    /// The steps after the target, as far as they are written out: an instance key first, where there is one.
    pub path: Vec<PathStep>,
    /// Whether the first of those steps is an attribute's name, not a key in brackets.
    pub names_attribute: bool,
    /// The reference with those steps.
    pub span: Span,
}

/// Something that has a value or is made, at configuration level: no instances. Paths are module call names from the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// The `count` or `for_each` of a module call; the path ends with its name.
    Call(Vec<String>),
    /// What the `depends_on` of a module call waits for; everything that the module makes waits with it.
    CallDepends(Vec<String>),
    /// All that a module makes and gives: its resources, outputs and inner modules.
    Whole(Vec<String>),
    Variable(Vec<String>, String),
    Local(Vec<String>, String),
    /// A provider configuration: its name, or `name.alias`.
    Provider(Vec<String>, String),
    Resource(Vec<String>, ResourceKey),
    Output(Vec<String>, String),
    Check(Vec<String>, String),
}

/// Every reference in an expression, in reading order.
pub fn references(expr: &Expr) -> Vec<Reference> {
    let mut out = Vec::new();
    walk(&expr.node, expr.span.file, &mut Vec::new(), &mut out);
    out
}

/// Every reference in a body: its arguments, nested blocks and `dynamic` blocks, whose iterators are no references.
pub fn body_references(body: &Body) -> Vec<Reference> {
    let mut out = Vec::new();
    walk_body(body, &mut Vec::new(), &mut out);
    out
}

fn walk_body(body: &Body, bound: &mut Vec<String>, out: &mut Vec<Reference>) {
    for attr in super::parse::in_order(&body.attrs) {
        let names: Vec<&str> = bound.iter().map(String::as_str).collect();
        let mut names = names;
        if body.json && attr.name == "dynamic" {
            for block in super::json::blocks(attr, "dynamic") {
                walk_dynamic(&block, bound, out);
            }
            continue;
        }
        walk(&attr.expr.node, attr.expr.span.file, &mut names, out);
    }
    for block in &body.blocks {
        if block.kind == "dynamic" && !block.labels.is_empty() { walk_dynamic(block, bound, out) } else { walk_body(&block.body, bound, out) }
    }
}

fn walk_dynamic(block: &super::blueprint::Block, bound: &mut Vec<String>, out: &mut Vec<Reference>) {
    let iterator = block.body.attrs.get("iterator").map(|a| &a.expr.node.kind);
    let name = match iterator {
        Some(NodeKind::Root(name)) => name.to_string(),
        _ => block.labels.first().cloned().unwrap_or_default(),
    };
    let mut header = block.body.clone();
    header.attrs.remove("iterator");
    header.blocks.clear();
    walk_body(&header, bound, out);
    bound.push(name);
    for content in &block.body.blocks {
        walk_body(&content.body, bound, out);
    }
    bound.pop();
}

fn walk<'n>(node: &'n Syntax, file: FileId, bound: &mut Vec<&'n str>, out: &mut Vec<Reference>) {
    let (on, steps): (&Syntax, &[Step]) = match &node.kind {
        NodeKind::Traversal(t) => (&t.on, &t.steps),
        _ => (node, &[]),
    };
    if let NodeKind::Root(name) = &on.kind {
        if !bound.contains(&&**name) {
            out.push(reference(name, on, steps, file));
        }
        for step in steps {
            if let StepKind::Index(key) = &step.kind {
                walk(key, file, bound, out);
            }
        }
        return;
    }
    node.children(&mut |child, names| {
        let depth = bound.len();
        bound.extend(names);
        walk(child, file, bound, out);
        bound.truncate(depth);
    });
}

fn reference(root: &str, on: &Syntax, steps: &[Step], file: FileId) -> Reference {
    let name = |i: usize| match steps.get(i).map(|s| &s.kind) {
        Some(StepKind::Attr(n)) => Some(n.to_string()),
        _ => None,
    };
    let resource = |mode, kind: String, name: Option<String>| name.map(|name| Target::Resource(ResourceKey { mode, kind, name }));
    let found = match root {
        "var" => name(0).map(|n| (Target::Variable(n), 1)),
        "local" => name(0).map(|n| (Target::Local(n), 1)),
        "module" => name(0).map(|n| (Target::Call(n), 1)),
        "each" => Some((Target::Each, 0)),
        "count" => Some((Target::Count, 0)),
        "self" => Some((Target::SelfValue, 0)),
        "path" => Some((Target::Path, 0)),
        "terraform" => Some((Target::Terraform, 0)),
        "data" => name(0).and_then(|kind| resource(Mode::Data, kind, name(1))).map(|t| (t, 2)),
        "ephemeral" => name(0).and_then(|kind| resource(Mode::Ephemeral, kind, name(1))).map(|t| (t, 2)),
        "resource" => name(0).and_then(|kind| resource(Mode::Managed, kind, name(1))).map(|t| (t, 2)),
        kind => resource(Mode::Managed, kind.to_owned(), name(0)).map(|t| (t, 1)),
    };
    let (target, used) = found.unwrap_or((Target::Bare(root.to_owned()), 0));
    let rest = steps.get(used..).unwrap_or(&[]);
    let path: Vec<PathStep> = rest.iter().map_while(static_step).collect();
    let end = steps.get((used + path.len()).wrapping_sub(1)).map_or(on.end, |s| s.end);
    let names_attribute = matches!(rest.first().map(|s| &s.kind), Some(StepKind::Attr(_)));
    Reference { target, path, names_attribute, span: Span { file, start: on.start, end } }
}

/// The expressions of a resource besides its body.
fn meta_references(r: &Resource) -> Vec<Reference> {
    let l = &r.lifecycle;
    let exprs = r.count.iter().chain(&r.for_each).chain(&r.depends_on).chain(&l.replace_triggered_by);
    let mut out: Vec<Reference> = exprs.flat_map(references).collect();
    out.extend(condition_references(&l.preconditions));
    out.extend(condition_references(&l.postconditions));
    out.extend(provisioner_references(r));
    out
}

/// What runs beside a resource refers to: provisioners and connections. What they know of the resource itself comes as `self`.
fn provisioner_references(r: &Resource) -> Vec<Reference> {
    let connections = r.connection.iter().chain(r.provisioners.iter().filter_map(|p| p.connection.as_ref())).map(|b| &b.body);
    r.provisioners.iter().map(|p| &p.body).chain(connections).flat_map(body_references).collect()
}

fn condition_references(conditions: &[Condition]) -> Vec<Reference> {
    conditions.iter().flat_map(|c| references(&c.condition).into_iter().chain(references(&c.error_message))).collect()
}

type Edges = BTreeMap<Node, Vec<(Node, Span)>>;

/// Every node of the blueprint with what it refers to directly, and where.
pub fn dependencies(bp: &Blueprint) -> Edges {
    let mut edges = Edges::new();
    module_edges(&bp.root, None, false, &mut edges);
    for found in edges.values_mut() {
        let mut seen = BTreeSet::new();
        found.retain(|(node, _)| seen.insert(node.clone()));
    }
    edges
}

fn module_edges(m: &Module, above: Option<(&Module, &ModuleCall)>, waits_above: bool, edges: &mut Edges) {
    let at = &m.path;
    let waits = waits_above || above.is_some_and(|(_, c)| !c.depends_on.is_empty());
    if let Some((parent, call)) = above {
        call_edges(m, parent, call, waits_above, edges);
    }
    let own = |refs: Vec<Reference>| -> Vec<(Node, Span)> { refs.into_iter().flat_map(|r| nodes(m, &r, false)).collect() };
    for (name, local) in &m.locals {
        edges.insert(Node::Local(at.clone(), name.clone()), own(references(&local.expr)));
    }
    for (name, output) in &m.outputs {
        let mut found = own(references(&output.value));
        found.extend(own(condition_references(&output.preconditions)));
        found.extend(output.depends_on.iter().flat_map(references).flat_map(|r| nodes(m, &r, true)));
        edges.insert(Node::Output(at.clone(), name.clone()), found);
    }
    for (key, r) in &m.resources {
        let this = Node::Resource(at.clone(), key.clone());
        let mut found = own(body_references(&r.body));
        // Its own attributes in its own conditions are no dependency; in its own arguments they are a mistake.
        found.extend(own(meta_references(r)).into_iter().filter(|(n, _)| *n != this));
        found.extend(r.depends_on.iter().flat_map(references).flat_map(|r| nodes(m, &r, true)));
        if above.is_some() {
            found.push((Node::Call(at.clone()), r.span));
        }
        if waits {
            found.push((Node::CallDepends(at.clone()), r.span));
        }
        edges.insert(this, found);
    }
    for p in &m.providers {
        let name = p.alias.as_ref().map_or(p.name.clone(), |a| format!("{}.{a}", p.name));
        edges.insert(Node::Provider(at.clone(), name), own(body_references(&p.body)));
    }
    for (name, check) in &m.checks {
        edges.insert(Node::Check(at.clone(), name.clone()), own(condition_references(&check.asserts)));
    }
    for call in m.calls.values() {
        module_edges(&call.module, Some((m, call)), waits, edges);
    }
    resource_providers(m, edges);
}

/// A module call's own nodes, and its variables, which stand for expressions of the module that calls.
fn call_edges(m: &Module, parent: &Module, call: &ModuleCall, waits_above: bool, edges: &mut Edges) {
    let at = &m.path;
    let in_parent = |refs: Vec<Reference>| -> Vec<(Node, Span)> { refs.into_iter().flat_map(|r| nodes(parent, &r, false)).collect() };
    let mut found: Vec<(Node, Span)> = call.count.iter().chain(&call.for_each).flat_map(|e| in_parent(references(e))).collect();
    if !parent.path.is_empty() {
        found.push((Node::Call(parent.path.clone()), call.span));
    }
    edges.insert(Node::Call(at.clone()), found);
    let mut waits_for: Vec<(Node, Span)> = call.depends_on.iter().flat_map(references).flat_map(|r| nodes(parent, &r, true)).collect();
    if waits_above {
        waits_for.push((Node::CallDepends(parent.path.clone()), call.span));
    }
    edges.insert(Node::CallDepends(at.clone()), waits_for);
    for name in m.variables.keys() {
        let mut found = call.inputs.get(name).map_or(Vec::new(), |a| in_parent(references(&a.expr)));
        if call.count.is_some() || call.for_each.is_some() || !parent.path.is_empty() {
            found.push((Node::Call(at.clone()), call.span));
        }
        edges.insert(Node::Variable(at.clone(), name.clone()), found);
    }
    let mut whole: Vec<(Node, Span)> = m.resources.keys().map(|k| (Node::Resource(at.clone(), k.clone()), call.span)).collect();
    whole.extend(m.outputs.keys().map(|o| (Node::Output(at.clone(), o.clone()), call.span)));
    whole.extend(m.calls.values().map(|c| (Node::Whole(c.module.path.clone()), c.span)));
    edges.insert(Node::Whole(at.clone()), whole);
}

/// The nodes a reference leads to; `all` for `depends_on`, where a module stands for everything in it.
fn nodes(m: &Module, r: &Reference, all: bool) -> Vec<(Node, Span)> {
    let at = &m.path;
    let node = match &r.target {
        Target::Variable(n) if m.variables.contains_key(n) => Node::Variable(at.clone(), n.clone()),
        Target::Local(n) if m.locals.contains_key(n) => Node::Local(at.clone(), n.clone()),
        Target::Resource(key) if m.resources.contains_key(key) => Node::Resource(at.clone(), key.clone()),
        Target::Call(n) => {
            let Some(call) = m.calls.get(n) else { return Vec::new() };
            let path = call.module.path.clone();
            if all {
                return vec![(Node::Whole(path), r.span)];
            }
            let expanded = call.count.is_some() || call.for_each.is_some();
            // With instances the output's name comes after the key, if the key is written out.
            let output = r.path.get(usize::from(expanded)).and_then(|s| if let PathStep::Name(n) = s { Some(n) } else { None });
            let output = output.filter(|o| call.module.outputs.contains_key(*o));
            let mut out = vec![(Node::Call(path.clone()), r.span)];
            match output {
                Some(o) => out.push((Node::Output(path, o.clone()), r.span)),
                None => out.extend(call.module.outputs.keys().map(|o| (Node::Output(path.clone(), o.clone()), r.span))),
            }
            return out;
        }
        Target::Each | Target::Count if !at.is_empty() => Node::Call(at.clone()),
        _ => return Vec::new(),
    };
    vec![(node, r.span)]
}

/// The provider configuration each resource is made with: its own module's, or the one the calls above pass down.
fn resource_providers(m: &Module, edges: &mut Edges) {
    if !m.path.is_empty() {
        return;
    }
    let mut chain = vec![m];
    provider_edges(&mut chain, &mut Vec::new(), edges);
}

fn provider_edges(chain: &mut Vec<&Module>, calls: &mut Vec<&ModuleCall>, edges: &mut Edges) {
    let Some(m) = chain.last().copied() else { return };
    for (key, r) in &m.resources {
        if let Some((path, name)) = provider_in(chain, calls, r)
            && let Some(found) = edges.get_mut(&Node::Resource(m.path.clone(), key.clone()))
        {
            found.push((Node::Provider(path, name), r.span));
        }
    }
    let inner: Vec<&ModuleCall> = m.calls.values().collect();
    for call in inner {
        // The borrow of the call outlives the chain, as both come from the blueprint.
        let mut chain: Vec<&Module> = chain.iter().copied().chain([&*call.module]).collect();
        let mut calls: Vec<&ModuleCall> = calls.iter().copied().chain([call]).collect();
        provider_edges(&mut chain, &mut calls, edges);
    }
}

fn provider_in(chain: &[&Module], calls: &[&ModuleCall], r: &Resource) -> Option<(Vec<String>, String)> {
    let implied = || (r.kind.split('_').next().unwrap_or(&r.kind).to_owned(), None);
    let (mut name, mut alias) = r.provider.as_ref().map_or_else(implied, |(n, a, _)| (n.clone(), a.clone()));
    for depth in (0..chain.len()).rev() {
        let module = chain.get(depth)?;
        if module.providers.iter().any(|p| p.name == name && p.alias == alias) {
            let name = alias.map_or(name.clone(), |a| format!("{name}.{a}"));
            return Some((module.path.clone(), name));
        }
        let call = depth.checked_sub(1).and_then(|d| calls.get(d))?;
        if let Some((_, parent)) = call.providers.iter().find(|(child, _)| child.0 == name && child.1 == alias) {
            (name, alias) = parent.clone();
        }
    }
    None
}

/// Which provider configuration a resource of a module uses: where it is written, and its alias. Nothing when none is written.
pub fn provider_of(bp: &Blueprint, module: &[String], r: &Resource) -> Option<(Vec<String>, String)> {
    let mut chain: Vec<&Module> = vec![&bp.root];
    let mut calls = Vec::new();
    for name in module {
        let call = chain.last()?.calls.get(name)?;
        calls.push(call);
        chain.push(&call.module);
    }
    provider_in(&chain, &calls, r)
}

/// Where an expression stands decides what `each`, `count` and `self` may mean.
#[derive(Clone, Copy)]
struct Context<'c> {
    each: bool,
    count: bool,
    this: bool,
    /// The check whose block it is in.
    check: Option<&'c str>,
}

const NOWHERE: Context = Context { each: false, count: false, this: false, check: None };

/// Reports references that lead nowhere: undeclared variables, locals, modules, outputs and resources, `each` and `count`
/// outside of what they belong to, and instance keys that are missing or too many.
pub fn validate_references(bp: &Blueprint, sources: &Sources, diags: &mut Diagnostics) {
    super::refactor_check::check(bp, sources, diags);
    super::providers::check(bp, diags);
    let mut check = Checker { found: Diagnostics::default(), seen: BTreeSet::new() };
    check.module(&bp.root);
    diags.extend(check.found);
}

/// Reports what [`validate_references`] does, for one expression that stands in a module.
pub fn validate_expression(module: &Module, expr: &Expr, diags: &mut Diagnostics) {
    let mut check = Checker { found: Diagnostics::default(), seen: BTreeSet::new() };
    let place = if module.path.is_empty() { "the root module".to_owned() } else { format!("module.{}", module.path.join(".module.")) };
    for r in references(expr) {
        check.reference(module, &place, &r, NOWHERE);
    }
    diags.extend(check.found);
}

struct Checker {
    found: Diagnostics,
    /// A module that is called twice is checked twice, but told once.
    seen: BTreeSet<Span>,
}

impl Checker {
    fn module(&mut self, m: &Module) {
        let place: Rc<str> = if m.path.is_empty() { "the root module".into() } else { format!("module.{}", m.path.join(".module.")).into() };
        let mut exprs = |refs: Vec<Reference>, context: Context| refs.iter().for_each(|r| self.reference(m, &place, r, context));
        for local in m.locals.values() {
            exprs(references(&local.expr), NOWHERE);
        }
        for output in m.outputs.values() {
            exprs(references(&output.value), NOWHERE);
            exprs(condition_references(&output.preconditions), NOWHERE);
            output.depends_on.iter().for_each(|e| exprs(references(e), NOWHERE));
        }
        for variable in m.variables.values() {
            exprs(condition_references(&variable.validations), NOWHERE);
        }
        for r in m.resources.values() {
            let context = Context { each: r.for_each.is_some(), count: r.count.is_some(), check: r.check.as_deref(), ..NOWHERE };
            exprs(body_references(&r.body), context);
            r.count.iter().chain(&r.for_each).chain(&r.depends_on).for_each(|e| exprs(references(e), NOWHERE));
            r.lifecycle.replace_triggered_by.iter().for_each(|e| exprs(references(e), context));
            exprs(condition_references(&r.lifecycle.preconditions), context);
            exprs(condition_references(&r.lifecycle.postconditions), Context { this: true, ..context });
            exprs(provisioner_references(r), Context { this: true, ..context });
        }
        for p in &m.providers {
            exprs(body_references(&p.body), NOWHERE);
        }
        for check in m.checks.values() {
            exprs(condition_references(&check.asserts), Context { check: Some(&check.name), ..NOWHERE });
        }
        for call in m.calls.values() {
            let context = Context { each: call.for_each.is_some(), count: call.count.is_some(), ..NOWHERE };
            call.inputs.values().for_each(|a| exprs(references(&a.expr), context));
            call.count.iter().chain(&call.for_each).chain(&call.depends_on).for_each(|e| exprs(references(e), NOWHERE));
        }
        for call in m.calls.values() {
            self.module(&call.module);
        }
    }

    fn report(&mut self, d: crate::base::Diagnostic) {
        if d.span.is_none_or(|s| self.seen.insert(s)) {
            self.found.push(d);
        }
    }

    fn reference(&mut self, m: &Module, place: &str, r: &Reference, context: Context<'_>) {
        use super::eval::messages as say;
        match &r.target {
            Target::Variable(n) if !m.variables.contains_key(n) => self.report(say::undeclared_variable(n, m, r.span)),
            Target::Local(n) if !m.locals.contains_key(n) => self.report(say::undeclared_local(n, m, r.span)),
            Target::Resource(key) => match m.resources.get(key) {
                None => self.report(say::undeclared_resource(key, m, place, r.span)),
                Some(Resource { check: Some(check), .. }) if context.check != Some(check.as_str()) => {
                    let detail = format!(
                        "The referenced data resource is only available from within the check block {check:?}: what a check reads is for its own assertions."
                    );
                    self.report(crate::base::Diagnostic::error("scoped-resource", "Reference to scoped resource", detail).at(r.span));
                }
                Some(resource) => self.instance_key(key, resource, r),
            },
            Target::Call(n) => match m.calls.get(n) {
                None => self.report(say::undeclared_module(n, m, place, r.span)),
                Some(call) => {
                    let expanded = call.count.is_some() || call.for_each.is_some();
                    if let Some(PathStep::Name(output)) = r.path.get(usize::from(expanded))
                        && !call.module.outputs.contains_key(output)
                    {
                        // Where the name ends the reference, just that is wrong, with its dot.
                        let last = r.path.len() == usize::from(expanded) + 1;
                        let start = if last { r.span.end.saturating_sub(output.len() as u32 + 1).max(r.span.start) } else { r.span.start };
                        self.report(say::undeclared_output(output, n, &call.module, Span { start, ..r.span }));
                    }
                }
            },
            Target::Each => match say::each_attribute(&r.path, r.span) {
                Some(d) => self.report(d),
                None if !context.each => self.report(say::each_unavailable(&r.path, r.span)),
                None => {}
            },
            Target::Count => match say::count_attribute(&r.path, r.span) {
                Some(d) => self.report(d),
                None if !context.count => self.report(say::count_outside(r.span)),
                None => {}
            },
            Target::SelfValue if !context.this => self.report(say::self_outside(r.span)),
            Target::Terraform if !matches!(r.path.first(), Some(PathStep::Name(n)) if n == "workspace" || n == "applying") => {
                self.report(say::terraform_attribute(&r.path, r.span));
            }
            Target::Bare(n) => {
                let detail = match n.as_str() {
                    "data" => "The \"data\" object must be followed by two attribute names: the data source type and the resource name.".into(),
                    "resource" => "The \"resource\" object must be followed by two attribute names: the resource type and the resource name.".into(),
                    "var" | "local" | "module" | "ephemeral" => {
                        format!("The {n:?} object cannot be accessed directly. Instead, access one of its attributes.")
                    }
                    _ => "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.".into(),
                };
                self.report(say::invalid_reference(&detail, r.span));
            }
            _ => {}
        }
    }

    /// A key where there are no instances, or an attribute where a key is needed.
    fn instance_key(&mut self, key: &ResourceKey, resource: &Resource, r: &Reference) {
        let name = format!("{}{}.{}", key.mode.prefix(), key.kind, key.name);
        let indexed = !r.path.is_empty() && !r.names_attribute;
        let d = match (&resource.count, &resource.for_each) {
            (None, None) if indexed => {
                let detail = format!(
                    "Because {name} does not have \"count\" or \"for_each\" set, references to it must not include an index key. Remove the bracketed index to \
                     refer to the single instance of this resource."
                );
                crate::base::Diagnostic::error("unexpected-instance-key", "Unexpected resource instance key", detail)
            }
            (Some(_), _) | (_, Some(_)) if r.names_attribute => {
                let (by, key) = if resource.count.is_some() { ("count", "count.index") } else { ("for_each", "each.key") };
                let detail = format!(
                    "Because {name} has \"{by}\" set, its attributes must be accessed on specific instances.\n\nFor example, to correlate with indices of a \
                     referring resource, use:\n    {name}[{key}]"
                );
                crate::base::Diagnostic::error("missing-instance-key", "Missing resource instance key", detail)
            }
            _ => return,
        };
        self.report(d.at(r.span));
    }
}
