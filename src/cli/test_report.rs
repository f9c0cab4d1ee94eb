//! What `ravelin test` tells while it goes on, and its JUnit report.

use serde_json::{Map, Value as Json, json};

use super::{ui::Ui, world::rfc3339};
use crate::{
    base::{Diagnostic, Diagnostics, Sources},
    lang::testfile::{TestFile, TestRun},
    plan::Plan,
    render,
    state::State,
};

/// How a run or a file ended; the greater is the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Pass,
    Skip,
    Fail,
    Error,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Skip => "skip",
            Status::Fail => "fail",
            Status::Error => "error",
        }
    }

    /// An error is a failure as well.
    fn told(self) -> &'static str {
        if self == Status::Error { "fail" } else { self.word() }
    }
}

/// What a run can show of itself.
pub enum Shown {
    Plan(Box<Plan>),
    State(Box<State>),
}

pub struct RunResult {
    pub name: String,
    pub status: Status,
    pub diags: Diagnostics,
    pub shown: Option<Shown>,
    pub asserts: usize,
    pub millis: i64,
    /// The run whose error made this one to be skipped.
    pub after: Option<String>,
}

impl RunResult {
    pub fn of(name: &str, status: Status, diags: Diagnostics) -> RunResult {
        RunResult { name: name.to_owned(), status, diags, shown: None, asserts: 0, millis: 0, after: None }
    }

    pub fn skipped(name: &str, after: &str) -> RunResult {
        RunResult { after: Some(after.to_owned()), ..RunResult::of(name, Status::Skip, Diagnostics::default()) }
    }
}

pub struct FileResult {
    pub path: String,
    pub status: Status,
    pub runs: Vec<RunResult>,
}

/// Tells, in text or in JSON.
pub struct Report<'a, 'w> {
    pub ui: &'a Ui<'w>,
    pub sources: &'a Sources,
    pub verbose: bool,
}

impl Report<'_, '_> {
    pub fn begin(&self, files: &[TestFile]) {
        if !self.ui.is_json() {
            return;
        }
        let version = env!("CARGO_PKG_VERSION");
        self.line("info", &format!("Ravelin {version}"), "version", &[("ravelin", json!(version)), ("ui", json!("1.2"))]);
        let runs: usize = files.iter().map(|f| f.runs.len()).sum();
        let plural = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
        let message = format!("Found {} and {}", plural(files.len(), "file"), plural(runs, "run block"));
        let named: Map<String, Json> = files.iter().map(|f| (f.path.clone(), json!(f.runs.iter().map(|r| &r.name).collect::<Vec<_>>()))).collect();
        self.line("info", &message, "test_abstract", &[("test_abstract", Json::Object(named))]);
    }

    pub fn file_begins(&self, file: &TestFile) {
        self.ui.say(&format!("{}... {}\n", file.path, self.ui.style.dim("in progress")));
        self.file_line(&file.path, "in progress", json!({ "path": file.path, "progress": "starting" }));
    }

    pub fn file_tears_down(&self, file: &TestFile) {
        self.ui.say(&format!("{}... {}\n", file.path, self.ui.style.dim("tearing down")));
        self.file_line(&file.path, "tearing down", json!({ "path": file.path, "progress": "teardown" }));
    }

    pub fn file_ended(&self, file: &FileResult, left: &Diagnostics) {
        self.diagnostics(left, &file.path, None);
        self.ui.say(&format!("{}... {}\n", file.path, self.colored(file.status)));
        let object = json!({ "path": file.path, "progress": "complete", "status": file.status.word() });
        self.file_line(&file.path, file.status.told(), object);
    }

    pub fn run_begins(&self, file: &TestFile, run: &TestRun) {
        self.run_line(&file.path, &run.name, "in progress", json!({ "path": file.path, "run": run.name, "progress": "starting", "elapsed": 0 }));
    }

    pub fn run_ended(&self, file: &TestFile, run: &RunResult) {
        self.ui.say(&format!("  run {:?}... {}\n", run.name, self.colored(run.status)));
        let object = json!({ "path": file.path, "run": run.name, "progress": "complete", "status": run.status.word() });
        self.run_line(&file.path, &run.name, run.status.told(), object);
        if self.verbose
            && let Some(shown) = &run.shown
        {
            self.show(&file.path, run, shown);
        }
        self.diagnostics(&run.diags, &file.path, Some(&run.name));
    }

    /// The plan or the state of a run.
    fn show(&self, path: &str, run: &RunResult, shown: &Shown) {
        let shapes = &super::show::shapes;
        match shown {
            Shown::Plan(plan) => {
                let telling = render::Telling { shapes, sources: self.sources, style: &self.ui.style, errored: false };
                self.ui.say(&format!("{}\n", render::plan_text(plan, &telling)));
                let with = render::Surroundings { shapes, state: Some(&plan.prior), blueprint: None, sources: self.sources, errored: false };
                let tags = [("@testfile", json!(path)), ("@testrun", json!(run.name)), ("test_plan", render::plan_json(plan, &with))];
                self.line("info", "-verbose flag enabled, printing plan", "test_plan", &tags);
            }
            Shown::State(state) => {
                self.ui.say(&format!("\n{}\n", render::state_text(state, shapes, &self.ui.style)));
                let tags = [("@testfile", json!(path)), ("@testrun", json!(run.name)), ("test_state", render::state_json(state, shapes))];
                self.line("info", "-verbose flag enabled, printing state", "test_state", &tags);
            }
        }
    }

