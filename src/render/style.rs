//! How words look: with or without colour, and how wide.

/// Whether ANSI colour is wanted and how many columns the reader has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns; 78 is what Terraform takes where there is no terminal.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Style {
        Style { color: false, width: 78 }
    }
}

impl Style {
    /// No colour, 78 columns.
    pub fn plain() -> Style {
        Style::default()
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn red(&self, text: &str) -> String {
        self.paint("31", text)
    }

    pub fn green(&self, text: &str) -> String {
        self.paint("32", text)
    }

    pub fn yellow(&self, text: &str) -> String {
        self.paint("33", text)
    }

    pub fn cyan(&self, text: &str) -> String {
        self.paint("36", text)
    }

    pub fn dim(&self, text: &str) -> String {
        self.paint("90", text)
    }

    pub fn underline(&self, text: &str) -> String {
        self.paint("4", text)
    }

    pub fn bold_red(&self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub fn bold_green(&self, text: &str) -> String {
        self.paint("1;32", text)
    }

    pub fn bold_yellow(&self, text: &str) -> String {
        self.paint("1;33", text)
    }

    pub fn bold_cyan(&self, text: &str) -> String {
        self.paint("1;36", text)
    }

    /// A line across the page, set off by a blank line above.
    pub fn rule(&self) -> String {
        format!("\n{}\n", self.dim(&"─".repeat(self.width.saturating_sub(1).max(1))))
    }

    /// Paragraphs wrapped to the page; indented lines are left alone.
    pub fn wrap(&self, text: &str) -> String {
        super::words::wrap_paragraphs(text, self.width.saturating_sub(1))
    }
}
