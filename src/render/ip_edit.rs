//! From a proposed change of an attribute to the text of a file: where it is written, and what the difference looks like.

use std::collections::BTreeMap;

use crate::{
    base::{FileId, Sources, Span},
    network::Edit,
};

/// A stretch of a file and what is to stand there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    pub span: Span,
    pub text: String,
}

/// The patches that make an edit; nothing where the value is computed, so that no place can be named for it.
pub fn patches(edit: &Edit, sources: &Sources) -> Option<Vec<Patch>> {
    let here = edit.origin.span.and_then(|span| {
        let region = region(span, sources)?;
        inside(edit, region, region != span, sources)
    });
    here.or_else(|| elsewhere(edit, sources))
}

/// What an edit says in the language: `address_prefixes = ["10.1.4.0/22"]`.
pub fn assignment(edit: &Edit) -> String {
    let quoted: Vec<String> = edit.new.iter().map(|v| literal(v)).collect();
    let value = if edit.list { format!("[{}]", quoted.join(", ")) } else { quoted.join(", ") };
    format!("{} = {value}", edit.attribute)
}

/// The files as they are and as they would be, as one unified diff; changes of the same place are made once.
pub fn unified(patches: &[Patch], sources: &Sources) -> String {
    let mut files: BTreeMap<FileId, Vec<&Patch>> = BTreeMap::new();
    for patch in patches {
        files.entry(patch.span.file).or_default().push(patch);
    }
    let mut out = String::new();
    for (file, mut patches) in files {
        let Some(source) = sources.file(file) else { continue };
        patches.sort_by_key(|p| (p.span.start, p.span.end));
        let (mut text, mut from) = (String::new(), 0);
        for patch in patches {
            let (start, end) = (patch.span.start as usize, patch.span.end as usize);
            if let Some(before) = source.text.get(from..start) {
                text.push_str(before);
                text.push_str(&patch.text);
                from = end;
            }
        }
        text.push_str(source.text.get(from..).unwrap_or_default());
        let path = sources.path(file).display().to_string();
        out.push_str(&similar::TextDiff::from_lines(&source.text, &text).unified_diff().context_radius(2).header(&path, &path).to_string());
    }
    out
}

fn literal(value: &str) -> String {
    let bare = value.parse::<u64>().is_ok() || value == "true" || value == "false";
    if bare { value.to_owned() } else { super::words::quote(value) }
}

/// The text that an origin stands for: its span, and where that is a block's header, the block.
fn region(span: Span, sources: &Sources) -> Option<Span> {
    let source = sources.file(span.file)?;
    let rest = source.text.get(span.end as usize..)?;
    let ahead = rest.trim_start_matches([' ', '\t']);
    let is_header = ahead.starts_with('{') || sources.text(span).trim_end().ends_with('{');
    if !is_header {
        return Some(span);
    }
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (i, c) in source.text.get(span.start as usize..)?.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted && depth == 1 => return Some(Span { end: span.start + u32::try_from(i).ok()? + 1, ..span }),
            '}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The edit within a stretch of text, where the old values stand there as they are. A whole block has to set the attribute; what
/// is no block is its value.
fn inside(edit: &Edit, region: Span, is_block: bool, sources: &Sources) -> Option<Vec<Patch>> {
    let text = sources.text(region);
    let name = edit.attribute.rsplit('.').next().unwrap_or(edit.attribute);
    let from = attribute(text, name).or((!is_block).then_some(0))?;
    let mut patches = Vec::new();
    let mut end = from;
    for (i, old) in edit.old.iter().enumerate() {
        let quoted = literal(old);
        let at = from + whole(text.get(from..)?, &quoted)?;
        let span = Span::new(region.file, region.start as usize + at, region.start as usize + at + quoted.len());
        end = end.max(at + quoted.len());
        match edit.new.get(i) {
            Some(new) if new == old => {}
            Some(new) => patches.push(Patch { span, text: literal(new) }),
            None => return None,
        }
    }
    let more: String = edit.new.iter().skip(edit.old.len()).map(|new| format!(", {}", literal(new))).collect();
    if !more.is_empty() {
        if edit.old.is_empty() || !edit.list {
            return None;
        }
        let at = region.start as usize + end;
        patches.push(Patch { span: Span::new(region.file, at, at), text: more });
    }
    if patches.is_empty() { None } else { Some(patches) }
}

/// Where a literal stands in a text, not as a part of another.
fn whole(text: &str, literal: &str) -> Option<usize> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '/' | '_' | '-'));
    text.match_indices(literal).map(|(i, _)| i).find(|i| {
        let (before, after) = (text.get(..*i), text.get(i + literal.len()..));
        literal.starts_with('"') || !is_word(before.and_then(|t| t.chars().next_back())) && !is_word(after.and_then(|t| t.chars().next()))
    })
}

/// Where an attribute of this name is set in a text.
fn attribute(text: &str, name: &str) -> Option<usize> {
    text.match_indices(name).map(|(i, _)| i).find(|i| {
        let before = text.get(..*i).and_then(|t| t.chars().next_back());
        let after = text.get(i + name.len()..).map(str::trim_start).unwrap_or_default();
        before.is_none_or(|c| c.is_whitespace() || c == '{') && after.starts_with('=') && !after.starts_with("==")
    })
}

/// The one place of all files where the old value stands as a string: the default of a variable, a local, a tfvars file.
fn elsewhere(edit: &Edit, sources: &Sources) -> Option<Vec<Patch>> {
    let changed: Vec<(&String, &String)> = edit.old.iter().zip(&edit.new).filter(|(old, new)| old != new).collect();
    let [(old, new)] = changed.as_slice() else { return None };
    if edit.old.len() != edit.new.len() || old.parse::<u64>().is_ok() {
        return None;
    }
    let quoted = literal(old);
    let mut found = sources.files().flat_map(|(id, file)| {
        let quoted = &quoted;
        file.text.match_indices(quoted.as_str()).map(move |(i, _)| Span::new(id, i, i + quoted.len())).collect::<Vec<_>>()
    });
    let span = found.next()?;
    if found.next().is_some() { None } else { Some(vec![Patch { span, text: literal(new) }]) }
}
