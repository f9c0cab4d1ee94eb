//! The little of SVG that a map needs: shapes and text in named styles, escaped, with sizes of text guessed.

use std::fmt::Write;

/// A drawing that grows downwards.
#[derive(Default)]
pub struct Svg {
    out: String,
}

/// Where text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A box by its corner and size, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Width of a letter in parts of the font size; a little more than common fonts need, so that text never runs over.
const SANS: f64 = 0.58;
const MONO: f64 = 0.61;

impl Svg {
    pub fn rect(&mut self, class: &str, area: Area, round: f64) {
        let Area { x, y, width, height } = area;
        let round = if round > 0.0 { format!(" rx=\"{}\"", number(round)) } else { String::new() };
        let _ = writeln!(
            self.out,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{round}/>",
            number(x),
            number(y),
            number(width),
            number(height)
        );
    }

    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let _ = writeln!(self.out, "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", number(x1), number(y1), number(x2), number(y2));
    }

    pub fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        let _ = writeln!(self.out, "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>", number(x), number(y), number(radius));
    }

    pub fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let _ = writeln!(self.out, "<text class=\"{class}\" x=\"{}\" y=\"{}\"{anchor}>{}</text>", number(x), number(y), escape(text));
    }

    /// Opens a group that a screen reader and a pointer see as one thing.
    pub fn open(&mut self, title: &str) {
        let _ = writeln!(self.out, "<g><title>{}</title>", escape(title));
    }

    pub fn close(&mut self) {
        self.out.push_str("</g>\n");
    }

    pub fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub fn finish(self) -> String {
        self.out
    }
}

/// Text that may stand in XML, as content or in a quoted attribute. Characters that XML does not know at all become `\u{fffd}`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if (c as u32) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A figure with at most two digits behind the point.
pub fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// The width of a text in pixels, guessed generously.
pub fn width_of(text: &str, size: f64, mono: bool) -> f64 {
    let wide = |c: char| if (c as u32) >= 0x1100 { 2.0 } else { 1.0 };
    text.chars().map(wide).sum::<f64>() * size * if mono { MONO } else { SANS }
}

/// The text, shortened with an ellipsis to fit; nothing where not even three letters would.
pub fn fit(text: &str, width: f64, size: f64, mono: bool) -> Option<String> {
    if width_of(text, size, mono) <= width {
        return Some(text.to_owned());
    }
    let mut short: Vec<char> = text.chars().collect();
    while short.len() > 3 {
        short.pop();
        let candidate: String = short.iter().collect::<String>() + "…";
        if width_of(&candidate, size, mono) <= width {
            return Some(candidate);
        }
    }
    None
}