    pub fn end(&self, files: &[FileResult]) {
        let count = |status: Status| files.iter().flat_map(|f| &f.runs).filter(|r| r.status == status).count();
        let (passed, failed, errored, skipped) = (count(Status::Pass), count(Status::Fail), count(Status::Error), count(Status::Skip));
        let worst = files.iter().map(|f| f.status).max().unwrap_or(Status::Pass);
        let good = !matches!(worst, Status::Fail | Status::Error);
        let mut message = format!("{} {passed} passed, {} failed", if good { "Success!" } else { "Failure!" }, failed + errored);
        if skipped > 0 {
            message.push_str(&format!(", {skipped} skipped"));
        }
        message.push('.');
        let (word, rest) = message.split_once(' ').unwrap_or((&message, ""));
        let colored = if good { self.ui.style.green(word) } else { self.ui.style.red(word) };
        self.ui.say(&format!("\n{colored} {rest}\n"));
        let summary = json!({ "status": worst.word(), "passed": passed, "failed": failed, "errored": errored, "skipped": skipped });
        self.line("info", &message, "test_summary", &[("test_summary", summary)]);
    }

    fn colored(&self, status: Status) -> String {
        match status {
            Status::Pass => self.ui.style.green("pass"),
            Status::Skip => self.ui.style.dim("skip"),
            Status::Fail | Status::Error => self.ui.style.red("fail"),
        }
    }

    fn diagnostics(&self, diags: &Diagnostics, path: &str, run: Option<&str>) {
        if !self.ui.is_json() {
            return self.ui.diagnostics(diags, self.sources);
        }
        for diagnostic in &diags.items {
            let mut tags = vec![("@testfile", json!(path))];
            tags.extend(run.map(|run| ("@testrun", json!(run))));
            tags.push(("diagnostic", render::diagnostic_json(diagnostic, self.sources)));
            let (level, word) = if diagnostic.is_error() { ("error", "Error") } else { ("warn", "Warning") };
            self.line(level, &format!("{word}: {}", diagnostic.summary), "diagnostic", &tags);
        }
    }

    fn file_line(&self, path: &str, what: &str, object: Json) {
        self.line("info", &format!("{path}... {what}"), "test_file", &[("@testfile", json!(path)), ("test_file", object)]);
    }

    fn run_line(&self, path: &str, run: &str, what: &str, object: Json) {
        let tags = [("@testfile", json!(path)), ("@testrun", json!(run)), ("test_run", object)];
        self.line("info", &format!("  {run:?}... {what}"), "test_run", &tags);
    }

    /// One line of the JSON form, whose keys are Terraform's.
    fn line(&self, level: &str, message: &str, kind: &str, more: &[(&str, Json)]) {
        if !self.ui.is_json() {
            return;
        }
        let mut line = Map::new();
        line.insert("@level".into(), json!(level));
        line.insert("@message".into(), json!(message));
        line.insert("@module".into(), json!("ravelin.ui"));
        line.insert("@timestamp".into(), json!(rfc3339(self.ui.now_ms())));
        line.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        line.insert("type".into(), json!(kind));
        self.ui.world.say(&format!("{}\n", Json::Object(line)));
    }

    /// The report that build servers read, in the form of Terraform's.
    pub fn junit(&self, files: &[FileResult]) -> String {
        let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><testsuites>\n".to_owned();
        for file in files {
            let count = |status: Status| file.runs.iter().filter(|r| r.status == status).count();
            out.push_str(&format!(
                "  <testsuite name=\"{}\" tests=\"{}\" skipped=\"{}\" failures=\"{}\" errors=\"{}\">\n",
                escaped(&file.path),
                file.runs.len(),
                count(Status::Skip),
                count(Status::Fail),
                count(Status::Error)
            ));
            file.runs.iter().for_each(|run| out.push_str(&self.testcase(&file.path, run)));
            out.push_str("  </testsuite>\n");
        }
        out.push_str("</testsuites>\n");
        out
    }

    fn testcase(&self, path: &str, run: &RunResult) -> String {
        let seconds = if run.status == Status::Skip { String::new() } else { format!(" time=\"{:.3}\"", run.millis as f64 / 1000.0) };
        let head = format!("    <testcase name=\"{}\" classname=\"{}\"{seconds}", escaped(&run.name), escaped(path));
        let plain = render::Style { color: false, ..self.ui.style };
        let text = |diags: &mut dyn Iterator<Item = &Diagnostic>| render::diagnostics(diags, self.sources, &plain);
        let inner = match run.status {
            Status::Pass => return format!("{head}></testcase>\n"),
            Status::Skip => {
                let why = match &run.after {
                    Some(after) => format!("Previous testcase {after:?} ended in error, which caused the remaining tests in the file to be skipped"),
                    None => "Testcase skipped".to_owned(),
                };
                format!("<skipped message=\"Testcase skipped due to a previous testcase error\"><![CDATA[{}]]></skipped>", section(&why))
            }
            Status::Fail => {
                let failed: Vec<&Diagnostic> = run.diags.items.iter().filter(|d| d.code == "test-assertion").collect();
                let first = failed.first().map_or("", |d| d.detail.as_str());
                let message = format!("{} of {} assertions failed, including: {first}", failed.len(), run.asserts);
                format!("<failure message=\"{}\"><![CDATA[{}]]></failure>", escaped(&message), section(&text(&mut failed.into_iter())))
            }
            Status::Error => {
                let told = text(&mut run.diags.items.iter().filter(|d| d.is_error()));
                format!("<error message=\"Encountered an error\"><![CDATA[{}]]></error>", section(&told))
            }
        };
        format!("{head}>\n      {inner}\n    </testcase>\n")
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;").replace('\n', "&#xA;")
}

/// A text inside CDATA, which ends at the first `]]>`.
fn section(text: &str) -> String {
    text.replace("]]>", "]]]]><![CDATA[>")
}
