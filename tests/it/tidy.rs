//! The house rules that a machine can check: room directions, file headers, the fence around effects, sizes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Which rooms a room may use. `base` is open to all.
const ROOMS: [(&str, &[&str]); 14] = [
    ("base", &[]),
    ("lang", &["base"]),
    ("schema", &["base"]),
    ("graph", &["base"]),
    ("state", &["base"]),
    ("network", &["base"]),
    ("builtin", &["base", "lang", "state"]),
    ("plan", &["base", "lang", "schema", "graph", "state", "network", "builtin"]),
    ("guard", &["base", "plan", "network"]),
    ("azure", &["base"]),
    ("sim", &["base", "schema", "azure"]),
    ("apply", &["base", "lang", "schema", "graph", "state", "plan", "azure", "builtin"]),
    ("render", &["base", "lang", "state", "plan", "guard", "network"]),
    ("cli", &["base", "lang", "schema", "graph", "state", "network", "builtin", "plan", "guard", "azure", "sim", "apply", "render"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, ext: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut stack = vec![dir.to_path_buf()];
    while let Some(dir) = stack.pop() {
        for entry in fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stack.push(path);
            } else if path.extension().is_some_and(|e| e == ext) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(PathBuf, String)> {
    files(&root().join("src"), "rs")
        .into_iter()
        .map(|p| {
            let text = fs::read_to_string(&p).unwrap();
            (p.strip_prefix(root()).unwrap().to_path_buf(), text)
        })
        .collect()
}

fn room(path: &Path) -> Option<String> {
    let mut parts = path.components().skip(1);
    let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
    parts.next().map(|_| first)
}

/// Rooms that a text names after `crate::`, in a plain path or in a use list.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let (mut depth, mut word) = (1, String::new());
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    found.insert(std::mem::take(&mut word));
                    break;
                }
                if depth == 1 && c == ',' {
                    found.insert(std::mem::take(&mut word));
                } else if depth == 1 && (c.is_alphanumeric() || c == '_' || c == ':') {
                    word.push(c);
                }
            }
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found.into_iter().map(|w| w.split(':').next().unwrap_or("").to_owned()).collect()
}

#[test]
fn rooms_use_only_the_rooms_on_their_line() {
    let names: BTreeSet<&str> = ROOMS.iter().map(|(n, _)| *n).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(room) = room(&path) else { continue };
        let (_, allowed) = ROOMS.iter().find(|(n, _)| *n == room).unwrap_or_else(|| panic!("{room} is not a known room"));
        for used in used(&text) {
            if names.contains(used.as_str()) && used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let all = sources().into_iter().chain(files(&root().join("tests"), "rs").into_iter().map(|p| {
        let text = fs::read_to_string(&p).unwrap();
        (p, text)
    }));
    let missing: Vec<String> =
        all.filter(|(_, t)| !t.starts_with("//! ") || t.lines().next().is_some_and(|l| l.len() < 12)).map(|(p, _)| p.display().to_string()).collect();
    assert!(missing.is_empty(), "no //! header: {missing:?}");
}

/// The clippy fence may be opened only in files whose header says that they are an edge.
#[test]
fn effects_live_in_edge_files() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let header: String = text.lines().take_while(|l| l.starts_with("//!")).collect::<Vec<_>>().join(" ");
        let opens = text.contains("clippy::disallowed_methods");
        if opens && !header.to_lowercase().contains("edge") {
            wrong.push(format!("{} opens the fence but does not say that it is an edge", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn production_code_does_not_panic_on_input() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (i, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!("].iter().any(|w| code.contains(w)) {
                wrong.push(format!("{}:{}: {}", path.display(), i + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Calm code: under three functions in a hundred are longer than seventy lines.
#[test]
fn functions_fit_a_screen() {
    let (mut all, mut long) = (0, Vec::new());
    for (path, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let body = line.trim_start();
            let is_fn = ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(crate) fn ", "pub(super) fn ", "pub(crate) async fn "]
                .iter()
                .any(|p| body.starts_with(p));
            if !is_fn || line.trim_end().ends_with(';') {
                continue;
            }
            let indent = line.len() - body.len();
            let close = format!("{}}}", " ".repeat(indent));
            let Some(len) = lines[i..].iter().position(|l| *l == close) else { continue };
            all += 1;
            if len > 70 {
                long.push(format!("{}:{} ({len} lines)", path.display(), i + 1));
            }
        }
    }
    assert!(long.len() * 100 < all * 3, "{} of {all} functions are long:\n{}", long.len(), long.join("\n"));
}

#[test]
fn architecture_stays_short() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 200);
    for (room, _) in ROOMS {
        assert!(text.contains(room), "ARCHITECTURE.md does not mention {room}");
    }
}
