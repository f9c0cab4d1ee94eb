//! One case as text: files and commands above, Terraform's answers below.

use serde_json::Value as Json;

/// What leads to the plan.
#[derive(Clone, Debug)]
pub enum Part {
    Words(String),
    File {
        name: String,
        text: String,
    },
    /// `$ apply! -var=x=1`: the mark says that it may fail.
    Command {
        line: String,
    },
}

/// What a program says of the plan.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The state file that the plan started from.
    pub state: Option<Json>,
    /// `severity|summary|file|line`, in any order.
    pub diagnostics: Vec<String>,
    /// The members of the plan's JSON.
    pub plan: Vec<(String, Json)>,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub parts: Vec<Part>,
    pub answer: Answer,
}

impl Case {
    pub fn parse(text: &str) -> Case {
        let (above, below) = text.split_once("\n== ").map_or((text, ""), |(a, b)| (a, b));
        let mut parts: Vec<Part> = Vec::new();
        for line in above.lines() {
            if let Some(name) = line.strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
                parts.push(Part::File { name: name.to_owned(), text: String::new() });
            } else if let Some(line) = line.strip_prefix("$ ") {
                parts.push(Part::Command { line: line.to_owned() });
            } else if let Some(Part::File { text, .. } | Part::Words(text)) = parts.last_mut() {
                text.push_str(line);
                text.push('\n');
            } else {
                parts.push(Part::Words(format!("{line}\n")));
            }
        }
        Case { parts, answer: answer(below) }
    }

    pub fn text(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Words(text) => out.push_str(text),
                Part::File { name, text } => out.push_str(&format!("-- {name} --\n{text}")),
                Part::Command { line } => out.push_str(&format!("$ {line}\n")),
            }
        }
        if let Some(state) = &self.answer.state {
            out.push_str(&format!("\n== state\n{state}\n"));
        }
        if !self.answer.diagnostics.is_empty() {
            out.push_str(&format!("\n== diagnostics\n{}\n", self.answer.diagnostics.join("\n")));
        }
        if !self.answer.plan.is_empty() {
            let lines: Vec<String> = self.answer.plan.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            out.push_str(&format!("\n== plan\n{}\n", lines.join("\n")));
        }
        out
    }
}

fn answer(text: &str) -> Answer {
    let mut out = Answer::default();
    for section in text.split("\n== ") {
        let (name, body) = section.split_once('\n').unwrap_or((section, ""));
        let lines = body.lines().filter(|l| !l.is_empty());
        match name {
            "state" => out.state = Some(serde_json::from_str(body.trim()).unwrap()),
            "diagnostics" => out.diagnostics = lines.map(str::to_owned).collect(),
            "plan" => {
                out.plan = lines.filter_map(|l| l.split_once(": ")).map(|(key, json)| (key.to_owned(), serde_json::from_str(json).unwrap())).collect();
            }
            _ => {}
        }
    }
    out
}
