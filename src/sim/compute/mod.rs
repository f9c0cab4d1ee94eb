//! Microsoft.Compute: virtual machines, disks, availability sets, the image catalogue.

pub mod disks;
pub mod images;
pub mod machine;
pub mod sizes;

use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::{Request, Response},
    jsons::{at, filled, int, set, text},
    model::{Draft, Model, PLAIN, Style},
    place::Place,
    store::{Resource, Store},
};

/// The base of this provider's models.
pub const COMPUTE: Model = Model { style: Style::Compute, ..PLAIN };

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Compute/availabilitySets",
        shown: "Microsoft.Compute/availabilitySets",
        stated: false,
        label: "AvailabilitySet",
        build: build_set,
        keep: keep_set,
        adorn: adorn_set,
        ..PLAIN
    },
    Model {
        kind: "Microsoft.Compute/proximityPlacementGroups",
        shown: "Microsoft.Compute/proximityPlacementGroups",
        stated: false,
        label: "ProximityPlacementGroup",
        build: build_proximity,
        ..PLAIN
    },
];

/// Refuses a change of what Compute fixes at creation, naming the first such property.
pub fn fixed(draft: &Draft, body: &Json, paths: &[(&str, &str)]) -> Result<(), Fault> {
    let Some(old) = draft.old else { return Ok(()) };
    let changed = paths.iter().find(|(path, _)| at(old, path) != at(body, path));
    changed.map_or(Ok(()), |(_, name)| Err(Fault::compute(409, "PropertyChangeNotAllowed", name, format!("Changing property '{name}' is not allowed."))))
}

fn build_set(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["zones"]);
    let updates = int(request, "properties.platformUpdateDomainCount").unwrap_or(5);
    let faults = int(request, "properties.platformFaultDomainCount").unwrap_or(3);
    if !(1..=20).contains(&updates) || !(1..=3).contains(&faults) {
        let message =
            format!("The specified fault domain count {faults} must fall in the range 1 to 3, and the update domain count {updates} in the range 1 to 20.");
        return Err(Fault::compute(400, "InvalidParameter", "platformFaultDomainCount", message));
    }
    set(&mut body, "properties", json!({ "platformUpdateDomainCount": updates, "platformFaultDomainCount": faults }));
    if let Some(group) = filled(request, "properties.proximityPlacementGroup.id") {
        set(&mut body, "properties.proximityPlacementGroup", json!({ "id": group }));
    }
    set(&mut body, "sku", json!({ "name": filled(request, "sku.name").unwrap_or("Classic") }));
    fixed(
        draft,
        &body,
        &[("properties.platformFaultDomainCount", "platformFaultDomainCount"), ("properties.platformUpdateDomainCount", "platformUpdateDomainCount")],
    )?;
    Ok(body)
}

fn keep_set(store: &Store, id: &str) -> Option<Fault> {
    let refs = store.refs_now();
    let machine = refs.to(id).iter().find(|r| r.via == "availabilitySet")?;
    let name = id.rsplit('/').next().unwrap_or("");
    let message = format!(
        "Availability Set '{name}' cannot be deleted. Before deleting an Availability Set please ensure that it does not contain any VM ({}).",
        machine.holder
    );
    Some(Fault::service(409, "OperationNotAllowed", message))
}

fn adorn_set(store: &Store, body: &mut Json, resource: &Resource) {
    let refs = store.refs_now();
    let machines: Vec<Json> = refs.to(&resource.id).iter().filter(|r| r.via == "availabilitySet").map(|r| json!({ "id": r.holder })).collect();
    set(body, "properties.virtualMachines", machines);
}

fn build_proximity(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&["zones"]);
    let kind = text(draft.request, "properties.proximityPlacementGroupType").unwrap_or("Standard");
    set(&mut body, "properties.proximityPlacementGroupType", kind);
    Ok(body)
}

/// Reads below `locations/` and the list of SKUs.
pub fn special(store: &mut Store, request: &Request, place: &Place) -> Option<Result<Response, Fault>> {
    let lower = place.lower();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", [_, _, "providers", "microsoft.compute", "locations", location, "publishers", rest @ ..]) => Some(images::read(request, place, location, rest)),
        ("GET", [_, _, "providers", "microsoft.compute", "locations", _, "vmsizes"]) => Some(Ok(Response::list(sizes::list()))),
        ("GET", [_, _, "providers", "microsoft.compute", "locations", location, "usages"]) => Some(Ok(sizes::usages(store, location))),
        ("GET", [_, _, "providers", "microsoft.compute", "skus"]) => Some(Ok(Response::list(sizes::skus(request.query("$filter"))))),
        ("GET", [.., "availabilitysets", _, "vmsizes"]) => Some(Ok(Response::list(sizes::list()))),
        _ => None,
    }
}
