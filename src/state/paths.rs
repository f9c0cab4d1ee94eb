//! Sensitive paths as the v4 file writes them: arrays of `get_attr` and `index` steps.

use serde_json::{Value as J, json};

use crate::base::{Path, PathStep};

use super::model::{Instance, Step};

/// One path in the file's form.
pub fn path_to_json(instance: &Instance, path: &Path) -> J {
    let steps = instance.steps(path).map(|step| match step {
        Step::Attribute(name) => json!({ "type": "get_attr", "value": name }),
        Step::MapKey(key) => json!({ "type": "index", "value": { "type": "string", "value": key } }),
        Step::Index(n) => json!({ "type": "index", "value": { "type": "number", "value": n } }),
    });
    J::Array(steps.collect())
}

/// Reads one path into the instance.
///
/// # Errors
/// Says which step is not one the format knows.
pub fn add_path(instance: &mut Instance, json: &J) -> Result<(), String> {
    let steps = json.as_array().ok_or("a sensitive path is not a list of steps")?;
    let mut path = Path::new();
    for step in steps {
        let value = step.get("value").unwrap_or(&J::Null);
        match step.get("type").and_then(J::as_str) {
            Some("get_attr") => {
                let name = value.as_str().ok_or("a get_attr step of a sensitive path has no attribute name")?;
                path.push(PathStep::Name(name.to_owned()));
            }
            Some("index") => match value.get("value") {
                Some(J::String(key)) => {
                    path.push(PathStep::Name(key.clone()));
                    instance.map_keys.insert(path.clone());
                }
                Some(J::Number(n)) => {
                    let index = n.as_u64().and_then(|n| usize::try_from(n).ok()).ok_or("an index step of a sensitive path is not a whole number")?;
                    path.push(PathStep::Index(index));
                }
                _ => return Err("an index step of a sensitive path has no key".into()),
            },
            other => return Err(format!("a sensitive path has a step of unknown type {}", other.unwrap_or("(none)"))),
        }
    }
    instance.sensitive.push(path);
    Ok(())
}
