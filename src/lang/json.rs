//! The JSON form of the language: the same blocks as objects, strings as templates. Only the reader of a body knows which
//! properties are nested blocks, so most stay attributes until [`blocks`] is asked to see one as blocks.

use super::{
    blueprint::{Attribute, Block, Body, Expr},
    convert::parse_number,
    parse::{bom, parse_template, template_node},
    syntax::{Node, NodeKind, Part, StepKind},
};
use crate::base::{Diagnostic, Diagnostics, FileId, Span, Type, Value};

/// Deepest nesting of arrays and objects that is read.
const MAX_DEPTH: usize = 128;

/// Reads a JSON file as a body of top-level blocks.
pub fn parse_body(file: FileId, text: &str, diags: &mut Diagnostics) -> Body {
    let mut body = Body::empty(Span::new(file, 0, text.len()));
    body.json = true;
    let mut reader = Reader { file, text, at: bom(text), diags };
    reader.space();
    let Some(root) = reader.value(0) else { return body };
    reader.space();
    if reader.at < text.len() {
        reader.error(reader.at, "Extraneous data after JSON value", "There is more after the file's object.");
        return body;
    }
    for (key, value) in objects(&root).into_iter().flatten() {
        let Some(kind) = key.as_literal_str() else { continue };
        match label_count(kind) {
            _ if kind == "//" => {}
            Some(labels) => top_blocks(kind, labels, &mut Vec::new(), key, value, file, &mut body.blocks),
            None => {
                let span = Span { file, start: key.start, end: key.end };
                body.blocks.push(Block { kind: kind.to_owned(), labels: Vec::new(), body: to_body(value, file, &[]), span });
            }
        }
    }
    body
}

/// A JSON file of variable values.
pub fn parse_values(file: FileId, text: &str, diags: &mut Diagnostics) -> Vec<(String, Expr)> {
    let mut reader = Reader { file, text, at: bom(text), diags };
    reader.space();
    let Some(root) = reader.value(0) else { return Vec::new() };
    let NodeKind::Object(items) = root.kind else {
        reader.error(0, "Invalid variables file", "A JSON variables file must hold an object.");
        return Vec::new();
    };
    let named = items.into_iter().filter_map(|(k, v)| k.as_literal_str().map(str::to_owned).map(|n| (n, v)));
    named.map(|(n, v)| (n, super::blocks::sub(&v, file))).collect()
}

/// Labels of the blocks at the top of a file.
fn label_count(kind: &str) -> Option<usize> {
    Some(match kind {
        "resource" | "data" | "ephemeral" => 2,
        "variable" | "output" | "module" | "provider" | "check" => 1,
        "locals" | "terraform" | "moved" | "import" | "removed" => 0,
        _ => return None,
    })
}

/// Nested blocks of the language itself, by the block they stand in, with their labels.
fn own_blocks(kind: &str) -> &'static [(&'static str, usize)] {
    match kind {
        "terraform" => &[("required_providers", 0), ("backend", 1), ("cloud", 0), ("provider_meta", 1)],
        "variable" => &[("validation", 0)],
        "output" => &[("precondition", 0)],
        "resource" | "data" => &[("lifecycle", 0), ("connection", 0), ("provisioner", 1)],
        "lifecycle" => &[("precondition", 0), ("postcondition", 0), ("destroy", 0)],
        "check" => &[("assert", 0), ("data", 2)],
        "removed" => &[("lifecycle", 0)],
        _ => &[],
    }
}

/// The objects a value stands for: itself, or each element of an array.
fn objects(value: &Node) -> Vec<Vec<(&Node, &Node)>> {
    match &value.kind {
        NodeKind::Object(items) => vec![items.iter().map(|(k, v)| (k, v)).collect()],
        NodeKind::Tuple(items) => items.iter().flat_map(objects).collect(),
        _ => Vec::new(),
    }
}

