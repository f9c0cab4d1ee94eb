//! What a command says: text or a JSON stream, with or without colours, always through the world.

use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
};

use super::{
    Exit,
    args::{Cli, GivenVar, ordered_vars},
    world::World,
};
use crate::{
    base::{Diagnostic, Diagnostics, Sources},
    render::{self, Style, UiEvent},
};

pub struct Ui<'w> {
    pub world: &'w World,
    pub style: Style,
    /// One JSON object per line.
    pub json: RefCell<bool>,
    /// The folder that the command works in, unless it names another.
    pub dir: PathBuf,
    pub vars: Vec<GivenVar>,
    /// Whether a configuration may have programs run.
    pub allow_external: bool,
    /// When the command's runtime began; waiting goes by its clock.
    begun: Cell<Option<tokio::time::Instant>>,
    /// Wall-clock milliseconds since 1970 of the last look at the clock.
    last: Cell<i64>,
}

impl<'w> Ui<'w> {
    pub fn new(world: &'w World, cli: &Cli, args: &[String]) -> Ui<'w> {
        let color = !cli.no_color && world.terminal.is_some() && world.var("NO_COLOR").is_none();
        let width = world.terminal.unwrap_or(78);
        Ui {
            world,
            style: Style { color, width },
            json: RefCell::new(false),
            dir: cli.chdir.as_ref().map_or(world.cwd.clone(), |d| world.cwd.join(d)),
            vars: ordered_vars(args),
            allow_external: cli.allow_external || world.var("RAVELIN_ALLOW_EXTERNAL").is_some_and(|v| v == "1" || v == "true"),
            begun: Cell::default(),
            last: Cell::new(world.started_ms),
        }
    }

    /// Wall-clock milliseconds since 1970: the command's start and what has passed on the runtime's clock, which is virtual
    /// with the simulator. Outside the runtime time stands still.
    pub fn now_ms(&self) -> i64 {
        if tokio::runtime::Handle::try_current().is_ok() {
            let now = tokio::time::Instant::now();
            let begun = self.begun.get().unwrap_or(now);
            self.begun.set(Some(begun));
            self.last.set(self.world.started_ms + i64::try_from(now.duration_since(begun).as_millis()).unwrap_or(0));
        }
        self.last.get()
    }

    pub fn is_json(&self) -> bool {
        *self.json.borrow()
    }

    pub fn say(&self, text: &str) {
        if !self.is_json() {
            self.world.say(text);
        }
    }

    /// Tells an event in the form that was asked for.
    pub fn event(&self, event: &UiEvent, sources: &Sources) {
        if self.is_json() {
            let now = super::world::rfc3339(self.now_ms());
            if let Some(line) = render::event_json(event, sources, &now) {
                self.world.say(&format!("{line}\n"));
            }
        } else if let Some(text) = render::event_text(event, sources, &self.style) {
            match event {
                UiEvent::Diagnostic(d) if d.is_error() => self.world.complain(&text),
                _ => self.world.say(&text),
            }
        }
    }

    /// Prints diagnostics: warnings first to standard output, then errors to standard error, each by their place.
    /// What is wrong in the same way at the same place, in several instances of a block, is told once.
    pub fn diagnostics(&self, diags: &Diagnostics, sources: &Sources) {
        let mut told: Vec<(Diagnostic, usize)> = Vec::new();
        for diagnostic in &diags.items {
            let mut diagnostic = diagnostic.clone();
            diagnostic.detail = self.local(&diagnostic.detail);
            diagnostic.hint = diagnostic.hint.map(|h| self.local(&h));
            match told.iter_mut().find(|(seen, _)| is_same(seen, &diagnostic)) {
                Some((seen, more)) if seen.address != diagnostic.address => *more += 1,
                Some(_) => {}
                None => told.push((diagnostic, 0)),
            }
        }
        let place = |d: &Diagnostic| d.span.map(|s| (sources.path(s.file).to_owned(), s.start));
        told.sort_by_key(|(d, _)| (d.is_error(), place(d)));
        for (mut diagnostic, more) in told {
            if more > 0 && !self.is_json() {
                let noun = if more == 1 { "instance" } else { "instances" };
                diagnostic.address = diagnostic.address.map(|a| format!("{a} and {more} more {noun}"));
            }
            self.event(&UiEvent::Diagnostic(Box::new(diagnostic)), sources);
        }
    }

    /// The text with paths below the folder that the command works in as a user there would write them.
    pub fn local(&self, text: &str) -> String {
        let dir = self.dir.display().to_string();
        if self.dir.parent().is_none() { text.to_owned() } else { text.replace(&format!("{dir}/"), "").replace(&dir, ".") }
    }

    /// Prints diagnostics and ends the command.
    pub fn fail(&self, diags: &Diagnostics, sources: &Sources) -> Exit {
        self.diagnostics(diags, sources);
        Exit::Failed
    }

    pub fn fail_with(&self, diagnostic: Diagnostic) -> Exit {
        self.fail(&Diagnostics { items: vec![diagnostic] }, &Sources::default())
    }
}

/// Whether two findings say the same of the same place; the instance may be another.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    (a.code, &a.summary, &a.detail, &a.hint, a.span) == (b.code, &b.summary, &b.detail, &b.hint, b.span) && a.values == b.values
}
