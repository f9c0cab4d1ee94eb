//! Expressions.

use std::sync::Arc;

use super::{
    MAX_CHAIN, Parser,
    scan::{Kind, Token},
};
use crate::{
    base::{Diagnostic, Type, Value},
    lang::{
        convert::parse_number,
        syntax::{Binary, BinaryOp, Call, Conditional, For, Node, NodeKind, Step, StepKind, Traversal, UnaryOp},
    },
};

/// Operators by how tightly they bind, the loosest first.
const LEVELS: [&[(Kind, BinaryOp)]; 6] = [
    &[(Kind::Or, BinaryOp::Or)],
    &[(Kind::And, BinaryOp::And)],
    &[(Kind::EqualOp, BinaryOp::Eq), (Kind::NotEqual, BinaryOp::NotEq)],
    &[(Kind::Greater, BinaryOp::Greater), (Kind::GreaterEq, BinaryOp::GreaterEq), (Kind::Less, BinaryOp::Less), (Kind::LessEq, BinaryOp::LessEq)],
    &[(Kind::Plus, BinaryOp::Add), (Kind::Minus, BinaryOp::Sub)],
    &[(Kind::Star, BinaryOp::Mul), (Kind::Slash, BinaryOp::Div), (Kind::Percent, BinaryOp::Rem)],
];

