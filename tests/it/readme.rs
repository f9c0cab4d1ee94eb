//! What the READMEs show is true: their commands are run, in order, and print what stands below them.
//!
//! In a `console` block, lines that begin with `$ ` are commands and the rest is what they print; in a `sh` block every
//! line is a command. A line `…` stands for any lines, `…` within a line for any text. `$ echo $?` shows how the command
//! before it ended; every other command has to end with 0.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    rc::Rc,
};

use ravelin::cli::{self, World, world::Typed};
use regex::Regex;

use crate::cli::transcript::words;

/// Why a command is not run here.
enum Instead {
    /// `.ci/run` has it, word for word.
    Ci,
    /// Nothing that could be checked comes of it here.
    Because(&'static str),
}

const ELSEWHERE: [(&str, Instead); 3] = [
    ("cargo test", Instead::Ci),
    ("export PATH=\"$PWD/target/release:$PATH\"", Instead::Because("it only tells the shell where the program is")),
    ("ravelin sim serve --hurry 60", Instead::Because("it runs until it is stopped; tests/it/sim has the server")),
];

const BUILD_AND_RUN: &str = "cargo run --release -- ";

#[derive(Debug, PartialEq)]
struct Shown {
    command: String,
    /// Nothing in a `sh` block.
    output: Option<Vec<String>>,
    /// Line of the README, for messages.
    line: usize,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn commands(text: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let mut fence: Option<&str> = None;
    for (i, line) in text.lines().enumerate() {
        if let Some(language) = line.strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language) };
            continue;
        }
        let command = match fence {
            Some("sh") if !line.is_empty() => Some((line.strip_prefix("$ ").unwrap_or(line), None)),
            Some("console") => line.strip_prefix("$ ").map(|c| (c, Some(Vec::new()))),
            _ => None,
        };
        match (command, found.last_mut()) {
            (Some((command, output)), _) => found.push(Shown { command: command.to_owned(), output, line: i + 1 }),
            (None, Some(Shown { output: Some(output), .. })) if fence == Some("console") => output.push(line.to_owned()),
            _ => {}
        }
    }
    found
}

/// Whether an output reads as it is shown. Errors: the first line that is not found.
fn reads(output: &str, shown: &[String]) -> Result<(), String> {
    let lines: Vec<&str> = output.lines().collect();
    let is_blank = |l: &&str| l.trim().is_empty();
    let first = lines.iter().position(|l| !is_blank(l)).unwrap_or(lines.len());
    let last = lines.iter().rposition(|l| !is_blank(l)).map_or(first, |i| i + 1);
    let mut rest = &lines[first..last];
    let begin = shown.iter().position(|l| !l.is_empty()).unwrap_or(shown.len());
    let end = shown.iter().rposition(|l| !l.is_empty()).map_or(begin, |i| i + 1);
    let mut skipping = false;
    for line in &shown[begin..end] {
        if line == "…" {
            skipping = true;
            continue;
        }
        let pattern: Vec<String> = line.split('…').map(regex::escape).collect();
        let pattern = Regex::new(&format!("^{}$", pattern.join(".*"))).map_err(|e| e.to_string())?;
        let found = match skipping {
            true => rest.iter().position(|l| pattern.is_match(l)),
            false => rest.first().and_then(|l| pattern.is_match(l).then_some(0)),
        };
        let Some(found) = found else { return Err(format!("{line:?} is not there; what is:\n{}", excerpt(rest))) };
        rest = &rest[found + 1..];
        skipping = false;
    }
    if rest.is_empty() || skipping { Ok(()) } else { Err(format!("more is printed than is shown:\n{}", excerpt(rest))) }
}

