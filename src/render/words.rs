//! Small helpers for text: plurals, durations, quoting, wrapping, shortening.

/// `1 attribute`, `2 attributes`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// A duration in whole seconds as Terraform prints it: `10s`, `1m10s`, `1h0m5s`.
pub fn elapsed(seconds: u64) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (h, m) {
        (0, 0) => format!("{s}s"),
        (0, m) => format!("{m}m{s}s"),
        (h, m) => format!("{h}h{m}m{s}s"),
    }
}

/// The text in double quotes with Go's escapes (`%q`), which Terraform's plans use.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if c.is_control() || matches!(c, '\u{ad}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A name as an attribute key: quoted where it is not an identifier.
pub fn attribute_name(name: &str) -> String {
    if crate::base::value::is_identifier(name) { name.to_owned() } else { quote(name) }
}

/// The text padded on the right to a number of characters.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

/// Wraps one line at spaces so that no line is longer than `limit` characters, save for words that are themselves longer.
pub fn wrap(line: &str, limit: usize) -> String {
    if limit < 2 {
        return line.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    let mut rest = line;
    while !rest.is_empty() {
        let gap = rest.len() - rest.trim_start_matches(' ').len();
        let word_end = rest[gap..].find(' ').map_or(rest.len(), |i| gap + i);
        let (space, word) = (&rest[..gap], &rest[gap..word_end]);
        let width = word.chars().count();
        if used > 0 && !word.is_empty() && used + gap + width > limit {
            out.push('\n');
            used = 0;
        } else {
            out.push_str(space);
            used += gap;
        }
        out.push_str(word);
        used += width;
        rest = &rest[word_end..];
    }
    out
}

/// Wraps every line that is not indented.
pub fn wrap_paragraphs(text: &str, limit: usize) -> String {
    let lines: Vec<String> = text.split('\n').map(|l| if l.starts_with(' ') { l.to_owned() } else { wrap(l, limit) }).collect();
    lines.join("\n")
}

/// The longest id shown in a progress line.
const ID_LIMIT: usize = 80;

/// A long id with its middle replaced by dots, so that a progress line stays one line.
pub fn short_id(id: &str) -> String {
    let chars: Vec<char> = id.chars().collect();
    if chars.len() <= ID_LIMIT {
        return id.to_owned();
    }
    let (head, tail) = (ID_LIMIT / 2 - 1, ID_LIMIT / 2 - 2);
    let left: String = chars.iter().take(head).collect();
    let right: String = chars.iter().skip(chars.len() - tail).collect();
    format!("{left}...{right}")
}
