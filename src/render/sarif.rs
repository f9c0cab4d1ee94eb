//! Findings in SARIF 2.1.0, which code scanning services and editors read: rules with help, places, fixes, accepted findings.

use std::collections::BTreeMap;

use serde_json::{Map, Value as J, json};
use sha2::{Digest, Sha256};

use crate::{
    base::{Diagnostic, Severity, Sources, Span},
    network::{Edit, Finding, Report},
};

use super::{
    ip_edit::{Patch, assignment, patches},
    sarif_rules::rule,
};

/// One thing to report: a finding of the address check, or any other diagnostic.
struct Entry<'a> {
    code: &'a str,
    summary: &'a str,
    diagnostic: Diagnostic,
    finding: Option<&'a Finding>,
}

/// A log with one run: the findings of the address check, then `others` of what the command had to say.
pub fn sarif<'a>(report: Option<&'a Report>, others: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources, version: &str) -> J {
    let findings = report.map(|r| r.findings.as_slice()).unwrap_or_default();
    let entries: Vec<Entry> = findings
        .iter()
        .map(|f| Entry { code: f.code, summary: f.summary, diagnostic: f.diagnostic(), finding: Some(f) })
        .chain(others.into_iter().map(|d| Entry { code: d.code, summary: &d.summary, diagnostic: d.clone(), finding: None }))
        .collect();
    let mut codes: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in &entries {
        codes.entry(entry.code).or_insert(entry);
    }
    let rules: Vec<J> = codes.values().map(|e| rule(e.code, e.summary)).collect();
    let index: BTreeMap<&str, usize> = codes.keys().enumerate().map(|(i, code)| (*code, i)).collect();
    let results: Vec<J> = entries.iter().map(|e| result(e, index.get(e.code).copied(), sources)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "Ravelin", "semanticVersion": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "The folder that the command was started in." } } },
            "invocations": [{ "executionSuccessful": true }],
            "results": results,
        }],
    })
}

fn result(entry: &Entry, rule: Option<usize>, sources: &Sources) -> J {
    let d = &entry.diagnostic;
    let mut out = Map::new();
    out.insert("ruleId".into(), json!(entry.code));
    out.insert("ruleIndex".into(), json!(rule));
    out.insert("level".into(), json!(if d.severity == Severity::Error { "error" } else { "warning" }));
    out.insert("message".into(), json!({ "text": message(d) }));
    out.insert("locations".into(), locations(d, sources));
    let related: Vec<J> = d.related.iter().map(|r| related(r.span, &r.message, sources)).collect();
    if !related.is_empty() {
        out.insert("relatedLocations".into(), J::Array(related));
    }
    out.insert("partialFingerprints".into(), json!({ "ravelinFinding/v1": fingerprint(entry, sources) }));
    if let Some(f) = entry.finding {
        let fixes = fixes(f, sources);
        if !fixes.is_empty() {
            out.insert("fixes".into(), J::Array(fixes));
        }
        if let Some(w) = &f.waived {
            let mut suppression = Map::from_iter([
                ("kind".to_owned(), json!("inSource")),
                ("status".to_owned(), json!("accepted")),
                ("justification".to_owned(), json!(format!("{} (until {})", w.reason, w.expires))),
            ]);
            suppression.extend(w.origin.span.map(|span| ("location".to_owned(), json!({ "physicalLocation": physical(span, sources) }))));
            out.insert("suppressions".into(), json!([suppression]));
        }
    }
    J::Object(out)
}

/// Summary, detail with its sums, and the hint.
fn message(d: &Diagnostic) -> String {
    let mut text = d.summary.clone();
    for more in [Some(&d.detail), d.hint.as_ref()].into_iter().flatten().filter(|t| !t.is_empty()) {
        text.push_str("\n\n");
        text.push_str(more.trim_end());
    }
    text
}

/// Where it is: the place in a file, and the resource. Nothing is known of a finding about what only lives in Azure but its id.
fn locations(d: &Diagnostic, sources: &Sources) -> J {
    let mut location = Map::new();
    location.extend(d.span.map(|span| ("physicalLocation".to_owned(), physical(span, sources))));
    if let Some(address) = &d.address {
        location.insert("logicalLocations".into(), json!([{ "fullyQualifiedName": address, "kind": "resource" }]));
    }
    if location.is_empty() { json!([]) } else { json!([location]) }
}

fn related(span: Span, message: &str, sources: &Sources) -> J {
    json!({ "physicalLocation": physical(span, sources), "message": { "text": message } })
}

fn physical(span: Span, sources: &Sources) -> J {
    json!({ "artifactLocation": artifact(span, sources), "region": region(span, sources) })
}

/// Lines and columns from 1; the column of the end is the one after the last character.
fn region(span: Span, sources: &Sources) -> J {
    let (start, end) = (sources.start(span), sources.end(span));
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

fn artifact(span: Span, sources: &Sources) -> J {
    let path = sources.path(span.file);
    if path.is_absolute() { json!({ "uri": format!("file://{}", uri(path)) }) } else { json!({ "uri": uri(path), "uriBaseId": "SRCROOT" }) }
}

/// A path as part of a URI: other than letters, digits and what paths are made of is written in per cent.
fn uri(path: &std::path::Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The same for the same finding when lines above it come and go.
fn fingerprint(entry: &Entry, sources: &Sources) -> String {
    let d = &entry.diagnostic;
    let file = d.span.map(|span| uri(sources.path(span.file))).unwrap_or_default();
    let related: Vec<&str> = entry.finding.iter().flat_map(|f| &f.related).map(|(origin, _)| origin.address.as_str()).collect();
    let text = [entry.code, d.address.as_deref().unwrap_or_default(), &file, &related.join(" ")].join("\0");
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// The changes of text that would mend it: the proposal, then each way out that is a change of text.
fn fixes(f: &Finding, sources: &Sources) -> Vec<J> {
    let proposal = f.proposal.iter().map(|p| (p.text(), &p.edits));
    let ways = f.ways.iter().map(|w| (w.what.clone(), &w.edits));
    proposal.chain(ways).filter_map(|(text, edits)| fix(&text, edits, sources)).collect()
}

fn fix(description: &str, edits: &[Edit], sources: &Sources) -> Option<J> {
    let placed: Vec<Patch> = edits.iter().map(|e| patches(e, sources)).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
    let mut files: BTreeMap<crate::base::FileId, Vec<&Patch>> = BTreeMap::new();
    placed.iter().for_each(|p| files.entry(p.span.file).or_default().push(p));
    let changes: Vec<J> = files
        .into_values()
        .filter_map(|patches| {
            let first = patches.first()?;
            let replace = |p: &&Patch| json!({ "deletedRegion": region(p.span, sources), "insertedContent": { "text": p.text } });
            Some(json!({ "artifactLocation": artifact(first.span, sources), "replacements": patches.iter().map(replace).collect::<Vec<_>>() }))
        })
        .collect();
    let words: Vec<String> = edits.iter().map(assignment).collect();
    if changes.is_empty() {
        None
    } else {
        Some(json!({ "description": { "text": format!("{description} {}", words.join("; ")) }, "artifactChanges": changes }))
    }
}
