//! Diagnostics as JSON: the object of `validate -json` and of the event stream.

use serde_json::{Map, Value as J, json};

use crate::base::{Diagnostic, Severity, Sources, Span, source::Place};

use super::diagnostics::{snippet, sorted_values};

/// The diagnostic object. Keys that Terraform does not have (`code`, `hint`, `related`) are additions that its readers ignore.
pub fn diagnostic_json(d: &Diagnostic, sources: &Sources) -> J {
    let mut out = Map::new();
    out.insert("severity".into(), json!(if d.severity == Severity::Error { "error" } else { "warning" }));
    out.insert("summary".into(), json!(d.summary));
    out.insert("detail".into(), json!(d.detail));
    out.insert("code".into(), json!(d.code));
    if let Some(address) = &d.address {
        out.insert("address".into(), json!(address));
    }
    if let Some(span) = d.span {
        out.insert("range".into(), range(span, sources));
        if let Some(snippet) = snippet(span, sources) {
            let values: Vec<J> = sorted_values(d).into_iter().map(|(t, s)| json!({ "traversal": t, "statement": s })).collect();
            let object = json!({
                "context": d.context.as_deref().or_else(|| sources.block_header(span)),
                "code": snippet.code,
                "start_line": snippet.start_line,
                "highlight_start_offset": snippet.highlight.0,
                "highlight_end_offset": snippet.highlight.1,
                "values": values,
            });
            out.insert("snippet".into(), object);
        }
    }
    if let Some(hint) = &d.hint {
        out.insert("hint".into(), json!(hint));
    }
    if !d.related.is_empty() {
        let related: Vec<J> = d.related.iter().map(|r| json!({ "message": r.message, "range": range(r.span, sources) })).collect();
        out.insert("related".into(), J::Array(related));
    }
    J::Object(out)
}

/// What `validate -json` prints.
pub fn validate_json<'a>(all: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources) -> J {
    let all: Vec<&Diagnostic> = all.into_iter().collect();
    let errors = all.iter().filter(|d| d.is_error()).count();
    json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": all.len() - errors,
        "diagnostics": all.iter().map(|d| diagnostic_json(d, sources)).collect::<Vec<_>>(),
    })
}

pub(super) fn range(span: Span, sources: &Sources) -> J {
    let place = |p: Place| json!({ "line": p.line, "column": p.column, "byte": p.byte });
    json!({
        "filename": sources.path(span.file).display().to_string(),
        "start": place(sources.start(span)),
        "end": place(sources.end(span)),
    })
}
