//! Draws a graph as Graphviz dot, as a Mermaid flowchart, or as an indented tree of text.

use super::Graph;

fn quoted(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Graphviz. An arrow leads from a thing to what it needs, as `terraform graph` draws it.
pub fn dot(graph: &Graph, labels: &[String]) -> String {
    let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    for label in labels {
        out.push_str(&format!("  \"{}\";\n", quoted(label)));
    }
    for (before, after) in graph.edges() {
        if let (Some(b), Some(a)) = (labels.get(before), labels.get(after)) {
            out.push_str(&format!("  \"{}\" -> \"{}\";\n", quoted(a), quoted(b)));
        }
    }
    out.push_str("}\n");
    out
}

/// A Mermaid flowchart, for Markdown pages.
pub fn mermaid(graph: &Graph, labels: &[String]) -> String {
    let mut out = String::from("flowchart RL\n");
    for (i, label) in labels.iter().enumerate() {
        out.push_str(&format!("  n{i}[\"{}\"]\n", label.replace('"', "#quot;")));
    }
    for (before, after) in graph.edges() {
        out.push_str(&format!("  n{after} --> n{before}\n"));
    }
    out
}

/// Text: what needs nothing stands at the margin, what needs it is indented below. A node is drawn in full once; later it is only named.
pub fn text(graph: &Graph, labels: &[String]) -> String {
    let mut out = String::new();
    let mut drawn = vec![false; graph.len()];
    // A stack instead of recursion: chains can be long.
    let mut stack: Vec<(usize, usize)> = (0..graph.len()).rev().filter(|n| graph.before(*n).is_empty()).map(|n| (n, 0)).collect();
    while let Some((node, depth)) = stack.pop() {
        let next = graph.after(node);
        let again = drawn[node] && !next.is_empty();
        let label = labels.get(node).map_or("", String::as_str);
        out.push_str(&format!("{}{label}{}\n", "  ".repeat(depth), if again { " (above)" } else { "" }));
        if !again {
            drawn[node] = true;
            stack.extend(next.into_iter().rev().map(|n| (n, depth + 1)));
        }
    }
    out
}
