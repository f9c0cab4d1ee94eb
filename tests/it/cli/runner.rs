//! Runs a transcript in a folder of its own: commands in process, the simulator in virtual time, every outside thing given.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

use regex::Regex;

use ravelin::{
    cli::{self, World, world::Typed},
    sim::{Simulator, script::Injection},
};

use super::transcript::{Part, told, words};

/// 2026-09-07 08:00 UTC, a Monday morning. Each command starts an hour after the one before.
const START: i64 = 1_788_768_000_000;
const HOUR: i64 = 3_600_000;

/// Both streams of a command, in the order written.
#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

/// Something that fills a buffer with bytes.
type Fill = dyn FnMut(&mut [u8]);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Stage {
    folder: PathBuf,
    env: BTreeMap<String, String>,
    terminal: Option<usize>,
    commands: i64,
    /// What the simulator makes up from its seed and a counter: version 5 GUIDs and public addresses.
    guid: Regex,
    public: Regex,
}

/// Runs all parts and gives back the transcript as it should read.
pub fn run(parts: &[Part]) -> Result<String, String> {
    let temporary = tempfile::tempdir().map_err(|e| e.to_string())?;
    // Messages name canonical paths, so the folder's own has to be one.
    let folder = temporary.path().canonicalize().map_err(|e| e.to_string())?;
    let guid = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").map_err(|e| e.to_string());
    let public = Regex::new(r"\b20\.(3[6-9]|4[0-9])\.[0-9]{1,3}\.[0-9]{1,3}\b").map_err(|e| e.to_string());
    let mut stage = Stage { folder, env: BTreeMap::new(), terminal: None, commands: 0, guid: guid?, public: public? };
    let mut text = String::new();
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Words(words) => text.push_str(words),
            Part::File { name, text: body } => {
                stage.write(name, body)?;
                text.push_str(&format!("-- {name} --\n{body}"));
            }
            Part::Command { line, answers, piped } => {
                let (output, exit) = stage.command(line, answers, *piped).map_err(|e| format!("$ {line}: {e}"))?;
                text.push_str(&told(line, (answers, *piped), &output, exit)?);
                // Setting the scene takes one line; what commands print is set apart.
                let quiet = output.is_empty() && exit == 0;
                let more = parts.get(i + 1);
                if more.is_some() && !(quiet && matches!(more, Some(Part::Command { .. }))) {
                    text.push('\n');
                }
            }
        }
    }
    Ok(text)
}

