//! `cloudinit_config`: parts of a machine's first configuration as one MIME message, byte for byte as the real provider writes it.
//! Compressed, only the content is the same: there are many ways to compress it.

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, GzBuilder};

use super::{
    Outcome,
    fields::{flag, is_unknown, or_default, text, with},
};
use crate::base::{Diagnostic, Kind, Value};

/// What the shape cannot say: compressed bytes are no text.
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let unknown = is_unknown(config, "gzip") || is_unknown(config, "base64_encode");
    if !unknown && flag(config, "gzip").unwrap_or(true) && !flag(config, "base64_encode").unwrap_or(true) {
        let detail = "Expected base64_encode to be set to true when gzip is true.".to_owned();
        found.push(Diagnostic::error("cloudinit-gzip", "Invalid Attribute Configuration", detail));
    }
    found
}

/// # Errors
/// When the boundary cannot be one.
pub fn render(config: &Value) -> Outcome<Value> {
    let config = &or_default(config, [("gzip", Value::bool(true)), ("base64_encode", Value::bool(true)), ("boundary", Value::string("MIMEBOUNDARY"))]);
    if let Some(problem) = validate(config).into_iter().next() {
        return Err(problem);
    }
    let given = config.get("part").cloned().unwrap_or_else(|| Value::tuple(Vec::new()));
    let parts: Vec<Value> = given.elements().unwrap_or_default().iter().map(typed).collect();
    let mut bytes = message(text(config, "boundary").unwrap_or_default(), &parts)?.into_bytes();
    if flag(config, "gzip") == Some(true) {
        bytes = compressed(&bytes).map_err(|e| Diagnostic::error("cloudinit", "Unable to render cloudinit config", format!("{e}.")))?;
    }
    let rendered = if flag(config, "base64_encode") == Some(true) { STANDARD.encode(&bytes) } else { String::from_utf8_lossy(&bytes).into_owned() };
    let id = Value::string(crc32(rendered.as_bytes()).to_string());
    let parts = match &given.kind {
        Kind::List(element, _) => Value::list(element.clone(), parts),
        _ => Value::tuple(parts),
    };
    Ok(with(config, [("id", id), ("rendered", Value::string(rendered)), ("part", parts)]))
}

/// A part with the type that it has when none is said.
fn typed(part: &Value) -> Value {
    let empty = text(part, "content_type").is_none_or(str::is_empty);
    if empty { with(part, [("content_type", Value::string("text/plain"))]) } else { part.clone() }
}

/// The message as Go's `mime/multipart` writes it: headers sorted, lines ended by CR LF but for the first, which the provider writes.
fn message(boundary: &str, parts: &[Value]) -> Outcome<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "'()+_,-./:=? ".contains(c);
    if boundary.is_empty() || boundary.len() > 70 || !boundary.chars().all(allowed) || boundary.ends_with(' ') {
        let detail = format!("{boundary:?} cannot be a boundary of a MIME message: it has 1 to 70 letters, digits and the signs '()+_,-./:=?.");
        return Err(Diagnostic::error("cloudinit-boundary", "Unable to render cloudinit config", detail));
    }
    let mut out = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\nMIME-Version: 1.0\r\n\r\n");
    for (i, part) in parts.iter().enumerate() {
        out.push_str(if i > 0 { "\r\n" } else { "" });
        out.push_str(&format!("--{boundary}\r\n"));
        let set = |name: &str| text(part, name).filter(|t| !t.is_empty());
        if let Some(name) = set("filename") {
            out.push_str(&format!("Content-Disposition: attachment; filename=\"{name}\"\r\n"));
        }
        out.push_str("Content-Transfer-Encoding: 7bit\r\n");
        out.push_str(&format!("Content-Type: {}\r\nMime-Version: 1.0\r\n", set("content_type").unwrap_or("text/plain")));
        if let Some(merge) = set("merge_type") {
            out.push_str(&format!("X-Merge-Type: {merge}\r\n"));
        }
        out.push_str("\r\n");
        out.push_str(text(part, "content").unwrap_or_default());
    }
    out.push_str(&format!("\r\n--{boundary}--\r\n"));
    Ok(out)
}

/// Without a time in the header: the same content is the same bytes.
fn compressed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::default());
    writer.write_all(bytes)?;
    writer.finish()
}

/// CRC-32 (IEEE), as the ids of this provider are made.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
