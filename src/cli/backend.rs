//! What a `backend` block says about where the state is kept.

use crate::{
    base::{Diagnostic, Diagnostics, diag::nearest},
    lang::{self, blueprint::Block},
};

/// The settings of `backend "local"`.
#[derive(Debug, Default, PartialEq)]
pub struct Local {
    /// The default workspace's state file.
    pub path: Option<String>,
    /// The folder with the other workspaces' state files.
    pub workspace_dir: Option<String>,
}

/// The backends of Terraform 1.11.
const KNOWN: [&str; 11] = ["local", "remote", "azurerm", "consul", "cos", "gcs", "http", "kubernetes", "oss", "pg", "s3"];

/// Reads a `backend` block. One that Ravelin does not have is an error that says what to do.
pub fn read(block: &Block, diags: &mut Diagnostics) -> Local {
    let mut out = Local::default();
    if let Some(wrong) = wrong_type(block) {
        diags.push(wrong);
        return out;
    }
    for attribute in block.body.attrs.values() {
        let place = match attribute.name.as_str() {
            "path" => &mut out.path,
            "workspace_dir" => &mut out.workspace_dir,
            name => {
                let near = nearest(name, ["path", "workspace_dir"]).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
                let detail = format!("An argument named {name:?} is not expected here.{near}");
                diags.push(Diagnostic::error("unsupported-argument", "Unsupported argument", detail).at(attribute.name_span));
                continue;
            }
        };
        match lang::literal(&attribute.expr) {
            Some(value) if value.is_null() => {}
            Some(value) => match value.as_str() {
                Some(text) => *place = Some(text.to_owned()),
                None => {
                    let detail = format!("Inappropriate value for attribute {:?}: string required.", attribute.name);
                    diags.push(Diagnostic::error("backend-path", "Incorrect attribute value type", detail).at(attribute.expr.span));
                }
            },
            None => {
                let detail = "The settings of a backend have to be written out: no variables, locals or resources may be used, because the state is needed \
                              before any of these has a value.";
                diags.push(Diagnostic::error("backend-path", "Variables not allowed", detail).at(attribute.expr.span));
            }
        }
    }
    for inner in &block.body.blocks {
        let detail = format!("Blocks of type {:?} are not expected here.", inner.kind);
        diags.push(Diagnostic::error("unsupported-block", "Unsupported block type", detail).at(inner.span));
    }
    out
}

/// Why this type of backend cannot be used; nothing for the local one.
pub fn wrong_type(block: &Block) -> Option<Diagnostic> {
    let kind = block.labels.first().map_or("", String::as_str);
    if kind == "local" {
        return None;
    }
    if KNOWN.contains(&kind) {
        let detail = format!("The state backend {kind:?} is not supported yet: Ravelin keeps the state in a local file.");
        let hint = "Use backend \"local\", or give the state file with -state=FILE: then the backend block is left alone.";
        return Some(Diagnostic::error("backend-unsupported", "Unsupported backend", detail).at(block.span).hint(hint));
    }
    Some(unknown_type(block, kind))
}

/// A type that Terraform does not have either.
fn unknown_type(block: &Block, kind: &str) -> Diagnostic {
    let near = nearest(kind, KNOWN).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
    let detail = format!("There is no backend type named {kind:?}.{near}");
    Diagnostic::error("unknown-backend", "Unsupported backend type", detail).at(block.span)
}

/// What is wrong with a backend block that is not going to be used now: a type that nobody has.
pub fn check(block: &Block, diags: &mut Diagnostics) {
    let kind = block.labels.first().map_or("", String::as_str);
    if kind == "local" {
        read(block, diags);
    } else if !KNOWN.contains(&kind) {
        diags.push(unknown_type(block, kind));
    }
}