impl Stage {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, body: &str) -> Result<(), String> {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| e.to_string())?;
        }
        let body = body.replace("{folder}", &self.folder.display().to_string());
        fs::write(path, format!("{}\n", body.trim_end_matches('\n'))).map_err(|e| e.to_string())
    }

    /// Output and exit code of one command.
    fn command(&mut self, line: &str, answers: &[String], piped: bool) -> Result<(String, i32), String> {
        let (verb, rest) = line.split_once(' ').map_or((line, ""), |(v, r)| (v, r.trim()));
        let quiet = |done: Result<(), String>| done.map(|()| (String::new(), 0));
        match verb {
            "ravelin" => self.ravelin(words(line)?, answers, piped),
            "edit" => quiet(self.edit(rest)),
            "rm" => quiet(self.remove(rest)),
            "mkdir" => quiet(fs::create_dir_all(self.path(rest)).map_err(|e| e.to_string())),
            "repository" => quiet(self.repository(rest)),
            "ls" => self.list(rest).map(|text| (text, 0)),
            "cat" => fs::read_to_string(self.path(rest)).map(|text| (self.plain(&text), 0)).map_err(|e| e.to_string()),
            "copy" => quiet(copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(rest), &self.path(rest))),
            "env" => {
                let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
                let value = words(value)?.concat();
                if value.is_empty() {
                    self.env.remove(name)
                } else {
                    self.env.insert(name.to_owned(), value)
                };
                Ok((String::new(), 0))
            }
            "terminal" => {
                let width: usize = rest.parse().map_err(|_| "a width is needed")?;
                self.terminal = Some(width).filter(|w| *w > 0);
                Ok((String::new(), 0))
            }
            "fault" => quiet(self.fault(rest)),
            _ => Err("there is no such command".to_owned()),
        }
    }

    fn now(&self) -> i64 {
        START + self.commands * HOUR
    }

    /// Bytes that look random and are the same in every run.
    fn dice(&self) -> Box<Fill> {
        let mut state = self.commands as u64;
        Box::new(move |bytes| {
            for byte in bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (state >> 56) as u8;
            }
        })
    }

    fn ravelin(&mut self, args: Vec<String>, answers: &[String], piped: bool) -> Result<(String, i32), String> {
        let started_ms = self.now();
        self.commands += 1;
        let paper = Paper::default();
        let lines = Rc::new(RefCell::new(VecDeque::from(answers.to_vec())));
        let (echo, given) = (paper.clone(), lines.clone());
        let (screen, asked, all) = (paper.clone(), lines.clone(), lines.clone());
        let answer = move || {
            let line = given.borrow_mut().pop_front()?;
            if piped {
                return Some(line);
            }
            // What is typed shows on the screen.
            echo.0.borrow_mut().extend_from_slice(format!("{line}\n").as_bytes());
            Some(line)
        };
        let world = World {
            cwd: self.folder.clone(),
            env: self.env.clone(),
            out: RefCell::new(Box::new(paper.clone())),
            err: RefCell::new(Box::new(paper.clone())),
            input: RefCell::new(Box::new(answer)),
            rest: RefCell::new(Box::new(move || all.borrow_mut().drain(..).flat_map(|l| format!("{l}\n").into_bytes()).collect())),
            typed: RefCell::new(Box::new(move |prompt| {
                let Some(line) = asked.borrow_mut().pop_front() else { return Typed::End };
                screen.0.borrow_mut().extend_from_slice(format!("| {prompt}{line}\n").as_bytes());
                Typed::Line(line)
            })),
            interactive: !answers.is_empty() && !piped,
            terminal: self.terminal,
            started_ms,
            run_id: format!("00000000-0000-4000-8000-{:012}", self.commands),
            who: "consultant@desk".to_owned(),
            virtual_time: true,
            random: RefCell::new(self.dice()),
        };
        let exit = cli::run(args, &world).code();
        if let Some(line) = lines.borrow_mut().pop_front().filter(|_| !piped) {
            return Err(format!("nobody asked for the answer {line:?}"));
        }
        let bytes = paper.0.borrow().clone();
        let text = String::from_utf8(bytes).map_err(|e| e.to_string())?;
        Ok((self.plain(&text), exit))
    }

    /// The text without what differs from machine to machine, or with the number of requests that were sent before; escape
    /// sequences made visible.
    fn plain(&self, text: &str) -> String {
        let text = text.replace(&self.folder.display().to_string(), "{folder}").replace('\u{1b}', "␛");
        let text = self.guid.replace_all(&text, "{guid}");
        self.public.replace_all(&text, "{public address}").into_owned()
    }

    /// `FILE s/old/new/`, every occurrence; there must be one.
    fn edit(&self, rest: &str) -> Result<(), String> {
        let (name, script) = rest.split_once(' ').ok_or("FILE s/old/new/ is needed")?;
        let mark = script.strip_prefix('s').and_then(|s| s.chars().next()).ok_or("s/old/new/ is needed")?;
        let [_, old, new, ""] = script.split(mark).collect::<Vec<_>>()[..] else { return Err("s/old/new/ is needed".to_owned()) };
        let text = fs::read_to_string(self.path(name)).map_err(|e| e.to_string())?;
        let (old, new) = (old.replace("\\n", "\n"), new.replace("\\n", "\n"));
        if !text.contains(&old) {
            return Err(format!("{name} does not contain {old:?}"));
        }
        fs::write(self.path(name), text.replace(&old, &new)).map_err(|e| e.to_string())
    }

    /// Makes a git repository of a folder, or commits what is new in it; a second word is a tag for that.
    fn repository(&self, rest: &str) -> Result<(), String> {
        let (name, tag) = rest.split_once(' ').unwrap_or((rest, ""));
        let git = |args: &[&str]| {
            let who = ["-c", "user.name=tester", "-c", "user.email=tester@desk", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"];
            let done = Command::new("git").args(who).args(args).current_dir(self.path(name)).output().map_err(|e| format!("git: {e}"))?;
            if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
        };
        git(&["init", "--quiet"])?;
        git(&["add", "--all"])?;
        git(&["commit", "--quiet", "--message", "as it stands"])?;
        if tag.is_empty() { Ok(()) } else { git(&["tag", tag]) }
    }

    /// All files below a folder, by path; what git keeps for itself is left out.
    fn list(&self, name: &str) -> Result<String, String> {
        let (mut found, mut folders) = (Vec::new(), vec![self.path(name)]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
                let path = entry.map_err(|e| e.to_string())?.path();
                match path.is_dir() {
                    true if path.ends_with(".git") => {}
                    true => folders.push(path),
                    false => found.push(path),
                }
            }
        }
        found.sort();
        Ok(found.iter().map(|p| format!("{}\n", p.strip_prefix(&self.folder).unwrap_or(p).display())).collect())
    }

    fn remove(&self, name: &str) -> Result<(), String> {
        let path = self.path(name);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.map_err(|e| e.to_string())
    }

    fn fault(&self, text: &str) -> Result<(), String> {
        let injection: Injection = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let simulator = Simulator::open(Some(&self.path(".ravelin/sim.json")), self.now()).map_err(|e| e.to_string())?;
        simulator.store().script.faults.push(injection);
        simulator.save().map_err(|e| e.to_string())
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|e| e.to_string())?;
    for entry in fs::read_dir(from).map_err(|e| format!("{}: {e}", from.display()))? {
        let path = entry.map_err(|e| e.to_string())?.path();
        let name = path.file_name().unwrap_or_default();
        // What a run left in the repository's folder is no part of the example.
        if name == ".ravelin" || name.to_string_lossy().starts_with("terraform.tfstate") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}
