//! Wrong configurations and what `terraform validate` says about each: the same summary at the same line and column.
//! `RAVELIN_RECORD=1` asks Terraform anew.

use std::{fs, path::Path, process::Command};

use expect_test::expect_file;
use ravelin::{
    base::{Diagnostics, ModulePath, Span},
    lang::{Each, Evaluator, deps},
};

use super::support::*;

/// A configuration and the errors of it: `line:column summary`.
struct Mistake {
    text: String,
    errors: Vec<String>,
}

fn read(text: &str) -> Vec<Mistake> {
    let blocks = text.split("=== \n").filter(|b| !b.trim().is_empty());
    blocks
        .map(|block| {
            let (text, errors) = block.split_once("---\n").unwrap_or((block, ""));
            Mistake { text: text.to_owned(), errors: errors.lines().filter(|l| !l.is_empty()).map(str::to_owned).collect() }
        })
        .collect()
}

fn write(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|m| format!("=== \n{}---\n{}", m.text, m.errors.iter().map(|e| format!("{e}\n")).collect::<String>())).collect()
}

/// What Terraform says about a folder that holds the text.
fn ask(text: &str) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("main.tf"), text).expect("written");
    let out =
        Command::new("terraform").args(["validate", "-json", "-no-color"]).current_dir(dir.path()).env("CHECKPOINT_DISABLE", "1").output().expect("it runs");
    let said: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let all = said["diagnostics"].as_array().cloned().unwrap_or_default();
    let mut errors: Vec<(i64, i64, String)> = all
        .iter()
        .filter(|d| d["severity"] == "error")
        .map(|d| {
            let start = &d["range"]["start"];
            (start["line"].as_i64().unwrap_or(0), start["column"].as_i64().unwrap_or(0), d["summary"].as_str().unwrap_or("").to_owned())
        })
        .collect();
    errors.sort();
    errors.into_iter().map(|(line, column, summary)| format!("{line}:{column} {summary}")).collect()
}

/// What Ravelin says: reading, references, and the values of locals, outputs and arguments.
fn answer(text: &str) -> Vec<String> {
    let mut l = load(text);
    if let Some(bp) = l.blueprint.take().filter(|_| !l.diags.has_errors()) {
        deps::validate_references(&bp, &l.sources, &mut l.diags);
        if !l.diags.has_errors() {
            let ev = Evaluator::new(&bp, &l.sources, &l.files, inputs());
            let root = ModulePath::root();
            let mut diags = Diagnostics::default();
            for local in bp.root.locals.values() {
                ev.eval(&root, &local.expr, &Each::default(), &mut diags);
            }
            for name in bp.root.outputs.keys() {
                ev.output(&root, name, &mut diags);
            }
            for resource in bp.root.resources.values() {
                let expansion = ev.expand(&root, resource, &mut diags);
                let each = expansion.and_then(|e| e.keys().first().map(|k| e.each(k))).unwrap_or_default();
                for attr in resource.body.attrs.values() {
                    ev.eval(&root, &attr.expr, &each, &mut diags);
                }
            }
            l.diags.extend(diags);
        }
    }
    let place = |s: Span| l.sources.start(s);
    let mut errors: Vec<(usize, usize, String)> = l
        .diags
        .items
        .iter()
        .filter(|d| d.is_error())
        .map(|d| d.span.map(place).map_or((0, 0, d.summary.clone()), |p| (p.line, p.column, d.summary.clone())))
        .collect();
    errors.sort();
    errors.dedup();
    errors.into_iter().map(|(line, column, summary)| format!("{line}:{column} {summary}")).collect()
}

#[test]
fn mistakes_are_told_at_terraforms_places() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/lang/oracle/mistakes.txt");
    let mut mistakes = read(&fs::read_to_string(&path).expect("the recorded mistakes"));
    if std::env::var_os("RAVELIN_RECORD").is_some() {
        for m in &mut mistakes {
            m.errors = ask(&m.text);
        }
        fs::write(&path, write(&mistakes)).expect("written");
    }
    let (mut other, mut same) = (String::new(), 0);
    for m in &mistakes {
        let got = answer(&m.text);
        // What Terraform says first is said first. What follows from it may be told at more or fewer places.
        if m.errors.first() == got.first() {
            same += 1;
        } else {
            other.push_str(&format!("=== \n{}--- Terraform\n{}\n--- Ravelin\n{}\n", m.text, m.errors.join("\n"), got.join("\n")));
        }
    }
    assert!(same >= 40, "only {same} agree");
    expect_file!["./oracle/mistakes-differences.txt"].assert_eq(&other);
}
