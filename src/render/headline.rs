//! The comment lines above a resource in a plan: what will happen to it and, where Terraform says so, why.

use crate::{
    base::Key,
    plan::data::{Action, Change, Reason},
};

use super::style::Style;

/// Where a change is told: among what the plan will do, or among what was found changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    Plan,
    Drift,
}

/// The comment lines, without the last line break.
pub fn headline(change: &Change, occasion: Occasion, style: &Style) -> String {
    let name = match &change.deposed {
        Some(key) => format!("{} (deposed object {key})", change.address),
        None => change.address.to_string(),
    };
    let moved = change.previous.as_ref().filter(|p| **p != change.address);
    let bold = |text: &str| style.bold(&format!("  # {text}"));
    let said = |words: &str| format!("{}{words}", bold(&name));
    let mut lines = vec![match (change.action, occasion) {
        (Action::Create, _) => said(" will be created"),
        (Action::Read, _) => said(" will be read during apply"),
        (Action::Update, Occasion::Plan) => said(" will be updated in-place"),
        (Action::Update, Occasion::Drift) => said(" has changed"),
        (Action::Delete, Occasion::Drift) => said(" has been deleted"),
        (Action::Delete, Occasion::Plan) => said(&format!(" will be {}", style.bold_red("destroyed"))),
        (Action::Replace | Action::ReplaceCreateFirst, _) => said(&replaced(change.reason, style)),
        (Action::Forget, _) => {
            format!("{} will no longer be managed by Ravelin, but {}", style.bold(&format!(" # {name}")), style.bold_red("will not be destroyed"))
        }
        (Action::NoOp, _) => match moved {
            Some(previous) => format!("{} has moved to {}", bold(&previous.to_string()), style.bold(&name)),
            None => said(" will be imported"),
        },
    }];
    lines.extend(why(change));
    if change.deposed.is_some() && change.action == Action::Delete {
        lines.push("  # (left over from a partially-failed replacement of this instance)".into());
    }
    if let Some(previous) = moved.filter(|_| change.action != Action::NoOp) {
        lines.push(format!("  # (moved from {previous})"));
    }
    if let Some(id) = change.importing.as_ref().filter(|_| change.action != Action::NoOp) {
        lines.push(format!("  # (imported from \"{id}\")"));
        if change.action.is_replace() {
            lines.push(format!("  # {}", style.yellow("Warning: this will destroy the imported resource")));
        }
    }
    lines.join("\n")
}

fn replaced(reason: Option<Reason>, style: &Style) -> String {
    let word = style.bold_red("replaced");
    match reason {
        Some(Reason::Tainted) => format!(" is tainted, so must be {word}"),
        Some(Reason::ByRequest) => format!(" will be {word}, as requested"),
        Some(Reason::ByTriggers) => format!(" will be {word} due to changes in replace_triggered_by"),
        _ => format!(" must be {word}"),
    }
}

/// The `# (because …)` line.
fn why(change: &Change) -> Option<String> {
    let resource = &change.address.resource;
    let key = change.address.key.as_ref();
    let because = match change.reason? {
        Reason::NoResourceConfig if change.action == Action::Forget => return Some(" # (destroy = false is set in the configuration)".into()),
        Reason::NoResourceConfig => format!("because {}.{} is not in configuration", resource.kind, resource.name),
        Reason::NoMoveTarget => {
            format!("because {} was moved to {}, which is not in configuration", change.previous.as_ref().unwrap_or(&change.address), change.address)
        }
        Reason::NoModule => format!("because {} is not in configuration", resource.module),
        Reason::WrongRepetition => match key {
            None => "because resource uses count or for_each".into(),
            Some(Key::Int(_)) => "because resource does not use count".into(),
            Some(Key::Str(_)) => "because resource does not use for_each".into(),
        },
        Reason::CountIndex => format!("because index {} is out of range for count", key?),
        Reason::EachKey => format!("because key {} is not in for_each map", key?),
        Reason::ReadConfigUnknown => "config refers to values not yet known".into(),
        Reason::ReadDependencyPending => "depends on a resource or a module with changes pending".into(),
        Reason::ReadCheckNested => "config will be reloaded to verify a check block".into(),
        Reason::CannotUpdate | Reason::Tainted | Reason::ByRequest | Reason::ByTriggers => return None,
    };
    Some(format!("  # ({because})"))
}
