//! Findings over a plan: one file per rule family. First of them: the address plan.

mod block;
mod cluster;
mod model;
mod routes;
mod takers;

use std::collections::BTreeSet;

use crate::{
    base::{Address, Diagnostic, PathStep, ResourceId, Span},
    network::{self, Day, Known, Model, Report, merge},
    plan::Plan,
};

/// Where the blueprint sets an attribute: its instance, the path to it, and of a set of blocks the `name` of the block that is
/// meant. Nothing where it does not set it.
pub type Places<'a> = &'a dyn Fn(&Address, &[PathStep], Option<&str>) -> Option<Span>;

/// What the check looks at besides the plan itself.
#[derive(Clone, Default)]
pub struct Around<'a> {
    /// Without it, findings point at blocks, and what the plan does not know yet counts as left to Azure.
    pub places: Option<Places<'a>>,
    /// What lives in Azure, with usages where they were asked.
    pub live: Model,
    /// Other blueprints of the same run, nearest first.
    pub stacks: Vec<Model>,
}

/// The network as it will be when the plan has been applied: what the plan manages comes from the plan, what only lives in Azure
/// from Azure; and what the plan's address plan declares.
pub fn model(plan: &Plan, around: &Around) -> Model {
    let desired = model::of(plan, model::Side::After, around.places);
    let managed = managed(plan);
    let mut live = around.live.clone().without(&|id| managed.contains(id));
    let past = model::of(plan, model::Side::Before, None).with([live.clone()]);
    // What the plan deletes will not live any more; of what it keeps, Azure may know more.
    let kept: BTreeSet<&ResourceId> = desired.vnets.iter().map(|v| &v.id).chain(desired.clusters.iter().filter_map(|c| c.id.as_ref())).collect();
    let stays = |id: &ResourceId| !managed.contains(id) || kept.contains(id);
    live.vnets.retain(|v| stays(&v.id));
    live.clusters.retain(|c| c.id.as_ref().is_none_or(stays));
    // Another stack says where it declares what it has, so it speaks before Azure does.
    let mut model = desired.with(around.stacks.iter().cloned()).with([live]);
    keep_usages(&mut model, &around.live);
    plan.declared.clone().into_model(&mut model, &plan.allocations, Day::parse(&plan.timestamp));
    model.settings.kept.extend(around.stacks.iter().flat_map(|s| &s.settings.kept));
    merge::count_others(&mut model, &merge::held(&past));
    model
}

/// The address check of a plan's network: the report for the reader, and its findings as diagnostics.
///
/// What is wrong only among things that no blueprint declares is not this plan's business, and stays out.
pub fn check(model: &Model) -> (Report, Vec<Diagnostic>) {
    let mut report = network::check(model).without_stacks();
    report.findings.retain(|f| !f.origin.is_live_only() || f.related.iter().any(|(o, _)| !o.is_live_only()));
    report.subnets.retain(|s| !s.origin.is_live_only() || s.takers.iter().any(|t| !t.origin.is_live_only()));
    report.pod_cidrs.retain(|p| !p.origin.is_live_only());
    report.vnets.retain(|v| !v.origin.is_live_only());
    let findings = report.findings.iter().map(|f| f.diagnostic()).collect();
    (report, findings)
}

/// The address check of a plan by itself, as of a saved one.
pub fn addresses(plan: &Plan, around: &Around) -> (Report, Vec<Diagnostic>) {
    check(&model(plan, around))
}

/// The same with the network that was checked.
pub fn checked(plan: &Plan, around: &Around) -> (Model, Report, Vec<Diagnostic>) {
    let model = model(plan, around);
    let (report, findings) = check(&model);
    (model, report, findings)
}

/// What has to be read in Azure for the check to be whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// VNets that the plan refers to and does not manage.
    pub vnets: BTreeSet<ResourceId>,
    /// VNets that exist and that clusters are in: others may use their subnets.
    pub usages: BTreeSet<ResourceId>,
}

/// What has to be read, given what was read so far.
pub fn needs(plan: &Plan, live: &Model) -> Needs {
    let model = model(plan, &Around { live: live.clone(), ..Around::default() });
    let seen: BTreeSet<&ResourceId> = model.vnets.iter().filter(|v| !v.spaces.iter().any(is_unseen)).map(|v| &v.id).collect();
    let referred = model.vnets.iter().map(|v| &v.id).chain(model.vnets.iter().flat_map(|v| &v.peerings).filter_map(|p| p.remote.get()));
    let wanted = subnets_of_clusters(&model);
    let made: BTreeSet<ResourceId> = plan.changes.iter().filter(|c| c.before.is_none()).filter_map(|c| ResourceId::parse(c.id.as_deref()?)).collect();
    let vnets: BTreeSet<ResourceId> = referred.filter(|id| !seen.contains(id)).cloned().chain(wanted.iter().filter_map(|s| missing(s, &model))).collect();
    let usages = wanted.iter().filter(|s| !made.contains(s)).filter_map(ResourceId::parent).filter(|v| !made.contains(v)).collect();
    Needs { vnets: vnets.into_iter().filter(|v| !made.contains(v)).collect(), usages }
}

fn is_unseen(cidr: &network::Cidr) -> bool {
    matches!(&cidr.given, network::Given::Unknown(name) if name.starts_with("the address space of "))
}

/// The VNet of a subnet that the model does not hold.
fn missing(subnet: &ResourceId, model: &Model) -> Option<ResourceId> {
    let vnet = subnet.parent()?;
    let known = model.vnets.iter().find(|v| v.id == vnet).is_some_and(|v| v.subnets.iter().any(|s| s.id == *subnet));
    if known { None } else { Some(vnet) }
}

/// Subnets that clusters of the model have nodes, pods or API servers in.
fn subnets_of_clusters(model: &Model) -> BTreeSet<ResourceId> {
    let pools = model.clusters.iter().flat_map(|c| &c.pools).flat_map(|p| [&p.node_subnet, &p.pod_subnet]);
    let servers = model.clusters.iter().map(|c| &c.api_server_subnet);
    pools.chain(servers).flatten().filter_map(Known::get).cloned().collect()
}

/// Ids of everything the plan speaks for, what it deletes included. What it only forgets stays in Azure.
pub fn managed(plan: &Plan) -> BTreeSet<ResourceId> {
    let mut ids = BTreeSet::new();
    for change in plan.changes.iter().filter(|c| c.address.is_managed() && c.action != crate::plan::Action::Forget) {
        ids.extend(change.id.as_deref().and_then(ResourceId::parse));
        for value in [&change.before, &change.after].into_iter().flatten() {
            let id = value.get("id").and_then(crate::base::Value::as_str).and_then(ResourceId::parse);
            ids.extend(block::inner_ids(change.address.kind(), value, id.as_ref()));
            ids.extend(id);
        }
    }
    ids
}

/// Usages are known of subnets that the plan manages, too.
fn keep_usages(model: &mut Model, live: &Model) {
    let known: std::collections::HashMap<&ResourceId, network::Usage> =
        live.vnets.iter().flat_map(|v| &v.subnets).filter_map(|s| Some((&s.id, s.usage?))).collect();
    for subnet in model.vnets.iter_mut().flat_map(|v| &mut v.subnets) {
        subnet.usage = subnet.usage.or_else(|| known.get(&subnet.id).copied());
        subnet.live |= known.contains_key(&subnet.id);
    }
}
