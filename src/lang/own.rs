//! What only Ravelin has, and where it may stand: its own blocks in the root module's `*.blueprint.hcl` files, its own
//! functions anywhere, with a warning where Terraform would read them.

use super::{
    allocations::ADDRESS_PLAN,
    blocks::unsupported_block,
    blueprint::{Block, Blueprint, Body, Condition, Expr, Module},
    functions,
    syntax::{Node, NodeKind},
};
use crate::base::{Diagnostic, Diagnostics, FileId, Sources, Span};

/// Blocks that only Ravelin has.
pub(super) const BLOCKS: [&str; 1] = [ADDRESS_PLAN];

/// Reports blocks that nobody knows, blocks of the address plan in modules, and functions in files that Terraform reads.
pub fn validate(blueprint: &Blueprint, sources: &Sources, diags: &mut Diagnostics) {
    let mut calls: Vec<(Span, String)> = Vec::new();
    module(&blueprint.root, &mut calls, diags);
    calls.sort_by_key(|(span, _)| *span);
    calls.dedup();
    let terraforms = |file: FileId| sources.file(file).and_then(|f| f.path.to_str()).is_some_and(|p| p.ends_with(".tf") || p.ends_with(".tf.json"));
    let mut told: Option<FileId> = None;
    for (span, name) in calls.iter().filter(|(s, _)| terraforms(s.file)) {
        if told.replace(span.file) == Some(span.file) {
            continue;
        }
        let more = calls.iter().filter(|(s, _)| s.file == span.file).count() - 1;
        let others = match more {
            0 => String::new(),
            1 => " So is one more call in this file.".to_owned(),
            n => format!(" So are {n} more calls in this file."),
        };
        let detail = format!("Terraform does not know {name}; a folder that it is to read as well cannot have it in a .tf file.{others}");
        diags.push(
            Diagnostic::warning("function-of-ravelin", "Function that only Ravelin has", detail)
                .at(*span)
                .hint("Compute it in a locals block of a *.blueprint.hcl file, or leave it here if only Ravelin reads this folder."),
        );
    }
}

/// One of them in a file that Terraform reads.
pub(super) fn elsewhere(block: &Block) -> Diagnostic {
    unsupported_block(block, &[], &[]).hint("Terraform does not know this block; put it into a *.blueprint.hcl file, which only Ravelin reads.")
}

fn module(m: &Module, calls: &mut Vec<(Span, String)>, diags: &mut Diagnostics) {
    for block in &m.extra {
        if !BLOCKS.contains(&block.kind.as_str()) {
            diags.push(unsupported_block(block, &BLOCKS, &[]));
        } else if !m.path.is_empty() {
            let detail = format!("The address plan belongs to the root module; module.{} may not have one of its own.", m.path.join(".module."));
            diags.push(
                Diagnostic::error("address-plan-in-module", "Address plan in a module", detail)
                    .at(block.span)
                    .hint("Move the block into the folder that calls the module; its functions know the plan's pools in every module."),
            );
        }
    }
    let mut see = |expr: &Expr| own_calls(&expr.node, expr.span.file, calls);
    m.locals.values().for_each(|l| see(&l.expr));
    m.variables.values().flat_map(|v| &v.validations).for_each(|c| condition(c, &mut see));
    for output in m.outputs.values() {
        see(&output.value);
        output.preconditions.iter().for_each(|c| condition(c, &mut see));
    }
    for r in m.resources.values() {
        body(&r.body, &mut see);
        r.count.iter().chain(&r.for_each).for_each(&mut see);
        r.lifecycle.preconditions.iter().chain(&r.lifecycle.postconditions).for_each(|c| condition(c, &mut see));
    }
    m.providers.iter().for_each(|p| body(&p.body, &mut see));
    m.checks.values().flat_map(|c| &c.asserts).for_each(|c| condition(c, &mut see));
    for call in m.calls.values() {
        call.inputs.values().for_each(|a| see(&a.expr));
        call.count.iter().chain(&call.for_each).for_each(&mut see);
    }
    for call in m.calls.values() {
        module(&call.module, calls, diags);
    }
}

fn condition(c: &Condition, see: &mut dyn FnMut(&Expr)) {
    see(&c.condition);
    see(&c.error_message);
}

fn body(b: &Body, see: &mut dyn FnMut(&Expr)) {
    b.attrs.values().for_each(|a| see(&a.expr));
    b.blocks.iter().for_each(|block| body(&block.body, see));
}

/// The calls of Ravelin's own functions in an expression, each at its name.
fn own_calls(node: &Node, file: FileId, found: &mut Vec<(Span, String)>) {
    if let NodeKind::Call(c) = &node.kind
        && functions::is_own(&c.name)
    {
        found.push((Span { file, start: c.name_start, end: c.name_end }, c.name.to_string()));
    }
    node.children(&mut |child, _| own_calls(child, file, found));
}
