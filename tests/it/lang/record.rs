//! Terraform's console as the oracle: its answers to expressions, all asked in one call, in a folder with the files of [`FIXTURES`].
//! It runs with `-plan`, so that what `terraform_data` resources give is unknown there.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// What the console is asked in. `main.tf` is the configuration; the others are for functions that read files.
pub const FIXTURES: [(&str, &str); 11] = [
    ("main.tf", include_str!("oracle/main.tf")),
    ("hello.txt", "hello\nworld\n"),
    ("list.tpl", "%{ for n in names ~}\nserver ${n}\n%{ endfor ~}\n%{ if port == 80 }http%{ else }other%{ endif } $${literal} %%{x}\n"),
    ("one.tpl", "${yes}"),
    ("bad.tpl", "a ${missing} b\n"),
    ("broken.tpl", "%{ if true }\nopen"),
    ("nested.tpl", "${templatefile(\"one.tpl\", { yes = 1 })}"),
    ("dir/a.txt", "x"),
    ("dir/sub/b.txt", "y"),
    ("dir/c.md", "z"),
    ("strip.tpl", "  %{ if on ~}  \n   yes\n  %{~ else ~}\n  no\n  %{ endif }\nend\n"),
];

/// Whether Terraform is here, and a way to give it a terminal: without one its console ends at the first error.
pub fn is_here() -> bool {
    let runs = |name: &str| {
        let found = Command::new(name).arg("--version").stdin(Stdio::null()).output();
        found.is_ok_and(|o| o.status.success())
    };
    runs("terraform") && runs("script")
}

/// What is printed when the line is empty: after it comes the next line, drawn anew with each letter.
const PROMPT: &str = "\u{1b}[J\u{1b}[2K\r>  \u{8}";

/// The console's output for each line, as printed. `None` when it could not be run.
pub fn ask(lines: &[String]) -> Option<Vec<String>> {
    let dir = tempfile::tempdir().ok()?;
    for (path, text) in FIXTURES {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent()?).ok()?;
        fs::write(path, text).ok()?;
    }
    let mut all = Vec::new();
    for part in lines.chunks(400) {
        all.extend(session(dir.path(), part)?);
    }
    (all.len() == lines.len()).then_some(all)
}

fn session(dir: &Path, lines: &[String]) -> Option<Vec<String>> {
    let input = dir.join("input");
    fs::write(&input, lines.iter().map(|l| format!("{l}\n")).collect::<String>()).ok()?;
    let run = Command::new("script")
        .args(["-qec", "stty -icanon min 1 -echo rows 50 cols 30000; exec timeout --foreground 120 terraform console -plan -no-color", "/dev/null"])
        .current_dir(dir)
        .env("TERM", "dumb")
        .env("HOME", "/home/u")
        .env("TF_CLI_CONFIG_FILE", dir.join("none.tfrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(fs::File::open(input).ok()?)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    let drawn: Vec<&str> = text.split(PROMPT).skip(1).collect();
    // The last prompt is answered with the end of the input.
    let (_, drawn) = drawn.split_last().filter(|(_, rest)| rest.len() == lines.len())?;
    Some(lines.iter().zip(drawn).map(|(line, drawn)| output(line, drawn)).collect())
}

/// What follows the entered line.
fn output(line: &str, drawn: &str) -> String {
    let entered = format!("> {line}\r\n");
    let start = drawn.find(&entered).unwrap_or_else(|| panic!("the console lost its place at {line:?}: {drawn:?}"));
    drawn.get(start + entered.len()..).unwrap_or("").replace("\r\n", "\n").trim_end().to_owned()
}

/// An answer as it is kept: errors as one line of summary and detail each, without place.
pub fn kept(answer: &str) -> String {
    if !answer.trim_start().starts_with("Error: ") {
        return answer.to_owned();
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let texts = answer.split("Error: ").skip(1).map(|error| {
        let lines = error.lines().filter(|l| !l.trim_start().starts_with("on <console-input> line") && l.trim() != "(source code not available)");
        format!("Error: {}", words(&lines.collect::<Vec<_>>().join("\n")))
    });
    texts.collect::<Vec<_>>().join(" ")
}
