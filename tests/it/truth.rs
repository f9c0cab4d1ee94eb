//! Replays recorded Azure conversations against the simulator and compares the answers: status, headers, and body.
//!
//! Runs only when `RAVELIN_TRUTH` names a folder with recordings (or with `recordings.tar.xz`). What is not compared,
//! and each difference that remains, is listed with its reason in `truth/listed.rs`.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

mod compare;
mod listed;
mod replay;

use std::{collections::BTreeMap, path::PathBuf};

use compare::Difference;

/// Recorded conversations: every `*.jsonl` below the folder, unpacked first when they come packed.
fn recordings() -> Option<(Vec<PathBuf>, Option<tempfile::TempDir>)> {
    let root = PathBuf::from(std::env::var_os("RAVELIN_TRUTH")?);
    let found = below(&root);
    if !found.is_empty() {
        return Some((found, None));
    }
    let packed = root.join("recordings.tar.xz");
    let room = tempfile::tempdir().expect("a temporary folder");
    let done = std::process::Command::new("tar").arg("xf").arg(&packed).arg("-C").arg(room.path()).status().expect("tar runs");
    assert!(done.success(), "{} can be unpacked", packed.display());
    Some((below(room.path()), Some(room)))
}

fn below(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(below(&path));
        } else if path.extension().is_some_and(|e| e == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_simulator_answers_as_azure_did() {
    let Some((files, _room)) = recordings() else {
        println!("skipped: RAVELIN_TRUTH is not set");
        return;
    };
    let mut tally = compare::Tally::default();
    let mut unlisted: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &files {
        let name = file.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read_to_string(file).expect("a readable recording");
        for found in replay::conversation(&text, &mut tally) {
            match listed::reason(&found) {
                Some(reason) => *listed.entry(reason).or_default() += 1,
                None => {
                    let Difference { row, line, .. } = found;
                    let entry = unlisted.entry(line).or_insert((0, format!("{name} {row}")));
                    entry.0 += 1;
                }
            }
        }
    }
    println!("{} recordings, {} requests, {} facts compared", files.len(), tally.requests, tally.facts);
    for (reason, count) in &listed {
        println!("  listed {count:5}  {reason}");
    }
    let count: usize = unlisted.values().map(|(n, _)| n).sum();
    let mut rows: Vec<_> = unlisted.iter().collect();
    rows.sort_by_key(|(line, (n, _))| (std::cmp::Reverse(*n), (*line).clone()));
    for (line, (n, first)) in rows {
        println!("  {n:5}  {line}   [{first}]");
    }
    assert!(tally.requests > 0, "the recordings hold requests on types the simulator models");
    assert!(count * 100 <= tally.facts, "{count} of {} facts differ and are not listed", tally.facts);
}
