//! A plan as its readers know it: drift, legend, one entry a resource, the summary, outputs, and what making it cost.

use crate::{
    base::{Mode, PathStep, Shape, Sources, Value},
    plan::data::{Action, Change, Plan, PlanMode},
};

use super::{
    causes::causes,
    diff::{self, Node, Sign},
    diff_text::{View, node_text},
    events::Summary,
    headline::{Occasion, headline},
    style::Style,
    words::{attribute_name, pad},
};

/// Finds the shape of a resource type; `None` where the type is not known. Shapes live as long as the program.
pub type Shapes<'f> = dyn Fn(Mode, &str) -> Option<&'static Shape> + 'f;

/// What telling a plan needs beside the plan.
pub struct Telling<'a> {
    pub shapes: &'a Shapes<'a>,
    pub sources: &'a Sources,
    pub style: &'a Style,
    /// Planning stopped at an error; what is shown is what came before it.
    pub errored: bool,
}

/// The whole plan in words, beginning with a blank line and ending with a line break.
pub fn plan_text(plan: &Plan, with: &Telling<'_>) -> String {
    let shown: Vec<&Change> = plan.changes.iter().filter(|c| is_shown(c)).collect();
    let outputs = planned_outputs(plan, with.style);
    let drift = drift_text(plan, !shown.is_empty() || !outputs.is_empty(), with);
    let mut out = drift.clone().unwrap_or_default();
    if shown.is_empty() && outputs.is_empty() {
        out.push_str(&nothing_text(plan, drift.is_some(), with));
        out.push_str(&requests_text(plan));
        return out;
    }
    if drift.is_some() {
        out.push_str(&format!("{}\n", with.style.rule()));
    }
    out.push_str(&legend(&shown, with));
    if !shown.is_empty() {
        out.push_str(if with.errored {
            "\nRavelin planned the following actions, but then encountered a problem:\n"
        } else {
            "\nRavelin will perform the following actions:\n"
        });
        for change in &shown {
            out.push_str(&format!("\n{}\n", change_text(change, Occasion::Plan, with)));
        }
        let sentence = Summary::of(plan).sentence();
        let (word, rest) = sentence.split_once(' ').unwrap_or((&sentence, ""));
        out.push_str(&format!("\n{} {rest}\n", with.style.bold(word)));
    }
    if !outputs.is_empty() {
        out.push_str(&format!("\nChanges to Outputs:\n{outputs}"));
        if shown.iter().all(|c| c.action == Action::NoOp) {
            let text = "You can apply this plan to save these new output values to the Ravelin state, without changing any real infrastructure.";
            out.push_str(&format!("\n{}\n", with.style.wrap(text)));
        }
    }
    out.push_str(&requests_text(plan));
    out
}

/// What follows a plan that is not applied at once: where it was saved, or that it was not.
pub fn next_steps_text(saved: Option<&str>, style: &Style) -> String {
    let words = match saved {
        Some(path) => {
            format!("Saved the plan to: {path}\n\nTo perform exactly these actions, run the following command to apply:\n    ravelin apply {path:?}")
        }
        None => style.wrap(
            "Note: You didn't use the -out option to save this plan, so Ravelin can't guarantee to take exactly these actions if you run \"ravelin \
             apply\" now.",
        ),
    };
    format!("{}\n{words}\n", style.rule())
}

/// How many requests to Azure the plan took; nothing where it took none.
fn requests_text(plan: &Plan) -> String {
    if plan.requests == 0 { String::new() } else { format!("\nARM requests: {}\n", plan.requests) }
}

fn is_shown(change: &Change) -> bool {
    let told = change.action != Action::NoOp || change.previous.is_some() || change.importing.is_some();
    // That a data source is no longer read concerns nobody.
    told && (change.address.is_managed() || change.action != Action::Delete)
}

/// One resource's entry: why, and what changes in it. Without line breaks around it.
pub fn change_text(change: &Change, occasion: Occasion, with: &Telling<'_>) -> String {
    let style = with.style;
    let sign = match change.action {
        Action::NoOp => "   ".into(),
        Action::Create => format!("  {}", style.green("+")),
        Action::Update => format!("  {}", style.yellow("~")),
        Action::Delete => format!("  {}", style.red("-")),
        Action::Replace => format!("{}/{}", style.red("-"), style.green("+")),
        Action::ReplaceCreateFirst => format!("{}/{}", style.green("+"), style.red("-")),
        Action::Read => format!(" {}", style.cyan("<=")),
        Action::Forget => format!(" {}", style.red(".")),
    };
    let mode = if change.address.is_managed() { "resource" } else { "data" };
    let node = change_node(change, with.shapes);
    let view = View { all: change.importing.is_some(), ..View::new(style) };
    let head = headline(change, occasion, style);
    let because = if occasion == Occasion::Plan { causes(change, with) } else { String::new() };
    format!("{head}\n{because}{sign} {mode} \"{}\" \"{}\" {}", change.address.kind(), change.address.name(), node_text(&node, 0, view))
}

fn change_node(change: &Change, shapes: &Shapes<'_>) -> Node {
    // What is forgotten stays as it is.
    let after = if change.action == Action::Forget { change.before.as_ref() } else { change.after.as_ref() };
    let before = change.before.as_ref();
    let paths: Vec<&[PathStep]> = change.replace_paths.iter().map(|(p, _)| p.as_slice()).collect();
    let fallback;
    let shape = match shapes(change.address.mode(), change.address.kind()) {
        Some(shape) => shape,
        None => {
            fallback = diff::shape_of(&[before, after]);
            &fallback
        }
    };
    diff::resource(before, after, shape, &paths, is_legacy(&change.provider))
}

