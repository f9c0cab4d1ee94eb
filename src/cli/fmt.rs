//! `ravelin fmt`.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};

use super::{Exit, disk, ui::Ui};
use crate::{
    base::{Diagnostic, Diagnostics, Sources},
    lang,
};

/// Rewrite files of the language in the canonical style: *.tf, *.tfvars, *.blueprint.hcl, *.tftest.hcl and *.tfmock.hcl.
///
/// Without a target the current folder's files are rewritten; a target is a folder, a file, or - for standard input.
#[derive(Args, Debug)]
pub struct Fmt {
    /// Folders or files; - reads standard input and writes to standard output.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<PathBuf>,
    /// List the files whose formatting differs; `-list=false` does not (never with standard input).
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub list: bool,
    /// Write the files; `-write=false` does not (never with standard input or -check).
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub write: bool,
    /// Show what is changed.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub diff: bool,
    /// Only say whether everything is formatted: exit with 3 when not.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub check: bool,
    /// Go into folders below as well.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub recursive: bool,
}

const ENDINGS: [&str; 5] = [".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl", ".blueprint.hcl"];

/// What a run does with each file, and what it found.
struct Work<'a, 'w> {
    ui: &'a Ui<'w>,
    args: Fmt,
    sources: Sources,
    diags: Diagnostics,
    differ: bool,
}

pub fn run(args: Fmt, ui: &Ui) -> Exit {
    let stdin = args.targets.first().is_some_and(|t| t == Path::new("-"));
    let mut work = Work { ui, args, sources: Sources::seen_from(&ui.dir), diags: Diagnostics::default(), differ: false };
    if stdin {
        work.args.list = false;
        work.args.write = false;
        let bytes = (ui.world.rest.borrow_mut())();
        work.text(Path::new("<stdin>"), None, bytes);
    } else {
        let targets = std::mem::take(&mut work.args.targets);
        let targets = if targets.is_empty() { vec![PathBuf::from(".")] } else { targets };
        work.targets(&targets);
    }
    if work.diags.has_errors() {
        ui.fail(&work.diags, &work.sources);
        return Exit::NotFormattable;
    }
    if work.args.check && work.differ { Exit::Unformatted } else { Exit::Ok }
}

impl Work<'_, '_> {
    fn targets(&mut self, targets: &[PathBuf]) {
        for target in targets {
            let path = self.ui.dir.join(target);
            if disk::is_dir(&path) {
                self.folder(&path);
            } else if !disk::is_file(&path) {
                let detail = format!("No file or directory at {}", target.display());
                self.diags.push(Diagnostic::error("no-such-file", detail, ""));
                return;
            } else if is_ours(&path) {
                self.file(&path);
            } else {
                let summary = "Only .tf, .tfvars, .tftest.hcl, .tfmock.hcl and .blueprint.hcl files can be processed with ravelin fmt";
                self.diags.push(Diagnostic::error("not-formattable", summary, "").hint(format!("{} is none of them.", target.display())));
            }
        }
    }

    fn folder(&mut self, folder: &Path) {
        let entries = match disk::entries(folder) {
            Ok(entries) => entries,
            Err(why) => {
                self.diags.push(Diagnostic::error("unreadable-directory", format!("Cannot read directory {}", folder.display()), why.to_string()));
                return;
            }
        };
        for path in entries {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
            if name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) {
                continue;
            }
            if disk::is_dir(&path) {
                if self.args.recursive {
                    self.folder(&path);
                }
            } else if is_ours(&path) {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let shown = path.strip_prefix(&self.ui.dir).unwrap_or(path);
        let shown = lang::files::clean(shown);
        match disk::read_bytes(path) {
            Ok(bytes) => self.text(&shown, Some(path), bytes),
            Err(why) => self.diags.push(Diagnostic::error("unreadable-file", format!("Failed to read file {}", shown.display()), why.to_string())),
        }
    }

    fn text(&mut self, shown: &Path, path: Option<&Path>, bytes: Vec<u8>) {
        let Some(text) = lang::check_syntax(shown, bytes, &mut self.sources, &mut self.diags) else { return };
        let formatted = lang::fmt::format(&text);
        let changed = formatted != text;
        if changed {
            self.differ = true;
            self.changed(shown, path, &text, &formatted);
        }
        let silent = !self.args.list && !self.args.write && !self.args.diff && !self.args.check;
        if silent {
            self.ui.say(&formatted);
        }
    }

    fn changed(&mut self, shown: &Path, path: Option<&Path>, text: &str, formatted: &str) {
        if self.args.list {
            self.ui.say(&format!("{}\n", shown.display()));
        }
        if self.args.write
            && !self.args.check
            && let Some(path) = path
            && let Err(why) = disk::overwrite(path, formatted)
        {
            self.diags.push(Diagnostic::error("unwritable-file", format!("Failed to write {}", shown.display()), why.to_string()));
            return;
        }
        if self.args.diff {
            let diff = similar::TextDiff::from_lines(text, formatted);
            let (old, new) = (format!("old/{}", shown.display()), format!("new/{}", shown.display()));
            self.ui.say(&diff.unified_diff().context_radius(3).header(&old, &new).to_string());
        }
    }
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    ENDINGS.iter().any(|end| name.ends_with(end))
}
