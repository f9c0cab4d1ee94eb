//! The contents of `moved`, `removed`, `import` and `check` blocks.

use super::{
    blocks::{Reading, STATIC_REFERENCE, static_path},
    blueprint::*,
    syntax::{NodeKind, Step, StepKind},
};
use crate::base::{Mode, Span, address};

impl Reading<'_> {
    /// An address that is written as a reference: `module.a["x"].azurerm_subnet.b`.
    pub fn target(&mut self, block: &Block, name: &str) -> Option<(address::Target, Span)> {
        let expr = self.required(block, name)?;
        let expr = self.syntax(&expr, block.body.json);
        if static_path(&expr.node).is_none() {
            self.error("invalid-expression", "Invalid expression", STATIC_REFERENCE, expr.span);
            return None;
        }
        let text: String = match block.body.attrs.get(name).and_then(|a| a.expr.node.as_literal_str()) {
            Some(text) if block.body.json => text.to_owned(),
            _ => self.sources.text(expr.span).split_whitespace().collect(),
        };
        match text.parse::<address::Target>() {
            Ok(target) => Some((target, expr.span)),
            Err(why) => {
                self.error("invalid-address", "Invalid address", why.to_string(), expr.span);
                None
            }
        }
    }

    pub fn moved(&mut self, block: &Block) -> Option<Moved> {
        self.labels(block, &[])?;
        self.only(&block.body, &["from", "to"], &[]);
        let (from, to) = (self.target(block, "from"), self.target(block, "to"));
        let (from, to) = (from?, to?);
        let is_module = |t: &address::Target| matches!(t, address::Target::Module(_));
        if is_module(&from.0) != is_module(&to.0) {
            let detail = "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules.";
            self.error("moved-kinds", "Invalid \"moved\" addresses", detail, block.span);
            return None;
        }
        Some(Moved { from, to, span: block.span })
    }

    pub fn removed(&mut self, block: &Block) -> Option<Removed> {
        self.labels(block, &[])?;
        self.only(&block.body, &["from"], &["lifecycle", "connection", "provisioner"]);
        let lifecycle = block.body.blocks.iter().find(|b| b.kind == "lifecycle");
        let destroy = lifecycle.and_then(|l| {
            self.only(&l.body, &["destroy"], &[]);
            self.flag(&l.body, "destroy")
        });
        let mut provisioners = Vec::new();
        for inner in block.body.blocks.iter().filter(|b| b.kind == "provisioner") {
            let Some(provisioner) = self.provisioner(inner) else { continue };
            if provisioner.when == When::Destroy {
                provisioners.push(provisioner);
                continue;
            }
            let detail = "Only destroy-time provisioners are valid in \"removed\" blocks. To declare a destroy-time provisioner, use:\n    when = destroy";
            self.error("removed-provisioner", "Invalid provisioner block", detail, inner.span);
        }
        let from = self.target(block, "from")?;
        self.removable(block, &from).then(|| Removed {
            from,
            destroy: destroy.unwrap_or(true),
            provisioners,
            connection: block.body.blocks.iter().find(|b| b.kind == "connection").cloned(),
            span: block.span,
        })
    }

    /// Whole resources and modules can be removed; neither instances nor what is never destroyed.
    fn removable(&mut self, block: &Block, (from, span): &(address::Target, Span)) -> bool {
        let (module, resource, instance) = match from {
            address::Target::Module(module) => (module, None, false),
            address::Target::Resource(r) => (&r.module, Some(r), false),
            address::Target::Instance(i) => (i.module(), Some(&i.resource), true),
        };
        if resource.is_some_and(|r| r.mode == Mode::Data) {
            let detail = "Data sources are never destroyed, so they are not valid targets of removed blocks. To remove the data source from state, remove the data \
                          source block from configuration.";
            self.error("removed-data", "Data source address not allowed", detail, *span);
            return false;
        }
        let key_in_module = module.0.iter().any(|s| s.key.is_some());
        if !instance && !key_in_module {
            return true;
        }
        let key = block.body.attrs.get("from").and_then(|a| first_key(&a.expr)).unwrap_or(*span);
        if instance && !key_in_module {
            let detail = "Resource address must be a resource (e.g. \"test_instance.foo\"), not a resource instance (e.g. \"test_instance.foo[1]\").";
            self.error("removed-instance", "Resource instance keys not allowed", detail, key);
        } else {
            let detail = "Module address must be a module (e.g. \"module.foo\"), not a module instance (e.g. \"module.foo[1]\").";
            self.error("removed-instance", "Module instance keys not allowed", detail, key);
        }
        false
    }

    pub fn import(&mut self, block: &Block) -> Option<Import> {
        self.labels(block, &[])?;
        self.only(&block.body, &["to", "id", "for_each", "provider"], &[]);
        let attr = |n: &str| block.body.attrs.get(n).map(|a| a.expr.clone());
        let for_each = attr("for_each");
        let (to, id) = (self.required(block, "to"), self.required(block, "id"));
        let provider = attr("provider").and_then(|e| self.provider_ref(&e, block.body.json));
        let to = self.syntax(&to?, block.body.json);
        let name_span = block.body.attrs.get("to").map_or(block.span, |a| a.name_span.to(a.expr.span));
        self.importable(&to, name_span, for_each.is_some())?;
        let id = id?;
        if let Some(why) = unsuitable_id(&id) {
            self.error("invalid-import-id", "Invalid import id argument", why, id.span);
            return None;
        }
        Some(Import { to, id, for_each, provider, span: block.span })
    }

    /// Only managed resources can be imported; keys that are worked out need a `for_each`.
    fn importable(&mut self, to: &Expr, span: Span, repeated: bool) -> Option<()> {
        let NodeKind::Traversal(t) = &to.node.kind else {
            self.error("invalid-expression", "Invalid expression", STATIC_REFERENCE, to.span);
            self.error("invalid-import-address", "Invalid import address", "Only managed resources can be imported.", span);
            return None;
        };
        if !repeated && static_path(&to.node).is_none() {
            self.error("invalid-expression", "Invalid expression", STATIC_REFERENCE, to.span);
            return None;
        }
        let NodeKind::Root(root) = &t.on.kind else { return None };
        let names: Vec<&str> = std::iter::once(&**root)
            .chain(t.steps.iter().filter_map(|s| match &s.kind {
                StepKind::Attr(name) => Some(&**name),
                _ => None,
            }))
            .collect();
        let mut rest = names.as_slice();
        while let ["module", _, tail @ ..] = rest {
            rest = tail;
        }
        match rest {
            ["data" | "ephemeral", ..] => self.error("invalid-import-address", "Invalid import address", "Only managed resources can be imported.", span),
            [_, _] => return Some(()),
            [] => {
                let detail = "A resource instance address is required here. The module path must be followed by a resource instance specification.";
                self.error("invalid-address", "Invalid address", detail, to.span);
                self.error("invalid-import-address", "Invalid import address", "Only managed resources can be imported.", span);
            }
            _ => {
                let detail = "Resource specification must include a resource type and name.";
                self.error("invalid-address", "Invalid address", detail, to.span);
            }
        }
        None
    }

    /// A check with its data resource, where it has one.
    pub fn check(&mut self, block: &Block) -> Option<(Check, Option<Resource>)> {
        let name = self.labels(block, &[("name", "check block name")])?.pop()?;
        self.only(&block.body, &[], &["assert", "data"]);
        let mut data: Option<Resource> = None;
        for inner in block.body.blocks.iter().filter(|b| b.kind == "data") {
            if let Some(first) = &data {
                let detail = format!("This check block already has a data resource defined at {}.", self.place(first.span));
                self.error("check-data", "Multiple data resource blocks", detail, inner.span);
                continue;
            }
            data = self.scoped(inner, &name);
        }
        let asserts = self.conditions(&block.body, "assert");
        if asserts.is_empty() {
            self.error("check-without-assert", "Zero assert blocks", "Check blocks must have at least one assert block.", block.span);
        }
        let key = data.as_ref().map(|r| ResourceKey { mode: r.mode, kind: r.kind.clone(), name: r.name.clone() });
        Some((Check { name, data: key, asserts, span: block.span }, data))
    }

    /// The data resource of a check: read once, for its check alone.
    fn scoped(&mut self, block: &Block, check: &str) -> Option<Resource> {
        let mut block = block.clone();
        for name in ["count", "for_each"] {
            if let Some(attr) = block.body.attrs.remove(name) {
                let detail = "The \"count\" and \"for_each\" meta-arguments are not supported within nested data blocks.";
                self.error("check-data", &format!("Invalid {name:?} attribute"), detail, attr.name_span);
            }
        }
        for inner in block.body.blocks.iter().filter(|b| b.kind == "lifecycle") {
            let detail = "Nested data blocks do not support \"lifecycle\" blocks as the lifecycle is managed by the containing block.";
            self.error("check-data", "Invalid lifecycle block", detail, inner.span);
        }
        block.body.blocks.retain(|b| b.kind != "lifecycle");
        let resource = self.resource(&block, Mode::Data)?;
        Some(Resource { check: Some(check.to_owned()), ..resource })
    }
}

/// Where the first instance key of a reference stands.
fn first_key(expr: &Expr) -> Option<Span> {
    let NodeKind::Traversal(t) = &expr.node.kind else { return None };
    let is_key = |s: &&Step| matches!(s.kind, StepKind::Index(_) | StepKind::LegacyIndex(_));
    t.steps.iter().find(is_key).map(|s| Span { file: expr.span.file, start: s.start, end: s.end })
}

/// Why an id that is written out is none.
fn unsuitable_id(id: &Expr) -> Option<&'static str> {
    match &id.node.kind {
        NodeKind::Literal(v) if v.is_null() => Some("The import ID cannot be null."),
        NodeKind::Literal(v) if v.as_str() == Some("") => Some("The import ID value evaluates to an empty string, please provide a non-empty value."),
        _ => None,
    }
}
