//! Override files: `override.tf` and `*_override.tf` change blocks that plain files declare.

use std::path::Path;

use super::{
    blueprint::{Block, Body},
    load::stem,
};
use crate::base::{Diagnostic, Diagnostics};

/// Whether a file holds overrides.
pub fn is_override(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    stem(name).is_some_and(|s| s == "override" || s.ends_with("_override"))
}

/// Puts an override block's arguments over those of the block it names.
pub fn merge(blocks: &mut Vec<(Block, bool)>, over: Block, diags: &mut Diagnostics) {
    let merged_by_name = matches!(over.kind.as_str(), "locals" | "terraform");
    if over.kind == "locals" {
        for (name, attr) in over.body.attrs {
            let base = blocks.iter_mut().map(|(b, _)| b).find(|b| b.kind == "locals" && b.body.attrs.contains_key(&name));
            match base {
                Some(b) => drop(b.body.attrs.insert(name, attr)),
                None => {
                    let detail = format!("There is no local value {name:?} to override. An override file can only override what a plain file declares.");
                    diags.push(Diagnostic::error("missing-base", "Missing base local value definition to override", detail).at(attr.name_span));
                }
            }
        }
        return;
    }
    let same = |b: &Block| b.kind == over.kind && (merged_by_name || b.labels == over.labels);
    match blocks.iter_mut().map(|(b, _)| b).find(|b| same(b)) {
        Some(base) => merge_body(&mut base.body, over.body),
        None if over.kind == "terraform" => blocks.push((over, false)),
        None => {
            let what = std::iter::once(over.kind.clone()).chain(over.labels.iter().map(|l| format!("{l:?}"))).collect::<Vec<_>>().join(" ");
            let detail = format!("There is no block {what} to override. An override file can only override a block that a plain file declares.");
            diags.push(Diagnostic::error("missing-base", format!("Missing {} to override", over.kind), detail).at(over.span));
        }
    }
}

fn merge_body(base: &mut Body, over: Body) {
    base.attrs.extend(over.attrs);
    let mut replaced: Vec<String> = Vec::new();
    for block in over.blocks {
        // These are merged by argument; other nested blocks replace all of their kind.
        let by_argument = matches!(block.kind.as_str(), "lifecycle" | "required_providers");
        if let (true, Some(b)) = (by_argument, base.blocks.iter_mut().find(|b| b.kind == block.kind)) {
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
