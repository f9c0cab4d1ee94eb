//! A folder as a blueprint: its files, the overrides among them, and the modules it calls.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    blocks::{Reading, unsupported_block},
    blueprint::*,
    files::{Files, clean},
    json, overrides, parse,
    syntax::NodeKind,
};
use crate::base::{Diagnostic, Diagnostics, FileId, Mode, PathStep, Sources, Span, diag::nearest};

/// Modules may call modules this deep.
const MAX_DEPTH: usize = 32;

/// Reads a folder's `*.tf`, `*.tf.json` and `*.blueprint.hcl` files and, recursively, the local modules they call.
/// `None` when there is nothing to read; otherwise what could be understood, with every mistake reported.
pub fn load(files: &dyn Files, dir: &Path, sources: &mut Sources, diags: &mut Diagnostics) -> Option<Blueprint> {
    if !files.is_dir(dir) {
        let detail = format!("{} is not a directory.", dir.display());
        diags.push(Diagnostic::error("no-configuration", "Configuration directory not found", detail));
        return None;
    }
    let mut loader = Loader { files, sources, diags, installed: installed(files, dir) };
    let paths = loader.config_files(dir)?;
    if paths.is_empty() {
        let detail = format!("The directory {} contains no Terraform configuration files: *.tf, *.tf.json or *.blueprint.hcl.", dir.display());
        loader.diags.push(Diagnostic::error("no-configuration", "No configuration files", detail));
        return None;
    }
    let root = loader.module(dir, Path::new("."), Vec::new(), &[clean(dir)]);
    Some(Blueprint { root: Arc::new(root) })
}

/// Where `terraform init` put modules from registries and repositories, by call path.
fn installed(files: &dyn Files, dir: &Path) -> BTreeMap<String, PathBuf> {
    let Ok(bytes) = files.read(&dir.join(".terraform/modules/modules.json")) else { return BTreeMap::new() };
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let entries = manifest.get("Modules").and_then(|m| m.as_array()).cloned().unwrap_or_default();
    let text = |e: &serde_json::Value, k: &str| e.get(k).and_then(|v| v.as_str()).map(str::to_owned);
    entries.iter().filter_map(|e| Some((text(e, "Key")?, PathBuf::from(text(e, "Dir")?)))).collect()
}

/// A file's text when it is of the language, for who wants only that; errors of its syntax are reported.
pub fn check_syntax(path: &Path, bytes: Vec<u8>, sources: &mut Sources, diags: &mut Diagnostics) -> Option<String> {
    let mut found = Diagnostics::default();
    let id = decoded(path, bytes, sources, &mut found)?;
    let text = sources.file(id).map_or("", |f| f.text.as_str());
    parse::parse_body(id, text, &mut found);
    let sound = !found.has_errors();
    diags.extend(found.items.into_iter().filter(Diagnostic::is_error));
    sound.then(|| text.to_owned())
}

/// A file's bytes as text among the sources; what is not UTF-8 is reported.
fn decoded(shown: &Path, bytes: Vec<u8>, sources: &mut Sources, diags: &mut Diagnostics) -> Option<FileId> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(sources.add(shown, text)),
        Err(bad) => {
            let at = bad.utf8_error().valid_up_to();
            let id = sources.add(shown, String::from_utf8_lossy(bad.as_bytes()));
            let detail = "All input files must be UTF-8 encoded. Ensure that UTF-8 encoding is selected in your editor.";
            diags.push(Diagnostic::error("invalid-encoding", "Invalid character encoding", detail).at(Span::new(id, at, at)));
            None
        }
    }
}

struct Loader<'l> {
    files: &'l dyn Files,
    sources: &'l mut Sources,
    diags: &'l mut Diagnostics,
    installed: BTreeMap<String, PathBuf>,
}

