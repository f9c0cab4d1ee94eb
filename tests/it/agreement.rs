//! Plan agreement: what `show -json` says of a plan, held against what Terraform says of the same configuration and state.
//!
//! Each file of `agreement/cases` holds configurations, the commands that lead to a plan, and what Terraform answered: the
//! state that the plan started from, its diagnostics and its plan as JSON. `RAVELIN_RECORD=1` records anew (terraform has
//! to be on the PATH), `RAVELIN_LIVE=1` compares with the terraform on the PATH and writes nothing, `CASE=part-of-a-name`
//! runs only the files named so.

mod case;
mod compare;
mod oracle;

use std::{fs, path::PathBuf};

use case::Case;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/agreement/cases")
}

fn cases() -> Vec<(PathBuf, Case)> {
    let only = std::env::var("CASE").unwrap_or_default();
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "txt") && p.file_stem().is_some_and(|s| s.to_string_lossy().contains(&only)));
    files.sort();
    assert!(!files.is_empty(), "no case is named like {only:?}");
    files.into_iter().map(|path| (path.clone(), Case::parse(&fs::read_to_string(&path).unwrap()))).collect()
}

#[test]
fn plans_agree_with_terraform() {
    let (record, live) = (std::env::var_os("RAVELIN_RECORD").is_some(), std::env::var_os("RAVELIN_LIVE").is_some());
    let mut wrong = Vec::new();
    let all = cases();
    for (path, mut case) in all {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if record || live {
            case.answer = oracle::terraform(&case);
        }
        if record {
            fs::write(&path, case.text()).unwrap();
        }
        let ours = oracle::ravelin(&case);
        let differences = compare::differences(&case.answer, &ours);
        if !differences.is_empty() {
            wrong.push(format!("## {name}: {} disagreements\n{}", differences.len(), differences.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} cases disagree with Terraform:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// The issue of the comparison is only worth something when there is enough to compare, and a difference is noticed.
#[test]
fn there_is_enough_to_agree_on() {
    let all = cases();
    if std::env::var_os("CASE").is_none() {
        assert!(all.len() >= 60, "only {} cases", all.len());
    }
    for (path, case) in all {
        assert!(!case.answer.plan.is_empty() || case.answer.diagnostics.iter().any(|d| d.starts_with("error")), "{} is not recorded", path.display());
        assert_eq!(Case::parse(&case.text()).text(), case.text(), "{}", path.display());
        let mut other = case.answer.clone();
        for (_, value) in &mut other.plan {
            *value = serde_json::Value::Null;
        }
        other.diagnostics.push("error|Something else|main.tf|1".into());
        assert!(!compare::differences(&case.answer, &other).is_empty());
    }
}
