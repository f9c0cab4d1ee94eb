//! Resource groups: created at once, deleted with all that is in them.

use serde_json::{Value as Json, json};

use super::{
    check::{REGIONS, is_region},
    fault::Fault,
    jsons::{self, at, text},
    model::{Draft, Model, PLAIN, Style, Timing},
    store::Store,
};

pub const MODELS: &[Model] = &[Model {
    kind: "Microsoft.Resources/resourceGroups",
    shown: "Microsoft.Resources/resourceGroups",
    style: Style::Group,
    label: "ResourceGroup",
    timing: Timing { create: 0, update: 0, delete: 15_000, wait: 0, wait_delete: 15 },
    build,
    keep,
    ..PLAIN
}];

fn build(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let location = text(draft.request, "location").unwrap_or("");
    if draft.old.is_none() && !is_region(location) {
        let message = format!("The provided location '{location}' is not available for resource group. List of available regions is '{REGIONS}'.");
        return Err(Fault::gateway(400, "LocationNotAvailableForResourceGroup", message));
    }
    let name = draft.name();
    let fits = name.len() <= 90 && !name.ends_with('.') && name.chars().all(|c| c.is_alphanumeric() || "-_.()".contains(c));
    if !fits {
        let message = format!(
            "The provided resource group name '{name}' has these invalid characters or length. The name can only be a letter, digit, '-', '.', '(', ')' or '_', at most 90 characters, and cannot end with '.'."
        );
        return Err(Fault::gateway(400, "InvalidResourceGroup", message));
    }
    let mut body = draft.frame(&["managedBy"]);
    // Resource Manager keeps a group's location when an update leaves it out.
    if let Some(old) = draft.old.and_then(|o| at(o, "managedBy")) {
        jsons::fill(&mut body, "managedBy", old.clone());
    }
    jsons::set(&mut body, "properties", json!({}));
    Ok(body)
}

/// Resources outside the group that use something in it keep the group.
fn keep(store: &Store, id: &str) -> Option<Fault> {
    let refs = store.refs_now();
    let inside = format!("{}/", id.to_ascii_lowercase());
    let outsider = refs.inside(id).find(|(_, r)| {
        let holder = r.holder.to_ascii_lowercase();
        let managed = store.get(id).and_then(|g| text(&g.body, "managedBy")).is_some_and(|m| m.eq_ignore_ascii_case(&r.holder));
        !holder.starts_with(&inside) && blocks(&r.via) && !managed
    });
    let (target, by) = outsider?;
    let message = format!(
        "Deletion of resource group '{}' failed as resources with identifiers '{target}' could not be deleted. They are used by '{}'.",
        id.rsplit('/').next().unwrap_or(""),
        by.holder
    );
    Some(Fault::gateway(409, "ResourceGroupDeletionBlocked", message))
}

fn blocks(via: &str) -> bool {
    matches!(via, "subnet" | "networkSecurityGroup" | "routeTable" | "natGateway" | "publicIPAddress" | "networkInterfaces" | "loadBalancerBackendAddressPools")
}
