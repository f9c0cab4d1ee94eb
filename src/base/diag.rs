//! Diagnostics: what is wrong, with which thing, where, and what to do. Stages collect them into a sink and report many at once.

use super::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// A note on a second place that matters to a diagnostic ("first declared here").
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    pub span: Span,
    pub message: String,
}

/// One finding about the user's input or about what a platform answered.
///
/// `summary` is constant text; names and figures belong in `detail`. `code` is stable and never reused.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable kebab-case code, e.g. `unknown-attribute`.
    pub code: &'static str,
    pub summary: String,
    pub detail: String,
    /// The place it is about: underlined in the excerpt.
    pub span: Option<Span>,
    /// The enclosing construct (a block's header), printed as `in resource "x" "y"`.
    pub context: Option<String>,
    pub related: Vec<Related>,
    /// The resource instance concerned, when there is one.
    pub address: Option<String>,
    /// What to do about it, when the detail does not already say so.
    pub hint: Option<String>,
    /// The values of the expressions involved, as statements: (`var.cidr`, `is "10.0.0.0/16"`).
    pub values: Vec<(String, String)>,
}

impl Diagnostic {
    pub fn error(code: &'static str, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            summary: summary.into(),
            detail: detail.into(),
            span: None,
            context: None,
            related: Vec::new(),
            address: None,
            hint: None,
            values: Vec::new(),
        }
    }

    pub fn warning(code: &'static str, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, summary, detail) }
    }

    pub fn at(mut self, span: impl Into<Option<Span>>) -> Diagnostic {
        self.span = span.into();
        self
    }

    pub fn within(mut self, context: impl Into<String>) -> Diagnostic {
        self.context = Some(context.into());
        self
    }

    pub fn on(mut self, address: impl ToString) -> Diagnostic {
        self.address = Some(address.to_string());
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    pub fn also(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related.push(Related { span, message: message.into() });
        self
    }

    pub fn value(mut self, traversal: impl Into<String>, statement: impl Into<String>) -> Diagnostic {
        self.values.push((traversal.into(), statement.into()));
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The sink that stages write to; the caller asks `has_errors` between stages.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    pub items: Vec<Diagnostic>,
}

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.items.extend(other);
    }

    pub fn has_errors(&self) -> bool {
        self.items.iter().any(Diagnostic::is_error)
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// The candidate most like `given`, when one is close enough to suggest ("did you mean").
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Every name of one or two letters would be close to every other.
    let length = given.chars().count();
    let limit = if length < 3 { 0 } else { (length / 3).max(1) };
    candidates
        .into_iter()
        .map(|c| (distance(given, c), c))
        .filter(|(d, c)| *d <= limit || (given.len() > 3 && (c.starts_with(given) || given.starts_with(*c))))
        .min()
        .map(|(_, c)| c)
}

/// Damerau–Levenshtein distance (optimal string alignment): a swap of neighbours counts one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}
