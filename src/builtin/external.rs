//! The data source `external`: a program of the user's, asked in JSON and answering in JSON.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    Command, Outcome, Outside,
    fields::{text, text_map, texts, with},
};
use crate::base::{Diagnostic, Type, Value};

/// # Errors
/// When programs are not allowed, or this one fails or answers otherwise than with an object of texts.
pub async fn data(config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let program = texts(config, "program");
    let name = program.first().filter(|p| !p.is_empty()).cloned().ok_or_else(|| {
        Diagnostic::error(
            "external-program",
            "External Program Missing",
            "The data source was configured without a program to execute. Verify the configuration contains at least one non-empty value.".to_owned(),
        )
    })?;
    let query = Json::Object(text_map(config, "query").into_iter().map(|(k, v)| (k, Json::String(v))).collect());
    let command = Command {
        program,
        stdin: query.to_string().into_bytes(),
        dir: text(config, "working_dir").filter(|d| !d.is_empty()).map(str::to_owned),
        env: Vec::new(),
    };
    let failed = |why: String| {
        let detail = format!("The data source received an unexpected error while attempting to execute the program.\n\nProgram: {name}\n{why}");
        Diagnostic::error("external-failed", "External Program Execution Failed", detail)
    };
    let ran = outside.run(&command).await.map_err(|why| match why.split_once("not allowed") {
        Some(_) => refused(&name, &why),
        None => failed(format!("Error: {why}")),
    })?;
    if ran.code != 0 {
        let said = String::from_utf8_lossy(&ran.stderr);
        let said = if said.trim().is_empty() { String::new() } else { format!("Error Message: {}\n", said.trim_end()) };
        return Err(failed(format!("{said}State: exit status {}", ran.code)));
    }
    let unexpected = |why: String| {
        let detail = format!(
            "The data source received unexpected results after executing the program.\n\nProgram output must be a JSON encoded map of string keys and string values.\n\nProgram: {name}\nResult Error: {why}"
        );
        Diagnostic::error("external-result", "Unexpected External Program Results", detail)
    };
    let result: BTreeMap<String, String> = serde_json::from_slice(&ran.stdout).map_err(|e| unexpected(e.to_string()))?;
    let result = result.into_iter().map(|(k, v)| (k, Value::string(v))).collect();
    Ok(with(config, [("id", Value::string("-")), ("result", Value::map(Type::String, result))]))
}

fn refused(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error("external-refused", "External programs are not allowed", format!("The data source wants to run {name}, and {why}."))
        .hint("Programs of a configuration run with your rights. If you trust this one, allow it with -allow-external or RAVELIN_ALLOW_EXTERNAL=1.")
}