fn top_blocks(kind: &str, labels: usize, so_far: &mut Vec<String>, key: &Node, value: &Node, file: FileId, out: &mut Vec<Block>) {
    if so_far.len() < labels {
        for (label, inner) in objects(value).into_iter().flatten() {
            if let Some(text) = label.as_literal_str().filter(|t| *t != "//") {
                so_far.push(text.to_owned());
                top_blocks(kind, labels, so_far, label, inner, file, out);
                so_far.pop();
            }
        }
        return;
    }
    let bodies: Vec<&Node> = match &value.kind {
        NodeKind::Tuple(items) => items.iter().collect(),
        _ => vec![value],
    };
    let span = Span { file, start: key.start, end: key.end };
    for body in bodies {
        out.push(Block { kind: kind.to_owned(), labels: so_far.clone(), body: to_body(body, file, own_blocks(kind)), span });
    }
}

/// An object as a body whose listed properties are blocks.
fn to_body(value: &Node, file: FileId, nested: &[(&str, usize)]) -> Body {
    let mut body = Body { json: true, ..Body::empty(Span { file, start: value.start, end: value.end.min(value.start + 1) }) };
    for (key, inner) in objects(value).into_iter().flatten() {
        let Some(name) = key.as_literal_str().filter(|n| *n != "//") else { continue };
        if let Some((_, labels)) = nested.iter().find(|(n, _)| *n == name) {
            top_blocks(name, *labels, &mut Vec::new(), key, inner, file, &mut body.blocks);
            continue;
        }
        let name_span = Span { file, start: key.start, end: key.end };
        body.attrs.insert(name.to_owned(), Attribute { name: name.to_owned(), name_span, expr: super::blocks::sub(inner, file) });
    }
    body
}

/// An attribute of a JSON body seen as nested blocks of a kind; none when it is null.
pub fn blocks(attr: &Attribute, kind: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let labels = if kind == "dynamic" { 1 } else { 0 };
    let key = Node::literal(Value::string(kind), attr.name_span.start, attr.name_span.end);
    let nested: &[(&str, usize)] = if kind == "dynamic" { &[("content", 0)] } else { own_blocks(kind) };
    if matches!(attr.expr.node.kind, NodeKind::Literal(ref v) if v.is_null()) {
        return out;
    }
    top_blocks(kind, labels, &mut Vec::new(), &key, &attr.expr.node, attr.name_span.file, &mut out);
    for block in &mut out {
        if let Some(value) = nested.first().and_then(|(n, _)| block.body.attrs.remove(*n)) {
            block.body.blocks.extend(blocks(&value, nested.first().map_or("", |(n, _)| n)));
        }
    }
    out
}

/// Gives every node inside the same offsets.
pub fn set_offsets(node: &mut Node, start: u32, end: u32) {
    (node.start, node.end) = (start, end);
    let each = &mut |n: &mut Node| set_offsets(n, start, end);
    match &mut node.kind {
        NodeKind::Literal(_) | NodeKind::Root(_) => {}
        NodeKind::Template(parts) => part_offsets(parts, start, end),
        NodeKind::Wrap(n) | NodeKind::Paren(n) | NodeKind::Unary(_, n) => each(n),
        NodeKind::Tuple(items) => items.iter_mut().for_each(each),
        NodeKind::Object(items) => items.iter_mut().for_each(|(k, v)| {
            set_offsets(k, start, end);
            set_offsets(v, start, end);
        }),
        NodeKind::Traversal(t) => {
            each(&mut t.on);
            for step in &mut t.steps {
                (step.start, step.end) = (start, end);
                if let StepKind::Index(key) = &mut step.kind {
                    set_offsets(key, start, end);
                }
            }
        }
        NodeKind::Conditional(c) => [&mut c.cond, &mut c.then, &mut c.or].into_iter().for_each(each),
        NodeKind::Call(c) => {
            (c.name_start, c.name_end) = (start, end);
            c.args.iter_mut().for_each(each);
        }
        NodeKind::Binary(b) => [&mut b.left, &mut b.right].into_iter().for_each(each),
        NodeKind::For(f) => {
            each(&mut f.collection);
            f.key.iter_mut().chain([&mut f.value]).chain(&mut f.cond).for_each(each);
        }
    }
}

