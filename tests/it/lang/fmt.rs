//! Formatting against Terraform's: `fmt.txt` holds messy files and what `terraform fmt` made of them.
//!
//! `RAVELIN_RECORD=1` has the program on the path make the answers anew.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use proptest::prelude::*;
use ravelin::{
    base::{Diagnostics, Sources},
    lang::{
        self,
        fmt::{
            format,
            scan::{Kind, scan},
        },
    },
};

use super::support::Memory;

struct Case {
    name: String,
    input: String,
    expected: String,
}

fn corpus() -> (String, Vec<Case>) {
    let text = include_str!("fmt.txt");
    let (intro, rest) = text.split_once("=== ").expect("there is a first file");
    let cases = rest.split("\n=== ").map(|part| {
        // The line break that the split took away belongs to the answer; the last one still has it.
        let part = format!("{}\n", if rest.ends_with(part) { part.strip_suffix('\n').unwrap_or(part) } else { part });
        let (name, body) = part.split_once('\n').expect("a name stands on its own line");
        let (input, expected) = body.split_once("--- formatted\n").expect("there is an answer");
        Case { name: name.to_owned(), input: plain(input), expected: plain(expected) }
    });
    (intro.to_owned(), cases.collect())
}

fn plain(shown: &str) -> String {
    shown.replace("∅\n", "").replace('␍', "\r").replace('⇥', "\t").replace('␠', " ").replace('\u{2060}', "\u{feff}")
}

fn shown(text: &str) -> String {
    let mut out = String::new();
    for line in text.replace('\r', "␍").replace('\t', "⇥").replace('\u{feff}', "\u{2060}").split_inclusive('\n') {
        let (bare, end) = line.strip_suffix('\n').map_or((line, "∅\n"), |bare| (bare, "\n"));
        let trimmed = bare.trim_end_matches(' ');
        let _ = write!(out, "{trimmed}{}{end}", "␠".repeat(bare.len() - trimmed.len()));
    }
    if text.is_empty() { "∅\n".to_owned() } else { out }
}

