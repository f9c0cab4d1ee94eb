//! What a write must wait for: other operations on the same resource, and references that are missing or still being written.

use serde_json::Value as Json;

use super::{
    fault::Fault,
    http::Request,
    model::{Model, Style},
    operation::{Operation, under_way},
    refs,
    store::Store,
};

/// Refuses a write while another operation holds the resource or its parent.
pub fn busy(store: &Store, model: &Model, id: &str, verb: &str, request: &Request) -> Result<(), Fault> {
    let holder = match store.get(id) {
        Some(resource) => resource.id.clone(),
        None => match store.owner(id) {
            Some((resource, _)) if super::operation::is_inline(model) => resource.id.clone(),
            _ => return Ok(()),
        },
    };
    let Some(other) = under_way(store, &holder).min_by_key(|o| (o.begun, o.guid.clone())) else { return Ok(()) };
    match model.style {
        Style::Network => network(model, id, other, request),
        Style::Aks if verb == "Delete" => Ok(()),
        Style::Aks => Err(aks(store, other)),
        Style::Compute if verb == "Delete" => Ok(()),
        Style::Compute => {
            let message = format!(
                "The request failed due to conflict with a concurrent request. To resolve it, please refer to https://aka.ms/activitylog to get more details on the conflicting requests. Operation: {}",
                other.label
            );
            Err(Fault::service(409, "Conflict", message))
        }
        _ => Ok(()),
    }
}

/// The Network provider serialises writes per virtual network and route table; security rules may be written side by side.
fn network(model: &Model, id: &str, other: &Operation, request: &Request) -> Result<(), Fault> {
    let same_thing = other.target.eq_ignore_ascii_case(id);
    let family = model.kind.split('/').nth(1).unwrap_or("");
    match family {
        "virtualNetworks" => {
            let message = format!(
                "Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: {}.",
                other.status_url(&request.base())
            );
            Err(Fault::network(409, "AnotherOperationInProgress", message))
        }
        "networkSecurityGroups" if !same_thing && super::operation::is_inline(model) && !other.part.is_empty() => Ok(()),
        _ => {
            let message = format!("Operation {} ({}) is updating resource {}. The call can be retried in 12 seconds.", other.label, other.guid, other.holder);
            Err(Fault::retryable(12, "RetryableErrorDueToAnotherOperation", message))
        }
    }
}

fn aks(store: &Store, other: &Operation) -> Fault {
    let state = store.get(&other.holder).and_then(|r| r.states.get(&other.part)).map_or("Updating", String::as_str);
    let message = match other.part.rsplit('/').next().filter(|p| !p.is_empty()) {
        Some(pool) => format!(
            "Operation is not allowed: Another agentpool operation ({pool} - {state}) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details."
        ),
        None => format!(
            "Operation is not allowed: Another operation ({state}) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details."
        ),
    };
    Fault::aks(409, "OperationNotAllowed", "", message)
}

/// Refuses references to what does not exist or is not in its final state.
pub fn references(store: &Store, model: &Model, id: &str, request: &Json) -> Result<(), Fault> {
    let mut found: Vec<(String, String)> = Vec::new();
    refs::walk(request, id, "", &mut |target, _, via| found.push((target.to_owned(), via.to_owned())));
    for (target, via) in found {
        if target.len() >= id.len() && target.get(..id.len()).is_some_and(|p| p.eq_ignore_ascii_case(id)) {
            continue;
        }
        if super::quirks::follows(model, &via) {
            reference(store, model, id, &target, &via)?;
        }
    }
    Ok(())
}

fn reference(store: &Store, model: &Model, id: &str, target: &str, via: &str) -> Result<(), Fault> {
    // Compute words missing references itself, where it builds the machine.
    if model.style == Style::Compute {
        return Ok(());
    }
    if !store.exists(target) {
        return Err(missing(store, model, id, target));
    }
    let (holder, part) = match store.get(target) {
        Some(resource) => (resource, String::new()),
        None => match store.owner(target) {
            Some((resource, part)) => (resource, part.to_ascii_lowercase()),
            None => return Ok(()),
        },
    };
    if holder.id.eq_ignore_ascii_case(id) || id.to_ascii_lowercase().starts_with(&format!("{}/", holder.id.to_ascii_lowercase())) {
        return Ok(());
    }
    // A peering needs the whole remote network settled; other references need only the part they point at.
    let other = under_way(store, &holder.id).find(|o| o.part == part || o.part.is_empty() || via == "remoteVirtualNetwork");
    let Some(other) = other else { return Ok(()) };
    if model.style == Style::Aks {
        return Err(Fault::aks(
            400,
            "VirtualNetworkNotInSucceededState",
            "",
            format!("Virtual network {} is in Updating state. It needs to be in Succeeded state in order to set resource ownership.", holder.id),
        ));
    }
    if model.style != Style::Network {
        return Ok(());
    }
    let state = holder.states.get(&other.part).map_or("Updating", String::as_str);
    let message = format!(
        "Cannot proceed with operation because resource {target} used by resource {id} is not in Succeeded state. Resource is in {state} state and the last operation that updated/is updating the resource is {}.",
        other.label
    );
    if via == "remoteVirtualNetwork" {
        return Err(Fault::network(400, "ReferencedResourceNotProvisioned", message));
    }
    Err(Fault::retryable(10, "ReferencedResourceNotProvisioned", message))
}

fn missing(store: &Store, model: &Model, id: &str, target: &str) -> Fault {
    let group = super::place::group_id(target).unwrap_or_default();
    let place = super::place::Place::of(target);
    match model.style {
        Style::Aks => {
            let group_name = place.group.as_deref().unwrap_or("");
            if store.get(&group).is_none() {
                return Fault::aks(404, "ResourceGroupNotFound", "", format!("Resource group '{group_name}' could not be found."));
            }
            Fault::aks(
                404,
                "ResourceNotFound",
                "",
                format!(
                    "The Resource '{}/{}' under resource group '{group_name}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
                    place.kind(),
                    place.names.join("/")
                ),
            )
        }
        Style::Compute | Style::Disk => Fault::service(
            404,
            "NotFound",
            format!(
                "Resource {target} referenced by resource {id} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region."
            ),
        ),
        _ => Fault::network(
            400,
            "InvalidResourceReference",
            format!(
                "Resource {target} referenced by resource {id} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region."
            ),
        ),
    }
}
