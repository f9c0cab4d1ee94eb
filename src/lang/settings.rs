//! The contents of `terraform` blocks: which versions, providers and backend a module asks for.

use super::{
    blocks::{Reading, start_of, static_path, sub, unexpected_block},
    blueprint::*,
    load::Loader,
    parse,
    syntax::NodeKind,
    version::{Constraint, Version},
};
use crate::base::{Diagnostic, PathStep, Span, Type};

/// The Terraform that Ravelin counts as where a blueprint asks for one.
pub const COUNTS_AS: &str = "1.11.4";

const BAD_CONSTRAINT: &str = "This string does not use correct version constraint syntax.";

impl Loader<'_> {
    pub fn terraform(&mut self, block: &Block, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        reading.labels(block, &[]);
        reading.only(&block.body, &["required_version", "experiments", "language"], &["required_providers", "backend", "cloud", "provider_meta"]);
        if let Some(attr) = block.body.attrs.get("required_version") {
            reading.required_version(attr, module);
        }
        if let Some(attr) = block.body.attrs.get("experiments") {
            reading.experiments(attr);
        }
        let cloud = block.body.blocks.iter().find(|b| b.kind == "cloud");
        for b in &block.body.blocks {
            match b.kind.as_str() {
                "required_providers" => self.required_providers(b, module),
                "backend" => self.backend(b, cloud, module),
                "provider_meta" => self.provider_meta(b, module),
                _ => {}
            }
        }
        if let Some(cloud) = cloud {
            let detail = "State in HCP Terraform is not supported; use a local file or an \"azurerm\" backend.";
            self.diags.push(Diagnostic::error("cloud-backend", "Unsupported state storage", detail).at(cloud.span));
        }
    }

    fn backend(&mut self, block: &Block, cloud: Option<&Block>, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        if reading.labels(block, &[("type", "")]).is_none() {
            return;
        }
        if let Some(cloud) = cloud {
            let detail = format!(
                "A module may declare either one 'cloud' block OR one 'backend' block configuring a state backend. The 'cloud' block is configured at {}; a \
                 backend is configured at {}. Remove the backend block to configure HCP Terraform or Terraform Enteprise.",
                reading.place(cloud.span),
                reading.place(block.span)
            );
            reading.error("backend-and-cloud", "Both a backend and cloud configuration are present", detail, block.span);
            return;
        }
        if let Some(first) = &module.backend {
            let detail = format!("A module may have only one backend configuration. The backend was previously configured at {}.", reading.place(first.span));
            reading.diags.push(Diagnostic::error("duplicate-backend", "Duplicate backend configuration", detail).at(block.span).also(first.span, "first here"));
            return;
        }
        module.backend = Some(block.clone());
    }

    fn provider_meta(&mut self, block: &Block, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        let Some(name) = reading.labels(block, &[("provider", "")]).and_then(|mut l| l.pop()) else { return };
        if let Some(first) = module.provider_meta.get(&name) {
            let detail = format!(
                "A provider_meta block for provider {name:?} was already declared at {}. Providers may only have one provider_meta block per module.",
                reading.place(first.span)
            );
            reading.error("duplicate-provider-meta", "Duplicate provider_meta block", detail, block.span);
            return;
        }
        module.provider_meta.insert(name, block.clone());
    }

    fn required_providers(&mut self, block: &Block, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        reading.labels(block, &[]);
        if let Some(first) = module.required_providers_at {
            let detail = format!(
                "A module may have only one required providers configuration. The required providers were previously configured at {}.",
                reading.place(first)
            );
            reading.diags.push(
                Diagnostic::error("duplicate-required-providers", "Duplicate required providers configuration", detail)
                    .at(block.span)
                    .also(first, "first here"),
            );
            return;
        }
        module.required_providers_at = Some(block.span);
        reading.diags.extend(block.body.blocks.iter().map(unexpected_block));
        for attr in parse::in_order(&block.body.attrs) {
            if let Some(found) = reading.required_provider(attr, block.body.json) {
                module.required_providers.insert(attr.name.clone(), found);
            }
        }
    }
}

