//! What formatting changes besides blanks: old forms that mean the same as new ones.
//!
//! `"${x}"` as a whole value becomes `x`, block labels are quoted, and in `variable` blocks types in quotes or without an
//! element type become what they mean. All as `terraform fmt` does, and no more.

use super::scan::{Kind, Token};

/// Rewrites the tokens of a whole file.
pub fn rewrite(tokens: Vec<Token>) -> Vec<Token> {
    let mut out = Vec::with_capacity(tokens.len());
    // The types of the blocks around, outermost first.
    let mut blocks: Vec<String> = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some((token, after)) = rest.split_first() {
        if token.kind != Kind::Ident {
            if token.kind == Kind::CloseBrace {
                blocks.pop();
            }
            out.push(token.clone());
            rest = after;
            continue;
        }
        let next = after.iter().position(|t| t.kind != Kind::Comment).unwrap_or(after.len());
        if after.get(next).is_some_and(|t| t.kind == Kind::Equal) {
            let value = next + 1 + after[next + 1..].iter().take_while(|t| t.kind == Kind::Comment).count();
            let end = value + value_length(&after[value..]);
            out.push(token.clone());
            out.extend_from_slice(&after[..value]);
            let value = &after[value..end];
            let is_type = token.text == "type" && blocks.iter().map(String::as_str).eq(["variable"]);
            out.extend(if is_type { type_constraint(value) } else { unwrapped(value) });
            rest = &after[end..];
        } else {
            let open = after.iter().position(|t| t.kind == Kind::OpenBrace).unwrap_or(after.len());
            out.push(token.clone());
            out.extend(labels(&after[..open]));
            out.extend(after.get(open).cloned());
            blocks.push(token.text.clone());
            rest = after.get(open + 1..).unwrap_or(&[]);
        }
    }
    out
}

/// How many tokens belong to the value that begins here: up to the end of its line or of the block around it, without
/// comments behind it.
fn value_length(tokens: &[Token]) -> usize {
    let mut depth = 0;
    let mut last = 0;
    for (i, token) in tokens.iter().enumerate() {
        if depth == 0 && (token.ends_line() || token.kind == Kind::CloseBrace) {
            break;
        }
        depth += token.bracket();
        if token.kind != Kind::Comment {
            last = i + 1;
        }
    }
    last
}

/// A block's labels in quotes. Comments between them go.
fn labels(header: &[Token]) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = header;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        let text = match token.kind {
            Kind::Ident => token.text.clone(),
            Kind::OpenQuote => {
                let end = after.iter().position(|t| t.kind == Kind::CloseQuote).unwrap_or(after.len());
                let text: String = after[..end].iter().map(|t| t.text.as_str()).collect();
                let text = respelled(&text);
                rest = after.get(end + 1..).unwrap_or(&[]);
                text
            }
            _ => continue,
        };
        out.push(Token { kind: Kind::OpenQuote, text: "\"".into(), spaces: 1 });
        if !text.is_empty() {
            out.push(Token::new(Kind::QuotedText, text));
        }
        out.push(Token::new(Kind::CloseQuote, "\""));
    }
    out
}

/// A label's text with characters written as they are where they need no escape.
fn respelled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let digits = match rest.as_bytes().get(at + 1) {
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let end = at + 2 + digits;
        let coded = rest.get(at + 2..end).filter(|_| digits > 0).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        match coded.filter(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '"' | '\\')) {
            Some(c) => out.push(c),
            None => out.push_str(rest.get(at..end).unwrap_or(&rest[at..])),
        }
        rest = rest.get(end..).unwrap_or("");
    }
    out + rest
}

/// `"${x}"` as `x`, in parentheses when it goes over several lines.
fn unwrapped(value: &[Token]) -> Vec<Token> {
    use Kind::{CloseQuote, CloseTemplate, OpenQuote, OpenTemplate};
    let [first, second, inside @ .., last_but_one, last] = value else { return value.to_vec() };
    let kinds = (first.kind, second.kind, last_but_one.kind, last.kind);
    if inside.is_empty() || kinds != (OpenQuote, OpenTemplate, CloseTemplate, CloseQuote) || !is_one_expression(inside) {
        return value.to_vec();
    }
    let is_newline = |t: &Token| t.kind == Kind::Newline;
    let start = inside.iter().take_while(|t| is_newline(t)).count();
    let end = inside.len() - inside[start..].iter().rev().take_while(|t| is_newline(t)).count();
    let inside = &inside[start..end];
    let in_parens = inside.first().is_some_and(|t| t.kind == Kind::OpenParen) && inside.last().is_some_and(|t| t.kind == Kind::CloseParen);
    let mut out = inside.to_vec();
    if inside.iter().any(is_newline) && !in_parens {
        out.insert(0, Token::new(Kind::OpenParen, "("));
        out.push(Token::new(Kind::CloseParen, ")"));
    }
    out
}

/// Whether tokens between `"${` and `}"` are one expression, not the end of one template and the start of another.
fn is_one_expression(inside: &[Token]) -> bool {
    let mut quotes = 0;
    for token in inside {
        match token.kind {
            Kind::OpenQuote => quotes += 1,
            Kind::CloseQuote => quotes -= 1,
            Kind::OpenTemplate | Kind::CloseTemplate | Kind::QuotedText if quotes <= 0 => return false,
            _ => {}
        }
    }
    true
}

/// A variable's type: `list` as `list(any)`, and in quotes, as it once was written, `"list"` as `list(string)`.
fn type_constraint(value: &[Token]) -> Vec<Token> {
    let call = |name: &str, of: &str| {
        vec![Token::new(Kind::Ident, name), Token::new(Kind::OpenParen, "("), Token::new(Kind::Ident, of), Token::new(Kind::CloseParen, ")")]
    };
    match value {
        [word] if word.kind == Kind::Ident && matches!(word.text.as_str(), "list" | "map" | "set") => call(&word.text, "any"),
        [open, word, close] if (open.kind, word.kind, close.kind) == (Kind::OpenQuote, Kind::QuotedText, Kind::CloseQuote) => match word.text.as_str() {
            "string" => vec![Token::new(Kind::Ident, "string")],
            "list" | "map" => call(&word.text, "string"),
            _ => value.to_vec(),
        },
        _ => value.to_vec(),
    }
}
