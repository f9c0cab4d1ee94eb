//! What `moved` and `removed` blocks say about a blueprint as a whole: that nothing goes two ways, in a circle, or is still there.

use std::collections::{BTreeMap, BTreeSet};

use super::blueprint::{Blueprint, Module, ResourceKey};
use crate::base::{Diagnostic, Diagnostics, ModulePath, Sources, Span, address::Target};

/// A statement with its addresses as seen from the root.
struct Statement {
    from: String,
    to: String,
    /// What moves as a whole, if both ends are whole.
    whole: Option<Target>,
    /// Call names of the module it stands in.
    within: Vec<String>,
    noun: &'static str,
    span: Span,
}

/// Reports statements that contradict each other or the configuration.
pub fn check(blueprint: &Blueprint, sources: &Sources, diags: &mut Diagnostics) {
    let mut statements = Vec::new();
    let mut seen = BTreeSet::new();
    let mut stack = vec![&*blueprint.root];
    while let Some(module) = stack.pop() {
        // A module that is called twice says the same twice.
        statements.extend(module.moved.iter().map(|m| statement(module, m)));
        for removed in module.removed.iter().filter(|r| seen.insert(r.span)) {
            still_there(blueprint, module, &removed.from.0, diags);
        }
        stack.extend(module.calls.values().rev().map(|c| &*c.module));
    }
    for (i, statement) in statements.iter().enumerate() {
        if statement.from == statement.to {
            let detail =
                format!("This statement declares a move from {} to the same address, which is the same as not declaring this move at all.", statement.from);
            diags.push(Diagnostic::error("redundant-move", "Redundant move statement", detail).at(statement.span));
            continue;
        }
        ambiguous(statement, &statements[..i], sources, diags);
        moved_but_there(blueprint, statement, sources, diags);
    }
    circles(&statements, sources, diags);
}

fn statement(module: &Module, moved: &super::blueprint::Moved) -> Statement {
    let prefix: String = module.path.iter().map(|n| format!("module.{n}.")).collect();
    let (from, to) = (&moved.from.0, &moved.to.0);
    let no_keys = |path: &ModulePath| path.0.iter().all(|s| s.key.is_none());
    let is_whole = |t: &Target| match t {
        Target::Module(path) => no_keys(path),
        Target::Resource(r) => no_keys(&r.module),
        Target::Instance(_) => false,
    };
    let noun = match from {
        Target::Module(_) if is_whole(from) => "module",
        Target::Module(_) => "module instance",
        Target::Resource(_) if is_whole(to) => "resource",
        _ => "resource instance",
    };
    Statement {
        from: format!("{prefix}{from}"),
        to: format!("{prefix}{to}"),
        whole: (is_whole(from) && is_whole(to)).then(|| from.clone()),
        within: module.path.clone(),
        noun,
        span: moved.span,
    }
}

fn at(sources: &Sources, span: Span) -> String {
    let start = sources.start(span);
    format!("{}:{},{}", sources.path(span.file).display(), start.line, start.column)
}

/// One thing moved to two places, or two to one.
fn ambiguous(statement: &Statement, before: &[Statement], sources: &Sources, diags: &mut Diagnostics) {
    let Statement { from, to, noun, span, .. } = statement;
    for other in before {
        let place = at(sources, other.span);
        let detail = if other.from == *from && other.to != *to {
            format!(
                "A statement at {place} declared that {from} moved to {}, but this statement instead declares that it moved to {to}.\n\nEach {noun} can move to \
                 only one destination {noun}.",
                other.to
            )
        } else if other.to == *to && other.from != *from {
            format!(
                "A statement at {place} declared that {} moved to {to}, but this statement instead declares that {from} moved there.\n\nEach {noun} can have moved \
                 from only one source {noun}.",
                other.from
            )
        } else {
            continue;
        };
        diags.push(Diagnostic::error("ambiguous-move", "Ambiguous move statements", detail).at(*span).also(other.span, "the other statement"));
    }
}

/// The block that declares what a target means as a whole; nothing when there is none.
fn declared(blueprint: &Blueprint, within: &[String], target: &Target) -> Option<Span> {
    let names: Vec<String> = within.iter().cloned().chain(target.module().names()).collect();
    let find = |names: &[String]| {
        let mut module = &*blueprint.root;
        for name in names {
            module = &module.calls.get(name)?.module;
        }
        Some(module)
    };
    match target {
        Target::Module(_) => {
            let (last, above) = names.split_last()?;
            find(above)?.calls.get(last).map(|c| c.span)
        }
        Target::Resource(r) => {
            let key = ResourceKey { mode: r.mode, kind: r.kind.clone(), name: r.name.clone() };
            find(&names)?.resources.get(&key).map(|r| r.span)
        }
        Target::Instance(_) => None,
    }
}

fn moved_but_there(blueprint: &Blueprint, statement: &Statement, sources: &Sources, diags: &mut Diagnostics) {
    let Some(target) = &statement.whole else { return };
    let Some(span) = declared(blueprint, &statement.within, target) else { return };
    let Statement { from, to, noun, .. } = statement;
    let detail = format!(
        "This statement declares a move from {from}, but that {noun} is still declared at {}.\n\nChange your configuration so that this {noun} will be declared as \
         {to} instead.",
        at(sources, span)
    );
    diags.push(Diagnostic::error("moved-still-there", "Moved object still exists", detail).at(statement.span).also(span, "still declared here"));
}

fn still_there(blueprint: &Blueprint, module: &Module, target: &Target, diags: &mut Diagnostics) {
    let Some(span) = declared(blueprint, &module.path, target) else { return };
    let prefix: String = module.path.iter().map(|n| format!("module.{n}.")).collect();
    let noun = if matches!(target, Target::Module(_)) { "module" } else { "resource" };
    let detail = format!("This statement declares that {prefix}{target} was removed, but it is still declared in configuration.");
    diags.push(Diagnostic::error("removed-still-there", format!("Removed {noun} still exists"), detail).at(span));
}

/// Chains of moves that lead back to where they began.
fn circles(statements: &[Statement], sources: &Sources, diags: &mut Diagnostics) {
    let next: BTreeMap<&str, &Statement> = statements.iter().filter(|s| s.from != s.to).map(|s| (s.from.as_str(), s)).collect();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for start in statements {
        let mut chain: Vec<&Statement> = Vec::new();
        let mut place = start.from.as_str();
        while let Some(step) = next.get(place).filter(|_| chain.len() <= statements.len()) {
            chain.push(step);
            place = &step.to;
            if place == start.from {
                break;
            }
        }
        if place != start.from || chain.is_empty() || chain.iter().any(|s| told.contains(s.from.as_str())) {
            continue;
        }
        told.extend(chain.iter().map(|s| s.from.as_str()));
        let all = |s: &Statement| if s.noun == "resource" { "[*]" } else { "" };
        let listed: String = chain.iter().map(|s| format!("\n  - {}: {}{} → {}{}", at(sources, s.span), s.from, all(s), s.to, all(s))).collect();
        let detail = format!(
            "The following chained move statements form a cycle, and so there is no final location to move objects to:{listed}\n\nA chain of move statements must \
             end with an address that doesn't appear in any other statements, and which typically also refers to an object still declared in the configuration."
        );
        diags.push(Diagnostic::error("move-cycle", "Cyclic dependency in move statements", detail).at(start.span));
    }
}
