//! The language against Terraform 1.11: `oracle.txt` holds expressions and what Terraform's console answers to them
//! (errors as one line of summary and detail), `differences.txt` those that Ravelin answers differently. The console ran in a folder with the files of [`FIXTURES`].

use std::path::Path;

use expect_test::expect_file;
use ravelin::{
    base::{Diagnostics, Sources},
    lang::{self, Each, Evaluator, Inputs, console::format_value},
};

use super::support::Memory;

const FIXTURES: [(&str, &str); 9] = [
    ("hello.txt", "hello\nworld\n"),
    ("list.tpl", "%{ for n in names ~}\nserver ${n}\n%{ endfor ~}\n%{ if port == 80 }http%{ else }other%{ endif } $${literal} %%{x}\n"),
    ("one.tpl", "${yes}"),
    ("bad.tpl", "a ${missing} b\n"),
    ("broken.tpl", "%{ if true }\nopen"),
    ("dir/a.txt", "x"),
    ("dir/sub/b.txt", "y"),
    ("dir/c.md", "z"),
    ("strip.tpl", "  %{ if on ~}  \n   yes\n  %{~ else ~}\n  no\n  %{ endif }\nend\n"),
];

/// What Ravelin answers to an expression, in the console's form.
fn answer(expr: &str) -> String {
    let mut files = Memory::parse(&format!("output \"o\" {{\n  value = {expr}\n}}\n"));
    for (path, text) in FIXTURES {
        files.0.insert(path.into(), text.into());
    }
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let blueprint = lang::load(&files, Path::new("."), &mut sources, &mut diags);
    if let (Some(bp), false) = (&blueprint, diags.has_errors()) {
        let inputs = Inputs { root_dir: ".".into(), cwd: "/work".into(), now: "2026-03-04T05:06:07Z".into(), ..Inputs::default() };
        let ev = Evaluator::new(bp, &sources, &files, inputs);
        if let Some(output) = bp.root.outputs.get("o") {
            let value = ev.eval(&Default::default(), &output.value, &Each::default(), &mut diags);
            if !diags.has_errors() {
                return format_value(&value);
            }
        }
    }
    let errors = diags.items.iter().filter(|d| d.is_error()).map(|d| format!("Error: {} {}", d.summary, d.detail));
    errors.flat_map(|e| e.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>().join(" ")
}

#[test]
fn expressions_give_what_terraform_gives() {
    let text = include_str!("oracle.txt");
    let (mut wrong, mut total) = (String::new(), 0);
    for block in text.split("\n> ") {
        let (expr, expected) = block.trim_start_matches("> ").split_once('\n').unwrap_or((block, ""));
        total += 1;
        let (expected, got) = (expected.trim_end(), answer(expr));
        if got.trim_end() != expected {
            wrong.push_str(&format!("> {expr}\n--- Terraform\n{expected}\n--- Ravelin\n{got}\n\n"));
        }
    }
    assert!(total > 800, "the vectors were not read");
    // What differs is written down: infinities and nonsense prefixes that Ravelin refuses, wording of foreign parsers.
    expect_file!["./differences.txt"].assert_eq(&wrong);
}