impl Parser<'_> {
    /// An expression; after a mistake, something in its place.
    pub(super) fn expression(&mut self) -> Node {
        if !self.enter() {
            let at = self.peek();
            self.leave();
            return self.placeholder(at);
        }
        let node = self.conditional();
        self.leave();
        node
    }

    /// Runs a part of the parse, and whether it went wrong and left the parser at an odd place.
    fn part(&mut self, parse: impl FnOnce(&mut Self) -> Node) -> (Node, bool) {
        let errors = self.errors();
        let node = parse(self);
        let failed = self.recovery && self.errors() > errors;
        (node, failed)
    }

    fn conditional(&mut self) -> Node {
        let (cond, failed) = self.part(|p| p.binary(0));
        if failed || self.peek().kind != Kind::Question {
            return cond;
        }
        self.read();
        let (then, failed) = self.part(Self::expression);
        if failed {
            return cond;
        }
        let colon = self.peek();
        if colon.kind != Kind::Colon {
            let detail = "The conditional operator (...?...:...) requires a false expression, delimited by a colon.";
            self.error("missing-false-expression", "Missing false expression in conditional", detail, colon);
            self.recovery = true;
            return cond;
        }
        self.read();
        let or = self.expression();
        let (start, end) = (cond.start, or.end);
        Node::new(NodeKind::Conditional(Box::new(Conditional { cond, then, or })), start, end)
    }

    fn binary(&mut self, level: usize) -> Node {
        let Some(operators) = LEVELS.get(level) else { return self.term_with_steps() };
        let (mut left, failed) = self.part(|p| p.binary(level + 1));
        if failed {
            return left;
        }
        for chained in 0.. {
            let next = self.peek();
            let Some((_, op)) = operators.iter().find(|(kind, _)| *kind == next.kind) else { break };
            if chained == MAX_CHAIN {
                let detail = format!("At most {MAX_CHAIN} operators may be chained in one expression.");
                self.error("nested-too-deeply", "Expression nested too deeply", &detail, next);
                self.recovery = true;
                break;
            }
            self.read();
            let (right, failed) = self.part(|p| p.binary(level + 1));
            let (start, end) = (left.start, right.end);
            left = Node::new(NodeKind::Binary(Box::new(Binary { op: *op, left, right })), start, end);
            if failed {
                break;
            }
        }
        left
    }

    fn term_with_steps(&mut self) -> Node {
        let term = self.term();
        let mut steps = Vec::new();
        self.steps(&mut steps);
        match steps.last() {
            None => term,
            Some(last) => {
                let (start, end) = (term.start, last.end);
                Node::new(NodeKind::Traversal(Box::new(Traversal { on: term, steps })), start, end)
            }
        }
    }

    fn steps(&mut self, steps: &mut Vec<Step>) {
        loop {
            match self.peek().kind {
                Kind::Dot => {
                    if !self.dot(steps) {
                        return;
                    }
                }
                Kind::OBrack => self.index(steps),
                _ => return,
            }
        }
    }

    /// A step after a dot: a name, an old-style index, or an attribute splat.
    fn dot(&mut self, steps: &mut Vec<Step>) -> bool {
        let dot = self.read();
        let token = self.peek();
        let kind = match token.kind {
            Kind::Ident => StepKind::Attr(Arc::from(self.words(token))),
            Kind::Number => match self.words(token).split_once('.') {
                Some((first, second)) => {
                    let detail = format!(
                        "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper index syntax instead, like \
                         [{first}][{second}]."
                    );
                    self.error("invalid-legacy-index", "Invalid legacy index syntax", &detail, token);
                    StepKind::LegacyIndex(0)
                }
                None => match self.words(token).parse() {
                    Ok(n) => StepKind::LegacyIndex(n),
                    Err(_) => {
                        self.error("invalid-number", "Invalid number literal", "Failed to recognize the value of this number literal.", token);
                        StepKind::LegacyIndex(0)
                    }
                },
            },
            Kind::Star => StepKind::AttrSplat,
            _ => {
                if !self.recovery {
                    self.error("invalid-attribute-name", "Invalid attribute name", "An attribute name is required after a dot.", token);
                }
                self.recovery = true;
                return false;
            }
        };
        self.read();
        steps.push(Step { kind, start: dot.start, end: token.end });
        true
    }

    fn index(&mut self, steps: &mut Vec<Step>) {
        let open = self.read();
        if self.peek().kind == Kind::Star {
            self.read();
            let mut close = self.read();
            if close.kind != Kind::CBrack {
                if !self.recovery {
                    let detail = "The star for a full splat operator must be immediately followed by a closing bracket (\"]\").";
                    self.error("missing-close-bracket", "Missing close bracket on splat index", detail, close);
                }
                close = self.recover(Kind::CBrack);
            }
            return steps.push(Step { kind: StepKind::FullSplat, start: open.start, end: close.end });
        }
        self.lines.push(false);
        let (key, failed) = self.part(Self::expression);
        let close = if failed {
            self.recover(Kind::CBrack)
        } else {
            let close = self.read();
            if close.kind == Kind::CBrack {
                close
            } else {
                if !self.recovery {
                    let detail = "The index operator must end with a closing bracket (\"]\").";
                    self.error("missing-close-bracket", "Missing close bracket on index", detail, close);
                }
                self.recover(Kind::CBrack)
            }
        };
        self.lines.pop();
        steps.push(Step { kind: StepKind::Index(key), start: open.start, end: close.end });
    }

    fn term(&mut self) -> Node {
        let start = self.peek();
        match start.kind {
            Kind::OParen => self.parenthesis(),
            Kind::Number => {
                self.read();
                self.number(start)
            }
            Kind::Ident => {
                self.read();
                if matches!(self.peek().kind, Kind::OParen | Kind::DoubleColon) { self.call(start) } else { self.word(start) }
            }
            Kind::OQuote | Kind::OHeredoc => self.string(start),
            Kind::Minus | Kind::Bang => {
                self.read();
                let op = if start.kind == Kind::Minus { UnaryOp::Neg } else { UnaryOp::Not };
                if !self.enter() {
                    self.leave();
                    return self.placeholder(start);
                }
                let inner = self.term_with_steps();
                self.leave();
                let end = inner.end;
                Node::new(NodeKind::Unary(op, Box::new(inner)), start.start, end)
            }
            Kind::OBrack => self.tuple(),
            Kind::OBrace => self.object(),
            _ => {
                if !self.recovery {
                    let (code, summary, detail) = match start.kind {
                        Kind::Eof => ("missing-expression", "Missing expression", "Expected the start of an expression, but found the end of the file."),
                        _ => ("invalid-expression", "Invalid expression", "Expected the start of an expression, but found an invalid expression token."),
                    };
                    self.error(code, summary, detail, start);
                }
                self.recovery = true;
                self.placeholder(start)
            }
        }
    }

    fn parenthesis(&mut self) -> Node {
        let open = self.read();
        self.lines.push(false);
        let errors = self.errors();
        let inner = self.expression();
        let close = if self.errors() > errors {
            self.recover(Kind::CParen)
        } else {
            let close = self.peek();
            if close.kind != Kind::CParen {
                self.error("unbalanced-parentheses", "Unbalanced parentheses", "Expected a closing parenthesis to terminate the expression.", close);
                self.recovery = true;
            }
            self.read()
        };
        self.lines.pop();
        Node::new(NodeKind::Paren(Box::new(inner)), open.start, close.end)
    }

    fn number(&mut self, token: Token) -> Node {
        match parse_number(self.words(token)) {
            Some(n) => Node::literal(Value::number(n), token.start, token.end),
            None => {
                self.error("invalid-number", "Invalid number literal", "Failed to recognize the value of this number literal.", token);
                self.placeholder(token)
            }
        }
    }

    fn word(&mut self, token: Token) -> Node {
        let kind = match self.words(token) {
            "true" => NodeKind::Literal(Value::bool(true)),
            "false" => NodeKind::Literal(Value::bool(false)),
            "null" => NodeKind::Literal(Value::null(Type::Any)),
            name => NodeKind::Root(Arc::from(name)),
        };
        Node::new(kind, token.start, token.end)
    }

    fn call(&mut self, first: Token) -> Node {
        let mut name = self.words(first).to_owned();
        let mut last = first;
        let mut open = self.read();
        while open.kind == Kind::DoubleColon {
            let next = self.read();
            if next.kind != Kind::Ident {
                if !self.recovery {
                    let detail = "Function scope resolution symbol :: must be followed by a function name in this scope.";
                    self.error("missing-function-name", "Missing function name", detail, next);
                }
                self.recovery = true;
                return self.placeholder(first);
            }
            name.push_str("::");
            name.push_str(self.words(next));
            last = next;
            open = self.read();
        }
        if open.kind != Kind::OParen {
            if !self.recovery {
                let detail = "Function selector must be followed by an open parenthesis to begin the function call.";
                self.error("missing-open-parenthesis", "Missing open parenthesis", detail, open);
            }
            self.recovery = true;
            return self.placeholder(first);
        }
        self.lines.push(false);
        let (args, expand, close) = self.arguments(first, open);
        self.lines.pop();
        let call = Call { name: Arc::from(name), name_start: first.start, name_end: last.end, args, expand };
        Node::new(NodeKind::Call(Box::new(call)), first.start, close.end)
    }

    fn arguments(&mut self, name: Token, open: Token) -> (Vec<Node>, bool, Token) {
        let mut args = Vec::new();
        loop {
            if self.peek().kind == Kind::CParen {
                return (args, false, self.read());
            }
            let (arg, failed) = self.part(Self::expression);
            args.push(arg);
            if failed {
                return (args, false, self.recover(Kind::CParen));
            }
            let separator = self.read();
            match separator.kind {
                Kind::CParen => return (args, false, separator),
                Kind::Comma => {}
                Kind::Ellipsis if self.peek().kind == Kind::CParen => return (args, true, self.read()),
                Kind::Ellipsis => {
                    let detail = "An expanded function argument (with ...) must be immediately followed by closing parentheses.";
                    self.error("missing-closing-parenthesis", "Missing closing parenthesis", detail, separator);
                    return (args, true, self.recover(Kind::CParen));
                }
                Kind::Eof => {
                    let detail = "There is no closing parenthesis for this function call before the end of the file. This may be caused by incorrect parenthesis \
                                  nesting elsewhere in this file.";
                    self.error_at("unterminated-call", "Unterminated function call", detail, name.start, open.end);
                    self.recovery = true;
                    return (args, false, separator);
                }
                _ => {
                    let detail = "A comma is required to separate each function argument from the next.";
                    self.error("missing-argument-separator", "Missing argument separator", detail, separator);
                    return (args, false, self.recover(Kind::CParen));
                }
            }
        }
    }

    fn tuple(&mut self) -> Node {
        let open = self.read();
        self.lines.push(false);
        let next = self.peek();
        if self.is_word(next, "for") {
            let node = self.for_expr(open, Kind::CBrack);
            self.lines.pop();
            return node;
        }
        let mut items = Vec::new();
        let close = loop {
            if self.peek().kind == Kind::CBrack {
                break self.read();
            }
            let (item, failed) = self.part(Self::expression);
            items.push(item);
            if failed {
                break self.recover(Kind::CBrack);
            }
            let next = self.peek();
            match next.kind {
                Kind::CBrack => break self.read(),
                Kind::Comma => drop(self.read()),
                other => {
                    if other == Kind::Eof {
                        let detail = "There is no corresponding closing bracket before the end of the file. This may be caused by incorrect bracket nesting \
                                      elsewhere in this file.";
                        self.error("unterminated-tuple", "Unterminated tuple constructor expression", detail, open);
                    } else {
                        self.error("missing-item-separator", "Missing item separator", "Expected a comma to mark the beginning of the next item.", next);
                    }
                    break self.recover(Kind::CBrack);
                }
            }
        };
        self.lines.pop();
        Node::new(NodeKind::Tuple(items), open.start, close.end)
    }

    fn object(&mut self) -> Node {
        let open = self.read();
        self.lines.push(false);
        let next = self.peek();
        if self.is_word(next, "for") {
            let node = self.for_expr(open, Kind::CBrace);
            self.lines.pop();
            return node;
        }
        self.lines.pop();
        self.lines.push(true);
        let mut items = Vec::new();
        let close = loop {
            match self.peek().kind {
                Kind::Newline => {
                    self.read();
                    continue;
                }
                Kind::CBrace => break self.read(),
                _ => {}
            }
            let Some(item) = self.object_item(open) else { break self.recover(Kind::CBrace) };
            items.push(item);
            let next = self.peek();
            match next.kind {
                Kind::CBrace => break self.read(),
                Kind::Comma | Kind::Newline => drop(self.read()),
                other => {
                    if other == Kind::Eof {
                        self.unterminated_object(open);
                    } else {
                        let detail = "Expected a newline or comma to mark the beginning of the next attribute.";
                        self.error("missing-attribute-separator", "Missing attribute separator", detail, next);
                    }
                    break self.recover(Kind::CBrace);
                }
            }
        };
        self.lines.pop();
        self.repeated_keys(&items);
        Node::new(NodeKind::Object(items), open.start, close.end)
    }

    /// A key that is written twice is taken, as Terraform does, but hardly ever meant.
    fn repeated_keys(&mut self, items: &[(Node, Node)]) {
        let mut seen = std::collections::BTreeSet::new();
        for (key, _) in items {
            let NodeKind::Literal(value) = &key.kind else { continue };
            let Some(text) = value.as_str() else { continue };
            if !seen.insert(text.to_owned()) {
                let detail = format!("The key {text:?} stands in this object more than once; the last value counts.");
                let span = self.span(key.start, key.end);
                self.found.push(Diagnostic::warning("repeated-key", "Repeated object key", detail).at(span));
            }
        }
    }

    fn unterminated_object(&mut self, open: Token) {
        let detail =
            "There is no corresponding closing brace before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.";
        self.error("unterminated-object", "Unterminated object constructor expression", detail, open);
    }

    fn object_item(&mut self, open: Token) -> Option<(Node, Node)> {
        let first = self.peek();
        let (key, failed) = self.part(Self::expression);
        if failed {
            return None;
        }
        let next = self.peek();
        if !matches!(next.kind, Kind::Equal | Kind::Colon) {
            let separator = "Expected an equals sign (\"=\") to mark the beginning of the attribute value.";
            match next.kind {
                Kind::Newline | Kind::Comma => {
                    let detail = "Expected an attribute value, introduced by an equals sign (\"=\").";
                    self.error("missing-attribute-value", "Missing attribute value", detail, next);
                }
                Kind::Ident => {
                    let detail = format!(
                        "{separator} If you intended to given an attribute name containing periods or spaces, write the name in quotes to create a string literal."
                    );
                    self.error("missing-key-separator", "Missing key/value separator", &detail, next);
                }
                Kind::Eof => self.unterminated_object(open),
                _ => self.error("missing-key-separator", "Missing key/value separator", separator, next),
            }
            return None;
        }
        self.read();
        let key = self.key(key, first.kind == Kind::OParen);
        let (value, failed) = self.part(Self::expression);
        (!failed).then_some((key, value))
    }

    /// A bare name as a key stands for itself; with parentheses it is a reference.
    fn key(&mut self, key: Node, forced: bool) -> Node {
        let (start, end) = (key.start, key.end);
        match &key.kind {
            NodeKind::Root(name) if !forced => Node::literal(Value::string(name), start, end),
            NodeKind::Literal(v) if !forced && (v.is_null() || v.as_bool().is_some()) => {
                Node::literal(Value::string(self.text.get(start as usize..end as usize).unwrap_or("")), start, end)
            }
            NodeKind::Traversal(t) if !forced && matches!(t.on.kind, NodeKind::Root(_)) => {
                let detail = "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing \
                              periods, wrap it in quotes to create a string literal.";
                self.error_at("ambiguous-key", "Ambiguous attribute key", detail, start, end);
                key
            }
            _ => key,
        }
    }

    fn for_error(&mut self, detail: &str, at: Token) {
        if !self.recovery {
            self.error("invalid-for", "Invalid 'for' expression", detail, at);
        }
    }

    /// Behind the opening bracket.
    fn for_expr(&mut self, open: Token, closing: Kind) -> Node {
        match self.for_parts(closing) {
            Ok((parts, close)) => Node::new(NodeKind::For(Box::new(parts)), open.start, close.end),
            Err(None) => {
                let close = self.recover(closing);
                Node::literal(Value::unknown(Type::Any), open.start, close.end)
            }
            Err(Some((detail, at))) => {
                self.for_error(detail, at);
                let close = self.recover(closing);
                Node::literal(Value::unknown(Type::Any), open.start, close.end)
            }
        }
    }

    fn for_parts(&mut self, closing: Kind) -> Result<(For, Token), Option<(&'static str, Token)>> {
        self.read();
        let name = |p: &mut Self, otherwise: &'static str| {
            let token = p.peek();
            if token.kind != Kind::Ident {
                return Err(Some((otherwise, token)));
            }
            p.read();
            Ok(Arc::<str>::from(p.words(token)))
        };
        let mut value_var = name(self, "For expression requires variable name after 'for'.")?;
        let mut key_var = None;
        if self.peek().kind == Kind::Comma {
            self.read();
            key_var = Some(value_var);
            value_var = name(self, "For expression requires value variable name after comma.")?;
        }
        let word = self.peek();
        if !self.is_word(word, "in") {
            return Err(Some(("For expression requires the 'in' keyword after its name declarations.", word)));
        }
        self.read();
        let whole = |p: &mut Self| match p.part(Self::expression) {
            (_, true) => Err(None),
            (node, false) => Ok(node),
        };
        let collection = whole(self)?;
        let colon = self.peek();
        if colon.kind != Kind::Colon {
            return Err(Some(("For expression requires a colon after the collection expression.", colon)));
        }
        self.read();
        let mut value = whole(self)?;
        let mut key = None;
        if self.peek().kind == Kind::FatArrow {
            self.read();
            key = Some(value);
            value = whole(self)?;
        }
        let ellipsis = self.peek();
        let group = ellipsis.kind == Kind::Ellipsis;
        if group {
            self.read();
        }
        let word = self.peek();
        let cond = if self.is_word(word, "if") {
            self.read();
            Some(whole(self)?)
        } else {
            None
        };
        let close = self.peek();
        if close.kind != closing {
            return Err(Some(("Extra characters after the end of the 'for' expression.", close)));
        }
        self.read();
        self.for_shape(closing, &key, &value, group.then_some(ellipsis));
        Ok((For { key_var, value_var, collection, key, value, group, cond }, close))
    }

    /// A tuple has no keys, an object needs them.
    fn for_shape(&mut self, closing: Kind, key: &Option<Node>, value: &Node, ellipsis: Option<Token>) {
        let at = |n: &Node| Token { kind: Kind::Ident, start: n.start, end: n.end };
        if closing == Kind::CBrack {
            if let Some(key) = key {
                self.for_error("Key expression is not valid when building a tuple.", at(key));
            }
            if let Some(ellipsis) = ellipsis {
                self.for_error("Grouping ellipsis (...) cannot be used when building a tuple.", ellipsis);
            }
        } else if key.is_none() {
            self.for_error("Key expression is required when building an object.", at(value));
        }
    }
}
