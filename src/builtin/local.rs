//! The `local` provider, as its 2.x versions: files on the machine that Ravelin runs on.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};

use super::{
    Outcome, Outside,
    fields::{is_set, text, with},
    random::hex,
};
use crate::base::{Diagnostic, Value};

/// The attributes that a file's content may come from; one of them is set.
const SOURCES: [&str; 4] = ["content", "sensitive_content", "content_base64", "source"];

/// What the shapes cannot say: that there is one content, and that modes are octal.
pub fn validate(kind: &str, config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // A data source has a content as well, but only to tell it.
    let known: Vec<&str> = SOURCES.into_iter().filter(|name| config.get(name).is_some()).collect();
    let written = config.get("file_permission").is_some();
    let set = known.iter().filter(|name| is_set(config, name)).count();
    if written && set != 1 {
        let detail = match set {
            0 => format!("No attribute specified when one (and only one) of [{}] is required", known.join(",")),
            _ => format!("{set} attributes specified when one (and only one) of [{}] is required", known.join(",")),
        };
        found.push(Diagnostic::error("exactly-one-of", "Invalid Attribute Combination", detail).hint(format!("A {kind} has one content.")));
    }
    for name in ["file_permission", "directory_permission"] {
        if let Some(given) = text(config, name)
            && mode(given).is_none()
        {
            let detail = format!("Attribute {name} is {given:?}: bad mode permission, it must be expressed in three or four octal digits, as \"0644\".");
            found.push(Diagnostic::error("local-mode", "Invalid File Permission String Value", detail));
        }
    }
    found
}

fn mode(text: &str) -> Option<u32> {
    if (3..=4).contains(&text.len()) { u32::from_str_radix(text, 8).ok() } else { None }
}

/// Writes the file.
///
/// # Errors
/// When the content cannot be had or the file not be written.
pub fn create(kind: &str, planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let name = text(planned, "filename").unwrap_or_default();
    let content = content(planned, outside)?;
    let default = if kind == "local_sensitive_file" { "0700" } else { "0777" };
    let mode_of = |attribute: &str| mode(text(planned, attribute).unwrap_or(default)).unwrap_or(0o700);
    outside
        .write_file(name, &content, mode_of("file_permission"), mode_of("directory_permission"))
        .map_err(|why| Diagnostic::error("local-write", "Create local file error", format!("The file {name} cannot be written: {why}.")))?;
    Ok(with(planned, hashes(&content)))
}

fn content(planned: &Value, outside: &dyn Outside) -> Outcome<Vec<u8>> {
    if let Some(given) = text(planned, "content").or_else(|| text(planned, "sensitive_content")) {
        return Ok(given.as_bytes().to_vec());
    }
    if let Some(given) = text(planned, "content_base64") {
        return STANDARD
            .decode(given)
            .map_err(|e| Diagnostic::error("local-base64", "Create local file error", format!("The attribute content_base64 is not base64: {e}.")));
    }
    let source = text(planned, "source").unwrap_or_default();
    read_file(source, outside)
}

fn read_file(name: &str, outside: &dyn Outside) -> Outcome<Vec<u8>> {
    let cannot = |why: String| Diagnostic::error("local-read", "Read local file error", format!("The file {name} cannot be read: {why}."));
    outside.read_file(name).map_err(cannot)?.ok_or_else(|| cannot("there is no such file".into()))
}

fn hashes(content: &[u8]) -> [(&'static str, Value); 7] {
    let sha1 = hex(&Sha1::digest(content));
    let (sha256, sha512) = (Sha256::digest(content), Sha512::digest(content));
    [
        ("id", Value::string(&sha1)),
        ("content_md5", Value::string(hex(&md5::Md5::digest(content)))),
        ("content_sha1", Value::string(sha1)),
        ("content_sha256", Value::string(hex(&sha256))),
        ("content_base64sha256", Value::string(STANDARD.encode(sha256))),
        ("content_sha512", Value::string(hex(&sha512))),
        ("content_base64sha512", Value::string(STANDARD.encode(sha512))),
    ]
}

/// A file that is gone, or has another content, is made anew.
///
/// # Errors
/// When the file is there but cannot be read.
pub fn read(prior: &Value, outside: &dyn Outside) -> Outcome<Option<Value>> {
    let name = text(prior, "filename").unwrap_or_default();
    let content =
        outside.read_file(name).map_err(|why| Diagnostic::error("local-read", "Read local file error", format!("The file {name} cannot be read: {why}.")))?;
    let same = content.is_some_and(|c| text(prior, "id") == Some(hex(&Sha1::digest(&c)).as_str()));
    Ok(same.then(|| prior.clone()))
}

/// # Errors
/// When the file is there but cannot be removed.
pub fn delete(prior: &Value, outside: &dyn Outside) -> Outcome<()> {
    let name = text(prior, "filename").unwrap_or_default();
    outside.remove_file(name).map_err(|why| Diagnostic::error("local-remove", "Delete local file error", format!("The file {name} cannot be removed: {why}.")))
}

/// # Errors
/// When the file cannot be read.
pub fn data(config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let content = read_file(text(config, "filename").unwrap_or_default(), outside)?;
    let spelled = [("content", Value::string(String::from_utf8_lossy(&content))), ("content_base64", Value::string(STANDARD.encode(&content)))];
    Ok(with(config, spelled.into_iter().chain(hashes(&content))))
}
