//! `random_pet`: an adjective and an animal, with adverbs before them when more words are asked for.

use petname::Petnames;

use super::draw;
use crate::{
    base::{Diagnostic, Value},
    builtin::{
        Outcome, Outside,
        fields::{int, text, with},
    },
};

pub fn create(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let words = Petnames::default();
    let length = int(planned, "length").unwrap_or(2);
    if !(0..=1000).contains(&length) {
        return Err(Diagnostic::error("random-length", "Invalid length", format!("A pet name has from 1 to 1000 words, not {length}.")));
    }
    // As the real provider has it: one word is an animal, two have an adjective first, and all before are adverbs.
    let drawn = (0..length.max(1)).rev().filter_map(|place| match place {
        0 => draw::pick(&words.nouns, outside),
        1 => draw::pick(&words.adjectives, outside),
        _ => draw::pick(&words.adverbs, outside),
    });
    let separator = text(planned, "separator").unwrap_or("-");
    let name = drawn.map(|word| word.to_lowercase()).collect::<Vec<_>>().join(separator);
    let id = match text(planned, "prefix") {
        Some(prefix) if !prefix.is_empty() => format!("{prefix}{separator}{name}"),
        _ => name,
    };
    Ok(with(planned, [("id", Value::string(id))]))
}
