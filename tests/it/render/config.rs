//! The configuration part of a plan's JSON, against what Terraform writes for the same files.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use ravelin::{
    base::{Diagnostics, Sources, Type, Value},
    lang::{Files, load},
    plan::data::{OutputChange, Plan},
    render::{config_json::configuration, relevant::relevant_attributes},
};
use serde_json::Value as J;

use super::recorded;

/// Files held in memory.
struct Held(BTreeMap<PathBuf, &'static str>);

impl Files for Held {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).map(|t| t.as_bytes().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.0.keys().filter(|p| p.parent() == Some(dir)).cloned().collect())
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.0.keys().any(|p| p.parent() == Some(path))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }
}

#[test]
fn configuration_as_terraform() {
    let files = [("/c/main.tf", include_str!("recorded/config/main.tf")), ("/c/sub/main.tf", include_str!("recorded/config/sub.tf"))];
    let files = Held(files.into_iter().map(|(p, t)| (PathBuf::from(p), t)).collect());
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let blueprint = load(&files, Path::new("/c"), &mut sources, &mut diags);
    assert!(!diags.has_errors(), "{diags:?}");
    let blueprint = blueprint.unwrap();
    let theirs: J = serde_json::from_str(include_str!("recorded/config/config.json")).unwrap();
    let mut changes = recorded::plan(&theirs, recorded::shapes(&J::Null));
    // The recording does not say what becomes of the output; it is new.
    let new = OutputChange { after: Some(Value::unknown(Type::String)), ..OutputChange::default() };
    changes.outputs.insert("out".to_owned(), new);
    let ours = configuration(&blueprint, &sources, &Plan::default(), &|_, _| None);
    assert_eq!(ours, theirs["configuration"]);

    let sorted = |j: &J| {
        let mut all: Vec<String> = j.as_array().unwrap().iter().map(J::to_string).collect();
        all.sort();
        all
    };
    assert_eq!(sorted(&J::Array(relevant_attributes(&blueprint, &changes))), sorted(&theirs["relevant_attributes"]));
}
