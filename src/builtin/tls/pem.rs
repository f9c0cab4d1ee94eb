//! PEM blocks inside texts that may hold more than one, and words around them.

/// The first block of a text, as it stands.
///
/// # Errors
/// When there is none.
pub fn first(text: &str) -> Result<&str, String> {
    blocks(text).into_iter().next().ok_or_else(|| "there is no PEM block in the text (\"-----BEGIN …-----\")".to_owned())
}

/// All blocks of a text.
pub fn blocks(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        let from = rest.get(start..).unwrap_or_default();
        let Some(end) = from.find("-----END ").and_then(|end| from.get(end + 9..)?.find("-----").map(|dashes| end + 9 + dashes + 5)) else { break };
        found.extend(from.get(..end));
        rest = from.get(end..).unwrap_or_default();
    }
    found
}
