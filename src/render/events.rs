//! What happens while a command runs, as lines for a reader. The same events become JSON in `events_json`.

use std::collections::BTreeMap;

use crate::{
    base::{Address, Diagnostic, Sources, Value},
    network::Report,
    plan::data::{Act, Action, Change, Plan},
};

use super::{
    diagnostics::diagnostic,
    style::Style,
    words::{count, elapsed, short_id},
};

/// One thing that a command tells while it runs. Durations are whole seconds.
#[derive(Clone, Debug)]
pub enum UiEvent {
    /// First line of a JSON stream: the tool's version.
    Version(String),
    /// A plain line.
    Log(String),
    /// The address plan at the end of a plan; in words it is a table, told with the plan.
    Addresses(Box<Report>),
    Diagnostic(Box<Diagnostic>),
    RefreshStart {
        address: Address,
        id: Option<String>,
    },
    RefreshComplete {
        address: Address,
        id: Option<String>,
    },
    ApplyStart {
        address: Address,
        act: Act,
        id: Option<String>,
    },
    /// Still at work; sent about every ten seconds.
    ApplyProgress {
        address: Address,
        act: Act,
        id: Option<String>,
        elapsed: u64,
    },
    ApplyComplete {
        address: Address,
        act: Act,
        id: Option<String>,
        elapsed: u64,
    },
    /// The step failed; its diagnostic follows.
    ApplyErrored {
        address: Address,
        act: Act,
        id: Option<String>,
        elapsed: u64,
    },
    /// A provisioner begins.
    ProvisionStart {
        address: Address,
        kind: String,
    },
    /// A line that a provisioner prints.
    ProvisionProgress {
        address: Address,
        kind: String,
        output: String,
    },
    ResourceDrift(Box<Change>),
    PlannedChange(Box<Change>),
    Summary(Summary),
    /// Root outputs that a plan will change.
    PlannedOutputs(BTreeMap<String, PlannedOutput>),
    /// Root outputs after an apply.
    Outputs(BTreeMap<String, OutputLine>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Plan,
    Apply,
    Destroy,
}

/// How many resources a plan would touch, or an apply has touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub operation: Operation,
    pub import: usize,
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedOutput {
    pub sensitive: bool,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OutputLine {
    pub sensitive: bool,
    pub value: Value,
}

impl Summary {
    pub fn of(plan: &Plan) -> Summary {
        let (import, add, change, destroy) = plan.counts();
        Summary { operation: Operation::Plan, import, add, change, destroy }
    }

    /// The summary line, word for word Terraform's: scripts read it.
    pub fn sentence(&self) -> String {
        let Summary { import, add, change, destroy, .. } = self;
        let many = *import > 0;
        match self.operation {
            Operation::Plan if many => format!("Plan: {import} to import, {add} to add, {change} to change, {destroy} to destroy."),
            Operation::Plan => format!("Plan: {add} to add, {change} to change, {destroy} to destroy."),
            Operation::Apply if many => {
                format!("Apply complete! Resources: {import} imported, {add} added, {change} changed, {destroy} destroyed.")
            }
            Operation::Apply => format!("Apply complete! Resources: {add} added, {change} changed, {destroy} destroyed."),
            Operation::Destroy => format!("Destroy complete! Resources: {destroy} destroyed."),
        }
    }
}

/// The events that tell a finished plan: drift, changes, summary, outputs.
pub fn plan_events(plan: &Plan) -> Vec<UiEvent> {
    let told = |c: &&Change| c.action != Action::NoOp || c.previous.is_some() || c.importing.is_some();
    let mut events: Vec<UiEvent> = plan.drift.iter().filter(told).map(|c| UiEvent::ResourceDrift(Box::new(c.clone()))).collect();
    let shown = |c: &&Change| told(c) && (c.address.is_managed() || c.action != Action::Delete);
    events.extend(plan.changes.iter().filter(shown).map(|c| UiEvent::PlannedChange(Box::new(c.clone()))));
    events.push(UiEvent::Summary(Summary::of(plan)));
    if !plan.outputs.is_empty() {
        let outputs = plan.outputs.iter().map(|(n, o)| (n.clone(), PlannedOutput { sensitive: o.sensitive, action: o.action() }));
        events.push(UiEvent::PlannedOutputs(outputs.collect()));
    }
    events
}

/// The event as lines for a reader, with the final line break; `None` where Terraform's own output has nothing to say.
pub fn event_text(event: &UiEvent, sources: &Sources, style: &Style) -> Option<String> {
    let line = |text: String| Some(format!("{}\n", style.bold(&text)));
    match event {
        UiEvent::Log(text) => Some(format!("{text}\n")),
        UiEvent::Addresses(_) => None,
        UiEvent::Diagnostic(d) => Some(diagnostic(d, sources, style)),
        UiEvent::RefreshStart { .. }
        | UiEvent::ApplyStart { .. }
        | UiEvent::ApplyProgress { .. }
        | UiEvent::ApplyComplete { .. }
        | UiEvent::ProvisionStart { .. } => message(event).and_then(line),
        UiEvent::ProvisionProgress { address, kind, output } => Some(format!("{} {output}\n", style.bold(&format!("{address} ({kind}):")))),
        UiEvent::Summary(s) if s.operation != Operation::Plan => Some(format!("\n{}\n", style.bold_green(&s.sentence()))),
        UiEvent::Outputs(outputs) if !outputs.is_empty() => Some(format!("\n{}\n\n{}", style.bold_green("Outputs:"), super::outputs::outputs_text(outputs))),
        // A plan's text is made from the plan itself, and an error's by its diagnostic.
        _ => None,
    }
}

/// The event's one-line message, the same in text and JSON.
pub(super) fn message(event: &UiEvent) -> Option<String> {
    Some(match event {
        UiEvent::Version(version) => format!("Ravelin {version}"),
        UiEvent::Log(text) => text.clone(),
        UiEvent::Addresses(report) => {
            let errors = report.findings.iter().filter(|f| f.is_error()).count();
            let rest = report.findings.len() - errors;
            format!("Addresses: {}, {}, {}", count(report.subnets.len(), "subnet"), count(errors, "error"), count(rest, "warning"))
        }
        UiEvent::Diagnostic(d) => format!("{}: {}", if d.is_error() { "Error" } else { "Warning" }, d.summary),
        UiEvent::RefreshStart { address, id } => format!("{address}: Refreshing state...{}", suffix(id)),
        UiEvent::RefreshComplete { address, id } => format!("{address}: Refresh complete{}", suffix(id)),
        UiEvent::ApplyStart { act: Act::Forget, .. } => return None,
        UiEvent::ApplyStart { address, act, id } => format!("{address}: {}...{}", verb(*act).doing, suffix(id)),
        UiEvent::ApplyProgress { address, act, id, elapsed: s } => {
            let id = id.as_ref().map(|i| format!("id={}, ", short_id(i))).unwrap_or_default();
            format!("{address}: Still {}... [{id}{} elapsed]", verb(*act).doing.to_lowercase(), elapsed(*s))
        }
        UiEvent::ApplyComplete { address, act: Act::Forget, .. } => format!("{address}: Removed from the state"),
        UiEvent::ApplyComplete { address, act, id, elapsed: s } => {
            // What is gone has no id to show.
            let id = if *act == Act::Delete { String::new() } else { suffix(id) };
            format!("{address}: {} complete after {}{id}", verb(*act).done, elapsed(*s))
        }
        UiEvent::ApplyErrored { address, act, elapsed: s, .. } => format!("{address}: {} errored after {}", verb(*act).done, elapsed(*s)),
        UiEvent::ProvisionStart { address, kind } => format!("{address}: Provisioning with '{kind}'..."),
        UiEvent::ProvisionProgress { address, kind, output } => format!("{address}: ({kind}): {output}"),
        UiEvent::ResourceDrift(c) => format!("{}: Drift detected ({})", c.address, ui_action(c)),
        UiEvent::PlannedChange(c) => planned_message(c),
        UiEvent::Summary(s) => s.sentence(),
        UiEvent::PlannedOutputs(o) => format!("Outputs: {}", o.len()),
        UiEvent::Outputs(o) => format!("Outputs: {}", o.len()),
    })
}

fn planned_message(c: &Change) -> String {
    format!("{}: Plan to {}", c.address, ui_action(c))
}

fn suffix(id: &Option<String>) -> String {
    id.as_ref().map(|i| format!(" [id={i}]")).unwrap_or_default()
}

struct Verb {
    doing: &'static str,
    done: &'static str,
}

fn verb(act: Act) -> Verb {
    match act {
        Act::Create => Verb { doing: "Creating", done: "Creation" },
        Act::Update => Verb { doing: "Modifying", done: "Modifications" },
        Act::Delete => Verb { doing: "Destroying", done: "Destruction" },
        Act::Read => Verb { doing: "Reading", done: "Read" },
        Act::Forget | Act::Join => Verb { doing: "Removing", done: "Removal" },
    }
}

/// The event stream's word for a change. A move or an import shows only where nothing else happens; a move wins.
pub(super) fn ui_action(c: &Change) -> &'static str {
    match c.action {
        Action::NoOp if c.previous.is_some() => "move",
        Action::NoOp if c.importing.is_some() => "import",
        action => action_word(action),
    }
}

pub(super) fn action_word(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Read => "read",
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace | Action::ReplaceCreateFirst => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    }
}
