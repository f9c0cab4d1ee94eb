//! Any text is read, and any expression evaluated, without a crash: a bounded run of what `fuzz/` does without end, over
//! mutations of the sources in this repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ravelin::{
    base::{Diagnostics, FileId},
    lang,
};

use super::{
    generate::{Random, any_type, expr},
    oracle::Folder,
    support::*,
};

fn sources() -> Vec<String> {
    let mut found: Vec<PathBuf> = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["examples", "modules", "schemas", "tests/it/lang"].iter().map(|f| root.join(f)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let wanted = path.extension().is_some_and(|e| ["tf", "hcl", "tfvars", "tpl", "json"].iter().any(|w| e == *w));
            if path.is_dir() {
                folders.push(path);
            } else if wanted {
                found.push(path);
            }
        }
    }
    found.sort();
    found.iter().filter_map(|p| fs::read_to_string(p).ok()).collect()
}

/// Pieces that matter to a parser.
const PIECES: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "${",
    "%{",
    "~}",
    "$${",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT\n",
    "\n",
    "\r\n",
    "=",
    "=>",
    "...",
    ".",
    "[*]",
    ".*",
    "for x in ",
    "if ",
    "? 1 : 2",
    "&&",
    "-",
    "!",
    "/*",
    "#",
    "\\",
    "\u{feff}",
    "1e999",
    "::",
];

fn mutated(r: &mut Random, text: &str, other: &str) -> String {
    let boundary = |r: &mut Random, t: &str| {
        let mut at = r.below(t.len() + 1);
        while !t.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    // A window, as whole files would take too long.
    let start = boundary(r, text);
    let mut end = (start + 1500).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut out = text[start..end].to_owned();
    for _ in 0..1 + r.below(6) {
        let at = boundary(r, &out);
        match r.below(5) {
            0 => out.insert_str(at, r.pick(&PIECES)),
            1 => {
                let gone: usize = out[at..].chars().take(r.below(40)).map(char::len_utf8).sum();
                out.replace_range(at..at + gone, "");
            }
            2 => {
                let from = boundary(r, other);
                let piece: String = other[from..].chars().take(1 + r.below(60)).collect();
                out.insert_str(at, &piece);
            }
            3 => {
                let c = char::from_u32(r.below(0x250) as u32).unwrap_or('x');
                out.insert(at, c);
            }
            _ => {
                let piece = r.pick(&PIECES).repeat(1 + r.below(130));
                out.insert_str(at, &piece);
            }
        }
    }
    out
}

fn cut_is_fine(range: std::panic::AssertUnwindSafe<impl FnOnce()>, text: &str) {
    if std::panic::catch_unwind(range).is_err() {
        panic!("this text crashes: {text:?}");
    }
}

#[test]
fn mutated_sources_are_read_without_a_crash() {
    let sources = sources();
    assert!(sources.len() > 20, "the sources were found");
    let mut r = Random(7);
    for round in 0..1200 {
        let (one, other) = (&sources[r.below(sources.len())], &sources[r.below(sources.len())]);
        let text = mutated(&mut r, one, other);
        cut_is_fine(
            std::panic::AssertUnwindSafe(|| {
                let l = match round % 4 {
                    0 => load(&format!("-- a.tf.json --\n{text}")),
                    1 => load(&format!("variable \"v\" {{}}\n-- terraform.tfvars --\n{text}")),
                    _ => load(&text),
                };
                let _ = show(&l.diags, &l.sources);
                let mut diags = Diagnostics::default();
                let _ = lang::parse_expression(FileId(0), &text, &mut diags);
                if round % 3 == 0 {
                    let files = Memory(
                        [
                            ("main.tf".into(), b"output \"o\" {\n  value = templatefile(\"t\", { a = 1 })\n}\n".to_vec()),
                            ("t".into(), text.clone().into_bytes()),
                        ]
                        .into(),
                    );
                    let _ = outputs_of(files);
                }
            }),
            &text,
        );
    }
}

#[test]
fn both_parsers_read_the_same() {
    let mut compared = 0;
    for text in sources() {
        let (first, (second, diags)) = lang::readings(&text);
        let Some(first) = first else { continue };
        assert!(
            !diags.has_errors(),
            "the first parser takes what the second refuses: {:?} {:?}",
            diags.items.first(),
            text.chars().take(300).collect::<String>()
        );
        let (first, second) = (format!("{first:#?}"), format!("{second:#?}"));
        let other = first.lines().zip(second.lines()).enumerate().find(|(_, (a, b))| a != b);
        if let Some((line, pair)) = other {
            let near: Vec<&str> = first.lines().skip(line.saturating_sub(25)).take(30).collect();
            panic!("the parsers differ: {pair:?} in {}", near.join("\n"));
        }
        compared += 1;
    }
    assert!(compared > 20, "{compared} files were compared");
}

#[test]
fn ill_typed_expressions_are_evaluated_without_a_crash() {
    let folder = Folder::load();
    let mut r = Random(99);
    let exprs: Vec<String> = (0..1500)
        .map(|_| {
            let ty = any_type(&mut r);
            let depth = 1 + r.below(4);
            expr(&mut r, ty, depth, true)
        })
        .collect();
    let answers = folder.answers(&exprs);
    assert_eq!(answers.len(), exprs.len());
    assert!(answers.iter().any(|(shown, _)| shown.starts_with("Error: ")) && answers.iter().any(|(shown, _)| !shown.starts_with("Error: ")));
}
