//! The plain network model of a plan: networks with their subnets and peerings; clusters, routes and takers next door.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::{
    base::{ResourceId, Value},
    network::{Cidr, Known, Model, Origin, Peering, Subnet, Vnet},
    plan::{Action, Change, Plan},
};

use super::{Places, block::Block, cluster, routes, takers};

/// Which of a plan's two worlds is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the plan manages as it is today.
    Before,
    /// As it will be when the plan has been applied.
    After,
}

impl Side {
    fn value(self, change: &Change) -> Option<&Value> {
        let stays = change.action == Action::Forget;
        match self {
            Side::Before => change.before.as_ref(),
            Side::After if stays => change.before.as_ref(),
            Side::After => change.after.as_ref().filter(|_| change.deposed.is_none()),
        }
    }
}

/// Everything of the plan that has to do with addresses.
pub fn of(plan: &Plan, side: Side, places: Option<Places>) -> Model {
    let mut parts = Parts::default();
    for change in plan.changes.iter().filter(|c| c.address.is_managed()) {
        let Some(value) = side.value(change) else {
            parts.leaving(change, side);
            continue;
        };
        let block = Block::new(change, value, places);
        match change.address.kind() {
            "azurerm_virtual_network" => parts.vnet(&block),
            "azurerm_subnet" => parts.subnet(&block),
            "azurerm_virtual_network_peering" => parts.peering(&block),
            "azurerm_subnet_route_table_association" => parts.tables.extend(association(&block, "route_table_id")),
            "azurerm_subnet_network_security_group_association" => parts.groups.extend(association(&block, "network_security_group_id")),
            "azurerm_kubernetes_cluster" => parts.clusters.cluster(&block, side),
            "azurerm_kubernetes_cluster_node_pool" => parts.clusters.pool(&block, side),
            "azurerm_route_table" => parts.routes.table(&block),
            "azurerm_route" => parts.routes.route(&block),
            _ => parts.model.taken.extend(takers::of(&block)),
        }
    }
    // What is a resource of its own, whatever becomes of it, is not to be taken from its VNet's list.
    let own: HashSet<ResourceId> = plan.changes.iter().filter_map(own_subnet).collect();
    parts.inline.retain(|(_, subnet)| !own.contains(&subnet.id));
    parts.finish()
}

/// The id of a subnet that is a resource of its own.
fn own_subnet(change: &Change) -> Option<ResourceId> {
    let is = change.address.kind() == "azurerm_subnet" && change.address.is_managed() && change.action != Action::Forget;
    let known = change.before.as_ref().or(change.after.as_ref()).filter(|_| is)?;
    ResourceId::parse(known.get("id").and_then(Value::as_str)?)
}

fn association(block: &Block, name: &str) -> Option<(ResourceId, Known<ResourceId>)> {
    Some((block.id("subnet_id")?.get()?.clone(), block.id(name)?))
}

/// The parts of a model before each is in its place.
#[derive(Default)]
struct Parts {
    model: Model,
    /// Subnets with the id of their VNet.
    subnets: Vec<(ResourceId, Subnet)>,
    /// Those that the VNets list. Azure lists all there are, those too that are resources of their own.
    inline: Vec<(ResourceId, Subnet)>,
    peerings: Vec<(ResourceId, Peering)>,
    /// Route tables and security groups by subnet.
    tables: BTreeMap<ResourceId, Known<ResourceId>>,
    groups: BTreeMap<ResourceId, Known<ResourceId>>,
    clusters: cluster::Clusters,
    routes: routes::Routes,
}

/// Whether the object is there today and stays the same object.
pub fn lives(change: &Change) -> bool {
    change.before.is_some() && !change.action.is_replace()
}

fn delegations(block: &Block) -> Vec<String> {
    let services = block.each("delegation").into_iter().filter_map(|d| d.first("service_delegation"));
    services.filter_map(|s| s.text("name").map(str::to_owned)).collect()
}

