//! Calls of modules: where each comes from, what it is given, and the module itself.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    blocks::{Reading, missing_argument, reserved_block, start_of, static_path, sub, unsupported_argument, unsupported_block},
    blueprint::*,
    files::{Files, clean},
    load::Loader,
    manifest,
    module_source::{self, PUBLIC_REGISTRY, Source},
    parse,
    syntax::NodeKind,
    version::{Constraint, Version},
};
use crate::base::{Diagnostic, Diagnostics, PathStep, Sources, Span};

/// Modules may call modules this deep.
const MAX_DEPTH: usize = 32;

/// The folder, below the root module's, where modules of registries may lie ready: `vendor/modules/NAMESPACE/NAME/PROVIDER`, with
/// the host before it when that is not the public registry, and with the version behind it where there are several.
pub const VENDOR: &str = "vendor/modules";

/// A module call as installing sees it.
#[derive(Clone, Debug)]
pub struct Called {
    pub name: String,
    pub source: Source,
    pub version: Option<Constraint>,
    /// The call's header.
    pub span: Span,
    pub source_span: Span,
}

/// The module calls of a folder by name, with nothing else read; mistakes in them are reported.
pub fn calls(files: &dyn Files, dir: &Path, sources: &mut Sources, diags: &mut Diagnostics) -> Vec<Called> {
    let mut loader = Loader { files, sources, diags, root: dir.to_owned(), installed: BTreeMap::new() };
    let blocks = loader.blocks(dir);
    let mut found: Vec<Called> = Vec::new();
    for (block, _) in blocks.iter().filter(|(b, _)| b.kind == "module") {
        if let Some(call) = loader.origin(block).filter(|c| !found.iter().any(|f| f.name == c.name)) {
            found.push(call);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

impl Loader<'_> {
    /// Where a call says its module comes from.
    fn origin(&mut self, block: &Block) -> Option<Called> {
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        let name = reading.labels(block, &[("name", "module instance name")])?.pop()?;
        let expr = reading.required(block, "source")?;
        let version = block.body.attrs.get("version");
        let constraint = version.and_then(|a| reading.version_constraint(&a.expr)).and_then(|text| Constraint::parse(&text));
        let text = reading.string(&block.body, "source")?;
        match module_source::parse(&text, version.is_some()) {
            Ok(source) => Some(Called { name, source, version: constraint, span: block.span, source_span: expr.span }),
            Err(wrong) => {
                reading.error("module-source", wrong.summary, wrong.detail, expr.span);
                None
            }
        }
    }

    pub fn call(&mut self, block: &Block, module: &mut Module, above: &[PathBuf]) {
        let Some(origin) = self.origin(block) else { return };
        let name = origin.name.clone();
        let mut reading = Reading { sources: self.sources, diags: self.diags };
        for b in &block.body.blocks {
            reading.diags.push(match b.kind.as_str() {
                "lifecycle" | "locals" | "provider" => reserved_block(b, "module"),
                _ => unsupported_block(b, &[], &["providers"]),
            });
        }
        if let Some(first) = module.calls.get(&name).map(|c| c.span) {
            let detail =
                format!("A module call named {name:?} was already defined at {}. Module calls must have unique names within a module.", reading.place(first));
            reading.diags.push(Diagnostic::error("duplicate-module", "Duplicate module call", detail).at(block.span).also(first, "first defined here"));
            return;
        }
        let mut body = block.body.clone();
        let version = body.attrs.remove("version").and_then(|a| a.expr.node.as_literal_str().map(str::to_owned));
        let source = body.attrs.remove("source").and_then(|a| a.expr.node.as_literal_str().map(str::to_owned)).unwrap_or_default();
        let providers = body.attrs.remove("providers").map_or(Vec::new(), |a| provider_map(&mut reading, &a, block.body.json));
        let meta = reading.meta(&mut body);
        let inputs = body.attrs;
        let Some((dir, relative)) = self.resolve(&origin, module) else { return };
        let place = clean(&dir);
        if above.contains(&place) || above.len() > MAX_DEPTH {
            let detail = format!("The module {} calls itself, directly or through the modules it calls.", dir.display());
            self.diags.push(Diagnostic::error("module-cycle", "Module call cycle", detail).at(origin.source_span));
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
            version,
            module: Arc::new(child),
            inputs,
            count: meta.count,
            for_each: meta.for_each,
            depends_on: meta.depends_on,
            providers,
            span: block.span,
        };
        super::providers::check_call(&call, self.diags);
        module.calls.insert(name, call);
    }

    /// Where a module's files are: the folder as read, and as seen from the root module.
    fn resolve(&mut self, call: &Called, module: &Module) -> Option<(PathBuf, PathBuf)> {
        let (dir, relative) = match &call.source {
            Source::Local(path) => (clean(&module.dir.join(path)), clean(&module.relative.join(path))),
            Source::Folder { path, subdir } if self.entry(call, module).is_none() => {
                let dir = clean(&Path::new(path).join(subdir));
                (dir.clone(), dir)
            }
            _ => {
                let relative = self.put(call, module)?;
                (clean(&self.root.join(&relative)), clean(&relative))
            }
        };
        if !self.files.is_dir(&dir) {
            let detail = format!("The directory {} could not be read for module {:?}: it does not exist.", dir.display(), call.name);
            self.diags.push(Diagnostic::error("unreadable-module", "Unreadable module directory", detail).at(call.source_span));
            return None;
        }
        Some((dir, relative))
    }

    fn entry(&self, call: &Called, module: &Module) -> Option<&manifest::Installed> {
        let key = module.path.iter().map(String::as_str).chain([call.name.as_str()]).collect::<Vec<_>>().join(".");
        self.installed.get(&key)
    }

    /// Where a module that is not a folder of its own was put: installed, or lying ready in the vendor folder.
    fn put(&mut self, call: &Called, module: &Module) -> Option<PathBuf> {
        let again = "Run \"ravelin init\" to install all modules required by this configuration.";
        let fits = |entry: &manifest::Installed| same_source(&entry.source, &call.source);
        let entry = self.entry(call, module).cloned();
        if let Some(entry) = entry.as_ref().filter(|e| fits(e)) {
            let version = Version::parse(&entry.version);
            let met = call.version.as_ref().zip(version.as_ref()).is_none_or(|(wanted, have)| wanted.allows(have));
            if met {
                return Some(entry.dir.clone());
            }
        }
        match vendored(self.files, &self.root, &call.source, call.version.as_ref()) {
            Some(Ok((relative, _))) => return Some(relative),
            Some(Err(why)) => {
                self.diags.push(why.at(call.source_span));
                return None;
            }
            None => {}
        }
        let (summary, detail) = match entry {
            Some(entry) if fits(&entry) => (
                "Module version requirements have changed",
                format!(
                    "The version requirements have changed since this module was installed and the installed version ({}) is no longer acceptable. {again}",
                    entry.version
                ),
            ),
            Some(_) => ("Module source has changed", format!("The source address was changed since this module was installed. {again}")),
            None => ("Module not installed", format!("This module is not yet installed. {again}")),
        };
        let found = Diagnostic::error("module-not-installed", summary, detail).at(call.span);
        self.diags.push(match &call.source {
            Source::Registry { .. } => found.hint(vendor_hint(&call.source)),
            _ => found,
        });
        None
    }

    /// Inputs without a variable, and required variables without an input.
    fn check_inputs(&mut self, block: &Block, name: &str, inputs: &BTreeMap<String, Attribute>, child: &Module) {
        for attr in parse::in_order(inputs) {
            if !child.variables.contains_key(&attr.name) {
                let known: Vec<&str> = child.variables.keys().map(String::as_str).collect();
                self.diags.push(unsupported_argument(attr, &known, &[]));
            }
        }
        for variable in child.variables.values().filter(|v| v.default.is_none() && !inputs.contains_key(&v.name)) {
            let missing = missing_argument(&variable.name, block.body.span);
            self.diags.push(missing.also(variable.span, format!("module {name:?} declares it here")));
        }
    }
}

/// Whether an installed module is the one that is called; registries may stand in a manifest without their host.
fn same_source(installed: &str, wanted: &Source) -> bool {
    let normal = wanted.normal();
    installed == normal || normal.strip_prefix(PUBLIC_REGISTRY).is_some_and(|short| short.trim_start_matches('/') == installed)
}

/// A registry's module in the vendor folder, relative to the root module, and its version where folders say it. Nothing when
/// there is none. Errors: no version of it will do.
pub fn vendored(files: &dyn Files, root: &Path, source: &Source, wanted: Option<&Constraint>) -> Option<Result<(PathBuf, String), Diagnostic>> {
    let Source::Registry { subdir, .. } = source else { return None };
    let base = vendor_folder(source)?;
    if !files.is_dir(&root.join(&base)) {
        return None;
    }
    let there = files.list(&root.join(&base)).ok()?;
    let name = |p: &PathBuf| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut versions: Vec<(Version, String)> = there.iter().filter(|p| files.is_dir(p)).map(name).filter_map(|n| Some((Version::parse(&n)?, n))).collect();
    versions.sort();
    if versions.is_empty() {
        return Some(Ok((clean(&base.join(subdir)), String::new())));
    }
    let known: Vec<String> = versions.iter().map(|(_, n)| n.clone()).collect();
    let best = versions.into_iter().rev().find(|(v, _)| wanted.map_or(v.prerelease.is_empty(), |w| w.allows(v)));
    Some(match best {
        Some((_, folder)) => Ok((clean(&base.join(&folder).join(subdir)), folder.trim_start_matches('v').to_owned())),
        None => {
            let detail = format!("The folder {} has no version that meets the call's constraint; it has {}.", base.display(), known.join(", "));
            Err(Diagnostic::error("module-version", "Unresolvable module version constraint", detail))
        }
    })
}

fn vendor_folder(source: &Source) -> Option<PathBuf> {
    let Source::Registry { host, namespace, name, provider, .. } = source else { return None };
    let base = if host == PUBLIC_REGISTRY { PathBuf::from(VENDOR) } else { Path::new(VENDOR).join(host.replace(':', "_")) };
    Some(base.join(namespace).join(name).join(provider))
}

/// What to do about a registry's module that is not there.
pub fn vendor_hint(source: &Source) -> String {
    let folder = vendor_folder(source).unwrap_or_default();
    format!(
        "Ravelin does not ask module registries. Put the module's files into {}; what \"terraform init\" has put under .terraform/modules is used as well.",
        folder.display()
    )
}

fn provider_map(reading: &mut Reading, attr: &Attribute, json: bool) -> Vec<(ProviderName, ProviderName)> {
    let NodeKind::Object(items) = &attr.expr.node.kind else {
        reading.error("invalid-providers", "Invalid expression", "A static map expression is required.", start_of(&attr.expr, reading.sources));
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
            None => match static_path(key).as_deref() {
                Some([PathStep::Name(name), PathStep::Name(alias)]) => Some((name.clone(), Some(alias.clone()))),
                _ => None,
            },
        };
        let parent = reading.provider_ref(&sub(value, file), json);
        if let (Some(child), Some((name, alias, _))) = (child, parent) {
            out.push((child, (name, alias)));
        }
    }
    out
}
