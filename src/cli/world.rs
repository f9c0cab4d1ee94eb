//! Edge: what a command touches outside itself: standard streams, environment, clock, working directory. Tests bring their own.

#![allow(clippy::disallowed_methods)]

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io::{BufRead, IsTerminal, Read, Write},
    path::PathBuf,
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What came of asking for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Line(String),
    /// Ctrl-C: what was begun is dropped.
    Interrupted,
    End,
}

/// Fills a buffer with random bytes.
pub type Dice = Box<dyn FnMut(&mut [u8])>;

/// Asks for a line with a prompt.
pub type Prompter = Box<dyn FnMut(&str) -> Typed>;

/// The world as a command sees it.
pub struct World {
    pub cwd: PathBuf,
    pub env: BTreeMap<String, String>,
    pub out: RefCell<Box<dyn Write>>,
    pub err: RefCell<Box<dyn Write>>,
    /// The next line of standard input; nothing at its end.
    pub input: RefCell<Box<dyn FnMut() -> Option<String>>>,
    /// All that is left of standard input.
    pub rest: RefCell<Box<dyn FnMut() -> Vec<u8>>>,
    /// A line that somebody types after a prompt, with whatever editing there is.
    pub typed: RefCell<Prompter>,
    /// Whether somebody can be asked.
    pub interactive: bool,
    /// Whether output goes to a terminal, and how wide it is.
    pub terminal: Option<usize>,
    /// Wall-clock milliseconds since 1970 at the start of the command.
    pub started_ms: i64,
    /// Names this run (locks, journals).
    pub run_id: String,
    pub who: String,
    /// Waiting goes by a virtual clock even without the simulator, so that a command takes no time of its own.
    pub virtual_time: bool,
    /// Fills a buffer with random bytes fit for keys.
    pub random: RefCell<Dice>,
}

impl World {
    /// The process's own.
    pub fn real() -> World {
        let env: BTreeMap<String, String> = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        let stdin_is_terminal = std::io::stdin().is_terminal();
        let who = format!("{}@{}", env.get("USER").map_or("unknown", String::as_str), env.get("HOSTNAME").map_or("localhost", String::as_str));
        World {
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            terminal: std::io::stdout().is_terminal().then(|| env.get("COLUMNS").and_then(|c| c.parse().ok()).unwrap_or(100)),
            env,
            out: RefCell::new(Box::new(std::io::stdout())),
            err: RefCell::new(Box::new(std::io::stderr())),
            input: RefCell::new(Box::new(|| {
                let mut line = String::new();
                match std::io::stdin().lock().read_line(&mut line) {
                    Ok(n) if n > 0 => Some(line.trim_end_matches(['\n', '\r']).to_owned()),
                    _ => None,
                }
            })),
            rest: RefCell::new(Box::new(|| {
                let mut bytes = Vec::new();
                let _ = std::io::stdin().lock().read_to_end(&mut bytes);
                bytes
            })),
            typed: RefCell::new(super::typing::editor()),
            interactive: stdin_is_terminal,
            started_ms: (OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000) as i64,
            run_id: uuid::Uuid::new_v4().to_string(),
            who,
            virtual_time: false,
            random: RefCell::new(Box::new(|bytes| rand_core::RngCore::fill_bytes(&mut rand_core::OsRng, bytes))),
        }
    }

    pub fn var(&self, name: &str) -> Option<String> {
        self.env.get(name).filter(|v| !v.is_empty()).cloned()
    }

    /// Writes to standard output. A reader that went away (a closed pipe) is no error of ours.
    pub fn say(&self, text: &str) {
        let mut out = self.out.borrow_mut();
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    }

    /// Writes to standard error.
    pub fn complain(&self, text: &str) {
        let mut err = self.err.borrow_mut();
        let _ = err.write_all(text.as_bytes());
        let _ = err.flush();
    }

    /// Asks and reads one line.
    pub fn ask(&self, prompt: &str) -> Option<String> {
        self.say(prompt);
        (self.input.borrow_mut())()
    }

    /// The start of the command as RFC 3339.
    pub fn timestamp(&self) -> String {
        rfc3339(self.started_ms)
    }
}

/// Milliseconds since 1970 as RFC 3339 in UTC, whole seconds.
pub fn rfc3339(ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(&Rfc3339).unwrap_or_default()
}
