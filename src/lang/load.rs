//! A folder as a blueprint: its files, the overrides among them, and what their blocks declare. Calls of modules are in `calls`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    blocks::{Reading, unexpected_block, unsupported_argument, unsupported_block},
    blueprint::*,
    files::{Files, clean},
    json, manifest, overrides, parse,
};
use crate::base::{Diagnostic, Diagnostics, FileId, Mode, Sources, Span, diag::nearest};

/// The blocks that stand at the top of a file.
const TOP: [&str; 13] =
    ["resource", "data", "ephemeral", "variable", "output", "locals", "module", "provider", "terraform", "moved", "import", "removed", "check"];

/// Reads a folder's `*.tf`, `*.tf.json` and `*.blueprint.hcl` files and, recursively, the local modules they call.
/// `None` when there is nothing to read; otherwise what could be understood, with every mistake reported.
pub fn load(files: &dyn Files, dir: &Path, sources: &mut Sources, diags: &mut Diagnostics) -> Option<Blueprint> {
    if !files.is_dir(dir) {
        let detail = format!("{} is not a directory.", dir.display());
        diags.push(Diagnostic::error("no-configuration", "Configuration directory not found", detail));
        return None;
    }
    let mut loader = Loader { files, sources, diags, root: dir.to_owned(), installed: manifest::read(files, dir) };
    let paths = loader.config_files(dir)?;
    if paths.is_empty() {
        let detail = format!("The directory {} contains no Terraform configuration files: *.tf, *.tf.json or *.blueprint.hcl.", dir.display());
        loader.diags.push(Diagnostic::error("no-configuration", "No configuration files", detail));
        return None;
    }
    let root = loader.module(dir, Path::new("."), Vec::new(), &[clean(dir)]);
    Some(Blueprint { root: Arc::new(root) })
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

pub(super) struct Loader<'l> {
    pub files: &'l dyn Files,
    pub sources: &'l mut Sources,
    pub diags: &'l mut Diagnostics,
    /// The root module's folder.
    pub root: PathBuf,
    /// Where modules from registries and repositories were put, by call path.
    pub installed: BTreeMap<String, manifest::Installed>,
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

    pub fn module(&mut self, dir: &Path, relative: &Path, path: Vec<String>, above: &[PathBuf]) -> Module {
        let mut module = Module { path, dir: dir.to_owned(), relative: relative.to_owned(), ..Module::default() };
        let blocks = self.blocks(dir);
        let mut calls = Vec::new();
        for (block, own) in &blocks {
            if block.kind == "module" { calls.push(block) } else { self.block(block, *own, &mut module) }
        }
        for block in calls {
            self.call(block, &mut module, above);
        }
        module
    }

    /// The top-level blocks of a folder's files, overrides worked in; with each, whether it may be one that only Ravelin has.
    pub fn blocks(&mut self, dir: &Path) -> Vec<(Block, bool)> {
        let mut blocks: Vec<(Block, bool)> = Vec::new();
        for file in self.config_files(dir).unwrap_or_default() {
            let Some(body) = self.parse(&file) else { continue };
            for attr in parse::in_order(&body.attrs) {
                self.diags.push(unsupported_argument(attr, &[], &TOP));
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
        blocks
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
                    if o.ephemeral && module.path.is_empty() {
                        let detail = "Ephemeral outputs are not allowed in context of a root module";
                        reading.error("ephemeral-output", "Ephemeral output not allowed", detail, o.span);
                    }
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
            "import" if !module.path.is_empty() => {
                let at = module.path.iter().map(|n| format!("module.{n}")).collect::<Vec<_>>().join(".");
                let detail = format!("An import block was detected in {at:?}. Import blocks are only allowed in the root module.");
                self.diags.push(Diagnostic::error("import-in-module", "Invalid import configuration", detail).at(block.span));
            }
            "import" => {
                if let Some(import) = reading.import(block) {
                    self.add_import(import, module);
                }
            }
            "removed" => module.removed.extend(reading.removed(block)),
            "check" => self.check(block, module),
            "ephemeral" => {
                if let Some(r) = reading.resource(block, Mode::Ephemeral) {
                    self.add_resource(r, module);
                }
            }
            // Only `*.blueprint.hcl` may hold Ravelin's own blocks; what looks like a slip of the pen is one.
            kind if own && nearest(kind, TOP).is_none() => module.extra.push(block.clone()),
            kind if super::own::BLOCKS.contains(&kind) => self.diags.push(super::own::elsewhere(block)),
            _ if block.body.json => {
                let near = nearest(&block.kind, TOP).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
                let detail = format!("No argument or block type is named {:?}.{near}", block.kind);
                self.diags.push(Diagnostic::error("unsupported-block", "Extraneous JSON object property", detail).at(block.span));
            }
            _ => self.diags.push(unsupported_block(block, &TOP, &[])),
        }
    }

    /// Reports a second declaration of one name.
    #[allow(clippy::too_many_arguments)]
    pub fn unique(&mut self, first: Option<Span>, again: Span, code: &'static str, summary: &str, what: &str, verb: &str, rule: &str) {
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
        self.diags.extend(block.body.blocks.iter().map(unexpected_block));
        for attr in parse::in_order(&block.body.attrs) {
            let first = module.locals.get(&attr.name).map(|l| l.span.to(l.expr.span));
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

    /// What is imported is imported once. Addresses with keys that are worked out are looked at when they have values.
    fn add_import(&mut self, import: Import, module: &mut Module) {
        let written = |i: &Import| self.sources.text(i.to.span).split_whitespace().collect::<String>();
        let to = written(&import);
        if let Some(first) = module.imports.iter().find(|i| i.for_each.is_none() && import.for_each.is_none() && written(i) == to) {
            let place = super::blocks::place(self.sources, first.span);
            let detail = format!("An import block for the resource {to:?} was already declared at {place}. A resource can have only one import block.");
            let summary = format!("Duplicate import configuration for {to:?}");
            self.diags.push(Diagnostic::error("duplicate-import", summary, detail).at(import.to.span).also(first.span, "first declared here"));
            return;
        }
        module.imports.push(import);
    }

    fn check(&mut self, block: &Block, module: &mut Module) {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        let Some((check, data)) = reading.check(block) else { return };
        if let Some(first) = module.checks.get(&check.name).map(|c| c.span) {
            let detail = format!(
                "A check block named {:?} was already declared at {}. Check blocks must be unique within each module.",
                check.name,
                reading.place(first)
            );
            let summary = format!("Duplicate check {:?} configuration", check.name);
            reading.diags.push(Diagnostic::error("duplicate-check", summary, detail).at(check.span).also(first, "first declared here"));
            return;
        }
        if let Some(data) = data {
            self.add_resource(data, module);
        }
        module.checks.insert(check.name.clone(), check);
    }
}

pub fn stem(name: &str) -> Option<&str> {
    [".tf.json", ".blueprint.hcl", ".tf"].iter().find_map(|end| name.strip_suffix(end))
}
