//! The two programs that are asked: terraform as a process, Ravelin in this one.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::Path,
    process::Command,
    rc::Rc,
};

use ravelin::cli::{self, World};
use serde_json::Value as Json;

use super::case::{Answer, Case, Part};

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn members(text: &str) -> Vec<(String, Json)> {
    let json: Json = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let plain = super::compare::plain(&json);
    plain.as_object().cloned().unwrap_or_default().into_iter().collect()
}

/// The diagnostics among a stream of events.
fn diagnostics(stream: &str) -> Vec<String> {
    let mut out: Vec<String> = stream.lines().filter_map(|line| diagnostic(&serde_json::from_str(line).ok()?)).collect();
    out.sort();
    out
}

fn diagnostic(event: &Json) -> Option<String> {
    let d = event.get("diagnostic")?;
    let text = |at: &str| d.pointer(at).and_then(Json::as_str).unwrap_or("-");
    let line = d.pointer("/range/start/line").map_or("-".to_owned(), Json::to_string);
    // The members of a circle stand in the summary there, and in the detail here.
    let summary = text("/summary").split(": ").next().unwrap_or_default().replace("Ravelin", "Terraform");
    Some(format!("{}|{summary}|{}|{line}", text("/severity"), text("/range/filename")))
}

/// Runs the case through the terraform on the PATH.
pub fn terraform(case: &Case) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = Command::new("terraform").args(args).current_dir(folder.path()).env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").output();
        let output = output.unwrap_or_else(|e| panic!("terraform cannot be run: {e}"));
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
    };
    let mut fresh = true;
    for part in &case.parts {
        let line = match part {
            Part::Words(_) => continue,
            Part::File { name, text } => {
                write(folder.path(), name, text);
                fresh = true;
                continue;
            }
            Part::Command { line } => line,
        };
        let needs_modules = case.parts.iter().any(|p| matches!(p, Part::File { text, .. } if text.contains("source = \"./") || text.contains("source     = \"./") || text.contains("source   = \"./")));
        if fresh && needs_modules {
            let (good, told) = run(&["init", "-no-color"]);
            assert!(good, "{}: {told}", case.text());
        }
        fresh = false;
        let mut words = line.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        let (verb, may_fail) = verb.strip_suffix('!').map_or((verb, false), |v| (v, true));
        match verb {
            "plan" => {
                let state = fs::read_to_string(folder.path().join("terraform.tfstate")).ok();
                let (good, told) = run(&[&["plan", "-json", "-input=false", "-out=tfplan"], rest.as_slice()].concat());
                let plan = if good { members(run(&["show", "-json", "tfplan"]).1.lines().next().unwrap_or("{}")) } else { Vec::new() };
                return Answer { state: state.map(|s| serde_json::from_str(&s).unwrap()), diagnostics: diagnostics(&told), plan };
            }
            _ => {
                let extra: &[&str] = if verb == "apply" { &["-auto-approve", "-input=false", "-no-color"] } else { &[] };
                let (good, told) = run(&[&[verb], extra, rest.as_slice()].concat());
                assert!(good != may_fail, "{line}: {told}");
            }
        }
    }
    panic!("the case has no plan");
}

/// Everything that a command writes.
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

fn command(folder: &Path, args: &[&str]) -> (String, i32) {
    let paper = Paper::default();
    let world = World {
        cwd: folder.to_owned(),
        env: BTreeMap::new(),
        out: RefCell::new(Box::new(paper.clone())),
        err: RefCell::new(Box::new(paper.clone())),
        input: RefCell::new(Box::new(|| None)),
        rest: RefCell::new(Box::new(Vec::new)),
        typed: RefCell::new(Box::new(|_| cli::world::Typed::End)),
        interactive: false,
        terminal: None,
        started_ms: 1_788_768_000_000,
        run_id: "00000000-0000-4000-8000-000000000000".into(),
        who: "nobody@desk".into(),
        virtual_time: true,
        random: RefCell::new(Box::new(|bytes| bytes.fill(7))),
    };
    let args = ["ravelin"].iter().chain(args).map(|a| (*a).to_owned());
    let exit = cli::run(args, &world).code();
    let bytes = paper.0.borrow().clone();
    (String::from_utf8_lossy(&bytes).into_owned(), exit)
}

/// Makes the same plan from the same files and the recorded state.
pub fn ravelin(case: &Case) -> Answer {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().canonicalize().unwrap();
    let mut plan = "";
    for part in &case.parts {
        match part {
            Part::File { name, text } => write(&folder, name, text),
            Part::Command { line } if line.starts_with("plan") => plan = line,
            _ => {}
        }
    }
    if let Some(state) = &case.answer.state {
        write(&folder, "terraform.tfstate", &state.to_string());
    }
    let given: Vec<&str> = plan.split_whitespace().skip(1).collect();
    let (told, exit) = command(&folder, &[&["plan", "-json", "-input=false", "-out=tfplan"], given.as_slice()].concat());
    let plan = if exit == 0 { members(&command(&folder, &["show", "-json", "tfplan"]).0) } else { Vec::new() };
    Answer { state: None, diagnostics: diagnostics(&told), plan }
}