impl Parts {
    fn vnet(&mut self, block: &Block) {
        let Some(id) = block.own_id() else { return };
        let mut spaces = block.cidrs("address_space");
        for pool in block.each("ip_address_pool") {
            spaces.extend(pool.cidrs("allocated_ip_address_prefixes"));
        }
        let written = block.place("subnet").is_some();
        let live = lives(block.change);
        for inner in block.each("subnet") {
            let Some(name) = inner.text("name") else { continue };
            let own = id.child("subnets", name);
            // Who writes no subnet into the VNet is shown all the same what others put there.
            let origin = if written || !live { inner.origin_at(&["name", "address_prefixes"]) } else { Origin::new(&own, None) };
            let mut subnet = Subnet::new(own, origin, inner.cidrs("address_prefixes"));
            subnet.prefixes.extend(inner.cidr("address_prefix"));
            subnet.delegations = delegations(&inner);
            subnet.route_table = inner.id("route_table_id");
            subnet.security_group = inner.id("security_group");
            subnet.live = live;
            self.inline.push((id.clone(), subnet));
        }
        self.model.vnets.push(Vnet { spaces, live, ..Vnet::new(id, block.origin()) });
    }

    fn subnet(&mut self, block: &Block) {
        let Some((id, vnet)) = block.own_id().and_then(|id| Some((id.clone(), id.parent()?))) else { return };
        let mut prefixes = block.cidrs("address_prefixes");
        for pool in block.each("ip_address_pool") {
            prefixes.extend(pool.cidrs("allocated_ip_address_prefixes"));
        }
        let subnet = Subnet {
            delegations: delegations(block),
            live: lives(block.change),
            // What is associated elsewhere is known there; until then Azure's own words count.
            route_table: block.id("route_table_id").filter(|k| k.get().is_some()),
            security_group: block.id("network_security_group_id").filter(|k| k.get().is_some()),
            ..Subnet::new(id, block.origin(), prefixes)
        };
        self.subnets.push((vnet, subnet));
    }

    fn peering(&mut self, block: &Block) {
        let Some(vnet) = block.own_id().and_then(|id| id.parent()) else { return };
        let remote = block.id("remote_virtual_network_id").unwrap_or_else(|| Known::Unknown(block.name_of("remote_virtual_network_id")));
        let peering = Peering {
            forwarded_traffic: block.flag("allow_forwarded_traffic"),
            gateway_transit: block.flag("allow_gateway_transit"),
            remote_gateways: block.flag("use_remote_gateways"),
            ..Peering::new(remote, block.origin())
        };
        self.peerings.push((vnet, peering));
    }

    /// A node pool that the plan deletes may still be there while other things are made.
    fn leaving(&mut self, change: &Change, side: Side) {
        if let (Side::After, "azurerm_kubernetes_cluster_node_pool", Some(before)) = (side, change.address.kind(), &change.before) {
            self.clusters.leaving(&Block::new(change, before, None));
        }
    }

    /// Puts subnets and peerings into their VNets and pools into their clusters.
    fn finish(mut self) -> Model {
        let mut places: BTreeMap<ResourceId, usize> = self.model.vnets.iter().enumerate().map(|(i, v)| (v.id.clone(), i)).collect();
        let mut seen = BTreeSet::new();
        // A VNet shows its subnets inline as well; the resource of its own says more.
        for (vnet, mut subnet) in self.subnets.into_iter().chain(self.inline) {
            if !seen.insert(subnet.id.clone()) {
                continue;
            }
            subnet.route_table = self.tables.get(&subnet.id).cloned().or(subnet.route_table);
            subnet.security_group = self.groups.get(&subnet.id).cloned().or(subnet.security_group);
            // The VNet is not part of this plan: its space is not known, its subnets are checked among themselves.
            let place = *places.entry(vnet.clone()).or_insert_with(|| {
                self.model.vnets.push(Vnet::unseen(vnet));
                self.model.vnets.len() - 1
            });
            if let Some(vnet) = self.model.vnets.get_mut(place) {
                vnet.subnets.push(subnet);
            }
        }
        for (vnet, peering) in self.peerings {
            let place = *places.entry(vnet.clone()).or_insert_with(|| {
                self.model.vnets.push(Vnet::unseen(vnet));
                self.model.vnets.len() - 1
            });
            if let Some(vnet) = self.model.vnets.get_mut(place) {
                vnet.peerings.push(peering);
            }
        }
        self.model.clusters = self.clusters.finish();
        self.model.route_tables = self.routes.finish();
        self.model
    }
}

/// Prefixes of the first of two attributes that is there: the plural, else the singular.
pub fn plural(block: &Block, many: &str, one: &str) -> Vec<Cidr> {
    let found = block.cidrs(many);
    if found.is_empty() { block.cidr(one).into_iter().collect() } else { found }
}
