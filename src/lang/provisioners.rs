//! `provisioner` and `connection` blocks: what is to be run on this machine when a resource has been created, or before it is destroyed.

use super::{
    blocks::Reading,
    blueprint::{Block, Body, OnFailure, Provisioner, When},
    deps::{Target, body_references},
    syntax::NodeKind,
};
use crate::base::{Diagnostic, PathStep, Shape, Type, diag::nearest, shape::Attr};

/// What `local-exec` takes.
pub fn local_exec() -> Shape {
    let attr = |name: &str, ty: Type| (name.to_owned(), Attr { optional: true, ..Attr::of(ty) });
    let mut shape = Shape {
        attrs: [
            attr("command", Type::String),
            attr("working_dir", Type::String),
            attr("interpreter", Type::list(Type::String)),
            attr("environment", Type::map(Type::String)),
            attr("quiet", Type::Bool),
        ]
        .into(),
        ..Shape::default()
    };
    if let Some(command) = shape.attrs.get_mut("command") {
        (command.required, command.optional) = (true, false);
    }
    shape
}

impl Reading<'_> {
    /// Reads one block; what only works on a remote machine is refused.
    pub fn provisioner(&mut self, block: &Block) -> Option<Provisioner> {
        let kind = self.labels_of_provisioner(block)?;
        let mut body = block.body.clone();
        let when = match self.word(&mut body, "when") {
            None => When::Create,
            Some((word, _)) if word == "create" => When::Create,
            Some((word, _)) if word == "destroy" => When::Destroy,
            Some((_, span)) => {
                let detail = "The \"when\" argument requires one of the following keywords: create or destroy.";
                self.diags.push(Diagnostic::error("invalid-when", "Invalid \"when\" keyword", detail).at(span));
                return None;
            }
        };
        let on_failure = match self.word(&mut body, "on_failure") {
            None => OnFailure::Fail,
            Some((word, _)) if word == "fail" => OnFailure::Fail,
            Some((word, _)) if word == "continue" => OnFailure::Continue,
            Some((_, span)) => {
                let detail = "The \"on_failure\" argument requires one of the following keywords: continue or fail.";
                self.diags.push(Diagnostic::error("invalid-on-failure", "Invalid \"on_failure\" keyword", detail).at(span));
                return None;
            }
        };
        for name in body.blocks.iter().filter(|b| b.kind != "connection") {
            self.diags.push(
                Diagnostic::error("unsupported-block", "Unsupported block type", format!("Blocks of type {:?} are not expected here.", name.kind))
                    .at(name.span),
            );
        }
        body.blocks.clear();
        if when == When::Destroy {
            self.only_itself(&body);
        }
        Some(Provisioner { kind, when, on_failure, body, span: block.span })
    }

    fn labels_of_provisioner(&mut self, block: &Block) -> Option<String> {
        let kind = match block.labels.as_slice() {
            [kind] => kind.clone(),
            _ => {
                let detail = "A provisioner block has exactly one label, the kind of provisioner.";
                self.diags.push(Diagnostic::error("missing-label", "Missing provisioner type", detail).at(block.span));
                return None;
            }
        };
        match kind.as_str() {
            "local-exec" => Some(kind),
            "remote-exec" | "file" => {
                let detail = format!(
                    "The {kind:?} provisioner logs in to a machine, which Ravelin does not do: what runs on a machine belongs into its image, its custom data \
                     (cloud-init) or a virtual machine extension."
                );
                self.diags.push(Diagnostic::error("provisioner", "Provisioner not supported", detail).at(block.span));
                None
            }
            _ => {
                let mut found = Diagnostic::error("provisioner", "Unsupported provisioner type", format!("There is no provisioner {kind:?}.")).at(block.span);
                if let Some(near) = nearest(&kind, ["local-exec"]) {
                    found = found.hint(format!("Did you mean {near:?}?"));
                }
                self.diags.push(found);
                None
            }
        }
    }

    /// A keyword, bare or quoted.
    fn word(&mut self, body: &mut Body, name: &str) -> Option<(String, crate::base::Span)> {
        let attr = body.attrs.remove(name)?;
        let word = match &attr.expr.node.kind {
            NodeKind::Root(word) => word.to_string(),
            _ => attr.expr.node.as_literal_str().unwrap_or_default().to_owned(),
        };
        Some((word, attr.expr.span))
    }

    /// When a resource goes, others may be gone already: only what is recorded of it can be told.
    fn only_itself(&mut self, body: &Body) {
        for reference in body_references(body) {
            let own = match &reference.target {
                Target::SelfValue | Target::Path | Target::Terraform | Target::Count => true,
                Target::Each => matches!(reference.path.first(), Some(PathStep::Name(n)) if n == "key"),
                _ => false,
            };
            if !own {
                let detail = "Destroy-time provisioners and their connection configurations may only reference attributes of the related resource, via 'self', \
                              'count.index', or 'each.key'.\n\nReferences to other resources during the destroy phase can cause dependency cycles and interact \
                              poorly with create_before_destroy.";
                self.diags.push(Diagnostic::error("destroy-reference", "Invalid reference from destroy provisioner", detail).at(reference.span));
            }
        }
    }
}
