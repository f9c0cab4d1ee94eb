//! Root outputs: the lines after an apply, and what `output` prints as text, JSON or raw.

use std::collections::BTreeMap;

use serde_json::{Value as J, json};

use crate::base::{Kind, Value, json::to_json};

use super::{events::OutputLine, values::value_text};

/// `name = value` for each, sensitive ones hidden.
pub fn outputs_text(outputs: &BTreeMap<String, OutputLine>) -> String {
    outputs.iter().map(|(name, o)| format!("{name} = {}\n", if o.sensitive { "<sensitive>".to_owned() } else { value_text(&o.value) })).collect()
}

/// What `output NAME` prints: the value in the language's own form, shown even when it is sensitive.
pub fn output_text(output: &OutputLine) -> String {
    format!("{}\n", value_text(&output.value.clone().unmark_deep().0))
}

/// What `output -json` prints.
pub fn outputs_json(outputs: &BTreeMap<String, OutputLine>) -> J {
    J::Object(
        outputs.iter().map(|(n, o)| (n.clone(), json!({ "sensitive": o.sensitive, "type": o.value.ty().to_json(), "value": to_json(&o.value) }))).collect(),
    )
}

/// What `output -json NAME` prints.
pub fn output_json(output: &OutputLine) -> J {
    to_json(&output.value)
}

/// What `output -raw NAME` prints: a string, number or bool as it is, with no line break; an error sentence for anything else.
pub fn output_raw(name: &str, output: &OutputLine) -> Result<String, String> {
    match &output.value.kind {
        Kind::String(s) => Ok(s.to_string()),
        Kind::Number(n) => Ok(n.to_string()),
        Kind::Bool(b) => Ok(b.to_string()),
        _ => Err(format!(
            "The -raw option only supports strings, numbers, and boolean values, but output value {name:?} is {}.\n\nUse the -json option for \
             machine-readable representations of output values that have complex types.",
            kind_word(&output.value)
        )),
    }
}

fn kind_word(value: &Value) -> String {
    if value.is_null() { "null".into() } else { value.ty().friendly() }
}