/// What Terraform makes of the files, all in one folder so that it is started once.
fn terraform(inputs: &[(String, String)]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in inputs {
        fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    let out = Command::new("terraform").args(["fmt", "-no-color", "-list=false"]).current_dir(folder.path()).output().ok()?;
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(inputs.iter().map(|(name, _)| fs::read_to_string(folder.path().join(name)).expect("it is still there")).collect())
}

fn numbered(cases: &[Case]) -> Vec<(String, String)> {
    cases.iter().enumerate().map(|(i, c)| (format!("{i:03}-{}", c.name), c.input.clone())).collect()
}

#[test]
fn messy_files_come_out_as_terraform_has_them() {
    let (intro, cases) = corpus();
    if std::env::var_os("RAVELIN_RECORD").is_some() {
        let answers = terraform(&numbered(&cases)).expect("terraform is on the path");
        let mut text = intro;
        for (case, answer) in cases.iter().zip(answers) {
            let _ = write!(text, "=== {}\n{}--- formatted\n{}", case.name, shown(&case.input), shown(&answer));
        }
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/lang/fmt.txt"), text).expect("the corpus can be written");
        return;
    }
    assert!(cases.len() >= 80, "the corpus was not read");
    let mut wrong = String::new();
    for case in &cases {
        let got = format(&case.input);
        if got != case.expected {
            let _ = write!(wrong, "=== {}\n{}--- Terraform\n{}--- Ravelin\n{}", case.name, shown(&case.input), shown(&case.expected), shown(&got));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Every file of the language that this repository holds.
fn own_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = ["examples", "modules", "tests", "schemas"].iter().map(|f| root.join(f)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be read").flatten() {
            let path = entry.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if [".tf", ".tfvars", ".hcl"].iter().any(|end| name.ends_with(end)) {
                found.push((path.display().to_string(), fs::read_to_string(&path).expect("it is text")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_we_ship_is_formatted() {
    let untidy: Vec<String> = own_files()
        .into_iter()
        .filter(|(path, text)| (path.contains("/examples/") || path.contains("/modules/")) && format(text) != *text)
        .map(|(path, _)| path)
        .collect();
    assert!(untidy.is_empty(), "not formatted: {untidy:?}");
}

/// Every file of the repository, its blanks shaken, through both programs. Only where Terraform is on the path.
#[test]
fn shaken_files_come_out_as_terraform_has_them() {
    if std::env::var_os("RAVELIN_LIVE").is_none() {
        return;
    }
    let inputs: Vec<(String, String)> = own_files().into_iter().enumerate().map(|(i, (_, text))| (format!("{i:03}.tf"), shaken(&text, i))).collect();
    let Some(answers) = terraform(&inputs) else { return };
    for ((name, input), answer) in inputs.iter().zip(answers) {
        assert_eq!(format(input), answer, "{name}:\n{input}");
    }
}

/// The same tokens with other blanks between them.
fn shaken(text: &str, seed: usize) -> String {
    let mut out = String::new();
    let mut n = seed;
    let tokens = scan(text);
    for (i, token) in tokens.iter().enumerate() {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let in_text = matches!(token.kind, Kind::QuotedText | Kind::HeredocText | Kind::CloseQuote | Kind::CloseHeredoc)
            || i > 0 && matches!(tokens[i - 1].kind, Kind::QuotedText | Kind::HeredocText | Kind::OpenQuote | Kind::OpenHeredoc);
        let needed = usize::from(token.spaces > 0);
        let blanks = if in_text { token.spaces } else { needed + (n >> 40) % 3 * usize::from(token.spaces > 0 || (n >> 50).is_multiple_of(4)) };
        // What is read as one token without a blank, or as two with one, keeps what it had.
        let tight =
            i > 0 && token.spaces == 0 && needed == 0 && matches!(token.kind, Kind::Ident | Kind::Number | Kind::Dot | Kind::Ellipsis | Kind::DoubleColon);
        out.extend(std::iter::repeat_n(' ', if tight { 0 } else { blanks }));
        out.push_str(&token.text);
    }
    out
}

#[test]
fn formatting_again_changes_nothing() {
    let nested = |c: &Case| c.input.contains("\"${\"${");
    for case in corpus().1.iter().filter(|c| !nested(c)) {
        let once = format(&case.input);
        assert_eq!(format(&once), once, "{}", case.name);
    }
}

/// Text that is made of the language's pieces, right or wrong.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "bb", "=", "==", "{", "}", "[", "]", "(", ")", "\"", "${", "%{", "~}", "\n", "\n", " ", "  ", "# c\n", "/* d */", "<<E\n", "E\n", "-", "!", ",",
        ":", "?", ".", "...", "1", "0.5", "é", "\r\n", "\t", "in", "for", "$${", "\\\"", "::",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// The tokens and the blanks before them are the text again.
    #[test]
    fn scanning_loses_nothing(text in pieces()) {
        let all: String = scan(&text).iter().map(|t| t.text.as_str()).collect();
        let blank = |c: &char| !matches!(c, ' ' | '\t');
        prop_assert_eq!(all.chars().filter(blank).collect::<String>(), text.chars().filter(blank).collect::<String>());
    }

    /// What reads without errors says the same when it is formatted, and is formatted then.
    #[test]
    fn formatting_keeps_what_is_said(text in pieces()) {
        let formatted = format(&text);
        let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
        let files = Memory::parse(&text);
        lang::load(&files, Path::new("."), &mut sources, &mut diags);
        let wrong_syntax = diags.items.iter().any(|d| d.is_error() && !d.code.starts_with("unsupported"));
        if !wrong_syntax {
            let kinds = |text: &str| scan(text).into_iter().map(|t| (t.kind, t.text)).collect::<Vec<_>>();
            if !text.contains("\"${") {
                prop_assert_eq!(kinds(&formatted).len(), kinds(&format(&formatted)).len());
                prop_assert_eq!(format(&formatted), formatted);
            }
        }
    }
}
