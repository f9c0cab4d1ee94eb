//! `provisioner` and `connection` blocks: what is to be run on this machine when a resource has been created, or before it is destroyed.

use super::{
    blocks::{Reading, reserved_block},
    blueprint::{Block, Body, OnFailure, Provisioner, When},
    deps::Target,
    syntax::NodeKind,
};
use crate::base::{Diagnostic, Shape, Type, shape::Attr};

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
    pub fn connection(&mut self, first: Option<Block>, block: Block, place: &str) -> Option<Block> {
        self.labels(&block, &[])?;
        let Some(first) = first else { return Some(block) };
        let detail = format!("This {place} already has a connection block at {}.", self.place(first.span));
        self.error("duplicate-connection", "Duplicate connection block", detail, block.span);
        Some(first)
    }

    /// A `provisioner` block: of a resource, or one that `removed` blocks have.
    pub fn provisioner(&mut self, block: &Block) -> Option<Provisioner> {
        let kind = self.labels(block, &[("type", "")])?.pop()?;
        if !self.is_provisioner(&kind, block) {
            return None;
        }
        let mut body = block.body.clone();
        let when = match self.keyword(&mut body, "when", &["create", "destroy"], "create or destroy").as_deref() {
            Some("destroy") => When::Destroy,
            _ => When::Create,
        };
        let on_failure = match self.keyword(&mut body, "on_failure", &["continue", "fail"], "continue or fail").as_deref() {
            Some("continue") => OnFailure::Continue,
            _ => OnFailure::Fail,
        };
        let mut connection = None;
        for b in std::mem::take(&mut body.blocks) {
            match b.kind.as_str() {
                "connection" => connection = self.connection(connection, b, "provisioner"),
                "lifecycle" | "locals" => self.diags.push(reserved_block(&b, "provisioner")),
                _ => body.blocks.push(b),
            }
        }
        self.only(&body, &["command", "working_dir", "interpreter", "environment", "quiet"], &[]);
        if !body.attrs.contains_key("command") {
            self.diags.push(super::blocks::missing_argument("command", block.body.span));
        }
        let found = Provisioner { kind, body, connection, when, on_failure, span: block.span };
        if when == When::Destroy {
            self.only_itself(&found);
        }
        Some(found)
    }

    /// Whether it is one that runs here.
    fn is_provisioner(&mut self, kind: &str, block: &Block) -> bool {
        match kind {
            "local-exec" => return true,
            "remote-exec" | "file" => {
                let detail = format!(
                    "The provisioner {kind:?} reaches into a machine over SSH or WinRM, which Ravelin does not do: what runs on a machine belongs into its image \
                     or its custom data."
                );
                self.diags.push(
                    Diagnostic::error("provisioner-unsupported", "Provisioner not supported", detail)
                        .at(block.span)
                        .hint("A program that runs where Ravelin runs can be started with provisioner \"local-exec\"."),
                );
            }
            "chef" | "habitat" | "puppet" | "salt-masterless" => {
                let detail = format!("The {kind:?} provisioner was deprecated in Terraform 0.13.4 has been removed from Terraform.");
                let span = self.label_span(block, 0);
                self.error("provisioner-removed", &format!("The {kind:?} provisioner has been removed"), detail, span);
            }
            _ => {
                let detail = format!("This configuration requires provisioner plugin {kind:?}, which isn't available. Ravelin has \"local-exec\".");
                let span = self.label_span(block, 0);
                self.error("unknown-provisioner", "Missing required provisioner plugin", detail, span);
            }
        }
        false
    }

    /// A word that stands for itself.
    fn keyword(&mut self, body: &mut Body, name: &str, words: &[&str], rule: &str) -> Option<String> {
        let attr = body.attrs.remove(name)?;
        let expr = self.unquoted(&attr.expr, body.json, "keyword");
        match &expr.node.kind {
            NodeKind::Root(word) if words.contains(&&**word) => Some(word.to_string()),
            _ => {
                let detail = format!("The {name:?} argument requires one of the following keywords: {rule}.");
                self.error("invalid-keyword", &format!("Invalid {name:?} keyword"), detail, expr.span);
                None
            }
        }
    }

    /// When something is destroyed, what it referred to may be gone: only its own values are there for certain.
    fn only_itself(&mut self, provisioner: &Provisioner) {
        let bodies = [Some(&provisioner.body), provisioner.connection.as_ref().map(|b| &b.body)];
        for reference in bodies.into_iter().flatten().flat_map(super::deps::body_references) {
            let own = match &reference.target {
                Target::SelfValue | Target::Count | Target::Path | Target::Terraform => true,
                Target::Each => matches!(reference.path.first(), Some(crate::base::PathStep::Name(n)) if n == "key"),
                _ => false,
            };
            if !own {
                let detail = "Destroy-time provisioners and their connection configurations may only reference attributes of the related resource, via 'self', \
                              'count.index', or 'each.key'.\n\nReferences to other resources during the destroy phase can cause dependency cycles and interact \
                              poorly with create_before_destroy.";
                self.error("destroy-provisioner-reference", "Invalid reference from destroy provisioner", detail, reference.span);
            }
        }
    }
}
