//! `.terraform/modules/modules.json`: where modules that are not simply folders were put, as Terraform writes it down.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::files::Files;

/// Where the manifest stands, below the data folder's parent: the root module's folder.
pub const PATH: &str = ".terraform/modules/modules.json";

/// One module call, by the names that lead to it from the root, joined by dots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Installed {
    pub key: String,
    /// The normalised address.
    pub source: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Relative to the root module's folder.
    pub dir: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Manifest {
    modules: Vec<Installed>,
}

/// The manifest of a root module by key; empty when there is none that can be read.
pub fn read(files: &dyn Files, root: &Path) -> BTreeMap<String, Installed> {
    let Ok(bytes) = files.read(&root.join(PATH)) else { return BTreeMap::new() };
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&bytes) else { return BTreeMap::new() };
    manifest.modules.into_iter().map(|m| (m.key.clone(), m)).collect()
}

/// The manifest's text. The root module stands in it too.
pub fn write(modules: &BTreeMap<String, Installed>) -> String {
    let root = Installed { key: String::new(), source: String::new(), version: String::new(), dir: PathBuf::from(".") };
    let all = std::iter::once(root).chain(modules.values().filter(|m| !m.key.is_empty()).cloned()).collect();
    serde_json::to_string(&Manifest { modules: all }).unwrap_or_default()
}
