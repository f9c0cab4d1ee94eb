//! Checks on a request that hold for every type: preconditions, location, and members the provider would not know.

use serde_json::Value as Json;

use super::{
    fault::Fault,
    http::Request,
    jsons::{at, list, text},
    model::{Hold, Model, Style, inline_children, normal_location},
};

/// Members of `properties` that each type knows, one type a line: `Namespace/type: a b c`.
const KNOWN: &str = include_str!("known.txt");

/// Regions a resource group can be in. Source: the list Resource Manager gives in its own refusal.
pub const REGIONS: &str = "centralus,eastasia,southeastasia,eastus,eastus2,westus,westus2,northcentralus,southcentralus,westcentralus,northeurope,\
westeurope,japaneast,japanwest,brazilsouth,australiasoutheast,australiaeast,westindia,southindia,centralindia,canadacentral,canadaeast,uksouth,ukwest,\
koreacentral,koreasouth,francecentral,southafricanorth,uaenorth,australiacentral,switzerlandnorth,germanywestcentral,norwayeast,jioindiawest,westus3,\
australiacentral2,swedencentral,qatarcentral,polandcentral,italynorth,israelcentral,mexicocentral,spaincentral,newzealandnorth,indonesiacentral,\
malaysiawest,austriaeast,chilecentral,belgiumcentral,denmarkeast,francesouth,germanynorth,norwaywest,switzerlandwest,uaecentral,southafricawest,\
brazilsoutheast,swedensouth,jioindiacentral,eastus2euap,centraluseuap,eastusstg,southcentralusstg,westus2euap";

pub fn is_region(location: &str) -> bool {
    let location = normal_location(location);
    REGIONS.split(',').any(|r| r == location)
}

/// `If-Match` and `If-None-Match` against the tag of what is there.
pub fn preconditions(request: &Request, model: &Model, id: &str, tag: Option<&str>) -> Result<(), Fault> {
    let name = id.rsplit('/').next().unwrap_or("");
    let stale = |given: &str| match model.style {
        Style::Network => {
            let shown = tag.unwrap_or("");
            let message =
                format!("Precondition failed. Etag provided in if-match header {given} does not match etag {shown} of resource {id} in NRP data store.");
            Fault::network(412, "PreconditionFailed", message)
        }
        Style::Aks => Fault::aks(412, "PreconditionFailed", "", format!("The provided If-Match etag {given} does not match the etag of {name}.")),
        _ => Fault::flat(412, "PreconditionFailed", format!("The {} {name} has been modified (etag mismatch).", noun(model))),
    };
    if let Some(given) = request.header("if-match") {
        let matches = tag.is_some_and(|t| given == "*" || unquoted(given) == unquoted(t));
        if !matches {
            return Err(stale(given));
        }
    }
    if request.header("if-none-match") == Some("*") && tag.is_some() {
        return Err(match model.style {
            Style::Network => Fault::network(412, "PreconditionFailed", format!("Precondition failed. Resource {id} already exists.")),
            _ => Fault::flat(412, "PreconditionFailed", format!("The {} {name} exists already and hence cannot be created again.", noun(model))),
        });
    }
    Ok(())
}

fn noun(model: &Model) -> &'static str {
    if model.kind.contains("rivateDnsZones/") { "Record set" } else { "resource" }
}

fn unquoted(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/").trim_matches('"')
}

/// A tracked resource needs a location, and keeps the one it has.
pub fn location(model: &Model, id: &str, old: Option<&Json>, request: &Json) -> Result<(), Fault> {
    // A group's own model words what is wrong with its region.
    if !model.tracked || (model.style == Style::Group && old.is_none()) {
        return Ok(());
    }
    let given = text(request, "location").map(normal_location).filter(|l| !l.is_empty());
    let name = id.rsplit('/').next().unwrap_or("");
    match (given, old.and_then(|o| text(o, "location"))) {
        (None, None) => Err(Fault::gateway(400, "LocationRequired", "The location property is required for this definition.")),
        (Some(given), Some(old)) if normal_location(old) != given => {
            let group = super::store::segment_after(id, "resourceGroups").unwrap_or("");
            let message = format!(
                "The resource '{name}' already exists in location '{old}' in resource group '{group}'. A resource with the same name cannot be created in location '{given}'. Please select a new resource name."
            );
            Err(Fault::gateway(409, "InvalidResourceLocation", message))
        }
        (Some(given), None) if given != "global" && !is_region(&given) => {
            let message = format!(
                "The provided location '{given}' is not available for resource type '{}'. List of available regions for the resource type is '{REGIONS}'.",
                model.kind
            );
            Err(Fault::gateway(400, "LocationNotAvailableForResourceType", message))
        }
        _ => Ok(()),
    }
}

/// Members that a body may have beside `properties`.
const GENERAL: &[&str] = &[
    "id",
    "name",
    "type",
    "location",
    "tags",
    "properties",
    "sku",
    "kind",
    "identity",
    "plan",
    "zones",
    "etag",
    "extendedLocation",
    "managedBy",
    "systemData",
    "placement",
    "apiVersion",
    "resources",
];

/// Refuses members of a body that the provider's own type definition does not have.
pub fn members(model: &Model, request: &Json, api: &str) -> Result<(), Fault> {
    // Previews have members that no definition lists.
    if api.ends_with("-preview") {
        return Ok(());
    }
    if let Some(member) = request.as_object().and_then(|o| o.keys().find(|k| !GENERAL.iter().any(|g| g.eq_ignore_ascii_case(k)))) {
        return Err(refuse_member(model, member, ""));
    }
    unknown_member(model.kind, at(request, "properties")).map_or(Ok(()), |m| Err(refuse_member(model, &m, "properties")))?;
    for (child, array) in inline_children(model.kind) {
        for item in list(request, &format!("properties.{array}")) {
            let inside = if matches!(child.hold, Hold::Flat(_)) { Some(item) } else { at(item, "properties") };
            if let Some(member) = unknown_member(child.kind, inside) {
                return Err(refuse_member(model, &member, &format!("properties.{array}")));
            }
        }
    }
    Ok(())
}

fn unknown_member(kind: &str, properties: Option<&Json>) -> Option<String> {
    let line = KNOWN.lines().find(|l| l.split_once(": ").is_some_and(|(k, _)| k.eq_ignore_ascii_case(kind)))?;
    let (_, known) = line.split_once(": ")?;
    let object = properties?.as_object()?;
    object.keys().find(|name| !known.split(' ').any(|k| k.eq_ignore_ascii_case(name))).cloned()
}

fn refuse_member(model: &Model, member: &str, place: &str) -> Fault {
    let short = model.kind.rsplit('/').next().unwrap_or("");
    match model.style {
        Style::Aks => Fault::aks(400, "UnmarshalError", "", format!("UnmarshalEntity encountered error: json: unknown field \"{member}\".")),
        _ => {
            let path = if place.is_empty() { member.to_owned() } else { format!("{place}.{member}") };
            let detail = format!("Could not find member '{member}' on object of type '{short}'. Path '{path}'.");
            let mut fault = Fault::network(400, "InvalidRequestFormat", "Cannot parse the request.");
            super::jsons::set(&mut fault.body, "error.details", serde_json::json!([{ "code": "InvalidJson", "message": detail }]));
            fault
        }
    }
}
