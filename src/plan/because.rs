//! Why a value changed: the attribute that sets it, and from there the chain of places that its expression leads to
//! (the module's input, the variable's default, the local).

use crate::{
    base::{Path, PathStep, Span},
    lang::{
        blueprint::{Attribute, Blueprint, Body, Expr},
        deps::{self, Node},
        refer,
    },
};

/// Longest chain that is shown.
const DEPTH: usize = 6;

/// The places that decide the attribute at `path`, innermost first. Empty when the blueprint does not set it.
pub fn places(blueprint: &Blueprint, names: &[String], body: &Body, path: &[PathStep]) -> Vec<Span> {
    let Some(attribute) = attribute_at(body, path) else { return Vec::new() };
    let mut found = vec![attribute.name_span.to(attribute.expr.span)];
    follow(blueprint, names, &attribute.expr, &mut found, DEPTH);
    found
}

/// The attribute of a body that governs a path; the innermost that can be found statically.
fn attribute_at<'a>(body: &'a Body, path: &[PathStep]) -> Option<&'a Attribute> {
    let PathStep::Name(name) = path.first()? else { return None };
    if let Some(attribute) = body.attrs.get(name) {
        return Some(attribute);
    }
    let index = match path.get(1) {
        Some(PathStep::Index(i)) => *i,
        _ => 0,
    };
    if let Some(block) = body.blocks.iter().filter(|b| b.kind == *name).nth(index) {
        return attribute_at(&block.body, path.get(2..).unwrap_or(&[])).or_else(|| block.body.attrs.values().next());
    }
    let dynamic = body.blocks.iter().find(|b| b.kind == "dynamic" && b.labels.first() == Some(name))?;
    let content = dynamic.body.blocks.iter().find(|b| b.kind == "content");
    content.and_then(|c| attribute_at(&c.body, path.get(2..).unwrap_or(&[]))).or_else(|| dynamic.body.attrs.get("for_each"))
}

/// Adds where the expression's first input comes from, as long as there is exactly one way to follow.
fn follow(blueprint: &Blueprint, names: &[String], expr: &Expr, found: &mut Vec<Span>, depth: usize) {
    if depth == 0 {
        return;
    }
    let mut sources: Vec<(Vec<String>, &Expr, Span)> = Vec::new();
    for reference in deps::references(expr) {
        let Some(node) = refer::resolve(names, &reference) else { continue };
        if let Some(source) = source_of(blueprint, &node)
            && !sources.iter().any(|(_, _, span)| *span == source.2)
        {
            sources.push(source);
        }
    }
    if let [(names, expr, span)] = sources.as_slice() {
        if found.contains(span) {
            return;
        }
        found.push(*span);
        follow(blueprint, names, expr, found, depth - 1);
    } else {
        found.extend(sources.iter().map(|(_, _, span)| *span).filter(|span| !found.contains(span)).collect::<Vec<_>>());
    }
}

/// The expression behind a variable, local or output, the module it is evaluated in, and the span to show.
fn source_of<'a>(blueprint: &'a Blueprint, node: &Node) -> Option<(Vec<String>, &'a Expr, Span)> {
    use super::provider::{call_at, module_at};
    match node {
        Node::Local(names, name) => {
            let local = module_at(blueprint, names)?.locals.get(name)?;
            Some((names.clone(), &local.expr, local.span.to(local.expr.span)))
        }
        Node::Output(names, name) => {
            let output = module_at(blueprint, names)?.outputs.get(name)?;
            Some((names.clone(), &output.value, output.value.span))
        }
        Node::Variable(names, name) => {
            if let Some(input) = call_at(blueprint, names).and_then(|call| call.inputs.get(name)) {
                let (_, parent) = names.split_last()?;
                return Some((parent.to_vec(), &input.expr, input.name_span.to(input.expr.span)));
            }
            let default = module_at(blueprint, names)?.variables.get(name)?.default.as_ref()?;
            Some((names.clone(), default, default.span))
        }
        _ => None,
    }
}

/// The paths shortened to what a reader looks for: nothing below another path that is already there.
pub fn outermost(paths: &[Path]) -> Vec<Path> {
    let mut out: Vec<Path> = Vec::new();
    for path in paths {
        if !out.iter().any(|p| path.starts_with(p)) {
            out.push(path.clone());
        }
    }
    out
}

/// Where the attribute that governs a path stands.
pub fn attribute_span(body: &Body, path: &[PathStep]) -> Option<Span> {
    attribute_at(body, path).map(|a| a.name_span.to(a.expr.span))
}
