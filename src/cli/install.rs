//! Installing modules: what calls name is put below `.terraform/modules`, and written down as Terraform writes it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{disk, git, session::Session, ui::Ui};
use crate::{
    base::{Diagnostic, Diagnostics, Sources},
    lang::{
        self, Called, Disk,
        files::clean,
        manifest::{self, Installed},
        module_source::{Repository, Source},
        version::Version,
    },
};

/// Modules may call modules this deep.
const MAX_DEPTH: usize = 32;

/// A run that installs.
struct Run<'r, 'w> {
    ui: &'r Ui<'w>,
    root: &'r Path,
    sources: &'r mut Sources,
    diags: &'r mut Diagnostics,
    /// What was installed before.
    before: BTreeMap<String, Installed>,
    after: BTreeMap<String, Installed>,
    /// Fetch again what is there.
    upgrade: bool,
    /// Repositories that this run has fetched, by their address.
    fetched: BTreeMap<String, PathBuf>,
}

/// Installs every module that the session's folder calls, directly or not. A folder without calls is left alone.
pub fn modules(session: &mut Session, upgrade: bool, diags: &mut Diagnostics) {
    let root = session.dir.clone();
    let before = manifest::read(&Disk, &root);
    let there = !before.is_empty();
    let mut run = Run { ui: session.ui, root: &root, sources: &mut session.sources, diags, before, after: BTreeMap::new(), upgrade, fetched: BTreeMap::new() };
    run.folder(&root, Path::new("."), &[]);
    let after = std::mem::take(&mut run.after);
    if after.is_empty() && !there {
        return;
    }
    let path = root.join(manifest::PATH);
    let written = path.parent().map_or(Ok(()), disk::make_dir).and_then(|()| disk::write(&path, &manifest::write(&after)));
    if let Err(why) = written {
        diags.push(Diagnostic::error("modules-manifest", "Modules cannot be written down", format!("{} cannot be written: {why}.", path.display())));
    }
}

impl Run<'_, '_> {
    /// The modules that a folder calls, and those that they call.
    fn folder(&mut self, dir: &Path, relative: &Path, path: &[String]) {
        if path.len() > MAX_DEPTH {
            // Loading tells the circle.
            return;
        }
        for call in lang::calls(&Disk, dir, self.sources, self.diags) {
            let names: Vec<String> = path.iter().cloned().chain([call.name.clone()]).collect();
            let key = names.join(".");
            let Some((inner, version)) = self.place(&call, &key, relative) else { continue };
            let dir = clean(&self.root.join(&inner));
            if !disk::is_dir(&dir) {
                let detail = format!("The directory {} could not be read for module {:?}: it does not exist.", inner.display(), call.name);
                self.diags.push(Diagnostic::error("unreadable-module", "Unreadable module directory", detail).at(call.source_span));
                continue;
            }
            self.ui.say(&format!("- {key} in {}\n", inner.display()));
            self.after.insert(key.clone(), Installed { key, source: call.source.normal(), version, dir: inner.clone() });
            self.folder(&dir, &inner, &names);
        }
    }

    /// Where a call's module is once it is installed, relative to the root, and its version.
    fn place(&mut self, call: &Called, key: &str, relative: &Path) -> Option<(PathBuf, String)> {
        match &call.source {
            Source::Local(path) => Some((clean(&relative.join(path)), String::new())),
            Source::Folder { path, subdir } => Some((clean(&Path::new(path).join(subdir)), String::new())),
            Source::Git(repository) => {
                let base = Path::new(".terraform/modules").join(key);
                let inner = clean(&base.join(&repository.subdir));
                if self.is_there(call, key) || self.fetch(call, key, repository, &base) { Some((inner, String::new())) } else { None }
            }
            Source::Registry { .. } => self.registry(call, key),
            Source::Other { kind, package } => {
                let detail = format!("The module {key:?} comes from {package:?}. Ravelin fetches modules from folders and git repositories, not by {kind}.");
                let found = Diagnostic::error("module-source-kind", "Unsupported module source", detail).at(call.source_span);
                self.diags
                    .push(found.hint("Download and unpack it yourself and give its folder as the source, or use its git repository: \"git::https://…\"."));
                None
            }
        }
    }

    /// Whether the very same was installed before and is not to be fetched again.
    fn is_there(&self, call: &Called, key: &str) -> bool {
        let same = |i: &&Installed| i.source == call.source.normal() && disk::is_dir(&self.root.join(&i.dir));
        !self.upgrade && self.before.get(key).filter(same).is_some()
    }

    fn registry(&mut self, call: &Called, key: &str) -> Option<(PathBuf, String)> {
        match lang::vendored(&Disk, self.root, &call.source, call.version.as_ref()) {
            Some(Ok(found)) => return Some(found),
            Some(Err(why)) => {
                self.diags.push(why.at(call.source_span));
                return None;
            }
            None => {}
        }
        // What Terraform installed stays good as long as it is what the call asks for.
        let same = |i: &&Installed| i.source == call.source.normal() && disk::is_dir(&self.root.join(&i.dir));
        let fits = |i: &&Installed| call.version.as_ref().zip(Version::parse(&i.version)).is_none_or(|(wanted, have)| wanted.allows(&have));
        match self.before.get(key).filter(same).filter(fits) {
            Some(entry) => Some((entry.dir.clone(), entry.version.clone())),
            None => {
                self.diags.push(registry_unreached(call, key));
                None
            }
        }
    }

    fn fetch(&mut self, call: &Called, key: &str, repository: &Repository, base: &Path) -> bool {
        let (package, into) = (repository.package(), self.root.join(base));
        self.ui.say(&format!("Downloading {package} for {key}...\n"));
        let cleared = disk::remove_folder(&into).and_then(|()| into.parent().map_or(Ok(()), disk::make_dir));
        let done = match (cleared, self.fetched.get(&package)) {
            (Err(why), _) => Err(format!("{} cannot be replaced: {why}", into.display())),
            (Ok(()), Some(first)) => disk::copy_folder(first, &into).map_err(|why| format!("{} cannot be copied: {why}", first.display())),
            (Ok(()), None) => git::fetch(repository, &into),
        };
        match done {
            Ok(()) => {
                self.fetched.entry(package).or_insert(into);
                true
            }
            Err(why) => {
                let detail = format!("Could not download module {key:?} ({}) source code from {package:?}: {why}", self.sources.locate(call.span));
                self.diags.push(Diagnostic::error("module-download", "Failed to download module", detail).at(call.span));
                false
            }
        }
    }
}

fn registry_unreached(call: &Called, key: &str) -> Diagnostic {
    let detail = format!("The module {key:?} comes from a registry, {}, and is not installed.", call.source.normal());
    Diagnostic::error("module-registry", "Module registries are not asked", detail).at(call.source_span).hint(lang::vendor_hint(&call.source))
}
