//! The canonical style: what `terraform fmt` makes of a file, byte for byte.
//!
//! Text is taken apart into tokens ([`scan`]), old forms are rewritten ([`rewrite`]), and blanks are set anew ([`layout`]).
//! Line breaks, comments and the inside of strings stay as they are.

mod layout;
mod rewrite;
pub mod scan;

/// The text in the canonical style. It has to be without syntax errors: of other text nothing is promised but that no byte
/// besides blanks is lost.
pub fn format(text: &str) -> String {
    let mut tokens = rewrite::rewrite(scan::scan(text));
    layout::arrange(&mut tokens);
    let mut out = String::with_capacity(text.len());
    for token in &tokens {
        out.extend(std::iter::repeat_n(' ', token.spaces));
        out.push_str(&token.text);
    }
    out
}
