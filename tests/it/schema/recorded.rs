//! A second plan after recorded requests: what Azure really answered to a PUT must not look like a change to what the PUT asked for.
//! Runs where the recordings are (`RAVELIN_TRUTH`).
//! Edge: reads files of the machine that runs it, and says so when it skips.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use ravelin::{
    base::{Mode, PathStep, ResourceId, Shape, Value, value::show_path},
    schema::{Json, Major, ResourceType, find, kinds},
};

use super::context;

/// Answers that do differ from the request, with the reason. Each is a prefix of a finding.
const MEANT: &[(&str, &str)] = &[
    // The requests lack what azurerm requires, so they are not what we would have sent.
    ("azurerm_kubernetes_cluster: network_profile[0].network_plugin was null", "azurerm requires the plugin"),
    ("azurerm_kubernetes_cluster: network_profile[0].network_plugin_mode was null", "follows from the plugin that was left out"),
    ("azurerm_kubernetes_cluster: node_provisioning_profile had 0 blocks", "azurerm 5.x requires the block"),
    ("azurerm_kubernetes_cluster: default_node_pool[0].os_disk_size_gb was 0", "az sends 0 for unset, azurerm sends nothing"),
    ("azurerm_lb_nat_rule: protocol was null", "azurerm requires the protocol"),
    ("azurerm_linux_virtual_machine: os_disk had 0 blocks", "azurerm requires the block"),
    // A policy of the recording tenant added something afterwards.
    ("azurerm_kubernetes_cluster: azure_policy_enabled was null", "added by policy"),
    ("azurerm_linux_virtual_machine: identity had 0 blocks", "added by policy"),
    ("azurerm_linux_virtual_machine: tags was null", "added by policy"),
    ("azurerm_resource_group: tags was", "added by policy"),
    ("azurerm_log_analytics_workspace: sku was \"Standalone\"", "a retired tier, which Azure turns into the current one"),
];

/// AKS Automatic decides most of a cluster itself; azurerm has another type for it.
const OTHER: &[&str] = &["test_aks_automatic_sku.jsonl"];

/// One request with its answer.
struct Exchange {
    method: String,
    path: String,
    sent: Json,
    status: u64,
    answer: Json,
}

fn exchanges(file: &Path) -> Vec<Exchange> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().filter_map(|l| serde_json::from_str::<Json>(l).ok());
    lines
        .map(|l| {
            let url = l["url"].as_str().unwrap_or("").split('?').next().unwrap_or("").to_owned();
            let path = url.find("/subscriptions").map_or(String::new(), |i| url[i..].to_owned());
            Exchange {
                method: l["method"].as_str().unwrap_or("").to_owned(),
                path,
                sent: l["req"].clone(),
                status: l["status"].as_u64().unwrap_or(0),
                answer: l["resp"].clone(),
            }
        })
        .collect()
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut stack = vec![root.to_path_buf()];
    while let Some(dir) = stack.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                stack.push(path);
            } else if path.extension().is_some_and(|e| e == "jsonl") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Settable attributes that were asked for (or left unset) and came back different. Defaults that the request left out do not count:
/// our own request would have sent them.
fn differences(ty: &ResourceType, shape: &Shape, planned: &Value, read: &Value, path: &mut Vec<PathStep>, out: &mut Vec<String>) {
    for (name, attr) in &shape.attrs {
        let (Some(p), Some(r)) = (planned.get(name), read.get(name)) else { continue };
        let is_default = attr.default.as_ref().is_some_and(|d| d.same(p));
        path.push(PathStep::Name(name.clone()));
        if attr.settable() && !p.is_unknown() && !is_default && !ty.same(path, p, r) {
            out.push(format!("{} was {p}, came back as {r}", show_path(path)));
        }
        path.pop();
    }
    for (name, nested) in &shape.blocks {
        let (Some(p), Some(r)) = (planned.get(name), read.get(name)) else { continue };
        path.push(PathStep::Name(name.clone()));
        if nested.optional && !p.is_unknown() && !ty.same(path, p, r) {
            let (p, r) = (p.elements().unwrap_or(&[]), r.elements().unwrap_or(&[]));
            if p.len() != r.len() {
                out.push(format!("{} had {} blocks, came back with {}", show_path(path), p.len(), r.len()));
            }
            for (i, (p, r)) in p.iter().zip(r).enumerate() {
                path.push(PathStep::Index(i));
                differences(ty, &nested.shape, p, r, path, out);
                path.pop();
            }
        }
        path.pop();
    }
}

