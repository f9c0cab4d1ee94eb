//! The lock file of allocated ranges, text ↔ [`Ledger`]: one line for each range, sorted, so that two branches that add ranges
//! merge as any two texts do.

use std::path::Path;

use super::{
    blueprint::{Block, Body},
    files::Files,
    parse,
    refer::literal,
};
use crate::base::{Diagnostic, Diagnostics, FileId, Ledger, Prefix, Sources, Span, cidr::PrefixError, diag::nearest, ledger::Entry};

/// The lock file beside the blueprint.
pub const LOCK_FILE: &str = "ravelin.addresses.lock.hcl";

const KIND: &str = "allocation";
const ATTRIBUTE: &str = "prefix";

const HEADER: &str = "\
# This file is kept by `ravelin plan` and `ravelin apply`; keep it under version control.
# Each line is a range that cidr::allocate gave out: its pool, its key and the range. It stays as it is until the line is
# deleted here, or by `ravelin ip prune` when nothing asks for it any more.
";

/// The ledger as the text of its lock file.
pub fn write(ledger: &Ledger) -> String {
    let mut out = HEADER.to_owned();
    let mut last = None;
    for entry in ledger.entries() {
        if last.replace(&entry.pool) != Some(&entry.pool) {
            out.push('\n');
        }
        out.push_str(&format!("{KIND} {} {} {{ {ATTRIBUTE} = \"{}\" }}\n", quote(&entry.pool), quote(&entry.key), entry.prefix));
    }
    out
}

/// A label's text in quotes, with the escapes that every reader of HCL knows.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out.replace("${", "$${").replace("%{", "%%{")
}

/// Reads the lock file of a folder; an empty ledger where there is none.
pub fn read(files: &dyn Files, dir: &Path, sources: &mut Sources, diags: &mut Diagnostics) -> Ledger {
    let path = dir.join(LOCK_FILE);
    if !files.is_file(&path) {
        return Ledger::default();
    }
    let text = match files.read(&path).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => {
            diags.push(unreadable(&path, "it is not UTF-8 text"));
            return Ledger::default();
        }
        Err(why) => {
            diags.push(unreadable(&path, &why.to_string()));
            return Ledger::default();
        }
    };
    let file = sources.add(path.strip_prefix(".").unwrap_or(&path), text);
    let text = sources.file(file).map_or("", |f| f.text.as_str());
    parse(file, text, diags)
}

fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error("lock-file", "Lock file of addresses cannot be read", format!("{} cannot be read: {why}.", path.display()))
}

fn malformed(detail: impl Into<String>, at: Span) -> Diagnostic {
    Diagnostic::error("lock-file", "Malformed lock file of addresses", detail)
        .at(at)
        .hint("Take the line back from version control, or delete it to have the range placed anew.")
}

/// The entries of a lock file's text. What is wrong is reported with its place and left out.
pub fn parse(file: FileId, text: &str, diags: &mut Diagnostics) -> Ledger {
    if let Some(at) = text.find("\n<<<<<<< ").map(|i| i + 1).or(text.starts_with("<<<<<<< ").then_some(0)) {
        let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
        let detail = "The file holds a merge conflict that was not resolved: two branches gave out ranges.";
        let d = Diagnostic::error("lock-file", "Malformed lock file of addresses", detail).at(Span::new(file, at, end));
        diags.push(d.hint("Keep the lines of both sides; where both have the same key or the same range, keep one, and the next plan places what is missing."));
        return Ledger::default();
    }
    let body: Body = parse::parse_body(file, text, diags);
    for attr in parse::in_order(&body.attrs) {
        diags.push(malformed(format!("An argument named {:?} is not expected here; each line is an {KIND} block.", attr.name), attr.name_span));
    }
    let mut seen: Vec<(Entry, Span)> = Vec::new();
    for block in &body.blocks {
        match entry(block) {
            Ok(entry) => match seen.iter().find(|(e, _)| e.pool == entry.pool && e.key == entry.key) {
                Some((first, at)) => {
                    let detail = format!("{:?} of {:?} has a range already: {}, and here {}.", entry.key, entry.pool, first.prefix, entry.prefix);
                    diags.push(malformed(detail, block.span).also(*at, "first given here"));
                }
                None => seen.push((entry, block.span)),
            },
            Err(diagnostic) => diags.push(diagnostic),
        }
    }
    Ledger::of(seen.into_iter().map(|(e, _)| e))
}

fn entry(block: &Block) -> Result<Entry, Diagnostic> {
    if block.kind != KIND {
        let near = nearest(&block.kind, [KIND]).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
        return Err(malformed(format!("Blocks of type {:?} are not expected here.{near}", block.kind), block.span));
    }
    let [pool, key] = block.labels.as_slice() else {
        return Err(malformed("An allocation has two labels: its pool and its key.", block.span));
    };
    if let Some(stranger) = block.body.attrs.values().find(|a| a.name != ATTRIBUTE) {
        return Err(malformed(format!("An argument named {:?} is not expected here.", stranger.name), stranger.name_span));
    }
    let Some(attr) = block.body.attrs.get(ATTRIBUTE) else {
        return Err(malformed(format!("The argument {ATTRIBUTE:?} is required, but no definition was found."), block.span));
    };
    let value = literal(&attr.expr);
    let Some(text) = value.as_ref().and_then(|v| v.as_str()) else {
        return Err(malformed("The prefix has to be a plain string.", attr.expr.span));
    };
    let prefix: Prefix = text.parse().map_err(|e: PrefixError| malformed(format!("{e}."), attr.expr.span))?;
    Ok(Entry { pool: pool.clone(), key: key.clone(), prefix })
}
