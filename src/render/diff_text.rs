//! Puts a difference in words: `+ - ~`, `-> null`, `(known after apply)`, `# forces replacement`, `# (3 unchanged attributes hidden)`.

use std::collections::BTreeMap;

use super::{
    diff::{Body, Group, Node, Sign},
    strings,
    style::Style,
    words::{attribute_name, count, pad, quote},
};

/// How a node is shown; children get a changed copy.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub style: &'a Style,
    /// Show values only, without signs: for states and for what is forgotten.
    pub bare: bool,
    /// Do not say `-> null`.
    pub no_null: bool,
    /// Say `# forces replacement` whatever the node says.
    pub forces: bool,
    /// Show children that do not change.
    pub all: bool,
}

impl<'a> View<'a> {
    pub fn new(style: &'a Style) -> View<'a> {
        View { style, bare: false, no_null: false, forces: false, all: false }
    }

    /// The sign's four columns.
    pub fn sign(&self, sign: Sign) -> String {
        if self.bare {
            return String::new();
        }
        match sign {
            Sign::Same => "    ".into(),
            Sign::Create => format!("  {} ", self.style.green("+")),
            Sign::Update => format!("  {} ", self.style.yellow("~")),
            Sign::Delete => format!("  {} ", self.style.red("-")),
        }
    }

    pub fn arrow(&self) -> String {
        self.style.yellow("->")
    }

    pub fn null_suffix(&self, sign: Sign) -> String {
        if sign == Sign::Delete && !self.no_null { format!(" {}", self.style.dim("-> null")) } else { String::new() }
    }

    pub fn forces_suffix(&self, replace: bool) -> String {
        if replace || self.forces { format!(" {}", self.style.red("# forces replacement")) } else { String::new() }
    }

    fn unchanged(&self, n: usize, noun: &str) -> String {
        let all = count(n, &format!("unchanged {noun}"));
        self.style.dim(&format!("# ({all} hidden)"))
    }
}

/// Attributes that are always shown, since they tell which object it is.
fn important(name: &str) -> bool {
    matches!(name, "id" | "name" | "tags")
}

pub fn indent(level: usize) -> String {
    "    ".repeat(level)
}

/// The node's value, from where its name and ` = ` have ended; further lines are indented by `level` times four columns.
pub fn node_text(node: &Node, level: usize, view: View<'_>) -> String {
    let (null, forces) = (view.null_suffix(node.sign), view.forces_suffix(node.replace));
    match &node.body {
        Body::Scalar(before, after) => strings::scalar(node, before.as_ref(), after.as_ref(), level, view),
        Body::List(nodes) => list(node, nodes, level, view),
        Body::Set(nodes) => set(node, nodes, level, view),
        Body::Map(nodes) => map(node, nodes, level, view),
        Body::Object(nodes) => object(node, nodes, level, view),
        Body::Block { attrs, blocks } => block(node, attrs, blocks, level, view),
        Body::Unknown(Some(before)) if node.sign != Sign::Create => {
            format!("{} -> (known after apply){forces}", node_text(before, level, View { no_null: true, ..view }))
        }
        Body::Unknown(_) => format!("(known after apply){forces}"),
        Body::UnknownBlock => format!("(known after apply){forces}"),
        Body::Sensitive { .. } => format!("(sensitive value){null}{forces}"),
        Body::SensitiveBlock { .. } => {
            let margin = format!("{}{}", indent(level), view.sign(Sign::Same));
            format!(
                "{{{forces}\n{margin}  # At least one attribute in this block is (or was) sensitive,\n{margin}  # so its contents will not be \
                 displayed.\n{margin}}}"
            )
        }
        Body::WriteOnly => format!("(write-only attribute){null}{forces}"),
        Body::TypeChange(before, after) => {
            let view = View { no_null: true, ..view };
            format!("{} {} {}", node_text(before, level, view), view.arrow(), node_text(after, level, view))
        }
    }
}

/// Lines to print above a node: it turns sensitive, or is no longer.
fn warnings(node: &Node, level: usize, view: View<'_>) -> String {
    let (inner, before, after, what) = match &node.body {
        Body::Sensitive { inner, before, after } => (inner, *before, *after, "attribute value"),
        Body::SensitiveBlock { inner, before, after } => (inner, *before, *after, "block"),
        _ => return String::new(),
    };
    if before == after || matches!(inner.sign, Sign::Create | Sign::Delete) {
        return String::new();
    }
    let margin = indent(level);
    let word = view.style.yellow("Warning");
    let mut out = if before {
        format!("{margin}  # {word}: this {what} will no longer be marked as sensitive\n{margin}  # after applying this change.")
    } else {
        format!("{margin}  # {word}: this {what} will be marked as sensitive and will not\n{margin}  # display in UI output after applying this change.")
    };
    if inner.sign == Sign::Same && what == "attribute value" {
        out.push_str(" The value is unchanged.");
    }
    out.push('\n');
    out
}

/// One `name = value` line (or lines), with its line break.
fn attribute(name: &str, width: usize, node: &Node, level: usize, view: View<'_>) -> String {
    let above = warnings(node, level, view);
    format!("{above}{}{}{} = {}\n", indent(level), view.sign(node.sign), pad(name, width), node_text(node, level, view))
}

/// Attributes in order; those that do not change are counted, unless they tell which object it is.
fn attributes(nodes: &BTreeMap<String, Node>, level: usize, view: View<'_>, inner: View<'_>) -> String {
    let width = nodes.keys().map(|k| attribute_name(k).chars().count()).max().unwrap_or(0);
    let mut hidden = 0;
    let mut out = String::new();
    for (key, node) in nodes {
        let view_here = if important(key) { View { all: true, ..inner } } else { inner };
        if node.sign == Sign::Same && !important(key) && !view.all {
            hidden += 1;
            continue;
        }
        out.push_str(&attribute(&attribute_name(key), width, node, level + 1, view_here));
    }
    if hidden > 0 {
        out.push_str(&format!("{}{}{}\n", indent(level + 1), view.sign(Sign::Same), view.unchanged(hidden, "attribute")));
    }
    out
}

fn close(level: usize, view: View<'_>) -> String {
    format!("{}{}", indent(level), view.sign(Sign::Same))
}

fn object(node: &Node, nodes: &BTreeMap<String, Node>, level: usize, view: View<'_>) -> String {
    let (null, forces) = (view.null_suffix(node.sign), view.forces_suffix(node.replace));
    if nodes.is_empty() {
        return format!("{{}}{null}{forces}");
    }
    let inner = View { no_null: true, ..view };
    format!("{{{forces}\n{}{}}}{null}", attributes(nodes, level, view, inner), close(level, view))
}

fn map(node: &Node, nodes: &BTreeMap<String, Node>, level: usize, view: View<'_>) -> String {
    let (null, forces) = (view.null_suffix(node.sign), view.forces_suffix(node.replace));
    if nodes.is_empty() {
        return format!("{{}}{null}{forces}");
    }
    let inner = View { no_null: node.sign == Sign::Delete, forces: false, ..view };
    let width = nodes.keys().map(|k| quote(k).chars().count()).max().unwrap_or(0);
    let mut hidden = 0;
    let mut lines = String::new();
    for (key, child) in nodes {
        if child.sign == Sign::Same && !view.all {
            hidden += 1;
            continue;
        }
        let mut line = attribute(&quote(key), width, child, level + 1, inner);
        if matches!(child.body, Body::Object(_)) {
            line.truncate(line.trim_end_matches('\n').len());
            line.push_str(",\n");
        }
        lines.push_str(&line);
    }
    if hidden > 0 {
        lines.push_str(&format!("{}{}{}\n", indent(level + 1), view.sign(Sign::Same), view.unchanged(hidden, "element")));
    }
    format!("{{{forces}\n{lines}{}}}{null}", close(level, view))
}

fn element(node: &Node, level: usize, view: View<'_>) -> String {
    format!("{}{}{}{},\n", warnings(node, level, view), indent(level), view.sign(node.sign), node_text(node, level, view))
}

/// A list shows the elements right before and after a change, since order matters.
fn list(node: &Node, nodes: &[Node], level: usize, view: View<'_>) -> String {
    let (null, forces) = (view.null_suffix(node.sign), view.forces_suffix(node.replace));
    if nodes.is_empty() {
        return format!("[]{null}{forces}");
    }
    let (changed, context) = (View { no_null: true, ..view }, View { all: true, ..view });
    let same = |i: usize| nodes.get(i).is_none_or(|n| n.sign == Sign::Same);
    let mut lines = String::new();
    let mut hidden = 0;
    for (i, child) in nodes.iter().enumerate() {
        let near = !same(i + 1) || i > 0 && !same(i - 1);
        if child.sign == Sign::Same && !view.all && !near {
            hidden += 1;
            continue;
        }
        if hidden > 0 {
            lines.push_str(&format!("{}{}{}\n", indent(level + 1), view.sign(Sign::Same), view.unchanged(hidden, "element")));
            hidden = 0;
        }
        lines.push_str(&element(child, level + 1, if child.sign == Sign::Same { context } else { changed }));
    }
    if hidden > 0 {
        lines.push_str(&format!("{}{}{}\n", indent(level + 1), view.sign(Sign::Same), view.unchanged(hidden, "element")));
    }
    format!("[{forces}\n{lines}{}]{null}", close(level, view))
}

fn set(node: &Node, nodes: &[Node], level: usize, view: View<'_>) -> String {
    let (null, forces) = (view.null_suffix(node.sign), view.forces_suffix(node.replace));
    if nodes.is_empty() {
        return format!("[]{null}{forces}");
    }
    let inner = View { no_null: true, forces: false, ..view };
    let hidden = if view.all { 0 } else { nodes.iter().filter(|n| n.sign == Sign::Same).count() };
    let shown = nodes.iter().filter(|n| view.all || n.sign != Sign::Same);
    let mut lines: String = shown.map(|n| element(n, level + 1, inner)).collect();
    if hidden > 0 {
        lines.push_str(&format!("{}{}{}\n", indent(level + 1), view.sign(Sign::Same), view.unchanged(hidden, "element")));
    }
    format!("[{forces}\n{lines}{}]{null}", close(level, view))
}

fn block(node: &Node, attrs: &BTreeMap<String, Node>, blocks: &BTreeMap<String, Group>, level: usize, view: View<'_>) -> String {
    let forces = view.forces_suffix(node.replace);
    if attrs.is_empty() && blocks.is_empty() {
        return format!("{{}}{forces}");
    }
    let inner = View { forces: false, ..view };
    let mut lines = attributes(attrs, level, view, inner);
    let mut hidden = 0;
    for (name, group) in blocks {
        let mut first = true;
        for child in &group.nodes {
            if child.sign == Sign::Same && !view.all {
                hidden += 1;
                continue;
            }
            // A blank line sets each group of blocks off from what stands above it.
            if first && !attrs.is_empty() {
                lines.push('\n');
            }
            first = false;
            let view = View { forces: group.replace, ..inner };
            lines.push_str(&warnings(child, level + 1, view));
            lines.push_str(&format!("{}{}{} {}\n", indent(level + 1), view.sign(child.sign), attribute_name(name), node_text(child, level + 1, view)));
        }
    }
    if hidden > 0 {
        lines.push_str(&format!("\n{}{}{}\n", indent(level + 1), view.sign(Sign::Same), view.unchanged(hidden, "block")));
    }
    format!("{{{forces}\n{lines}{}}}", close(level, view))
}
