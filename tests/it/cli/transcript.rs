//! The form of a transcript: what stands in it, and how it is written back.
//!
//! ```text
//! What the scenario shows, as free text before the first section.
//!
//! -- main.tf --                  the file's text follows, up to the next section; {folder} in it is where the scenario plays
//! ## A remark.
//! $ ravelin plan -sim            a command; its output follows
//! > yes                          an answer that is typed into it, right below it
//! < 1 + 1                        a line that is piped into it, instead of typed answers; what is typed at a prompt shows after a bar
//! [exit 1]                       how it ended, when not with 0
//! $ edit main.tf s/old/new/      replaces text in a file; any character may stand for the slash
//! $ rm FILE                      removes a file or folder
//! $ mkdir FOLDER                 makes a folder
//! $ repository FOLDER TAG        makes a git repository of a folder, or commits what is new in it
//! $ ls FOLDER                    lists all files below a folder
//! $ cat FILE                     prints a file
//! $ copy examples/minimal        copies a folder of the repository to the same place
//! $ env NAME=VALUE               sets an environment variable for what follows; without a value removes it
//! $ terminal 100                 from now on output goes to a terminal this wide; 0 for none
//! $ fault {"method":"PUT",…}     makes the simulator refuse requests
//! ```

/// One piece of a transcript. Text is kept as it stands, so that only output is ever rewritten.
#[derive(Debug, PartialEq)]
pub enum Part {
    /// Free text and remarks.
    Words(String),
    File {
        name: String,
        text: String,
    },
    Command {
        /// Without the `$ `.
        line: String,
        answers: Vec<String>,
        /// The answers come from a pipe: nobody sits there.
        piped: bool,
    },
}

fn file_name(line: &str) -> Option<&str> {
    line.strip_prefix("-- ")?.strip_suffix(" --").filter(|n| !n.is_empty())
}

/// Whether a line begins a new part.
pub fn begins(line: &str) -> bool {
    file_name(line).is_some() || line.starts_with("$ ") || line.starts_with("## ")
}

/// Takes a transcript apart. What commands printed is left out: it is made anew.
pub fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = vec![Part::Words(String::new())];
    let mut in_output = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        if let Some(name) = file_name(bare) {
            in_output = false;
            parts.push(Part::File { name: name.to_owned(), text: String::new() });
        } else if let Some(command) = bare.strip_prefix("$ ") {
            in_output = false;
            parts.push(Part::Command { line: command.trim().to_owned(), answers: Vec::new(), piped: false });
        } else if bare.starts_with("## ") {
            in_output = false;
            parts.push(Part::Words(line.to_owned()));
        } else {
            match parts.last_mut() {
                Some(Part::Words(words)) => words.push_str(line),
                Some(Part::File { text, .. }) => text.push_str(line),
                Some(Part::Command { answers, piped, .. }) => {
                    match (bare.strip_prefix("> ").or((bare == ">").then_some("")), bare.strip_prefix("< ").or((bare == "<").then_some(""))) {
                        (Some(answer), _) if !in_output => answers.push(answer.to_owned()),
                        (_, Some(answer)) if !in_output => {
                            *piped = true;
                            answers.push(answer.to_owned());
                        }
                        _ => in_output = true,
                    }
                }
                None => {}
            }
        }
    }
    if parts.iter().any(|p| matches!(p, Part::Command { .. })) { Ok(parts) } else { Err("it has no command".to_owned()) }
}

/// A command with its answers, what it printed, and how it ended.
pub fn told(line: &str, (answers, piped): (&[String], bool), output: &str, exit: i32) -> Result<String, String> {
    let mut text = format!("$ {line}\n");
    for answer in answers {
        text.push_str(format!("{} {answer}", if piped { '<' } else { '>' }).trim_end());
        text.push('\n');
    }
    if let Some(line) = output.lines().find(|l| begins(l)).or_else(|| output.lines().next().filter(|l| l.starts_with("> ") || l.starts_with("< "))) {
        return Err(format!("the output of {line:?} cannot be told from the next section"));
    }
    text.push_str(output);
    if !output.is_empty() && !output.ends_with('\n') {
        text.push_str("[no line break]\n");
    }
    if exit != 0 {
        text.push_str(&format!("[exit {exit}]\n"));
    }
    Ok(text)
}

/// Splits a command line at blanks, as a shell does with plain words and quotes.
pub fn words(line: &str) -> Result<Vec<String>, String> {
    let mut out: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('"'), '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(format!("{line:?} has an open quote"));
    }
    out.extend(word);
    Ok(out)
}