fn own_type(id: &ResourceId) -> Option<&'static ResourceType> {
    let kind = id.kind()?;
    kinds(Mode::Managed).into_iter().filter_map(|k| find(Mode::Managed, k, Major::V5)).find(|t| t.is_own() && t.arm_type.eq_ignore_ascii_case(&kind))
}

/// The findings of one conversation, and how many requests were looked at.
fn second_plans(file: &Path, out: &mut BTreeSet<String>) -> usize {
    let mut asked: BTreeMap<String, Json> = BTreeMap::new();
    let mut looked = 0;
    for exchange in exchanges(file) {
        let key = exchange.path.to_lowercase();
        match exchange.method.as_str() {
            "PUT" if exchange.status < 300 => {
                asked.insert(key, exchange.sent);
            }
            "GET" if exchange.status == 200 => {
                let state = exchange.answer.pointer("/properties/provisioningState").and_then(Json::as_str).unwrap_or("Succeeded");
                let (Some(sent), Some(id)) = (asked.get(&key), ResourceId::parse(&exchange.path)) else { continue };
                let Some(ty) = own_type(&id).filter(|_| state == "Succeeded") else { continue };
                let Some(seed) = ty.from_id(id.as_str()) else { continue };
                let config = ty.read(id.as_str(), sent, Some(&seed), &context());
                let planned = ty.planned(&config, None, &context());
                let prior = ty.read(id.as_str(), &exchange.answer, Some(&planned), &context());
                let again = ty.planned(&config, Some(&prior), &context());
                let mut found = Vec::new();
                differences(ty, &ty.shape, &again, &prior, &mut Vec::new(), &mut found);
                out.extend(found.into_iter().map(|f| format!("{}: {f} ({})", ty.kind, file.file_name().unwrap_or_default().to_string_lossy())));
                asked.remove(&key);
                looked += 1;
            }
            "DELETE" | "PATCH" | "POST" => {
                asked.remove(&key);
            }
            _ => {}
        }
    }
    looked
}

#[test]
fn a_second_plan_after_recorded_requests_is_empty() {
    let Some(truth) = std::env::var_os("RAVELIN_TRUTH").map(PathBuf::from) else {
        println!("skipped: RAVELIN_TRUTH is not set");
        return;
    };
    let unpacked = tempfile::tempdir().expect("a folder");
    let packed = truth.join("recordings.tar.xz");
    let root = if packed.exists() {
        let done = Command::new("tar").arg("xf").arg(&packed).arg("-C").arg(unpacked.path()).status();
        assert!(done.is_ok_and(|s| s.success()), "{} does not unpack", packed.display());
        unpacked.path().to_path_buf()
    } else {
        truth
    };
    let (mut out, mut looked) = (BTreeSet::new(), 0);
    for file in files(&root) {
        if !OTHER.iter().any(|name| file.ends_with(name)) {
            looked += second_plans(&file, &mut out);
        }
    }
    out.retain(|line| !MEANT.iter().any(|(start, _)| line.starts_with(start)));
    assert!(looked > 0, "no recorded request fits a type");
    assert!(out.is_empty(), "{} answers to {looked} requests differ:\n{}", out.len(), out.into_iter().collect::<Vec<_>>().join("\n"));
}
