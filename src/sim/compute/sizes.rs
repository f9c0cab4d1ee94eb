//! Machine sizes: cores, memory, and how many network interfaces and data disks each takes.

use serde_json::{Value as Json, json};

use crate::sim::{http::Response, jsons::text, store::Store};

/// Name, cores, memory in GiB, network interfaces, data disks. Source: Microsoft Learn, "Sizes for virtual machines in Azure".
const SIZES: &[(&str, u32, f64, u32, u32)] = &[
    ("Standard_B1s", 1, 1.0, 2, 2),
    ("Standard_B2s", 2, 4.0, 3, 4),
    ("Standard_B2ms", 2, 8.0, 3, 4),
    ("Standard_B4ms", 4, 16.0, 4, 8),
    ("Standard_D1_v2", 1, 3.5, 2, 4),
    ("Standard_DS1_v2", 1, 3.5, 2, 4),
    ("Standard_DS2_v2", 2, 7.0, 2, 8),
    ("Standard_DS3_v2", 4, 14.0, 4, 16),
    ("Standard_DS4_v2", 8, 28.0, 8, 32),
    ("Standard_D2s_v3", 2, 8.0, 2, 4),
    ("Standard_D4s_v3", 4, 16.0, 2, 8),
    ("Standard_D8s_v3", 8, 32.0, 4, 16),
    ("Standard_D16s_v3", 16, 64.0, 8, 32),
    ("Standard_D2s_v4", 2, 8.0, 2, 4),
    ("Standard_D4s_v4", 4, 16.0, 2, 8),
    ("Standard_D8s_v4", 8, 32.0, 4, 16),
    ("Standard_D2s_v5", 2, 8.0, 2, 4),
    ("Standard_D4s_v5", 4, 16.0, 2, 8),
    ("Standard_D8s_v5", 8, 32.0, 4, 16),
    ("Standard_D16s_v5", 16, 64.0, 8, 32),
    ("Standard_D2ds_v5", 2, 8.0, 2, 4),
    ("Standard_D4ds_v5", 4, 16.0, 2, 8),
    ("Standard_D8ds_v5", 8, 32.0, 4, 16),
    ("Standard_D8_v5", 8, 32.0, 4, 16),
    ("Standard_D4lds_v5", 4, 8.0, 2, 8),
    ("Standard_D2as_v5", 2, 8.0, 2, 4),
    ("Standard_D4as_v5", 4, 16.0, 2, 8),
    ("Standard_D8as_v5", 8, 32.0, 4, 16),
    ("Standard_D2s_v6", 2, 8.0, 2, 8),
    ("Standard_D4s_v6", 4, 16.0, 2, 12),
    ("Standard_D8s_v6", 8, 32.0, 4, 24),
    ("Standard_D2ps_v6", 2, 8.0, 2, 8),
    ("Standard_D4ps_v6", 4, 16.0, 2, 12),
    ("Standard_D8ps_v6", 8, 32.0, 4, 24),
    ("Standard_E4s_v5", 4, 32.0, 2, 8),
    ("Standard_E8s_v5", 8, 64.0, 4, 16),
    ("Standard_F2s", 2, 4.0, 2, 8),
    ("Standard_F4s", 4, 8.0, 4, 16),
    ("Standard_F8s", 8, 16.0, 8, 32),
    ("Standard_F2s_v2", 2, 4.0, 2, 4),
    ("Standard_F4s_v2", 4, 8.0, 2, 8),
    ("Standard_F8s_v2", 8, 16.0, 4, 16),
    ("Standard_F16s_v2", 16, 32.0, 4, 32),
];

fn find(name: &str) -> Option<&'static (&'static str, u32, f64, u32, u32)> {
    SIZES.iter().find(|s| s.0.eq_ignore_ascii_case(name))
}

/// Network interfaces a size takes; `None` for sizes not in the table.
pub fn interfaces(name: &str) -> Option<usize> {
    find(name).map(|s| s.3 as usize)
}

/// Data disks a size takes.
pub fn data_disks(name: &str) -> Option<usize> {
    find(name).map(|s| s.4 as usize)
}

/// Cores of a size; 4 for sizes not in the table, so that quotas count something.
pub fn cores(name: &str) -> u32 {
    find(name).map_or(4, |s| s.1)
}

/// Whether a size takes premium disks: those with an `s` after the cores do.
pub fn premium(name: &str) -> bool {
    let body = name.trim_start_matches("Standard_").split('_').next().unwrap_or("").to_ascii_lowercase();
    body.contains('s')
}

/// Sizes as `vmSizes` lists them.
pub fn list() -> Vec<Json> {
    SIZES
        .iter()
        .map(|(name, cores, memory, _, disks)| {
            json!({
                "name": name, "numberOfCores": cores, "osDiskSizeInMB": 1_047_552, "resourceDiskSizeInMB": 0,
                "memoryInMB": (memory * 1024.0) as u64, "maxDataDiskCount": disks
            })
        })
        .collect()
}

/// Sizes as `skus` lists them, for one location when the filter names it.
pub fn skus(filter: Option<&str>) -> Vec<Json> {
    let location = filter.and_then(|f| f.split_once('\'')).and_then(|(_, rest)| rest.split_once('\'')).map_or("westeurope", |(l, _)| l);
    SIZES
        .iter()
        .map(|(name, cores, memory, nics, disks)| {
            let capability = |name: &str, value: String| json!({ "name": name, "value": value });
            json!({
                "resourceType": "virtualMachines", "name": name, "tier": "Standard", "size": name.trim_start_matches("Standard_"), "family": "standard",
                "locations": [location], "locationInfo": [{ "location": location, "zones": ["1", "2", "3"], "zoneDetails": [] }], "restrictions": [],
                "capabilities": [
                    capability("vCPUs", cores.to_string()), capability("MemoryGB", memory.to_string()),
                    capability("MaxNetworkInterfaces", nics.to_string()), capability("MaxDataDiskCount", disks.to_string()),
                    capability("AcceleratedNetworkingEnabled", (*cores >= 2).to_string()), capability("PremiumIO", premium(name).to_string()),
                    capability("HyperVGenerations", "V1,V2".to_owned()),
                    capability("CpuArchitectureType", if name.contains("ps_") { "Arm64".to_owned() } else { "x64".to_owned() })
                ]
            })
        })
        .collect()
}

/// Cores in use in a region against a quota of 350, new subscriptions' usual limit for larger ones.
pub fn usages(store: &Store, location: &str) -> Response {
    let machines = store.of_kind("Microsoft.Compute/virtualMachines").filter(|r| r.location() == location);
    let used: u32 = machines.map(|m| cores(text(&m.body, "properties.hardwareProfile.vmSize").unwrap_or(""))).sum();
    Response::list(vec![json!({
        "limit": 350, "unit": "Count", "currentValue": used, "name": { "value": "cores", "localizedValue": "Total Regional vCPUs" }
    })])
}