impl Loader<'_> {
    /// The module's files: plain ones first, then overrides, each sorted by name.
    fn config_files(&mut self, dir: &Path) -> Option<Vec<PathBuf>> {
        let listed = match self.files.list(dir) {
            Ok(listed) => listed,
            Err(why) => {
                let detail = format!("The directory {} cannot be read: {why}.", dir.display());
                self.diags.push(Diagnostic::error("unreadable-directory", "Unreadable module directory", detail));
                return None;
            }
        };
        let wanted = |p: &PathBuf| {
            let name = p.file_name().and_then(|n| n.to_str()).unwrap_or("");
            let editor = name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
            !editor && stem(name).is_some() && self.files.is_file(p)
        };
        let mut paths: Vec<PathBuf> = listed.into_iter().filter(wanted).collect();
        paths.sort_by_key(|p| (overrides::is_override(p), p.clone()));
        Some(paths)
    }

    fn module(&mut self, dir: &Path, relative: &Path, path: Vec<String>, above: &[PathBuf]) -> Module {
        let mut module = Module { path, dir: dir.to_owned(), relative: relative.to_owned(), ..Module::default() };
        let mut blocks: Vec<(Block, bool)> = Vec::new();
        for file in self.config_files(dir).unwrap_or_default() {
            let Some(body) = self.parse(&file) else { continue };
            for attr in parse::in_order(&body.attrs) {
                let detail = format!("An argument named {:?} is not expected here.", attr.name);
                self.diags.push(Diagnostic::error("unsupported-argument", "Unsupported argument", detail).at(attr.name_span));
            }
            let own = file.to_str().is_some_and(|f| f.ends_with(".blueprint.hcl"));
            for block in body.blocks {
                if overrides::is_override(&file) {
                    overrides::merge(&mut blocks, block, self.diags);
                } else {
                    blocks.push((block, own));
                }
            }
        }
        let mut calls = Vec::new();
        for (block, own) in &blocks {
            if block.kind == "module" { calls.push(block) } else { self.block(block, *own, &mut module) }
        }
        for block in calls {
            self.call(block, &mut module, above);
        }
        module
    }

    fn parse(&mut self, path: &Path) -> Option<Body> {
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(why) => {
                let detail = format!("The file {} cannot be read: {why}.", path.display());
                self.diags.push(Diagnostic::error("unreadable-file", "Failed to read file", detail));
                return None;
            }
        };
        let shown = path.strip_prefix(".").unwrap_or(path);
        let id = decoded(shown, bytes, self.sources, self.diags)?;
        let text = self.sources.file(id).map_or("", |f| f.text.as_str());
        let is_json = path.extension().is_some_and(|e| e == "json");
        Some(if is_json { json::parse_body(id, text, self.diags) } else { parse::parse_named(id, &shown.to_string_lossy(), text, self.diags) })
    }

    fn block(&mut self, block: &Block, own: bool, module: &mut Module) {
        const KNOWN: [&str; 13] =
            ["resource", "data", "ephemeral", "variable", "output", "locals", "module", "provider", "terraform", "moved", "import", "removed", "check"];
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        match block.kind.as_str() {
            "resource" => {
                if let Some(r) = reading.resource(block, Mode::Managed) {
                    self.add_resource(r, module);
                }
            }
            "data" => {
                if let Some(r) = reading.resource(block, Mode::Data) {
                    self.add_resource(r, module);
                }
            }
            "variable" => {
                if let Some(v) = reading.variable(block) {
                    let first = module.variables.get(&v.name).map(|f| f.span);
                    self.unique(
                        first,
                        v.span,
                        "duplicate-variable",
                        "Duplicate variable declaration",
                        &format!("A variable named {:?}", v.name),
                        "declared",
                        "Variable names must be unique within a module.",
                    );
                    module.variables.entry(v.name.clone()).or_insert(v);
                }
            }
            "output" => {
                if let Some(o) = reading.output(block) {
                    let first = module.outputs.get(&o.name).map(|f| f.span);
                    self.unique(
                        first,
                        o.span,
                        "duplicate-output",
                        "Duplicate output definition",
                        &format!("An output named {:?}", o.name),
                        "defined",
                        "Output names must be unique within a module.",
                    );
                    module.outputs.entry(o.name.clone()).or_insert(o);
                }
            }
            "locals" => self.locals(block, module),
            "provider" => {
                if let Some(p) = reading.provider(block) {
                    self.add_provider(p, module);
                }
            }
            "terraform" => self.terraform(block, module),
            "moved" => module.moved.extend(reading.moved(block)),
            "import" => module.imports.extend(reading.import(block)),
            "removed" => module.removed.extend(reading.removed(block)),
            "check" => self.check(block, module),
            "ephemeral" => {
                if let Some(r) = reading.resource(block, Mode::Ephemeral) {
                    self.add_resource(r, module);
                }
            }
            // Only `*.blueprint.hcl` may hold Ravelin's own blocks; what looks like a slip of the pen is one.
            kind if own && nearest(kind, KNOWN).is_none() => module.extra.push(block.clone()),
            kind if super::own::BLOCKS.contains(&kind) => self.diags.push(super::own::elsewhere(block)),
            _ => self.diags.push(unsupported_block(block, &KNOWN, &[])),
        }
    }

    /// Reports a second declaration of one name.
    #[allow(clippy::too_many_arguments)]
    fn unique(&mut self, first: Option<Span>, again: Span, code: &'static str, summary: &str, what: &str, verb: &str, rule: &str) {
        if let Some(first) = first {
            let detail = format!("{what} was already {verb} at {}. {rule}", super::blocks::place(self.sources, first));
            self.diags.push(Diagnostic::error(code, summary, detail).at(again).also(first, format!("first {verb} here")));
        }
    }

    fn add_resource(&mut self, r: Resource, module: &mut Module) {
        let key = ResourceKey { mode: r.mode, kind: r.kind.clone(), name: r.name.clone() };
        if let Some(first) = module.resources.get(&key).map(|f| f.span) {
            let noun = match r.mode {
                Mode::Managed => "resource",
                Mode::Data => "data",
                Mode::Ephemeral => "ephemeral",
            };
            let summary = format!("Duplicate {noun} {:?} configuration", r.kind);
            let what = format!(
                "A {} {} named {:?}",
                r.kind,
                match r.mode {
                    Mode::Managed => "resource",
                    Mode::Data => "data resource",
                    Mode::Ephemeral => "ephemeral resource",
                },
                r.name
            );
            self.unique(Some(first), r.span, "duplicate-resource", &summary, &what, "declared", "Resource names must be unique per type in each module.");
            return;
        }
        module.resources.insert(key, r);
    }

    fn locals(&mut self, block: &Block, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        if reading.labels(block, &[]).is_none() {
            return;
        }
        for b in &block.body.blocks {
            self.diags.push(unsupported_block(b, &[], &[]));
        }
        for attr in parse::in_order(&block.body.attrs) {
            let first = module.locals.get(&attr.name).map(|l| l.span);
            self.unique(
                first,
                attr.name_span,
                "duplicate-local",
                "Duplicate local value definition",
                &format!("A local value named {:?}", attr.name),
                "defined",
                "Local value names must be unique within a module.",
            );
            let local = Local { name: attr.name.clone(), expr: attr.expr.clone(), span: attr.name_span };
            module.locals.entry(attr.name.clone()).or_insert(local);
        }
    }

    fn add_provider(&mut self, p: Provider, module: &mut Module) {
        if let Some(first) = module.providers.iter().find(|q| q.name == p.name && q.alias == p.alias).map(|q| q.span) {
            let (what, rule) = match &p.alias {
                None => (
                    format!("A default (non-aliased) provider configuration for {:?}", p.name),
                    "If multiple configurations are required, set the \"alias\" argument for alternative configurations.".to_owned(),
                ),
                Some(alias) => (
                    format!("A provider configuration for {:?} with alias {alias:?}", p.name),
                    "Each configuration for the same provider must have a distinct alias.".to_owned(),
                ),
            };
            self.unique(Some(first), p.span, "duplicate-provider", "Duplicate provider configuration", &what, "given", &rule);
            return;
        }
        module.providers.push(p);
    }

    fn terraform(&mut self, block: &Block, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        reading.only(&block.body, &["required_version", "experiments", "language"], &["required_providers", "backend", "cloud", "provider_meta"]);
        if let Some(version) = reading.string(&block.body, "required_version") {
            let span = block.body.attrs.get("required_version").map_or(block.span, |a| a.expr.span);
            module.required_version = Some((version, span));
        }
        for b in &block.body.blocks {
            match b.kind.as_str() {
                "required_providers" => self.required_providers(b, module),
                "backend" => {
                    if let Some(first) = module.backend.as_ref().map(|f| f.span) {
                        self.unique(
                            Some(first),
                            b.span,
                            "duplicate-backend",
                            "Duplicate backend configuration",
                            "A backend",
                            "configured",
                            "A module may have only one backend configuration.",
                        );
                    } else {
                        module.backend = Some(b.clone());
                    }
                }
                "cloud" => {
                    let detail = "State in HCP Terraform is not supported; use a local file or an \"azurerm\" backend.";
                    self.diags.push(Diagnostic::error("cloud-backend", "Unsupported state storage", detail).at(b.span));
                }
                _ => {}
            }
        }
    }

    fn required_providers(&mut self, block: &Block, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        for attr in parse::in_order(&block.body.attrs) {
            let span = attr.name_span;
            let mut found = RequiredProvider { source: None, version: None, span };
            match &attr.expr.node.kind {
                NodeKind::Object(items) => {
                    for (key, value) in items {
                        let text = || value.as_literal_str().map(str::to_owned);
                        match key.as_literal_str() {
                            Some("source") => found.source = text(),
                            Some("version") => found.version = text(),
                            // Names of provider configurations the caller must pass; they are references, not values.
                            Some("configuration_aliases") => {}
                            _ => {
                                let detail = "required_providers objects can only contain \"version\", \"source\" and \"configuration_aliases\" attributes.";
                                let at = Span { file: span.file, start: key.start, end: key.end };
                                reading.diags.push(Diagnostic::error("invalid-required-providers", "Invalid required_providers object", detail).at(at));
                            }
                        }
                    }
                }
                _ => found.version = reading.constant(&attr.expr).as_str().map(str::to_owned),
            }
            module.required_providers.insert(attr.name.clone(), found);
        }
    }

    fn check(&mut self, block: &Block, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        let Some(check) = reading.check(block) else { return };
        let scoped: Vec<Resource> = block.body.blocks.iter().filter(|b| b.kind == "data").filter_map(|b| reading.resource(b, Mode::Data)).collect();
        let first = module.checks.get(&check.name).map(|c| c.span);
        self.unique(
            first,
            check.span,
            "duplicate-check",
            "Duplicate check block configuration",
            &format!("A check block named {:?}", check.name),
            "declared",
            "Check block names must be unique in each module.",
        );
        for r in scoped {
            self.add_resource(r, module);
        }
        module.checks.entry(check.name.clone()).or_insert(check);
    }

    fn call(&mut self, block: &Block, module: &mut Module, above: &[PathBuf]) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        let Some(name) = reading.labels(block, &["name"]).and_then(|mut l| l.pop()) else { return };
        for b in &block.body.blocks {
            reading.diags.push(unsupported_block(b, &[], &["providers"]));
        }
        if let Some(first) = module.calls.get(&name).map(|c| c.span) {
            self.unique(
                Some(first),
                block.span,
                "duplicate-module",
                "Duplicate module call",
                &format!("A module call named {name:?}"),
                "defined",
                "Module calls must have unique names within a module.",
            );
            return;
        }
        if reading.required(block, "source").is_none() {
            return;
        }
        let Some(source) = reading.string(&block.body, "source") else { return };
        // Read like a data resource, whose meta-arguments are the same.
        let labelled = Block { labels: vec!["module".into(), name.clone()], ..block.clone() };
        let Some(meta) = reading.resource(&labelled, Mode::Data) else { return };
        let mut inputs = meta.body.attrs;
        let providers = inputs.remove("providers").map_or(Vec::new(), |a| provider_map(&mut reading, &a, block.body.json));
        inputs.remove("version");
        let source_span = inputs.remove("source").map_or(block.span, |a| a.expr.span);
        let Some((dir, relative)) = self.resolve(&source, source_span, module, &name) else { return };
        let place = clean(&dir);
        if above.contains(&place) || above.len() > MAX_DEPTH {
            let detail = format!("The module {} calls itself, directly or through the modules it calls.", dir.display());
            self.diags.push(Diagnostic::error("module-cycle", "Module call cycle", detail).at(source_span));
            return;
        }
        let mut path = module.path.clone();
        path.push(name.clone());
        let above: Vec<PathBuf> = above.iter().cloned().chain([place]).collect();
        let child = self.module(&dir, &relative, path, &above);
        self.check_inputs(block, &name, &inputs, &child);
        let call = ModuleCall {
            name: name.clone(),
            source,
            module: Arc::new(child),
            inputs,
            count: meta.count,
            for_each: meta.for_each,
            depends_on: meta.depends_on,
            providers,
            span: block.span,
        };
        module.calls.insert(name, call);
    }

    /// Where a module's files are: the folder as read, and as seen from the root module.
    fn resolve(&mut self, source: &str, span: Span, module: &Module, name: &str) -> Option<(PathBuf, PathBuf)> {
        let local = source == "." || source == ".." || source.starts_with("./") || source.starts_with("../");
        let (dir, relative) = if local {
            (clean(&module.dir.join(source)), clean(&module.relative.join(source)))
        } else {
            let key = module.path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".");
            let Some(found) = self.installed.get(&key) else {
                let detail = format!(
                    "The module source {source:?} is neither a local path, which begins with \"./\" or \"../\", nor a module that \"terraform init\" has \
                     installed under .terraform/modules."
                );
                self.diags.push(Diagnostic::error("module-source", "Module not installed", detail).at(span));
                return None;
            };
            let up = module.dir.ancestors().nth(clean(&module.relative).components().filter(|c| matches!(c, std::path::Component::Normal(_))).count());
            (clean(&up.unwrap_or(Path::new(".")).join(found)), clean(found))
        };
        if !self.files.is_dir(&dir) {
            let detail = format!("The directory {} could not be read for module {name:?}: it does not exist.", dir.display());
            self.diags.push(Diagnostic::error("unreadable-module", "Unreadable module directory", detail).at(span));
            return None;
        }
        Some((dir, relative))
    }

    /// Inputs without a variable, and required variables without an input.
    fn check_inputs(&mut self, block: &Block, name: &str, inputs: &BTreeMap<String, Attribute>, child: &Module) {
        for attr in parse::in_order(inputs) {
            if !child.variables.contains_key(&attr.name) {
                let known: Vec<&str> = child.variables.keys().map(String::as_str).collect();
                self.diags.push(super::blocks::unsupported_argument(attr, &known, &[]));
            }
        }
        for variable in child.variables.values().filter(|v| v.default.is_none() && !inputs.contains_key(&v.name)) {
            let missing = super::blocks::missing_argument(&variable.name, block.span);
            self.diags.push(missing.also(variable.span, format!("module {name:?} declares it here")));
        }
    }
}

