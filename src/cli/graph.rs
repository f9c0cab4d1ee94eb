//! `ravelin graph`.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};

use super::{
    Exit,
    args::{Place, Planning, Vars},
    block_on, planning,
    session::Session,
    ui::Ui,
};
use crate::{
    base::Diagnostics,
    graph::{Graph, draw},
    lang::Disk,
    plan::{Act, Plan},
};

/// Draw the dependencies of the plan.
#[derive(Args, Debug)]
pub struct GraphArgs {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub vars: Vars,
    /// The drawing's form.
    #[arg(long, value_enum, default_value = "dot")]
    pub format: Format,
    /// Draw the deletion of everything.
    #[arg(long)]
    pub destroy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Dot,
    Mermaid,
    Text,
}

pub fn run(args: GraphArgs, ui: &Ui) -> Exit {
    let mut session = Session::new(ui, &args.place);
    let mut diags = Diagnostics::default();
    let planning = Planning { destroy: args.destroy, refresh: true, parallelism: 10, input: false, ..Planning::default() };
    let planned = match block_on(session.sim, planning::make(&mut session, &Disk, &args.vars, &planning, &mut diags)) {
        Ok(planned) => planned,
        Err(diagnostic) => return ui.fail_with(diagnostic),
    };
    let Some(planned) = planned else { return ui.fail(&diags, &session.sources) };
    let (graph, labels) = drawing(&planned.plan);
    let text = match args.format {
        Format::Dot => draw::dot(&graph, &labels),
        Format::Mermaid => draw::mermaid(&graph, &labels),
        Format::Text => draw::text(&graph, &labels),
    };
    ui.world.say(&text);
    Exit::Ok
}

/// Steps with work, named by address; joins are drawn through.
fn drawing(plan: &Plan) -> (Graph, Vec<String>) {
    let mut all = Graph::from_edges(plan.steps.len(), plan.edges.iter().map(|(a, b)| (a.0, b.0)));
    for (i, step) in plan.steps.iter().enumerate() {
        if step.act != Act::Join {
            continue;
        }
        for before in all.before(i) {
            for after in all.after(i) {
                all.add(before, after);
            }
        }
    }
    let kept: Vec<usize> = (0..plan.steps.len()).filter(|i| plan.steps[*i].act != Act::Join).collect();
    let place: BTreeMap<usize, usize> = kept.iter().enumerate().map(|(n, i)| (*i, n)).collect();
    let graph = Graph::from_edges(kept.len(), all.edges().filter_map(|(a, b)| Some((*place.get(&a)?, *place.get(&b)?))));
    let labels = kept
        .iter()
        .filter_map(|i| {
            let step = plan.steps.get(*i)?;
            let change = step.change.and_then(|c| plan.changes.get(c))?;
            Some(match step.act {
                Act::Delete => format!("{} (destroy)", change.address),
                _ => change.address.to_string(),
            })
        })
        .collect();
    (graph.reduced(), labels)
}
