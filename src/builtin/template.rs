//! The data source `template_file` of the old `template` provider: a template's text with variables.

use std::{
    io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    Outcome,
    fields::{text, with},
    random::hex,
};
use crate::{
    base::{Diagnostic, Sources, Type, Value},
    lang::{
        Files,
        functions::{World, template_text},
    },
};

/// The template has its variables and no files: those it gets from the configuration.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::Error::other("templates of template_file cannot read files"))
    }
    fn list(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Err(io::Error::other("templates of template_file cannot read folders"))
    }
    fn is_dir(&self, _: &Path) -> bool {
        false
    }
    fn is_file(&self, _: &Path) -> bool {
        false
    }
}

/// # Errors
/// What is wrong with the template, with its place.
pub fn file(config: &Value) -> Outcome<Value> {
    let template = text(config, "template").or_else(|| text(config, "filename")).unwrap_or_default();
    let vars = config.get("vars").filter(|v| !v.is_null()).cloned().unwrap_or_else(|| Value::map(Type::String, Default::default()));
    let sources = Sources::default();
    let world = World {
        files: &NoFiles,
        sources: &sources,
        dir: PathBuf::from("."),
        cwd: PathBuf::from("/"),
        home: None,
        now: String::new(),
        plan_mode: false,
        templates: true,
        allocations: Default::default(),
    };
    let rendered = template_text(template, &vars, &world, "<template_file>").map_err(|why| {
        Diagnostic::error("template-failed", "Failed to render template", format!("The template cannot be rendered: {}.", why.trim_end_matches('.')))
    })?;
    let id = hex(&Sha256::digest(rendered.as_bytes()));
    Ok(with(config, [("id", Value::string(id)), ("rendered", Value::string(rendered))]))
}
