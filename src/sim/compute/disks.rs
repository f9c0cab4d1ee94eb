//! Managed disks.

use serde_json::{Value as Json, json};

use crate::sim::{
    fault::Fault,
    http::Millis,
    jsons::{at, fill, filled, int, set, text},
    model::{Draft, Model, PLAIN, Style, Timing},
    moment,
    store::{Store, derive},
};

pub const MODELS: &[Model] = &[Model {
    kind: "Microsoft.Compute/disks",
    shown: "Microsoft.Compute/disks",
    style: Style::Disk,
    label: "Disk",
    timing: Timing { create: 3_000, update: 3_000, delete: 5_000, wait: 0, wait_delete: 0 },
    build,
    finished,
    keep,
    ..PLAIN
}];

fn build(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["zones", "sku", "extendedLocation"]);
    if let Some(owner) = draft.old.and_then(|o| at(o, "managedBy")) {
        set(&mut body, "managedBy", owner.clone());
    }
    let option = filled(request, "properties.creationData.createOption").unwrap_or("");
    if option.is_empty() {
        return Err(Fault::compute(400, "InvalidParameter", "creationData", "Required parameter 'disk.creationData' is missing (null)."));
    }
    let size = int(request, "properties.diskSizeGB");
    let before = draft.old.and_then(|o| int(o, "properties.diskSizeGB"));
    if size.is_none() && option.eq_ignore_ascii_case("Empty") && before.is_none() {
        return Err(Fault::compute(400, "InvalidParameter", "disk.diskSizeGB", "Required parameter 'disk.diskSizeGB' is missing (null)."));
    }
    if let (Some(size), Some(before)) = (size, before)
        && size < before
    {
        let message = format!("Disk size reduction is not supported. Current size is {} bytes, requested size is {} bytes.", before << 30, size << 30);
        return Err(Fault::compute(409, "OperationNotAllowed", "", message));
    }
    set(&mut body, "properties", at(request, "properties").cloned().unwrap_or(json!({})));
    if let Some(old) = draft.old.and_then(|o| at(o, "properties").cloned()) {
        let kept: Vec<(String, Json)> = old.as_object().cloned().unwrap_or_default().into_iter().collect();
        for (name, value) in kept {
            fill(&mut body, &format!("properties.{name}"), value);
        }
    }
    Ok(body)
}

/// What the platform knows once the disk is there.
fn finished(store: &mut Store, id: &str, now: Millis) {
    let unique = derive(&store.seed, &format!("disk {id}"));
    let Some(resource) = store.get_mut(id) else { return };
    let body = &mut resource.body;
    let sku = text(body, "sku.name").unwrap_or("Standard_LRS").to_owned();
    set(body, "sku", json!({ "name": sku, "tier": sku.split('_').next().unwrap_or("Standard") }));
    let size = int(body, "properties.diskSizeGB").unwrap_or(30);
    let (tier, iops, speed) = performance(&sku, size);
    set(body, "properties.diskIOPSReadWrite", iops);
    set(body, "properties.diskMBpsReadWrite", speed);
    set(body, "properties.diskSizeGB", size);
    set(body, "properties.diskSizeBytes", size << 30);
    if sku.starts_with("Premium_") {
        set(body, "properties.tier", tier);
    }
    let state = if at(body, "managedBy").is_some() { "Attached" } else { "Unattached" };
    set(body, "properties.diskState", state);
    for (name, value) in [
        ("encryption", json!({ "type": "EncryptionAtRestWithPlatformKey" })),
        ("networkAccessPolicy", json!("AllowAll")),
        ("publicNetworkAccess", json!("Enabled")),
        ("timeCreated", json!(moment::rfc3339(now))),
        ("uniqueId", json!(unique)),
    ] {
        fill(body, &format!("properties.{name}"), value);
    }
}

/// Tier, operations and megabytes a second by size. Source: Microsoft Learn, "Azure managed disk types".
fn performance(sku: &str, size: i64) -> (&'static str, i64, i64) {
    if !sku.starts_with("Premium_") {
        return ("", 500, 60);
    }
    match size {
        ..=4 => ("P1", 120, 25),
        5..=8 => ("P2", 120, 25),
        9..=16 => ("P3", 120, 25),
        17..=32 => ("P4", 120, 25),
        33..=64 => ("P6", 240, 50),
        65..=128 => ("P10", 500, 100),
        129..=256 => ("P15", 1100, 125),
        257..=512 => ("P20", 2300, 150),
        _ => ("P30", 5000, 200),
    }
}

fn keep(store: &Store, id: &str) -> Option<Fault> {
    let machine = store.body(id).and_then(|b| text(b, "managedBy"))?;
    let name = id.rsplit('/').next().unwrap_or("");
    Some(Fault::compute(409, "OperationNotAllowed", "", format!("Disk {name} is attached to VM {machine}.")))
}
