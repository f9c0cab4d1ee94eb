//! Why a resource changes, beyond Terraform's words: for each changed attribute the source lines its new value comes from.

use crate::{
    base::{Path, PathStep, Span, Value, value::show_path},
    plan::data::{Action, Because, Cause, Change},
};

use super::{diff, plan_text::Telling};

/// The longest piece of a source line that is quoted.
const QUOTE_LIMIT: usize = 60;

/// One line a cause, each with its line break; nothing for what is created or deleted.
pub fn causes(change: &Change, with: &Telling<'_>) -> String {
    if change.action != Action::Update && !change.action.is_replace() {
        return String::new();
    }
    let mut lines: Vec<String> = Vec::new();
    for (path, reason) in change.replace_paths.iter().filter(|(_, reason)| !reason.is_empty()) {
        let (path, reason) = (show_path(path), reason.trim_end_matches('.'));
        lines.push(match reason.starts_with(&path) {
            true => format!("  #   replaced because {reason}"),
            false => format!("  #   replaced because of {path}: {reason}"),
        });
    }
    for because in &change.because {
        lines.push(format!("  #   because {}", cause(because, is_secret(change, &because.path, with), with)));
    }
    let mut seen = std::collections::BTreeSet::new();
    lines.retain(|l| seen.insert(l.clone()));
    lines.iter().map(|l| format!("{}\n", with.style.dim(l))).collect()
}

fn cause(because: &Because, secret: bool, with: &Telling<'_>) -> String {
    let places: Vec<String> = because.places.iter().map(|p| place(*p, secret, with)).collect();
    let chain = places.join(" ← ");
    let path = show_path(&because.path);
    let what = match &because.cause {
        Cause::Configuration if places.is_empty() => format!("{path} differs from the configuration"),
        Cause::Configuration => return chain,
        Cause::Drift => format!("{path} was changed outside of Ravelin"),
        Cause::Pending(address) => format!("{path} will be known after {address}"),
    };
    if places.is_empty() { what } else { format!("{what}: {chain}") }
}

/// `file:line` and the source line, shortened. Of a secret only the name is quoted.
fn place(span: Span, secret: bool, with: &Telling<'_>) -> String {
    let line = with.sources.start(span).line;
    let at = format!("{}:{line}", with.sources.path(span.file).display());
    let text = with.sources.file(span.file).map_or("", |f| f.line(line)).trim();
    let text = match text.split_once('=') {
        Some((name, _)) if secret => format!("{} = (sensitive value)", name.trim_end()),
        _ if secret => String::new(),
        _ => squeeze(text),
    };
    if text.is_empty() { at } else { format!("{at} {text}") }
}

/// The text with runs of blanks made one and its end cut off where it is long.
fn squeeze(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= QUOTE_LIMIT { text } else { format!("{}…", text.chars().take(QUOTE_LIMIT - 1).collect::<String>().trim_end()) }
}

fn is_secret(change: &Change, path: &Path, with: &Telling<'_>) -> bool {
    let shape = (with.shapes)(change.address.mode(), change.address.kind());
    let hides = |value: &Value| {
        let value = shape.map_or_else(|| value.clone(), |s| diff::hide(value, s));
        on_the_way(&value, path)
    };
    [&change.before, &change.after].into_iter().flatten().any(hides)
}

/// Whether anything on the way along the path, at its end or inside that, is marked sensitive.
fn on_the_way(value: &Value, path: &[PathStep]) -> bool {
    if value.marks.sensitive {
        return true;
    }
    match path.split_first() {
        None => value.marks_deep().sensitive,
        Some((step, rest)) => value.at(std::slice::from_ref(step)).is_some_and(|v| on_the_way(v, rest)),
    }
}
