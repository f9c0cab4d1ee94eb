//! Tests of the `cli` room: whole commands as transcripts, one file per scenario under `scenarios/`.
//!
//! A transcript holds files to write, commands, and exactly what they print (both streams, in order) with the exit code.
//! `UPDATE_EXPECT=1` writes what came out back into the files; `SCENARIO=part-of-a-name` runs only the files named so.
//! The form of a transcript is told in `cli/transcript.rs`.

#![allow(clippy::disallowed_methods)]

mod runner;
pub mod transcript;
mod validate;

use std::{fs, path::PathBuf};

use similar::TextDiff;

#[test]
fn scenarios_come_out_as_written() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios");
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "txt") && p.file_stem().is_some_and(|s| s.to_string_lossy().contains(&only)));
    files.sort();
    assert!(!files.is_empty(), "no scenario is named like {only:?}");
    let mut failed = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let before = fs::read_to_string(&file).unwrap();
        let after = match transcript::parse(&before).and_then(|parts| runner::run(&parts)) {
            Ok(text) => text,
            Err(why) => {
                failed.push(format!("{name}: {why}"));
                continue;
            }
        };
        if before == after {
            continue;
        }
        if update {
            fs::write(&file, after).unwrap();
        } else {
            let diff = TextDiff::from_lines(&before, &after).unified_diff().context_radius(4).header("expected", "actual").to_string();
            failed.push(format!("{name} (UPDATE_EXPECT=1 rewrites it)\n{diff}"));
        }
    }
    assert!(failed.is_empty(), "{} scenarios came out differently:\n\n{}", failed.len(), failed.join("\n"));
}

/// Transcripts are only worth something when a wrong one is noticed.
#[test]
fn a_wrong_line_or_exit_code_is_noticed() {
    let right = "-- main.tf --\nvariable \"x\" {}\n\n$ ravelin plan -input=false\n";
    let written = runner::run(&transcript::parse(right).unwrap()).unwrap();
    assert!(written.contains("[exit 1]"), "{written}");
    let again = runner::run(&transcript::parse(&written).unwrap()).unwrap();
    assert_eq!(written, again);
    let wrong = written.replace("[exit 1]\n", "");
    assert_eq!(runner::run(&transcript::parse(&wrong).unwrap()).unwrap(), written);
}
