//! `ravelin output`.

use std::collections::BTreeMap;

use clap::Args;

use super::{Exit, args::Place, block_on, session::Session, ui::Ui};
use crate::{
    base::{Diagnostic, Diagnostics, diag::nearest},
    render::{self, OutputLine},
};

/// Show output values of the state.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// Only this one.
    pub name: Option<String>,
    /// The blueprint's folder; the current folder without it.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<std::path::PathBuf>,
    /// State file instead of terraform.tfstate in the folder.
    #[arg(long, value_name = "FILE")]
    pub state: Option<std::path::PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// The bare text of one string, number or boolean.
    #[arg(long, requires = "name", conflicts_with = "json")]
    pub raw: bool,
}

pub fn run(args: OutputArgs, ui: &Ui) -> Exit {
    let session = Session::new(ui, &Place { dir: args.dir.clone(), sim: false, state: args.state.clone() });
    let mut diags = Diagnostics::default();
    let state = match block_on(false, super::state::read(&session, &mut diags)) {
        Ok(Some(state)) => state,
        Ok(None) => return ui.fail(&diags, &session.sources),
        Err(diagnostic) => return ui.fail_with(diagnostic),
    };
    let outputs: BTreeMap<String, OutputLine> =
        state.outputs.iter().map(|(n, o)| (n.clone(), OutputLine { sensitive: o.sensitive, value: o.value.clone() })).collect();
    let Some(name) = &args.name else {
        if outputs.is_empty() && !args.json {
            let detail = "The state has no output values: either none is declared, or nothing has been applied since.";
            let warning = Diagnostic::warning("no-outputs", "No outputs found", detail);
            ui.diagnostics(&Diagnostics { items: vec![warning] }, &session.sources);
            return Exit::Ok;
        }
        ui.world.say(&if args.json { format!("{:#}\n", render::outputs_json(&outputs)) } else { render::outputs_text(&outputs) });
        return Exit::Ok;
    };
    let Some(output) = outputs.get(name) else {
        let mut diagnostic = Diagnostic::error("output-missing", "Output not found", format!("The state has no output {name:?}."));
        if let Some(near) = nearest(name, outputs.keys().map(String::as_str)) {
            diagnostic = diagnostic.hint(format!("Did you mean {near:?}?"));
        }
        return ui.fail_with(diagnostic);
    };
    if args.raw {
        match render::output_raw(name, output) {
            Ok(text) => ui.world.say(&text),
            Err(why) => return ui.fail_with(Diagnostic::error("output-raw", "Unsupported value for raw output", why)),
        }
    } else if args.json {
        ui.world.say(&format!("{:#}\n", render::output_json(output)));
    } else {
        ui.world.say(&render::output_text(output));
    }
    Exit::Ok
}
