//! Private endpoints and their DNS zone groups.

use serde_json::{Value as Json, json};

use super::{NETWORK, addresses, copy_reference, resource_guid, timing};
use crate::sim::{
    fault::Fault,
    jsons::{at, list, set, text},
    model::{Draft, Model},
    store::{Resource, Store},
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Network/privateEndpoints",
        shown: "Microsoft.Network/privateEndpoints",
        label: "PrivateEndpoint",
        timing: timing(10, 10),
        build,
        adorn,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        shown: "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        tracked: false,
        label: "PrivateDnsZoneGroup",
        timing: timing(10, 10),
        build: build_group,
        ..NETWORK
    },
];

fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["extendedLocation"]);
    let guid = resource_guid(store, draft);
    set(&mut body, "properties.resourceGuid", guid);
    copy_reference(store, request, &mut body, "properties.subnet");
    let config = json!({ "properties": { "subnet": at(&body, "properties.subnet").cloned().unwrap_or(Json::Null) } });
    let kept = draft.old.and_then(|o| text(o, "properties.privateIPAddress"));
    let old = kept.map(|a| json!({ "properties": { "subnet": at(&body, "properties.subnet"), "privateIPAddress": a } }));
    let Some(address) = addresses::settle(store, draft.id, &config, old.as_ref(), &[])? else {
        return Err(Fault::network(400, "SubnetReferenceMissing", format!("Private endpoint {} does not reference a subnet.", draft.id)));
    };
    set(&mut body, "properties.privateIPAddress", address.to_string());
    for (array, state) in [("privateLinkServiceConnections", "Approved"), ("manualPrivateLinkServiceConnections", "Pending")] {
        let path = format!("properties.{array}");
        let mut connections = Vec::new();
        for connection in list(request, &path) {
            connections.push(connect(store, draft, array, connection, state)?);
        }
        set(&mut body, &path, connections);
    }
    if list(&body, "properties.privateLinkServiceConnections").is_empty() && list(&body, "properties.manualPrivateLinkServiceConnections").is_empty() {
        let message = format!("Private endpoint {} must have one private link service connection.", draft.id);
        return Err(Fault::network(400, "PrivateEndpointMustHavePrivateLinkServiceConnection", message));
    }
    for (path, default) in
        [("properties.customNetworkInterfaceName", json!("")), ("properties.ipConfigurations", json!([])), ("properties.customDnsConfigs", json!([]))]
    {
        set(&mut body, path, at(request, path).cloned().unwrap_or(default));
    }
    Ok(body)
}

fn connect(store: &Store, draft: &Draft, array: &str, request: &Json, state: &str) -> Result<Json, Fault> {
    let name = text(request, "name").unwrap_or("");
    let target = text(request, "properties.privateLinkServiceId").unwrap_or("");
    // A service that the simulator models must exist; others it cannot know.
    let known = crate::sim::model::model(&crate::sim::engine::kind_of(target)).is_some();
    if known && !store.exists(target) {
        let message = format!(
            "Resource {target} referenced by resource {} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.",
            draft.id
        );
        return Err(Fault::network(400, "InvalidResourceReference", message));
    }
    let groups = at(request, "properties.groupIds").cloned().unwrap_or(json!([]));
    let description = if state == "Approved" { "Auto-Approved" } else { "" };
    Ok(json!({
        "name": name, "id": format!("{}/{array}/{name}", draft.id), "type": format!("Microsoft.Network/privateEndpoints/{array}"),
        "properties": {
            "provisioningState": "Succeeded", "privateLinkServiceId": target, "groupIds": groups,
            "privateLinkServiceConnectionState": { "status": state, "description": description, "actionsRequired": "None" }
        }
    }))
}

/// The address is the interface's business in Azure; here it is kept out of sight.
fn adorn(_: &Store, body: &mut Json, resource: &Resource) {
    let group = crate::sim::store::segment_after(&resource.id, "resourceGroups").unwrap_or("");
    let subscription = crate::sim::store::segment_after(&resource.id, "subscriptions").unwrap_or("");
    let address = text(body, "properties.privateIPAddress").unwrap_or("").to_owned();
    crate::sim::jsons::remove(body, "properties.privateIPAddress");
    let nic = format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/networkInterfaces/{}.nic", resource.name());
    set(body, "properties.networkInterfaces", json!([{ "id": nic }]));
    if list(body, "properties.customDnsConfigs").is_empty() {
        set(body, "properties.customDnsConfigs", json!([{ "ipAddresses": [address] }]));
    }
}

fn build_group(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    let mut configs = Vec::new();
    for config in list(draft.request, "properties.privateDnsZoneConfigs") {
        let zone = text(config, "properties.privateDnsZoneId").unwrap_or("");
        if !store.exists(zone) {
            let message = format!(
                "Resource {zone} referenced by resource {} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.",
                draft.id
            );
            return Err(Fault::network(400, "InvalidResourceReference", message));
        }
        configs.push(json!({ "name": text(config, "name").unwrap_or(""), "properties": { "privateDnsZoneId": zone, "recordSets": [], "provisioningState": "Succeeded" } }));
    }
    set(&mut body, "properties", json!({ "privateDnsZoneConfigs": configs }));
    Ok(body)
}
