//! Tables of text: columns as wide as their widest cell, names to the left and figures to the right.

use super::style::Style;

/// A line of a table, or a note below one that goes across all columns.
pub enum Line {
    Cells(Vec<String>, Tone),
    Note(String),
}

/// How a line is painted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Warn,
    Bad,
    Quiet,
}

/// The table, each line indented by `indent`; `right` are the columns of figures.
pub fn table(head: &[&str], lines: &[Line], right: &[usize], indent: usize, style: &Style) -> String {
    let heading: Vec<String> = head.iter().map(|h| (*h).to_owned()).collect();
    let cells = lines.iter().filter_map(|l| if let Line::Cells(cells, _) = l { Some(cells) } else { None });
    let all: Vec<&Vec<String>> = std::iter::once(&heading).chain(cells).collect();
    let widths: Vec<usize> = (0..head.len()).map(|i| all.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0)).collect();
    let pad = " ".repeat(indent);
    let text = |cells: &[String]| {
        let mut line = String::new();
        for (i, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            line.push_str(if i == 0 { "" } else { "  " });
            line.push_str(&if right.contains(&i) { format!("{cell:>width$}") } else { format!("{cell:<width$}") });
        }
        line.trim_end().to_owned()
    };
    let mut out = if head.iter().all(|h| h.is_empty()) { String::new() } else { format!("{pad}{}\n", style.dim(&text(&heading))) };
    for line in lines {
        out.push_str(&match line {
            Line::Cells(cells, tone) => format!("{pad}{}\n", tone.paint(&text(cells), style)),
            Line::Note(note) => format!("{pad}  {}\n", style.dim(note)),
        });
    }
    out
}

impl Tone {
    pub fn paint(self, text: &str, style: &Style) -> String {
        match self {
            Tone::Plain => text.to_owned(),
            Tone::Good => style.green(text),
            Tone::Warn => style.yellow(text),
            Tone::Bad => style.red(text),
            Tone::Quiet => style.dim(text),
        }
    }
}
