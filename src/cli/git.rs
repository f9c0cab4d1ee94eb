//! Edge: fetches repositories with the user's own `git`.

#![allow(clippy::disallowed_methods)]

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::lang::module_source::Repository;

/// Puts a repository, at the version it names, into a folder that is not there yet. Errors: what git said.
pub fn fetch(repository: &Repository, into: &Path) -> Result<(), String> {
    let reference = repository.reference.as_deref();
    if reference.is_some_and(|r| r.starts_with('-')) {
        return Err("a reference cannot begin with a dash".to_owned());
    }
    let into_text = into.display().to_string();
    let depth = repository.depth.map(|d| d.to_string());
    let mut clone = vec!["clone", "--quiet"];
    if let Some(depth) = &depth {
        clone.extend(["--depth", depth]);
        if let Some(reference) = reference {
            clone.extend(["--branch", reference]);
        }
    }
    clone.extend(["--", &repository.url, &into_text]);
    git(None, &clone)?;
    if let Some(reference) = reference.filter(|_| depth.is_none()) {
        git(Some(into), &["checkout", "--quiet", reference])?;
    }
    if into.join(".gitmodules").exists() {
        git(Some(into), &["submodule", "--quiet", "update", "--init", "--recursive"])?;
    }
    Ok(())
}

fn git(folder: Option<&Path>, args: &[&str]) -> Result<(), String> {
    let mut command = Command::new("git");
    // Nobody is there to type a password; keys and credential helpers work all the same.
    command.args(args).env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null());
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let output = command.output().map_err(|why| format!("git must be available and on the PATH: {why}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().map_or("a signal".to_owned(), |c| c.to_string());
    Err(format!("git exited with {code}: {}", said.trim()))
}
