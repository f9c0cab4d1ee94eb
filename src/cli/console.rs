//! `ravelin console`.

use std::{collections::BTreeMap, sync::Arc};

use clap::Args;

use super::{
    Exit,
    args::{Place, Planning, Vars},
    block_on, planning,
    session::Session,
    ui::Ui,
    world::Typed,
};
use crate::{
    base::{Address, Diagnostics, FileId, ModulePath, Sources, Value},
    lang::{
        Blueprint, Disk, Evaluator, Module, console,
        fmt::scan::{Kind, scan},
    },
    plan::{self, Identity, Options, Setup, refresh},
    schema::ResourceType,
    state::State,
};

/// Try expressions against the blueprint and its state.
///
/// At a terminal each expression is answered as it is typed; it may go over several lines while a bracket is open. From a
/// pipe the answer to the last expression is printed, and the first error ends the command. Nothing is ever changed.
#[derive(Args, Debug)]
pub struct ConsoleArgs {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub vars: Vars,
    /// Make a plan first, and answer with what it would leave.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true)]
    pub plan: bool,
    /// Accepted for Terraform's sake; the console never locks the state.
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub lock: Option<String>,
    #[arg(long, hide = true)]
    pub lock_timeout: Option<String>,
    #[arg(long, hide = true)]
    pub compact_warnings: bool,
}

const HELP: &str = "The Ravelin console allows you to experiment with expressions of the language.
You may access resources in the state (if you have one) just as you would
from a configuration. For example: \"azurerm_subnet.nodes.id\" would evaluate
to the ID of \"azurerm_subnet.nodes\" if it exists in your state.

Type in the expression to test and hit <enter> to see the result.

To exit the console, type \"exit\" and hit <enter>, or use Control-C or
Control-D.";

/// What expressions are evaluated against.
struct Ground {
    blueprint: Blueprint,
    variables: BTreeMap<String, Value>,
    state: State,
    /// What a plan leaves of each instance, where one was asked for.
    planned: Option<BTreeMap<Address, Value>>,
}

pub fn run(args: ConsoleArgs, ui: &Ui) -> Exit {
    let mut session = Session::new(ui, &args.place);
    let mut diags = Diagnostics::default();
    let ground = match block_on(session.sim, ground(&args, &mut session, &mut diags)) {
        Ok(Some(ground)) => ground,
        Ok(None) => return ui.fail(&diags, &session.sources),
        Err(diagnostic) => return ui.fail_with(diagnostic),
    };
    let options = Options { refresh: false, ..Options::default() };
    let interrupted = BTreeMap::new();
    let inputs = session.inputs(ground.variables.clone(), false);
    let setup = Setup {
        blueprint: &ground.blueprint,
        sources: &session.sources,
        files: &Disk,
        inputs,
        state: &ground.state,
        interrupted: &interrupted,
        identity: Identity::default(),
        options: &options,
    };
    let value = |address: &Address, ty: &'static ResourceType| match &ground.planned {
        Some(planned) => planned.get(address).cloned(),
        None => ground.state.resources.get(address).and_then(|instance| refresh::stored(ty, instance)),
    };
    let eval = plan::present(&setup, &value, &mut Diagnostics::default());
    ui.diagnostics(&Diagnostics { items: diags.items.into_iter().filter(|d| !d.is_error()).collect() }, &session.sources);
    let session_console = Console { eval: &eval, sources: &session.sources, ui };
    if ui.world.interactive { session_console.typed() } else { session_console.piped() }
}

