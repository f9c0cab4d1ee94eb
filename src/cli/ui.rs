//! What a command says: text or a JSON stream, with or without colours, always through the world.

use std::{cell::RefCell, path::PathBuf};

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
        }
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
            let now = super::world::rfc3339(self.world.started_ms);
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

    /// Prints diagnostics, warnings first to standard output, errors to standard error.
    pub fn diagnostics(&self, diags: &Diagnostics, sources: &Sources) {
        let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) = diags.items.iter().partition(|d| d.is_error());
        for diagnostic in warnings.into_iter().chain(errors) {
            let mut told = diagnostic.clone();
            told.detail = self.local(&told.detail);
            told.hint = told.hint.map(|h| self.local(&h));
            self.event(&UiEvent::Diagnostic(Box::new(told)), sources);
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
