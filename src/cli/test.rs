//! `ravelin test`: run blocks of `*.tftest.hcl` files, planned and applied against a fresh simulator for each file.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::{ArgAction, Args};

use super::{
    Exit,
    args::{Place, Vars},
    block_on, disk,
    session::Session,
    test_file::Suite,
    test_report::{FileResult, Report, Status},
    ui::Ui,
};
use crate::{
    base::{Diagnostic, Diagnostics},
    lang::{self, Blueprint, Disk, Files, testfile, testfile::TestFile, vars::Given},
};

/// Run the tests of a module: `*.tftest.hcl` files in the folder and in its tests folder.
///
/// Each file has a fresh embedded Azure simulator, and everything that its run blocks create is destroyed at its end.
#[derive(Args, Debug)]
pub struct TestArgs {
    /// The folder of the module under test; the current folder without it.
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Run only these test files; may be repeated.
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub filter: Vec<String>,
    /// Where test files are, beside the folder itself.
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub test_directory: String,
    /// Show the plan or the state of each run block.
    #[arg(long)]
    pub verbose: bool,
    /// One JSON object per line instead of text.
    #[arg(long)]
    pub json: bool,
    /// Write a report in JUnit's format as well.
    #[arg(long, value_name = "FILE")]
    pub junit_xml: Option<PathBuf>,
    /// Create real resources in the real Azure instead of the simulator.
    #[arg(long)]
    pub live: bool,
    #[command(flatten)]
    pub vars: Vars,
    /// How many steps run at once.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
}

/// A folder with its tests, read.
struct Loaded {
    main: Blueprint,
    /// Other modules that run blocks name, by their source.
    modules: BTreeMap<String, Blueprint>,
    files: Vec<TestFile>,
    given: Vec<Given>,
}

pub fn run(args: TestArgs, ui: &Ui) -> Exit {
    *ui.json.borrow_mut() = args.json;
    let mut session = Session::new(ui, &Place { dir: args.dir.clone(), sim: !args.live, state: None });
    session.sim = !args.live;
    let mut diags = Diagnostics::default();
    let Some(loaded) = load(&args, &mut session, &mut diags) else { return ui.fail(&diags, &session.sources) };
    if diags.has_errors() {
        return ui.fail(&diags, &session.sources);
    }
    ui.diagnostics(&diags, &session.sources);
    let report = Report { ui, sources: &session.sources, verbose: args.verbose };
    report.begin(&loaded.files);
    let suite =
        Suite { session: &session, main: &loaded.main, modules: &loaded.modules, given: &loaded.given, report: &report, parallelism: args.parallelism.max(1) };
    let mut results = Vec::new();
    for file in &loaded.files {
        match block_on(session.sim, suite.file(file)) {
            Ok(result) => results.push(result),
            Err(diagnostic) => return ui.fail_with(diagnostic),
        }
    }
    report.end(&results);
    if let Some(path) = &args.junit_xml
        && let Err(diagnostic) = write_junit(&report, &results, &ui.dir.join(path))
    {
        return ui.fail_with(diagnostic);
    }
    let good = |file: &FileResult| matches!(file.status, Status::Pass | Status::Skip);
    if results.iter().all(good) { Exit::Ok } else { Exit::Failed }
}

fn write_junit(report: &Report, results: &[FileResult], path: &Path) -> Result<(), Diagnostic> {
    disk::write_private(path, &report.junit(results))
        .map_err(|e| Diagnostic::error("junit", "Report cannot be written", format!("{} cannot be written: {e}.", path.display())))
}

/// Reads the module, the test files that were asked for, and the modules that they name.
fn load(args: &TestArgs, session: &mut Session<'_, '_>, diags: &mut Diagnostics) -> Option<Loaded> {
    let main = session.load(&Disk, diags)?;
    let mut paths = found(&Disk, &session.dir, Path::new(""));
    paths.extend(found(&Disk, &session.dir.join(&args.test_directory), Path::new(&args.test_directory)));
    let wanted: Vec<String> = args.filter.iter().map(|f| f.trim_start_matches("./").to_owned()).collect();
    let unknown: Vec<&str> = wanted.iter().filter(|w| !paths.iter().any(|(shown, _)| shown == *w)).map(String::as_str).collect();
    if !unknown.is_empty() {
        let detail = format!("The following test files were specified using the -filter flag, but could not be found: {}.", unknown.join(", "));
        let known: Vec<&str> = paths.iter().map(|(shown, _)| shown.as_str()).collect();
        let hint = if known.is_empty() { "There are no test files.".to_owned() } else { format!("There are: {}.", known.join(", ")) };
        diags.push(Diagnostic::error("unknown-test-file", "Unknown test files", detail).hint(hint));
        return None;
    }
    paths.retain(|(shown, _)| wanted.is_empty() || wanted.contains(shown));
    paths.sort();
    let dir = session.dir.clone();
    let files: Vec<TestFile> = paths.iter().map(|(shown, path)| testfile::read(&Disk, &dir, path, shown, &mut session.sources, diags)).collect();
    let mut modules = BTreeMap::new();
    for (source, span) in files.iter().flat_map(|f| &f.runs).filter_map(|r| r.module.as_ref()) {
        if modules.contains_key(source) {
            continue;
        }
        if !(source.starts_with("./") || source.starts_with("../")) {
            let detail = format!("The module {source:?} of this run block is not a local folder.");
            diags.push(
                Diagnostic::error("test-module", "Unsupported module source", detail)
                    .at(*span)
                    .hint("Write it as \"./path\", relative to the folder under test."),
            );
            continue;
        }
        let folder = lang::files::clean(&dir.join(source));
        if let Some(module) = lang::load(&Disk, &folder, &mut session.sources, diags) {
            lang::validate_references(&module, &session.sources, diags);
            modules.insert(source.clone(), module);
        }
    }
    let given = session.all_given(&Disk, &args.vars, &[dir.join(&args.test_directory)], diags);
    Some(Loaded { main, modules, files, given })
}

/// The test files of a folder: how they are shown, and where they are.
fn found(files: &dyn Files, dir: &Path, shown: &Path) -> Vec<(String, PathBuf)> {
    let is_test = |p: &PathBuf| p.to_str().is_some_and(|p| p.ends_with(".tftest.hcl") || p.ends_with(".tftest.json")) && files.is_file(p);
    let listed = files.list(dir).unwrap_or_default();
    listed.into_iter().filter(is_test).filter_map(|p| Some((shown.join(p.file_name()?).to_string_lossy().into_owned(), p))).collect()
}