async fn ground(args: &ConsoleArgs, session: &mut Session<'_, '_>, diags: &mut Diagnostics) -> Option<Ground> {
    if args.plan {
        let planning = Planning { refresh: true, parallelism: 10, ..Planning::default() };
        let made = planning::make(session, &Disk, &args.vars, &planning, diags).await?;
        let planned = made.plan.changes.iter().filter(|c| c.deposed.is_none()).filter_map(|c| Some((c.address.clone(), c.after.clone()?))).collect();
        return Some(Ground { blueprint: made.blueprint, variables: made.variables, state: made.believed.state, planned: Some(planned) });
    }
    let mut found = Diagnostics::default();
    let blueprint = match session.load(&Disk, &mut found) {
        Some(blueprint) => blueprint,
        // Without any configuration there are still functions.
        None if found.items.iter().all(|d| d.code == "no-configuration") => {
            Blueprint { root: Arc::new(Module { dir: session.dir.clone(), ..Module::default() }) }
        }
        None => {
            diags.extend(found);
            return None;
        }
    };
    let mut found = Diagnostics::default();
    let variables = session.variables(&blueprint, &Disk, &args.vars, &mut found);
    // What has no value is not known, as far as the console is concerned.
    diags.extend(found.items.into_iter().filter(|d| d.code != "missing-variable"));
    if diags.has_errors() {
        return None;
    }
    let believed = session.believed(Some(&blueprint), diags).await?;
    Some(Ground { blueprint, variables, state: believed.state, planned: None })
}

/// What a line came to.
enum Answer {
    Text(String),
    Wrong(Diagnostics),
    Exit,
}

struct Console<'c, 'a, 'w> {
    eval: &'c Evaluator<'a>,
    sources: &'c Sources,
    ui: &'c Ui<'w>,
}

impl Console<'_, '_, '_> {
    fn typed(&self) -> Exit {
        let mut begun = String::new();
        loop {
            let prompt = if begun.is_empty() { "> " } else { ": " };
            let line = match (self.ui.world.typed.borrow_mut())(prompt) {
                Typed::Line(line) => line,
                Typed::Interrupted if !begun.is_empty() => {
                    begun.clear();
                    continue;
                }
                Typed::Interrupted | Typed::End => return Exit::Ok,
            };
            let text = joined(&begun, &line);
            // An empty line ends what was begun, so that a bracket too many does not hold anybody.
            if is_open(&text) && !line.trim().is_empty() {
                begun = text;
                continue;
            }
            begun.clear();
            match self.answer(&text) {
                Answer::Text(text) => self.ui.world.say(&format!("{text}\n")),
                Answer::Wrong(diags) => self.complain(&diags, &text),
                Answer::Exit => return Exit::Ok,
            }
        }
    }

    fn piped(&self) -> Exit {
        let mut begun = String::new();
        let mut last = String::new();
        loop {
            let line = (self.ui.world.input.borrow_mut())();
            let text = match &line {
                Some(line) => joined(&begun, line),
                None if begun.is_empty() => break,
                None => std::mem::take(&mut begun),
            };
            if line.is_some() && is_open(&text) {
                begun = text;
                continue;
            }
            begun.clear();
            match self.answer(&text) {
                Answer::Text(text) => last = text,
                Answer::Wrong(diags) => {
                    self.complain(&diags, &text);
                    return Exit::Failed;
                }
                Answer::Exit => return Exit::Ok,
            }
        }
        self.ui.world.say(&format!("{last}\n"));
        Exit::Ok
    }

    fn complain(&self, diags: &Diagnostics, text: &str) {
        let mut sources = self.sources.clone();
        sources.add("<console-input>", text);
        self.ui.diagnostics(diags, &sources);
    }

    fn answer(&self, text: &str) -> Answer {
        match text.trim() {
            "" => return Answer::Text(String::new()),
            "exit" => return Answer::Exit,
            "help" => return Answer::Text(HELP.to_owned()),
            _ => {}
        }
        let mut diags = Diagnostics::default();
        // The next free place among the sources, where `complain` puts the text.
        let file = FileId(self.sources.files().count() as u32);
        let answer = crate::lang::parse_expression(file, text, &mut diags).and_then(|expr| console::answer(self.eval, &ModulePath::root(), &expr, &mut diags));
        match answer {
            Some(text) if !diags.has_errors() => Answer::Text(text),
            _ => Answer::Wrong(diags),
        }
    }
}

fn joined(begun: &str, line: &str) -> String {
    if begun.is_empty() { line.to_owned() } else { format!("{begun}\n{line}") }
}

/// Whether text ends inside of brackets, a template or a heredoc.
fn is_open(text: &str) -> bool {
    let mut open = 0;
    for token in scan(text) {
        open += token.bracket();
        match token.kind {
            Kind::OpenHeredoc => open += 1,
            Kind::CloseHeredoc => open -= 1,
            _ => {}
        }
    }
    open > 0
}
