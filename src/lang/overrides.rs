//! Override files: `override.tf` and `*_override.tf` change blocks that plain files declare.

use std::path::Path;

use super::{
    blueprint::{Attribute, Block, Body},
    load::stem,
};
use crate::base::{Diagnostic, Diagnostics, Span};

/// Whether a file holds overrides.
pub fn is_override(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    stem(name).is_some_and(|s| s == "override" || s.ends_with("_override"))
}

/// Puts an override block's arguments over those of the block it names.
pub fn merge(blocks: &mut Vec<(Block, bool)>, over: Block, diags: &mut Diagnostics) {
    match over.kind.as_str() {
        "locals" => return merge_locals(blocks, over, diags),
        "terraform" => return merge_settings(blocks, over),
        "moved" | "import" | "removed" | "check" => {
            let (summary, detail) = match over.kind.as_str() {
                "moved" => ("Cannot override 'moved' blocks", "Records of moved objects can appear only in normal files, not in override files."),
                "import" => ("Cannot override 'import' blocks", "Import blocks can appear only in normal files, not in override files."),
                "removed" => ("Cannot override 'removed' blocks", "Records of removed objects can appear only in normal files, not in override files."),
                _ => ("Can't override check blocks", "Override files cannot override check blocks."),
            };
            diags.push(Diagnostic::error("not-overridable", summary, detail).at(over.span));
            return;
        }
        _ => {}
    }
    let alias = |b: &Block| b.body.attrs.get("alias").and_then(|a| a.expr.node.as_literal_str().map(str::to_owned));
    let same = |b: &Block| b.kind == over.kind && b.labels == over.labels && (over.kind != "provider" || alias(b) == alias(&over));
    if let Some((base, _)) = blocks.iter_mut().find(|(b, _)| same(b)) {
        if let Some(wrong) = over.body.attrs.get("depends_on").filter(|_| over.kind != "module") {
            unsupported(wrong, diags);
        }
        return merge_body(&mut base.body, over.body);
    }
    match over.kind.as_str() {
        // A provider without a configuration has an empty one, which can be overridden.
        "provider" => blocks.push((over, false)),
        "resource" | "data" | "ephemeral" | "variable" | "output" | "module" => diags.push(missing(&over)),
        // Whatever it is, it belongs into no file.
        _ => blocks.push((over, false)),
    }
}

fn unsupported(attr: &Attribute, diags: &mut Diagnostics) {
    let detail = "The depends_on argument may not be overridden.";
    diags.push(Diagnostic::error("not-overridable", "Unsupported override", detail).at(first_item(attr)));
}

/// The first item of a list, where that is what a message points at.
fn first_item(attr: &Attribute) -> Span {
    match &attr.expr.node.kind {
        super::syntax::NodeKind::Tuple(items) => items.first().map_or(attr.expr.span, |n| Span { file: attr.expr.span.file, start: n.start, end: n.end }),
        _ => attr.expr.span,
    }
}

/// There is nothing that the block could override.
fn missing(over: &Block) -> Diagnostic {
    let label = |i: usize| over.labels.get(i).map_or("", String::as_str);
    let (what, there, whose) = match over.kind.as_str() {
        "variable" => ("base variable declaration", format!("variable named {:?}", label(0)), "a variable that was already declared"),
        "output" => ("base output definition", format!("output named {:?}", label(0)), "an output that was already defined"),
        "module" => ("module call", format!("module call named {:?}", label(0)), "a module call that was defined"),
        "data" => ("data resource", format!("{} data resource named {:?}", label(0), label(1)), "a data block defined"),
        "ephemeral" => ("ephemeral resource", format!("{} ephemeral resource named {:?}", label(0), label(1)), "an ephemeral block defined"),
        _ => ("resource", format!("{} resource named {:?}", label(0), label(1)), "a resource block defined"),
    };
    let detail = format!("There is no {there}. An override file can only override {whose} in a primary configuration file.");
    Diagnostic::error("missing-base", format!("Missing {what} to override"), detail).at(over.span)
}

fn merge_locals(blocks: &mut [(Block, bool)], over: Block, diags: &mut Diagnostics) {
    for (name, attr) in over.body.attrs {
        let base = blocks.iter_mut().map(|(b, _)| b).find(|b| b.kind == "locals" && b.body.attrs.contains_key(&name));
        match base {
            Some(b) => drop(b.body.attrs.insert(name, attr)),
            None => {
                let detail = format!(
                    "There is no local value named {name:?}. An override file can only override a local value that was already defined in a primary \
                     configuration file."
                );
                diags.push(Diagnostic::error("missing-base", "Missing base local value definition to override", detail).at(attr.name_span));
            }
        }
    }
}

/// Settings go over those of whichever `terraform` block has them; requirements of providers one by one.
fn merge_settings(blocks: &mut Vec<(Block, bool)>, over: Block) {
    let mut rest = Block { body: Body { attrs: Default::default(), blocks: Vec::new(), ..over.body.clone() }, ..over.clone() };
    for (name, attr) in over.body.attrs {
        let has = blocks.iter_mut().map(|(b, _)| b).find(|b| b.kind == "terraform" && b.body.attrs.contains_key(&name));
        has.map_or(&mut rest, |b| b).body.attrs.insert(name, attr);
    }
    for inner in over.body.blocks {
        // One way to keep the state replaces the other.
        let replaces =
            |b: &Block| b.kind == inner.kind || (matches!(b.kind.as_str(), "backend" | "cloud") && matches!(inner.kind.as_str(), "backend" | "cloud"));
        let base = blocks.iter_mut().filter(|(b, _)| b.kind == "terraform").find_map(|(b, _)| b.body.blocks.iter_mut().find(|b| replaces(b)));
        match base {
            Some(base) if inner.kind == "required_providers" => base.body.attrs.extend(inner.body.attrs),
            Some(base) if inner.kind != "provider_meta" => *base = inner,
            _ => rest.body.blocks.push(inner),
        }
    }
    if !rest.body.attrs.is_empty() || !rest.body.blocks.is_empty() {
        blocks.push((rest, false));
    }
}

fn merge_body(base: &mut Body, over: Body) {
    // What repeats a block does so in one way.
    for (one, other) in [("count", "for_each"), ("for_each", "count")] {
        if over.attrs.contains_key(one) {
            base.attrs.remove(other);
        }
    }
    base.attrs.extend(over.attrs);
    let mut replaced: Vec<String> = Vec::new();
    for block in over.blocks {
        // These are merged by argument; other nested blocks replace all of their kind.
        if block.kind == "lifecycle"
            && let Some(b) = base.blocks.iter_mut().find(|b| b.kind == block.kind)
        {
            merge_body(&mut b.body, block.body);
            continue;
        }
        let key = if block.kind == "dynamic" { block.labels.first().cloned().unwrap_or_default() } else { block.kind.clone() };
        if !replaced.contains(&key) {
            base.blocks.retain(|b| b.kind != key && !(b.kind == "dynamic" && b.labels.first() == Some(&key)));
            replaced.push(key);
        }
        base.blocks.push(block);
    }
}