impl Reading<'_> {
    fn required_version(&mut self, attr: &Attribute, module: &mut Module) {
        let value = self.constant(&attr.expr);
        if value.is_unknown() {
            return;
        }
        let Some(text) = value.as_str().map(str::to_owned) else {
            self.error("invalid-version-constraint", "Invalid version constraint", "A string value is required for required_version.", attr.expr.span);
            return;
        };
        let Some(constraint) = Constraint::parse(&text) else {
            self.error("invalid-version-constraint", "Invalid version constraint", BAD_CONSTRAINT, attr.expr.span);
            return;
        };
        if Version::parse(COUNTS_AS).is_some_and(|own| !constraint.allows(&own)) {
            let whose = if module.path.is_empty() { "This configuration".to_owned() } else { format!("Module {:?}", module.path.join(".")) };
            let detail = format!(
                "{whose} does not support Terraform version {COUNTS_AS}, which Ravelin counts as. To proceed, either choose another supported version or update \
                 this version constraint. Version constraints are normally set for good reason, so updating the constraint may lead to other errors or unexpected \
                 behavior."
            );
            self.error("unsupported-version", "Unsupported Terraform Core version", detail, attr.name_span.to(attr.expr.span));
        }
        module.required_version = Some((text, attr.expr.span));
    }

    /// Experiments of Terraform belong to its alpha releases; the empty list is harmless.
    fn experiments(&mut self, attr: &Attribute) {
        let empty = matches!(&attr.expr.node.kind, NodeKind::Tuple(items) if items.is_empty());
        if !empty {
            let detail = "Experimental features are intended only for gathering early feedback on new language designs, and so are available only in alpha \
                          releases of Terraform.";
            self.error("experiments", "Module uses experimental features", detail, attr.name_span.to(attr.expr.span));
        }
    }

    /// `"~> 5.0"`, or an object that also says where the provider comes from and which configurations the caller passes.
    fn required_provider(&mut self, attr: &Attribute, json: bool) -> Option<RequiredProvider> {
        let mut found = RequiredProvider { source: None, version: None, aliases: Vec::new(), span: attr.name_span };
        let NodeKind::Object(items) = &attr.expr.node.kind else {
            found.version = self.version_constraint(&attr.expr);
            return Some(found);
        };
        let file = attr.expr.span.file;
        for (key, value) in items {
            let value = sub(value, file);
            match key.as_literal_str() {
                Some("source") => found.source = self.provider_source(&value),
                Some("version") => found.version = self.version_constraint(&value),
                Some("configuration_aliases") => found.aliases = self.aliases(&value, json),
                _ => {
                    let detail = "required_providers objects can only contain \"version\", \"source\" and \"configuration_aliases\" attributes. To configure a \
                                  provider, use a \"provider\" block.";
                    let at = Span { file, start: key.start, end: key.end };
                    self.error("invalid-required-providers", "Invalid required_providers object", detail, at);
                    return None;
                }
            }
        }
        Some(found)
    }

    fn provider_source(&mut self, value: &Expr) -> Option<String> {
        let text = self.constant(value).as_str().map(str::to_owned);
        let Some(text) = text else {
            self.error("invalid-provider-source", "Invalid source", "Source must be specified as a string.", value.span);
            return None;
        };
        let parts: Vec<&str> = text.split('/').collect();
        let word = |p: &&str| !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | ':' | '_'));
        if parts.len() > 3 || !parts.iter().all(word) {
            let detail = "The \"source\" attribute must be in the format \"[hostname/][namespace/]name\"";
            self.error("invalid-provider-source", "Invalid provider source string", detail, value.span);
            return None;
        }
        Some(text)
    }

    pub fn version_constraint(&mut self, value: &Expr) -> Option<String> {
        let found = self.constant(value);
        if found.is_unknown() || found.is_null() {
            return None;
        }
        let text = match super::convert::convert(&found, &Type::String) {
            Ok(text) => text.as_str().map(str::to_owned)?,
            Err(_) => {
                self.error("invalid-version-constraint", "Invalid version constraint", "Version must be specified as a string.", value.span);
                return None;
            }
        };
        if Constraint::parse(&text).is_none() {
            self.error("invalid-version-constraint", "Invalid version constraint", BAD_CONSTRAINT, value.span);
            return None;
        }
        Some(text)
    }

    /// `[azurerm.hub, azurerm.spoke]`.
    fn aliases(&mut self, value: &Expr, json: bool) -> Vec<ProviderName> {
        let NodeKind::Tuple(items) = &value.node.kind else {
            self.error("invalid-expression", "Invalid expression", "A static list expression is required.", start_of(value, self.sources));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items {
            let item = self.syntax(&sub(item, value.span.file), json);
            match static_path(&item.node).as_deref() {
                Some([PathStep::Name(name), PathStep::Name(alias)]) => out.push((name.clone(), Some(alias.clone()))),
                _ => {
                    let detail = "Configuration aliases can only contain references to local provider configuration names in the format of provider.alias";
                    self.error("invalid-configuration-alias", "Invalid configuration_aliases value", detail, item.span);
                }
            }
        }
        out
    }
}