fn part_offsets(parts: &mut [Part], start: u32, end: u32) {
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Value(n) => set_offsets(n, start, end),
            Part::If { cond, then, or } => {
                set_offsets(cond, start, end);
                part_offsets(then, start, end);
                part_offsets(or, start, end);
            }
            Part::For { collection, body, .. } => {
                set_offsets(collection, start, end);
                part_offsets(body, start, end);
            }
        }
    }
}

/// A JSON reader that keeps offsets and repeated keys.
struct Reader<'t, 'd> {
    file: FileId,
    text: &'t str,
    at: usize,
    diags: &'d mut Diagnostics,
}

impl Reader<'_, '_> {
    fn error(&mut self, at: usize, summary: &str, detail: &str) -> Option<Node> {
        let end = self.text.get(at..).and_then(|t| t.chars().next()).map_or(at, |c| at + c.len_utf8());
        self.diags.push(Diagnostic::error("invalid-json", summary, detail).at(Span::new(self.file, at, end)));
        None
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        if depth > MAX_DEPTH {
            return self.error(start, "JSON nested too deeply", "Arrays and objects may be nested at most 128 levels deep.");
        }
        let literal = |kind: Value, at: usize| Some(Node::literal(kind, start as u32, at as u32));
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => {
                let text = self.string()?;
                Some(self.template(&text, start))
            }
            Some('-' | '0'..='9') => {
                let len = self.rest().find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(self.rest().len());
                let number = self.rest().get(..len).and_then(parse_number);
                self.at += len;
                match number {
                    Some(n) => literal(Value::number(n), self.at),
                    None => self.error(start, "Invalid JSON number", "This is not a number as JSON writes them."),
                }
            }
            _ => {
                for (word, value) in [("true", Value::bool(true)), ("false", Value::bool(false)), ("null", Value::null(Type::Any))] {
                    if self.rest().starts_with(word) {
                        self.at += word.len();
                        return literal(value, self.at);
                    }
                }
                self.error(start, "Invalid JSON value", "A JSON value must start with a brace, a bracket, a number, a string, or a keyword.")
            }
        }
    }

    /// A string's text as a template; errors inside are reported at the string.
    fn template(&mut self, text: &str, start: usize) -> Node {
        let (from, to) = (start as u32, self.at as u32);
        let mut node = match parse_template(self.file, "", text) {
            Ok(parts) => template_node(parts, from, to),
            Err((_, diagnostic)) => {
                self.diags.push(Diagnostic { span: Some(Span { file: self.file, start: from, end: to }), ..diagnostic });
                Node::literal(Value::string(text), from, to)
            }
        };
        set_offsets(&mut node, from, to);
        node
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let mut i = 1;
        while let Some(b) = bytes.get(i) {
            match b {
                b'\\' => i += 2,
                b'"' => {
                    let literal = self.rest().get(..=i)?.to_owned();
                    self.at += i + 1;
                    return match serde_json::from_str::<String>(&literal) {
                        Ok(text) => Some(text),
                        Err(_) => {
                            self.error(start, "Invalid JSON string", "This string holds an escape or a control character that JSON does not allow.");
                            None
                        }
                    };
                }
                b'\n' => break,
                _ => i += 1,
            }
        }
        self.error(start, "Unclosed JSON string", "This string has no closing quote.");
        None
    }

    fn array(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            if self.peek() == Some(']') {
                break;
            }
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => break,
                _ => return self.error(self.at, "Missing JSON comma", "Expected a comma or the end of the array."),
            }
        }
        self.at += 1;
        Some(Node::new(NodeKind::Tuple(items), start as u32, self.at as u32))
    }

    fn object(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            match self.peek() {
                Some('}') => break,
                Some('"') => {}
                _ => return self.error(self.at, "Invalid JSON property name", "Expected a property name in quotes."),
            }
            let key_start = self.at;
            let key = self.string()?;
            let key = self.template(&key, key_start);
            self.space();
            if self.peek() != Some(':') {
                return self.error(self.at, "Missing JSON value", "Expected a colon and the property's value.");
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1)?;
            items.push((key, value));
            self.space();
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => break,
                _ => return self.error(self.at, "Missing JSON comma", "Expected a comma or the end of the object."),
            }
        }
        self.at += 1;
        Some(Node::new(NodeKind::Object(items), start as u32, self.at as u32))
    }
}