/// As much of an output as a message can hold.
fn excerpt(lines: &[&str]) -> String {
    let short: Vec<String> = lines.iter().take(60).map(|l| l.chars().take(200).collect()).collect();
    short.join("\n")
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

/// One command in a folder. Commands follow each other by seconds, as when somebody types them; what the simulator
/// has rehearsed in the meantime took longer by its own clock.
fn run(folder: &Path, number: i64, args: Vec<String>) -> (String, i32) {
    let paper = Paper::default();
    let world = World {
        cwd: folder.to_owned(),
        env: BTreeMap::new(),
        out: RefCell::new(Box::new(paper.clone())),
        err: RefCell::new(Box::new(paper.clone())),
        input: RefCell::new(Box::new(|| None)),
        rest: RefCell::new(Box::new(Vec::new)),
        typed: RefCell::new(Box::new(|_| Typed::End)),
        interactive: false,
        terminal: None,
        started_ms: 1_788_768_000_000 + number * 2_000,
        run_id: format!("00000000-0000-4000-8000-{number:012}"),
        who: "reader@desk".to_owned(),
        virtual_time: true,
        random: RefCell::new(Box::new(|bytes| bytes.fill(7))),
    };
    let exit = cli::run(args, &world).code();
    let bytes = paper.0.borrow().clone();
    (String::from_utf8_lossy(&bytes).into_owned(), exit)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name == ".ravelin" || name.to_string_lossy().starts_with("terraform.tfstate") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// Runs what one page shows, from the top of the repository, and gives back what is wrong.
fn follow(page: &str) -> Vec<String> {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().canonicalize().unwrap();
    for part in ["examples", "modules"] {
        copy(&root().join(part), &folder.join(part));
    }
    let mut wrong = Vec::new();
    let (mut ended, mut told) = (0, true);
    for (number, shown) in commands(&fs::read_to_string(root().join(page)).unwrap()).into_iter().enumerate() {
        let mut note = |why: String| wrong.push(format!("{page}:{}: $ {}\n{why}", shown.line, shown.command));
        if shown.command == "echo $?" {
            if let Err(why) = reads(&ended.to_string(), shown.output.as_deref().unwrap_or(&[])) {
                note(why);
            }
            told = true;
            continue;
        }
        if !told {
            note(format!("the command before it ended with {ended}, and the page does not say so"));
        }
        if ELSEWHERE.iter().any(|(command, _)| *command == shown.command) {
            (ended, told) = (0, true);
            continue;
        }
        let line = shown.command.strip_prefix(BUILD_AND_RUN).map_or(shown.command.clone(), |rest| format!("ravelin {rest}"));
        if !line.starts_with("ravelin ") {
            note("nobody runs this; if it cannot be run here, ELSEWHERE has to say who does".to_owned());
            continue;
        }
        let (output, exit) = run(&folder, number as i64, words(&line).unwrap());
        (ended, told) = (exit, exit == 0);
        let same = shown.output.as_ref().map_or(Ok(()), |lines| reads(&output, lines));
        if let Err(why) = same {
            note(why);
        } else if exit != 0 && shown.output.is_none() {
            note(output);
        }
    }
    if !told {
        wrong.push(format!("{page}: its last command ended with {ended}, and the page does not say so"));
    }
    wrong
}

#[test]
fn the_readme_is_true() {
    let wrong = follow("README.md");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_readmes_of_examples_and_modules_are_true() {
    let mut pages = Vec::new();
    for part in ["examples", "modules"] {
        let folders = fs::read_dir(root().join(part)).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        pages.extend(folders.map(|f| format!("{part}/{f}/README.md")));
    }
    pages.sort();
    let wrong: Vec<String> = pages.iter().flat_map(|page| follow(page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The modules' READMEs show how each is used. Put together, those are a landing zone that can be planned.
#[test]
fn the_modules_fit_together_as_their_readmes_use_them() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().canonicalize().unwrap();
    copy(&root().join("modules"), &folder.join("modules"));
    let mut text = String::from(
        r#"
data "azurerm_client_config" "current" {}

data "azurerm_subscription" "current" {}

resource "azurerm_resource_group" "hub" {
  name     = "rg-hub"
  location = "westeurope"
}

resource "azurerm_resource_group" "spoke" {
  name     = "rg-spoke"
  location = "westeurope"
}

variable "admin_group_object_ids" { default = ["00000000-0000-0000-0000-00000000a001"] }
variable "fortigate_admin_password" { default = "Only.For.This.Test.1" }
variable "fortigate_ha_password" { default = "Only.For.This.Test.2" }
variable "fortiweb_admin_password" { default = "Only.For.This.Test.3" }
"#,
    );
    for module in ["hub-network", "fortigate-active-passive", "fortiweb", "spoke-network", "aks-private"] {
        let page = fs::read_to_string(root().join("modules").join(module).join("README.md")).unwrap();
        let usage = page.split("```hcl\n").nth(1).and_then(|rest| rest.split("```").next());
        text.push_str(usage.unwrap_or_else(|| panic!("the README of {module} shows no use of it")));
    }
    fs::create_dir_all(folder.join("examples/together")).unwrap();
    fs::write(folder.join("examples/together/main.tf"), text).unwrap();
    let (output, exit) = run(&folder, 1, words("ravelin plan examples/together --sim").unwrap());
    assert_eq!(exit, 0, "{output}");
    assert!(output.contains("\nPlan: "), "{output}");
}

/// What is not run here is run elsewhere, or there is a reason; and the list has nothing that no page shows.
#[test]
fn commands_that_are_not_run_here_are_accounted_for() {
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let shown = commands(&fs::read_to_string(root().join("README.md")).unwrap());
    for (command, instead) in ELSEWHERE {
        assert!(shown.iter().any(|s| s.command == command), "README.md does not show {command:?}");
        match instead {
            Instead::Ci => assert!(ci.lines().any(|l| l.trim() == command), ".ci/run does not run {command:?}"),
            Instead::Because(why) => assert!(!why.is_empty()),
        }
    }
    // The command that also builds is run here in process; that it builds is for .ci/run to show.
    let first = shown.iter().find(|s| s.command.starts_with(BUILD_AND_RUN)).expect("README.md begins with the main job");
    assert!(ci.contains(&first.command), ".ci/run does not run {:?}", first.command);
}

/// Links between the pages lead somewhere, and the files that the architecture names are there.
#[test]
fn links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#:]+)\)").unwrap();
    let mut wrong = Vec::new();
    for page in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        wrong.extend(link.captures_iter(&text).filter(|c| !root().join(&c[1]).exists()).map(|c| format!("{page}: {}", &c[1])));
    }
    let path = Regex::new(r"`((?:src|tests|schemas|docs|examples|modules|benches|\.ci)(?:/[\w./-]+)?|[\w.-]+\.(?:toml|rs|md))`").unwrap();
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let named: Vec<String> = path.captures_iter(&architecture).map(|c| c[1].to_owned()).collect();
    assert!(named.len() > 30, "ARCHITECTURE.md names files: {named:?}");
    wrong.extend(named.iter().filter(|p| *p != "mod.rs" && !root().join(p).exists()).map(|p| format!("ARCHITECTURE.md: {p}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The check itself notices what is wrong.
#[test]
fn a_page_that_lies_is_noticed() {
    let shown = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
    let output = "\none\ntwo\nthree\n";
    for right in [&["one", "two", "three"][..], &["…", "two", "…"], &["", "one", "…", "three", ""], &["o…e", "t…", "three"]] {
        assert_eq!(reads(output, &shown(right)), Ok(()), "{right:?}");
    }
    for wrong in [&["one", "two"][..], &["two", "…"], &["…", "two"], &["one", "three"], &["…", "three", "…", "two"], &[]] {
        assert!(reads(output, &shown(wrong)).is_err(), "{wrong:?}");
    }
    let page = "text\n```console\n$ ravelin plan\nNo changes.\n```\n```sh\ncargo test\n```\n$ not a command\n";
    let found = commands(page);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], Shown { command: "ravelin plan".into(), output: Some(shown(&["No changes."])), line: 3 });
    assert_eq!(found[1], Shown { command: "cargo test".into(), output: None, line: 7 });
}
