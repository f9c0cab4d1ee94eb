//! Edge: the process environment and the small secret files that settings may name.

#![allow(clippy::disallowed_methods)]

use std::path::Path;

/// A variable of the process environment; empty counts as not set, as azurerm treats it.
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// The trimmed content of a file that holds a secret or a token. Errors: the reason in words, naming the file.
pub fn read_secret(path: &str) -> Result<String, String> {
    match std::fs::read_to_string(Path::new(path)) {
        Ok(text) if text.trim().is_empty() => Err(format!("{path} is empty")),
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) => Err(format!("{path} cannot be read: {error}")),
    }
}
