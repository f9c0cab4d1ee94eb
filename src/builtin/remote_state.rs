//! The data source `terraform_remote_state`: the outputs of another configuration's state, from a file or a blob.

use std::{collections::BTreeMap, path::Path};

use super::{
    Outcome, Outside,
    fields::{text, with},
};
use crate::{
    base::{Diagnostic, Value, diag::nearest},
    state::v4,
};

/// # Errors
/// When the backend is not one that can be read here, or there is no state in it.
pub async fn data(config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let backend = text(config, "backend").unwrap_or_default();
    let workspace = text(config, "workspace").filter(|w| !w.is_empty()).unwrap_or("default");
    let settings = config.get("config").filter(|c| !c.is_null()).cloned().unwrap_or_else(|| Value::object(BTreeMap::new()));
    let (place, bytes) = match backend {
        "local" => local(&settings, workspace, outside)?,
        "azurerm" => azurerm(&settings, workspace, outside).await?,
        other => return Err(unknown_backend(other)),
    };
    let bytes = bytes.ok_or_else(|| {
        let detail = format!("No stored state was found for the given workspace in the given backend: there is no {place}.");
        Diagnostic::error("remote-state-missing", "Unable to find remote state", detail)
    })?;
    let cannot = |why: String| Diagnostic::error("remote-state", "Error loading the remote state", format!("The state {place} cannot be read: {why}."));
    let text = String::from_utf8(bytes).map_err(|_| cannot("it is not UTF-8".into()))?;
    let state = v4::read(&text).map_err(|e| cannot(e.to_string()))?;
    let mut outputs = config.get("defaults").and_then(Value::entries).cloned().unwrap_or_default();
    outputs.extend(state.outputs.into_iter().map(|(name, output)| (name, output.value)));
    Ok(with(config, [("outputs", Value::object(outputs))]))
}

type Found = (String, Option<Vec<u8>>);

/// The paths of Terraform's local backend: other workspaces have a folder each.
fn local(settings: &Value, workspace: &str, outside: &dyn Outside) -> Outcome<Found> {
    let path = match workspace {
        "default" => text(settings, "path").unwrap_or("terraform.tfstate").to_owned(),
        other => {
            let folder = text(settings, "workspace_dir").unwrap_or("terraform.tfstate.d");
            Path::new(folder).join(other).join("terraform.tfstate").to_string_lossy().into_owned()
        }
    };
    let bytes = outside
        .read_file(&path)
        .map_err(|why| Diagnostic::error("remote-state", "Error loading the remote state", format!("The state {path} cannot be read: {why}.")))?;
    Ok((path, bytes))
}

/// The names of Terraform's azurerm backend: other workspaces have the key with `env:` and their name after it.
async fn azurerm(settings: &Value, workspace: &str, outside: &dyn Outside) -> Outcome<Found> {
    let needed = |name: &str| {
        text(settings, name).ok_or_else(|| {
            Diagnostic::error("remote-state-config", "Invalid backend configuration", format!("The backend azurerm needs {name} in the attribute config."))
        })
    };
    let (account, container, key) = (needed("storage_account_name")?, needed("container_name")?, needed("key")?);
    let key = if workspace == "default" { key.to_owned() } else { format!("{key}env:{workspace}") };
    let place = format!("{key} in the container {container} of {account}");
    let bytes = outside
        .blob(account, container, &key)
        .await
        .map_err(|why| Diagnostic::error("remote-state", "Error loading the remote state", format!("The blob {place} cannot be read: {why}.")))?;
    Ok((place, bytes))
}

fn unknown_backend(given: &str) -> Diagnostic {
    let detail = format!("There is no backend type named {given:?} that can be read here; there are local and azurerm.");
    let wrong = Diagnostic::error("remote-state-backend", "Invalid backend configuration", detail);
    match nearest(given, ["local", "azurerm"]) {
        Some(near) => wrong.hint(format!("Did you mean {near:?}?")),
        None => wrong,
    }
}
