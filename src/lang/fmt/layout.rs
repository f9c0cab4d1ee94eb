//! Where tokens stand: indentation by open brackets, blanks between neighbours, and `=` and comments of adjacent lines in columns.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::scan::{Kind, Token};

/// A line in up to three cells, as ranges of tokens; a cell that is not there is empty.
struct Line {
    /// All that is in neither of the others.
    lead: Range<usize>,
    /// From the equals sign of an argument whose value ends on this line.
    assign: Range<usize>,
    /// The comment at the end.
    comment: Range<usize>,
}

/// Sets the blanks before every token.
pub fn arrange(tokens: &mut [Token]) {
    let lines = lines(tokens);
    indent(tokens, &lines);
    for line in &lines {
        space(tokens, &line.lead);
        if let Some(equals) = tokens.get_mut(line.assign.clone()).and_then(<[Token]>::first_mut) {
            equals.spaces = 1;
        }
        space(tokens, &line.assign);
    }
    align(tokens, &lines, |line| (line.lead.clone(), line.assign.clone()));
    align(tokens, &lines, |line| (line.lead.start..line.lead.end.max(line.assign.end), line.comment.clone()));
}

fn lines(tokens: &[Token]) -> Vec<Line> {
    let mut found = Vec::new();
    let mut start = 0;
    for (i, token) in tokens.iter().enumerate() {
        if token.ends_line() {
            found.push(cells(tokens, start..i + 1));
            start = i + 1;
        }
    }
    if start < tokens.len() {
        found.push(cells(tokens, start..tokens.len()));
    }
    found
}

fn cells(tokens: &[Token], range: Range<usize>) -> Line {
    let Range { start, mut end } = range;
    let mut comment = end..end;
    if end - start > 1 && tokens.get(end - 1).is_some_and(|t| t.kind == Kind::Comment) {
        comment = end - 1..end;
        end -= 1;
    }
    let line = tokens.get(start..end).unwrap_or(&[]);
    let equals = line.iter().enumerate().position(|(i, t)| i > 0 && t.kind == Kind::Equal);
    // A value that goes on in the next lines stays in its place.
    let whole = equals.filter(|e| line[*e..].iter().map(Token::bracket).sum::<i32>() == 0);
    let split = whole.map_or(end, |e| start + e);
    Line { lead: start..split, assign: split..end, comment }
}

/// Indents each line by the brackets that are open where it begins. Several brackets opened on one line count once, until
/// as many are closed again. What a heredoc opens on its own first line does not count, as Terraform has it.
fn indent(tokens: &mut [Token], lines: &[Line]) {
    let mut open: Vec<i32> = Vec::new();
    for line in lines {
        let all = line.lead.start..line.lead.end.max(line.assign.end);
        let cells = tokens.get(all.clone()).unwrap_or(&[]);
        let Some(first) = cells.first() else { continue };
        let change: i32 = cells.iter().take_while(|t| t.kind != Kind::OpenHeredoc).map(Token::bracket).sum();
        let mut depth = open.len();
        if first.kind == Kind::Newline {
            depth = 0;
        } else if change > 0 {
            open.push(change);
        } else if change < 0 {
            close(&mut open, -change);
            depth = open.len();
        }
        if let Some(first) = tokens.get_mut(all.start) {
            first.spaces = 2 * depth;
        }
    }
}

fn close(open: &mut Vec<i32>, mut closed: i32) {
    while closed > 0 {
        let Some(last) = open.last_mut() else { return };
        if *last > closed {
            *last -= closed;
            return;
        }
        closed -= *last;
        open.pop();
    }
}

/// Blanks between the tokens of a cell; those before its first one are not its own.
fn space(tokens: &mut [Token], cell: &Range<usize>) {
    for i in cell.clone().skip(1) {
        let before = if i >= cell.start + 2 { tokens.get(i - 2).map(|t| t.kind) } else { None };
        let (Some(subject), Some(after)) = (tokens.get(i - 1), tokens.get(i)) else { continue };
        let spaces = usize::from(apart(before, subject, after));
        if let Some(token) = tokens.get_mut(i) {
            token.spaces = spaces;
        }
    }
}

/// Whether a blank stands between two tokens, given what comes before both.
fn apart(before: Option<Kind>, subject: &Token, after: &Token) -> bool {
    use Kind::*;
    match (subject.kind, after.kind) {
        (_, Newline) => false,
        (Ident, OpenParen) | (Ident, DoubleColon) | (DoubleColon, Ident) => false,
        (Dot, _) | (_, Dot) => false,
        (_, Comma) | (_, Ellipsis) => false,
        (Comma, _) => true,
        (QuotedText | HeredocText | OpenQuote | OpenHeredoc, _) => false,
        (_, QuotedText | HeredocText | CloseQuote | CloseHeredoc) => false,
        // `for x in [a]`: what follows is not an index.
        (Ident, _) if subject.text == "in" && before == Some(Ident) => true,
        (Ident | Number, OpenBracket) => false,
        (_, OpenBracket) if subject.bracket() < 0 => false,
        (Bang, _) => false,
        (Minus, _) => !is_negation(before),
        (OpenBrace, CloseBrace) => false,
        (OpenBrace, _) | (_, CloseBrace) => true,
        // An object in a template stands apart from the template's own braces.
        (OpenTemplate, OpenBrace) | (CloseBrace, CloseTemplate) => true,
        (CloseTemplate, OpenTemplate) => false,
        (OpenTemplate, _) | (_, CloseTemplate) => false,
        (OpenBracket | OpenParen, _) | (_, CloseBracket | CloseParen) => false,
        _ => true,
    }
}

/// Whether a minus after this kind of token makes a number negative rather than subtracting.
fn is_negation(before: Option<Kind>) -> bool {
    use Kind::*;
    matches!(before, None | Some(OpenParen | OpenBrace | OpenBracket | Equal | Colon | Comma | Question | Arithmetic | Minus | Comparison | Logic | Bang))
}

/// Moves the cell of each run of adjacent lines that have one to a common column: one blank after the widest text before it.
fn align(tokens: &mut [Token], lines: &[Line], split: impl Fn(&Line) -> (Range<usize>, Range<usize>)) {
    let mut run: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        let (before, cell) = split(line);
        if cell.is_empty() {
            settle(tokens, &mut run);
        } else {
            run.push((cell.start, columns(tokens.get(before).unwrap_or(&[]))));
        }
    }
    settle(tokens, &mut run);
}

fn settle(tokens: &mut [Token], run: &mut Vec<(usize, usize)>) {
    let widest = run.iter().map(|(_, width)| *width).max().unwrap_or(0);
    for (first, width) in run.drain(..) {
        if let Some(token) = tokens.get_mut(first) {
            token.spaces = widest - width + 1;
        }
    }
}

/// How wide tokens print, in characters as a reader counts them.
fn columns(tokens: &[Token]) -> usize {
    tokens.iter().map(|t| t.spaces + t.text.graphemes(true).count()).sum()
}
