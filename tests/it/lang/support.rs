//! Blueprints in memory, and what evaluation says about them.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use ravelin::{
    base::{Diagnostics, Sources, Value},
    lang::{self, Blueprint, Evaluator, Files, Inputs, deps, vars},
};

/// Files by path, for tests.
#[derive(Default)]
pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    /// Splits text at lines `-- path --`; what comes before the first is `main.tf`.
    pub fn parse(text: &str) -> Memory {
        let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        let mut path = PathBuf::from("main.tf");
        for line in text.split_inclusive('\n') {
            match line.trim().strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
                Some(name) => path = PathBuf::from(name),
                None => files.entry(path.clone()).or_default().extend(line.bytes()),
            }
        }
        Memory(files)
    }
}

fn key(path: &Path) -> PathBuf {
    lang::files::clean(path)
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(&key(path)).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let dir = key(dir);
        let top = dir == Path::new(".");
        let mut found: Vec<PathBuf> = Vec::new();
        for path in self.0.keys() {
            let rest = if top { Some(path.as_path()) } else { path.strip_prefix(&dir).ok() };
            if let Some(first) = rest.and_then(|r| r.components().next()) {
                let entry = if top { PathBuf::from(first.as_os_str()) } else { dir.join(first) };
                if !found.contains(&entry) {
                    found.push(entry);
                }
            }
        }
        Ok(found)
    }

    fn is_dir(&self, path: &Path) -> bool {
        let dir = key(path);
        dir == Path::new(".") || self.0.keys().any(|p| p.starts_with(&dir) && *p != dir)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(&key(path))
    }
}

/// A diagnostic as a reader sees it, in a few lines.
pub fn show(diags: &Diagnostics, sources: &Sources) -> String {
    let mut out = String::new();
    for d in &diags.items {
        let at = d.span.map(|s| format!(" {} `{}`", sources.locate(s), sources.text(s).lines().next().unwrap_or(""))).unwrap_or_default();
        out.push_str(&format!("{:?}[{}]{at}: {}\n", d.severity, d.code, d.summary));
        for line in d.detail.lines() {
            out.push_str(format!("  {line}").trim_end());
            out.push('\n');
        }
        if let Some(hint) = &d.hint {
            out.push_str(&format!("  hint: {hint}\n"));
        }
        for (what, is) in &d.values {
            out.push_str(&format!("  {what} {is}\n"));
        }
    }
    out
}

/// A loaded blueprint and all that its evaluation needs.
pub struct Loaded {
    pub files: Memory,
    pub sources: Sources,
    pub diags: Diagnostics,
    pub blueprint: Option<Blueprint>,
}

pub fn load(text: &str) -> Loaded {
    load_files(Memory::parse(text))
}

pub fn load_files(files: Memory) -> Loaded {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let blueprint = lang::load(&files, Path::new("."), &mut sources, &mut diags);
    Loaded { files, sources, diags, blueprint }
}

pub fn inputs() -> Inputs {
    Inputs { workspace: "default".into(), root_dir: ".".into(), cwd: "/work".into(), now: "2026-03-04T05:06:07Z".into(), plan_mode: true, ..Inputs::default() }
}

/// Loads, checks references, and shows every output of the root module, then the diagnostics.
pub fn outputs(text: &str) -> String {
    outputs_with(text, |_| {})
}

pub fn outputs_of(files: Memory) -> String {
    outputs_loaded(load_files(files), |_| {})
}

pub fn outputs_with(text: &str, prepare: impl FnOnce(&Evaluator)) -> String {
    outputs_loaded(load(text), prepare)
}

fn outputs_loaded(mut l: Loaded, prepare: impl FnOnce(&Evaluator)) -> String {
    let Some(bp) = l.blueprint.take() else { return show(&l.diags, &l.sources) };
    let mut out = String::new();
    if !l.diags.has_errors() {
        let given = vars::gather(&l.files, Path::new("."), &[], &[], &mut l.sources, &mut l.diags);
        let variables = vars::assign(&bp.root, given, &mut l.diags);
        deps::validate_references(&bp, &l.sources, &mut l.diags);
        let ev = Evaluator::new(&bp, &l.sources, &l.files, Inputs { variables, ..inputs() });
        prepare(&ev);
        ev.check_variables(&mut l.diags);
        let gate = l.diags.has_errors();
        for name in bp.root.outputs.keys().filter(|_| !gate) {
            let value = ev.output(&Default::default(), name, &mut l.diags);
            out.push_str(&format!("{name} = {}\n", text_of(&value)));
        }
    }
    out.push_str(&show(&l.diags, &l.sources));
    out
}

/// The value of one expression and what was reported.
pub fn eval(expr: &str) -> String {
    outputs(&format!("output \"o\" {{\n  value = {expr}\n}}\n"))
}

/// A value with its type, when that is not obvious.
pub fn text_of(value: &Value) -> String {
    format!("{value}: {}", value.ty())
}
