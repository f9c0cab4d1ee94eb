//! Files in memory, and a folder of them read and evaluated.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use ravelin::{
    base::{Diagnostics, ModulePath, Sources},
    lang::{self, Evaluator, Files, Inputs, deps, files::clean, vars},
};

pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(&clean(path)).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(if clean(dir) == Path::new(".") { self.0.keys().cloned().collect() } else { Vec::new() })
    }

    fn is_dir(&self, path: &Path) -> bool {
        clean(path) == Path::new(".")
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(&clean(path))
    }
}

/// Reads a folder of these files, and evaluates its outputs.
pub fn run(files: &[(&str, &[u8])]) {
    let memory = Memory(files.iter().map(|(p, t)| (PathBuf::from(p), t.to_vec())).collect());
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let Some(bp) = lang::load(&memory, Path::new("."), &mut sources, &mut diags) else { return };
    let given = vars::gather(&memory, Path::new("."), &[], &[], &mut sources, &mut diags);
    let variables = vars::assign(&bp.root, given, &mut diags);
    deps::validate_references(&bp, &sources, &mut diags);
    deps::dependencies(&bp);
    let inputs = Inputs { variables, now: "2026-03-04T05:06:07Z".into(), root_dir: ".".into(), cwd: "/work".into(), plan_mode: true, ..Inputs::default() };
    let ev = Evaluator::new(&bp, &sources, &memory, inputs);
    ev.check_variables(&mut diags);
    for name in bp.root.outputs.keys() {
        ev.output(&ModulePath::root(), name, &mut diags);
    }
    for d in &diags.items {
        d.span.map(|s| sources.locate(s));
    }
}
