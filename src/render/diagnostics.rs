//! Diagnostics in words: Terraform's form, with the excerpt, the values involved, related places and the hint.

use crate::base::{Diagnostic, Severity, Sources, Span};

use super::{
    style::Style,
    words::{wrap, wrap_paragraphs},
};

/// One diagnostic as a block of lines that ends with a line break.
///
/// With colour it stands in a box (`╷ │ ╵`) and the exact range is underlined; without, it is Terraform's `-no-color` form:
/// a blank line, then the same lines without the box.
pub fn diagnostic(d: &Diagnostic, sources: &Sources, style: &Style) -> String {
    let limit = style.width.saturating_sub(if style.color { 3 } else { 1 });
    let body = body(d, sources, style, limit);
    if !style.color {
        return format!("\n{body}\n");
    }
    let paint = |s: &str| if d.is_error() { style.red(s) } else { style.yellow(s) };
    let mut out = format!("{}\n", paint("╷"));
    for line in body.lines() {
        out.push_str(&format!("{} {line}\n", paint("│")));
    }
    out.push_str(&format!("{}\n", paint("╵")));
    out
}

/// Several diagnostics, in the order given.
pub fn diagnostics<'a>(all: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources, style: &Style) -> String {
    all.into_iter().map(|d| diagnostic(d, sources, style)).collect()
}

fn body(d: &Diagnostic, sources: &Sources, style: &Style, limit: usize) -> String {
    let title = match d.severity {
        Severity::Error => style.bold_red("Error: "),
        Severity::Warning => style.bold_yellow("Warning: "),
    };
    let mut paragraphs = vec![format!("{title}{}", style.bold(&d.summary))];
    let place = place(d, sources, style);
    if !place.is_empty() {
        paragraphs.push(place);
    }
    for related in &d.related {
        let message = wrap(related.message.trim_end_matches(':'), limit.saturating_sub(2)).replace('\n', "\n  ");
        let excerpt = excerpt(related.span, sources, style).unwrap_or_default();
        paragraphs.push(format!("  {message}, on {}:{excerpt}", at(related.span, sources)));
    }
    if !d.detail.is_empty() {
        paragraphs.push(wrap_paragraphs(d.detail.trim_end(), limit));
    }
    if let Some(hint) = &d.hint {
        paragraphs.push(wrap_paragraphs(hint.trim_end(), limit));
    }
    paragraphs.join("\n\n")
}

/// `with ADDRESS`, `on FILE line N`, the excerpt and the values.
fn place(d: &Diagnostic, sources: &Sources, style: &Style) -> String {
    let mut out = String::new();
    if let Some(address) = &d.address {
        out.push_str(&format!("  with {address}"));
        out.push_str(if d.span.is_some() { ",\n" } else { "" });
    }
    let Some(span) = d.span else { return out };
    let context = d.context.as_deref().or_else(|| sources.block_header(span)).map(|c| format!(", in {c}")).unwrap_or_default();
    out.push_str(&format!("  on {}{context}:", at(span, sources)));
    match excerpt(span, sources, style) {
        Some(lines) => out.push_str(&lines),
        None => out.push_str("\n  (source code not available)"),
    }
    if !d.values.is_empty() {
        out.push_str(&format!("\n    {}", style.dim("├────────────────")));
        for (traversal, statement) in sorted_values(d) {
            out.push_str(&format!("\n    {} {} {statement}", style.dim("│"), style.bold(traversal)));
        }
    }
    out
}

/// The values, by traversal.
pub(super) fn sorted_values(d: &Diagnostic) -> Vec<(&str, &str)> {
    let mut values: Vec<_> = d.values.iter().map(|(t, s)| (t.as_str(), s.as_str())).collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn at(span: Span, sources: &Sources) -> String {
    format!("{} line {}", sources.path(span.file).display(), sources.start(span).line)
}

/// Whole source lines that cover a span.
pub(super) struct Snippet {
    pub code: String,
    pub start_line: usize,
    /// Byte offsets into `code`.
    pub highlight: (usize, usize),
}

/// The lines that a span covers; `None` when its file is not held or does not reach that far.
pub(super) fn snippet(span: Span, sources: &Sources) -> Option<Snippet> {
    let file = sources.file(span.file)?;
    let (start, end) = (sources.start(span), sources.end(span));
    // A range that ends right after a line break does not touch the line that follows.
    let last = if end.column == 1 && end.line > start.line { end.line - 1 } else { end.line.max(start.line) };
    let code = (start.line..=last).map(|n| file.line(n)).collect::<Vec<_>>().join("\n");
    let base = file.line_start(start.line);
    let clamp = |byte: usize| {
        let mut at = byte.saturating_sub(base).min(code.len());
        while !code.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = clamp(start.byte);
    let to = clamp(end.byte).max(from);
    // An empty range (end of file, missing token) still has to be visible.
    let to = if to == from { from + code[from..].chars().next().map_or(0, char::len_utf8) } else { to };
    Some(Snippet { highlight: (from, to), code, start_line: start.line })
}

/// The excerpt, each line with its number and a line break in front.
fn excerpt(span: Span, sources: &Sources, style: &Style) -> Option<String> {
    let snippet = snippet(span, sources)?;
    let (from, to) = snippet.highlight;
    let mut out = String::new();
    let mut offset = 0;
    for (i, line) in snippet.code.split('\n').enumerate() {
        let (a, b) = (from.clamp(offset, offset + line.len()) - offset, to.clamp(offset, offset + line.len()) - offset);
        let (before, marked, after) = (line.get(..a)?, line.get(a..b)?, line.get(b..)?);
        out.push_str(&format!("\n{:>4}: {before}{}{after}", snippet.start_line + i, style.underline(marked)));
        offset += line.len() + 1;
    }
    Some(out)
}
