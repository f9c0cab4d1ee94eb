//! Where the blueprint sets an attribute of a resource instance: for findings that point at the value, not at the block.

use crate::{
    base::{Address, Mode, Path, PathStep, Span},
    lang::{
        blueprint::{Attribute, Blueprint, Body, ResourceKey},
        syntax::{Node, NodeKind},
    },
};

/// The place of the attribute that governs `path`; nothing when the blueprint does not set it, so that the platform does.
///
/// A number names the block of that position in writing order; in a set of blocks, whose order in the value is another,
/// `named` finds the block by its `name`.
pub fn attribute_place(blueprint: &Blueprint, address: &Address, path: &[PathStep], named: Option<&str>) -> Option<Span> {
    let resource = &address.resource;
    let module = super::provider::module_at(blueprint, &resource.module.names())?;
    let key = ResourceKey { mode: Mode::Managed, kind: resource.kind.clone(), name: resource.name.clone() };
    within(&module.resources.get(&key)?.body, path, named)
}

fn within(body: &Body, path: &[PathStep], named: Option<&str>) -> Option<Span> {
    let (PathStep::Name(name), rest) = path.split_first()? else { return None };
    if let Some(attribute) = body.attrs.get(name) {
        return inside(attribute, rest);
    }
    let (index, rest) = match rest.split_first() {
        Some((PathStep::Index(i), rest)) => (*i, rest),
        _ => (0, rest),
    };
    let mut blocks = body.blocks.iter().filter(|b| b.kind == *name);
    let block = match named {
        Some(wanted) => blocks.find(|b| b.body.attrs.get("name").is_some_and(|a| is_text(&a.expr.node, wanted))),
        None => blocks.nth(index),
    };
    if let Some(block) = block {
        return if rest.is_empty() { Some(block.span) } else { within(&block.body, rest, None) };
    }
    let dynamic = body.blocks.iter().find(|b| b.kind == "dynamic" && b.labels.first() == Some(name))?;
    let content = dynamic.body.blocks.iter().find(|b| b.kind == "content")?;
    if rest.is_empty() { Some(content.span) } else { within(&content.body, rest, None) }
}

/// Inside a value that is written out: as far as its braces and brackets can be followed.
fn inside(attribute: &Attribute, rest: &[PathStep]) -> Option<Span> {
    let whole = attribute.name_span.to(attribute.expr.span);
    let span = |node: &Node| Span { start: node.start, end: node.end, ..attribute.expr.span };
    let mut node: &Node = &attribute.expr.node;
    let mut found = whole;
    for step in rest {
        while let NodeKind::Paren(inner) | NodeKind::Wrap(inner) = &node.kind {
            node = inner;
        }
        match (&node.kind, step) {
            (NodeKind::Tuple(items), PathStep::Index(i)) => node = items.get(*i)?,
            // One block may be written without its brackets.
            (NodeKind::Object(_), PathStep::Index(_)) => continue,
            (NodeKind::Object(entries), PathStep::Name(name)) => node = entries.iter().rev().find(|(k, _)| is_text(k, name)).map(|(_, v)| v)?,
            _ => return Some(found),
        }
        found = span(node);
    }
    Some(found)
}

fn is_text(node: &Node, text: &str) -> bool {
    matches!(&node.kind, NodeKind::Literal(value) if value.as_str() == Some(text))
}

/// `a.b[0].c` from names and positions.
pub fn path_of(steps: &[&str]) -> Path {
    steps.iter().map(|s| s.parse().map_or_else(|_| PathStep::Name((*s).to_owned()), PathStep::Index)).collect()
}
