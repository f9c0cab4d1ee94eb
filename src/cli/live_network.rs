//! What lives in Azure around a plan, or in the whole subscription, as a network model: which requests are needed, and no more.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use serde_json::Value as Json;

use crate::{
    azure::{Arm, ArmError, ErrorKind, Want},
    base::ResourceId,
    guard,
    network::{self, Model, Origin, live},
    plan::{Live, Plan},
};

const NETWORK_API: &str = "2025-01-01";
const AKS_API: &str = "2025-10-01";
/// How many reads are under way at once.
const AT_ONCE: usize = 16;

/// Types that the model cannot do without.
const NEEDED: [(&str, &str); 2] = [("Microsoft.Network/virtualNetworks", NETWORK_API), ("Microsoft.ContainerService/managedClusters", AKS_API)];
/// Types that say more; where one cannot be listed, the model says so.
const WANTED: [&str; 9] = [
    "Microsoft.Network/routeTables",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/privateLinkServices",
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/bastionHosts",
    "Microsoft.Network/virtualHubs",
];

/// Everything with addresses in the client's subscription: one list a type, one request a VNet for its usages, and one for each
/// resource group with a gateway, as Azure lists gateways no other way.
///
/// # Errors
/// VNets or clusters cannot be listed. What else cannot be read is among the model's unknowns.
pub async fn live_model(arm: &Arm) -> Result<Model, ArmError> {
    let subscription = format!("/subscriptions/{}", arm.context().subscription);
    let mut found = Vec::new();
    for (kind, api) in NEEDED {
        found.extend(arm.list(&format!("{subscription}/providers/{kind}?api-version={api}")).await?);
    }
    let mut asked: Vec<(String, String)> =
        WANTED.iter().map(|k| ((*k).to_owned(), format!("{subscription}/providers/{k}?api-version={NETWORK_API}"))).collect();
    asked.extend(gateway_groups(&found).into_iter().map(|group| {
        let kind = "Microsoft.Network/virtualNetworkGateways";
        (format!("{kind} of {}", group.name()), format!("{group}/providers/{kind}?api-version={NETWORK_API}"))
    }));
    let mut unknowns = Vec::new();
    let mut lists = stream::iter(asked.iter().map(|(what, path)| async move { (what, arm.list(path).await) })).buffered(AT_ONCE);
    while let Some((what, outcome)) = lists.next().await {
        match outcome {
            Ok(items) => found.extend(items),
            Err(error) => unknowns.push(unknown(&subscription, format!("{what} could not be listed ({})", short(&error)))),
        }
    }
    drop(lists);
    let bodies: Vec<&Json> = found.iter().collect();
    let vnets: BTreeSet<ResourceId> = found.iter().filter(|b| has_subnets(b)).filter_map(id_of).collect();
    let usages = usages(arm, &vnets, &mut unknowns).await;
    let mut model = live::model(&bodies, &usages).with([live::remembered_peers(&bodies)]);
    model.unknowns.extend(unknowns);
    Ok(model)
}

/// What lives around a plan: of what was read for the plan itself, everything; besides it the VNets that the plan refers to and does not
/// manage (as few requests as a bulk read takes), and the usages of VNets that exist and that its clusters are in (one each).
pub async fn around(arm: &Arm, plan: &Plan, live: &Live) -> Model {
    let mut bodies: Vec<&Json> = live.bodies().collect();
    let mut unknowns = Vec::new();
    let needs = guard::needs(plan, &model_of(&bodies, &[]));
    let read = vnets(arm, &needs.vnets).await;
    for (id, outcome) in &read {
        match outcome {
            Ok(Some(body)) => bodies.push(body),
            Ok(None) => unknowns.push(unknown(id.as_str(), "its address space: the VNet does not exist".to_owned())),
            Err(error) => unknowns.push(unknown(id.as_str(), format!("its address space: the VNet cannot be read ({})", short(error)))),
        }
    }
    let here: BTreeSet<ResourceId> = bodies.iter().filter_map(|b| id_of(b)).collect();
    let usages = usages(arm, &needs.usages.into_iter().filter(|v| here.contains(v)).collect(), &mut unknowns).await;
    let mut model = model_of(&bodies, &usages);
    model.unknowns.extend(unknowns);
    model
}

fn model_of(bodies: &[&Json], usages: &[Json]) -> Model {
    live::model(bodies, usages).with([live::remembered_peers(bodies)])
}

/// VNets by id, each with its own outcome: one in a subscription that the caller may not see does not hide the others.
async fn vnets(arm: &Arm, ids: &BTreeSet<ResourceId>) -> Vec<(ResourceId, Result<Option<Json>, ArmError>)> {
    let wants: Vec<Want> = ids.iter().map(|id| Want { id: id.clone(), api: NETWORK_API.to_owned() }).collect();
    if let Ok(inventory) = arm.read_all(&wants).await {
        return ids.iter().map(|id| (id.clone(), Ok(inventory.get(id).flatten().cloned()))).collect();
    }
    stream::iter(ids.iter().map(|id| async move { (id.clone(), arm.get(id, NETWORK_API).await) })).buffered(AT_ONCE).collect().await
}

/// The rows of the usages of VNets. Who may not read them is told; the check then counts what it knows by itself.
async fn usages(arm: &Arm, vnets: &BTreeSet<ResourceId>, unknowns: &mut Vec<network::Unknown>) -> Vec<Json> {
    let ask = |id: &ResourceId| {
        let path = format!("{id}/usages?api-version={NETWORK_API}");
        let id = id.clone();
        async move { (id, arm.list(&path).await) }
    };
    let outcomes: Vec<_> = stream::iter(vnets.iter().map(ask)).buffered(AT_ONCE).collect().await;
    let mut rows = Vec::new();
    for (id, outcome) in outcomes {
        match outcome {
            Ok(found) => rows.extend(found),
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => unknowns.push(unknown(id.as_str(), format!("what others use of its subnets ({})", short(&error)))),
        }
    }
    rows
}

fn unknown(address: &str, what: String) -> network::Unknown {
    network::Unknown { origin: Origin::new(address, None), what }
}

/// The code of an error, for a remark.
fn short(error: &ArmError) -> String {
    match (error.status, error.code.as_str()) {
        (Some(status), "") => status.to_string(),
        (_, "") => error.message.clone(),
        (_, code) => code.to_owned(),
    }
}

fn id_of(body: &Json) -> Option<ResourceId> {
    ResourceId::parse(body.get("id")?.as_str()?)
}

fn has_subnets(body: &Json) -> bool {
    body.pointer("/properties/subnets").and_then(Json::as_array).is_some_and(|s| !s.is_empty())
}

/// Resource groups of VNets with a gateway subnet.
fn gateway_groups(bodies: &[Json]) -> BTreeSet<ResourceId> {
    let has_gateway = |b: &&Json| b.pointer("/properties/subnets").and_then(Json::as_array).is_some_and(|s| s.iter().any(|s| s["name"] == "GatewaySubnet"));
    let group = |id: ResourceId| Some(ResourceId::group_scope(id.subscription()?, id.group()?));
    bodies.iter().filter(has_gateway).filter_map(id_of).filter_map(group).collect()
}