fn provider_map(reading: &mut Reading, attr: &Attribute, json: bool) -> Vec<(ProviderName, ProviderName)> {
    let NodeKind::Object(items) = &attr.expr.node.kind else {
        let detail = "The providers argument requires a map that goes from the module's provider names to this module's.";
        reading.diags.push(Diagnostic::error("invalid-providers", "Invalid providers argument", detail).at(attr.expr.span));
        return Vec::new();
    };
    let file = attr.expr.span.file;
    let mut out = Vec::new();
    for (key, value) in items {
        let child = match key.as_literal_str() {
            Some(text) => match text.split_once('.') {
                Some((name, alias)) => Some((name.to_owned(), Some(alias.to_owned()))),
                None => Some((text.to_owned(), None)),
            },
            None => match super::blocks::static_path(key).as_deref() {
                Some([PathStep::Name(name), PathStep::Name(alias)]) => Some((name.clone(), Some(alias.clone()))),
                _ => None,
            },
        };
        let parent = reading.provider_ref(&super::blocks::sub(value, file), json);
        if let (Some(child), Some((name, alias, _))) = (child, parent) {
            out.push((child, (name, alias)));
        }
    }
    out
}

pub fn stem(name: &str) -> Option<&str> {
    [".tf.json", ".blueprint.hcl", ".tf"].iter().find_map(|end| name.strip_suffix(end))
}
