//! `validate -json` against Terraform's: `validate.txt` holds wrong configurations with what Terraform finds in each, and
//! `validate-differences.txt` where Ravelin finds something else. `RAVELIN_RECORD=1` has the program on the path answer anew.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::Path,
    process::Command,
    rc::Rc,
};

use expect_test::expect_file;
use ravelin::cli::{self, World, world::Typed};

struct Case<'t> {
    name: &'t str,
    /// The files as written.
    text: &'t str,
    expected: &'t str,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let parts = text.split("=== ").skip(1);
    parts
        .map(|part| {
            let (name, body) = part.split_once('\n').unwrap();
            let (text, expected) = body.split_once("--- terraform\n").unwrap();
            Case { name, text, expected }
        })
        .collect()
}

fn write_files(folder: &Path, text: &str) {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut name = "main.tf".to_owned();
    for line in text.split_inclusive('\n') {
        match line.trim().strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
            Some(file) => {
                name = file.to_owned();
                files.entry(name.clone()).or_default();
            }
            None => files.entry(name.clone()).or_default().push_str(line),
        }
    }
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Findings, one a line: severity, place, summary and detail.
fn told(answer: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(&answer[answer.find('{').unwrap_or(0)..]).unwrap_or_else(|e| panic!("{e}: {answer}"));
    let mut out = String::new();
    for d in json["diagnostics"].as_array().unwrap() {
        let text = |v: &serde_json::Value| v.as_str().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
        let range = &d["range"];
        let place = match range.is_null() {
            true => "-".to_owned(),
            false => format!("{}:{}:{}", text(&range["filename"]), range["start"]["line"], range["start"]["column"]),
        };
        let _ = writeln!(out, "{} {place}: {} | {}", text(&d["severity"]), text(&d["summary"]), text(&d["detail"]));
    }
    out
}

fn terraform(folder: &Path, calls: bool) -> String {
    let run = |args: &[&str]| Command::new("terraform").args(args).current_dir(folder).output().unwrap();
    if calls {
        run(&["get"]);
    }
    told(&String::from_utf8(run(&["validate", "-json"]).stdout).unwrap())
}

#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn ravelin(folder: &Path) -> String {
    let paper = Paper::default();
    let world = World {
        cwd: folder.canonicalize().unwrap(),
        env: BTreeMap::new(),
        out: RefCell::new(Box::new(paper.clone())),
        err: RefCell::new(Box::new(paper.clone())),
        input: RefCell::new(Box::new(|| None)),
        rest: RefCell::new(Box::new(Vec::new)),
        typed: RefCell::new(Box::new(|_| Typed::End)),
        interactive: false,
        terminal: None,
        started_ms: 1_788_768_000_000,
        run_id: "00000000-0000-4000-8000-000000000000".to_owned(),
        who: "tester@desk".to_owned(),
        virtual_time: true,
        random: RefCell::new(Box::new(|bytes| bytes.fill(7))),
    };
    cli::run(["ravelin", "validate", "-json"].map(str::to_owned), &world);
    let bytes = paper.0.borrow().clone();
    told(&String::from_utf8(bytes).unwrap())
}

/// Severity, place and summary of each finding, sorted.
fn heads(told: &str) -> Vec<&str> {
    let mut heads: Vec<&str> = told.lines().map(|l| l.split(" | ").next().unwrap_or(l)).collect();
    heads.sort_unstable();
    heads.dedup();
    heads
}

#[test]
fn wrong_configurations_are_found_wrong_as_by_terraform() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/validate.txt");
    let text = fs::read_to_string(&path).unwrap();
    let (record, mut recorded, mut wrong) = (std::env::var_os("RAVELIN_RECORD").is_some(), String::new(), String::new());
    let cases = cases(&text);
    for case in &cases {
        let folder = tempfile::tempdir().unwrap();
        write_files(folder.path(), case.text);
        if record {
            let answer = terraform(folder.path(), case.text.contains("module \""));
            let _ = write!(recorded, "=== {}\n{}--- terraform\n{answer}", case.name, case.text);
            continue;
        }
        let got = ravelin(folder.path());
        if heads(case.expected) != heads(&got) {
            let _ = write!(wrong, "=== {}\n--- terraform\n{}--- ravelin\n{got}", case.name, case.expected);
        }
    }
    if record {
        fs::write(path, recorded).unwrap();
        return;
    }
    assert!(cases.len() >= 150, "the configurations were not read");
    expect_file!["./validate-differences.txt"].assert_eq(&wrong);
}