/// Whether a provider cannot tell an empty string from none, as azurerm cannot.
pub(super) fn is_legacy(provider: &str) -> bool {
    !provider.contains("builtin/") && !provider.contains("/azapi")
}

fn legend(shown: &[&Change], with: &Telling<'_>) -> String {
    let style = with.style;
    let (plus, minus) = (style.green("+"), style.red("-"));
    let lines = [
        (Action::Create, format!("  {plus} create")),
        (Action::Update, format!("  {} update in-place", style.yellow("~"))),
        (Action::Delete, format!("  {minus} destroy")),
        (Action::Replace, format!("{minus}/{plus} destroy and then create replacement")),
        (Action::ReplaceCreateFirst, format!("{plus}/{minus} create replacement and then destroy")),
        (Action::Read, format!(" {} read (data resources)", style.cyan("<="))),
        (Action::Forget, format!(" {} forget", style.red("."))),
    ];
    let used: String = lines.iter().filter(|(action, _)| shown.iter().any(|c| c.action == *action)).map(|(_, line)| format!("{line}\n")).collect();
    if used.is_empty() {
        return used;
    }
    let text = "Ravelin used the selected providers to generate the following execution plan. Resource actions are indicated with the following symbols:";
    format!("\n{}\n{used}", style.wrap(text))
}

/// The section on what changed outside; `None` where there is nothing to tell.
fn drift_text(plan: &Plan, has_changes: bool, with: &Telling<'_>) -> Option<String> {
    let refresh_only = plan.mode == PlanMode::RefreshOnly;
    let shown: Vec<&Change> = plan.drift.iter().filter(|c| c.action != Action::NoOp || refresh_only && is_shown(c)).collect();
    if shown.is_empty() || !has_changes && !refresh_only {
        return None;
    }
    let style = with.style;
    let note = format!("{}{}", style.bold_cyan("Note:"), style.bold(" Objects have changed outside of Ravelin"));
    let intro = "Ravelin detected the following changes made outside of Ravelin since the last \"ravelin apply\" which may have affected this plan:";
    let mut out = format!("\n{note}\n\n{}\n", style.wrap(intro));
    for change in shown {
        out.push_str(&format!("\n{}\n", change_text(change, Occasion::Drift, with)));
    }
    let end = if refresh_only {
        "This is a refresh-only plan, so Ravelin will not take any actions to undo these. If you were expecting these changes then you can apply this \
         plan to record the updated values in the Ravelin state without changing any remote objects."
    } else {
        "Unless you have made equivalent changes to your configuration, or ignored the relevant attributes using ignore_changes, the following plan may \
         include actions to undo or respond to these changes."
    };
    out.push_str(&format!("\n\n{}\n", style.wrap(end)));
    Some(out)
}

/// What is said when nothing will change.
fn nothing_text(plan: &Plan, drifted: bool, with: &Telling<'_>) -> String {
    let style = with.style;
    let said = |head: &str, tail: &str, text: &str| format!("\n{}{}\n\n{}\n", style.bold_green(head), style.bold(tail), style.wrap(text));
    if with.errored {
        let tail = style.bold(" Ravelin encountered an error while generating this plan.");
        return format!("\n{}{tail}\n\n", style.bold_red("Planning failed."));
    }
    match plan.mode {
        // The drift section has already said what applying would do.
        PlanMode::RefreshOnly if drifted => String::new(),
        PlanMode::RefreshOnly => said(
            "No changes.",
            " Your infrastructure still matches the configuration.",
            "Ravelin has checked that the real remote objects still match the result of your most recent changes, and found no differences.",
        ),
        PlanMode::Destroy => said(
            "No changes.",
            " No objects need to be destroyed.",
            "Either you have not created any objects yet or the existing objects were already deleted outside of Ravelin.",
        ),
        PlanMode::Normal => said(
            "No changes.",
            " Your infrastructure matches the configuration.",
            "Ravelin has compared your real infrastructure against your configuration and found no differences, so no changes are needed.",
        ),
    }
}

/// `~ name = before -> after` for each root output that changes.
fn planned_outputs(plan: &Plan, style: &Style) -> String {
    let width = plan.outputs.keys().map(|k| attribute_name(k).chars().count()).max().unwrap_or(0);
    let view = View::new(style);
    let mut out = String::new();
    for (name, change) in &plan.outputs {
        let (before, after) = (hidden(&change.before, change.sensitive), hidden(&change.after, change.sensitive));
        // An output that is null is one that does not exist.
        let given = |v: &Option<Value>| v.clone().filter(|v| !v.is_null());
        let node = diff::untyped(given(&before).as_ref(), given(&after).as_ref());
        if node.sign == Sign::Same {
            continue;
        }
        out.push_str(&format!("{}{} = {}\n", view.sign(node.sign), pad(&attribute_name(name), width), node_text(&node, 0, view)));
    }
    out
}

fn hidden(value: &Option<Value>, sensitive: bool) -> Option<Value> {
    value.clone().map(|v| if sensitive || v.marks_deep().sensitive { v.sensitive() } else { v })
}
