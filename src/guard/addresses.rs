//! The plain network model of a plan: what will be there when it has been applied.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::{
    base::{Kind, Mode, ResourceId, Value, value::show_path},
    network::{Addresses, Cidr, Cluster, Known, Model, Origin, Peering, Plugin, Pool, Rotation, Subnet, Taken, TakenKind, Vnet},
    plan::{Change, Plan},
};

/// Everything in the plan that has to do with addresses, as it will be after apply.
pub fn model(plan: &Plan) -> Model {
    let mut builder = Builder::default();
    let lasting = |c: &&Change| c.after.is_some() && c.deposed.is_none() && c.address.mode() == Mode::Managed;
    for change in plan.changes.iter().filter(lasting) {
        let Some(after) = &change.after else { continue };
        let part = Part { change, value: after };
        match change.address.kind() {
            "azurerm_virtual_network" => builder.vnet(&part),
            "azurerm_subnet" => builder.subnet(&part),
            "azurerm_virtual_network_peering" => builder.peering(&part),
            "azurerm_kubernetes_cluster" => builder.cluster(&part),
            "azurerm_kubernetes_cluster_node_pool" => builder.pools.push(part.pool(part.value, "")),
            "azurerm_network_interface" => builder.interface(&part),
            "azurerm_lb" => builder.balancer(&part),
            "azurerm_private_endpoint" => builder.endpoint(&part),
            _ => {}
        }
        if change.address.kind() == "azurerm_kubernetes_cluster_node_pool" {
            builder.homes.push(part.id("kubernetes_cluster_id"));
        }
    }
    let own: HashSet<ResourceId> = plan.changes.iter().filter_map(own_subnet).collect();
    builder.inline.retain(|(_, subnet)| !own.contains(&subnet.id));
    builder.finish()
}

/// The id of a subnet that is a resource of its own, whatever becomes of it.
fn own_subnet(change: &Change) -> Option<ResourceId> {
    let is = change.address.kind() == "azurerm_subnet" && change.address.mode() == Mode::Managed;
    let known = change.before.as_ref().or(change.after.as_ref()).filter(|_| is)?;
    ResourceId::parse(known.get("id").and_then(Value::as_str)?)
}

#[derive(Default)]
struct Builder {
    model: Model,
    /// Subnets by the id of their VNet.
    subnets: Vec<(Option<ResourceId>, Subnet)>,
    /// Those that the VNets list. Azure lists all there are, those too that are resources of their own.
    inline: Vec<(Option<ResourceId>, Subnet)>,
    peerings: Vec<(Option<ResourceId>, Peering)>,
    pools: Vec<Pool>,
    /// The cluster of each pool.
    homes: Vec<Known<ResourceId>>,
    clusters: Vec<(Option<ResourceId>, Cluster)>,
}

/// One planned resource with its value.
struct Part<'p> {
    change: &'p Change,
    value: &'p Value,
}

impl Part<'_> {
    fn origin(&self) -> Origin {
        Origin::new(&self.change.address, self.change.declared)
    }

    /// The predicted or real ARM id; an id that will only be known later is made up, so that the thing still has a place of its own.
    fn own_id(&self) -> Option<ResourceId> {
        self.change.id.as_deref().and_then(ResourceId::parse)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value.get(name).and_then(Value::as_str)
    }

    fn id(&self, name: &str) -> Known<ResourceId> {
        self.id_in(self.value, name).unwrap_or_else(|| Known::Unknown(self.name_of(name)))
    }

    fn name_of(&self, attribute: &str) -> String {
        format!("{}.{attribute}", self.change.address)
    }

    /// An id inside a block: nothing when unset.
    fn id_in(&self, block: &Value, name: &str) -> Option<Known<ResourceId>> {
        let value = block.get(name)?;
        match &value.kind {
            Kind::String(text) => ResourceId::parse(text).map(Known::Is),
            Kind::Unknown(_) => Some(Known::Unknown(self.name_of(name))),
            _ => None,
        }
    }

    fn number(&self, block: &Value, name: &str) -> Option<Known<u32>> {
        let value = block.get(name)?;
        match &value.kind {
            Kind::Unknown(_) => Some(Known::Unknown(self.name_of(name))),
            _ => value.as_i64().and_then(|n| u32::try_from(n).ok()).map(Known::Is),
        }
    }

    /// Prefixes of a list or set of strings.
    fn cidrs(&self, block: &Value, name: &str) -> Vec<Cidr> {
        let span = self.change.declared;
        let Some(value) = block.get(name) else { return Vec::new() };
        if value.is_unknown() {
            return vec![Cidr::unknown(self.name_of(name), span)];
        }
        let each = value.elements().unwrap_or_default().iter().enumerate();
        each.map(|(i, v)| match v.as_str() {
            Some(text) => Cidr::parse(text, span),
            None => Cidr::unknown(self.name_of(&show_path(&[crate::base::PathStep::Name(name.to_owned()), crate::base::PathStep::Index(i)])), span),
        })
        .collect()
    }

    fn cidr(&self, block: &Value, name: &str) -> Option<Cidr> {
        let value = block.get(name).filter(|v| !v.is_null())?;
        Some(match value.as_str() {
            Some(text) => Cidr::parse(text, self.change.declared),
            None => Cidr::unknown(self.name_of(name), self.change.declared),
        })
    }

    /// A node pool: the attributes are the same inside the cluster and on their own.
    fn pool(&self, block: &Value, default_name: &str) -> Pool {
        let flag = |name: &str| block.get(name).and_then(Value::as_bool) == Some(true);
        let text = |name: &str| block.get(name).and_then(Value::as_str).map(str::to_owned);
        let autoscaling = flag("auto_scaling_enabled") || flag("enable_auto_scaling");
        let count = self.number(block, "node_count");
        let count = if autoscaling { count.or_else(|| self.number(block, "min_count")) } else { count };
        Pool {
            name: text("name").unwrap_or_else(|| default_name.to_owned()),
            origin: self.origin(),
            count: count.unwrap_or(Known::Is(1)),
            max: if autoscaling { self.number(block, "max_count") } else { None },
            max_pods: match block.get("max_pods").map(|v| (v.is_unknown(), v.as_i64())) {
                Some((_, Some(n))) => Known::Is(u32::try_from(n).ok()),
                // Left to Azure: its default.
                _ => Known::Is(None),
            },
            max_surge: Known::Is(first(block, "upgrade_settings").and_then(|u| u.get("max_surge")).and_then(Value::as_str).map(str::to_owned)),
            spot: text("priority").is_some_and(|p| p == "Spot"),
            rotation: match self.change.action {
                crate::plan::Action::ReplaceCreateFirst => Rotation::CreateFirst,
                _ => Rotation::None,
            },
            windows: text("os_type").is_some_and(|o| o == "Windows"),
            node_subnet: self.id_in(block, "vnet_subnet_id"),
            pod_subnet: self.id_in(block, "pod_subnet_id"),
            ..Pool::default()
        }
    }
}

/// The first element of a block.
fn first<'v>(value: &'v Value, block: &str) -> Option<&'v Value> {
    value.get(block).and_then(Value::elements).and_then(<[Value]>::first)
}

fn blocks<'v>(value: &'v Value, block: &str) -> &'v [Value] {
    value.get(block).and_then(Value::elements).unwrap_or_default()
}

impl Builder {
    fn vnet(&mut self, part: &Part) {
        let Some(id) = part.own_id() else { return };
        let mut vnet = Vnet::new(id.clone(), part.origin());
        vnet.spaces = part.cidrs(part.value, "address_space");
        for block in blocks(part.value, "subnet") {
            let Some(name) = block.get("name").and_then(Value::as_str) else { continue };
            let mut prefixes = part.cidrs(block, "address_prefixes");
            prefixes.extend(part.cidr(block, "address_prefix"));
            let inline = Subnet::new(id.child("subnets", name), part.origin(), prefixes);
            self.inline.push((Some(id.clone()), inline));
        }
        self.model.vnets.push(vnet);
    }

    fn subnet(&mut self, part: &Part) {
        let Some(id) = part.own_id() else { return };
        let mut subnet = Subnet::new(id.clone(), part.origin(), part.cidrs(part.value, "address_prefixes"));
        for delegation in blocks(part.value, "delegation") {
            let service = first(delegation, "service_delegation").and_then(|s| s.get("name")).and_then(Value::as_str);
            subnet.delegations.extend(service.map(str::to_owned));
        }
        self.subnets.push((id.parent(), subnet));
    }

    fn peering(&mut self, part: &Part) {
        let local = part.own_id().and_then(|id| id.parent());
        self.peerings.push((local, Peering::new(part.id("remote_virtual_network_id"), part.origin())));
    }

    fn cluster(&mut self, part: &Part) {
        let network = first(part.value, "network_profile");
        let of = |name: &str| network.and_then(|n| n.get(name)).and_then(Value::as_str).filter(|t| !t.is_empty());
        let plugin = match network.and_then(|n| n.get("network_plugin")) {
            Some(v) if v.is_unknown() => Known::Unknown(part.name_of("network_profile[0].network_plugin")),
            _ => {
                Plugin::of(of("network_plugin"), of("network_plugin_mode")).map_or(Known::Unknown(part.name_of("network_profile[0].network_plugin")), Known::Is)
            }
        };
        let ranges = |many: &str, one: &str| -> Vec<Cidr> {
            let Some(network) = network else { return Vec::new() };
            // What Azure chooses by itself is Azure's default; only what is declared counts.
            let known = |name: &str| network.get(name).is_some_and(|v| !v.is_null() && !v.is_unknown());
            if known(many) {
                let found = part.cidrs(network, many);
                if !found.is_empty() {
                    return found;
                }
            }
            if known(one) { part.cidr(network, one).into_iter().collect() } else { Vec::new() }
        };
        let access = first(part.value, "api_server_access_profile");
        let private = part.value.get("private_cluster_enabled").and_then(Value::as_bool) == Some(true);
        let integrated = access.and_then(|a| a.get("virtual_network_integration_enabled")).and_then(Value::as_bool) == Some(true);
        let mut cluster = Cluster {
            name: part.text("name").unwrap_or_default().to_owned(),
            origin: part.origin(),
            plugin,
            pod_cidrs: ranges("pod_cidrs", "pod_cidr"),
            service_cidrs: ranges("service_cidrs", "service_cidr"),
            dns_service_ip: of("dns_service_ip").and_then(|t| t.parse().ok()).map(Known::Is),
            private: private && !integrated,
            api_server_subnet: access.filter(|_| integrated).and_then(|a| part.id_in(a, "subnet_id")),
            ..Cluster::default()
        };
        cluster.pools.extend(first(part.value, "default_node_pool").map(|pool| part.pool(pool, "default")));
        self.clusters.push((part.own_id(), cluster));
    }

    fn interface(&mut self, part: &Part) {
        for block in blocks(part.value, "ip_configuration") {
            let static_address = block.get("private_ip_address_allocation").and_then(Value::as_str).is_some_and(|a| a.eq_ignore_ascii_case("static"));
            self.take(part, block, TakenKind::NetworkInterface, static_address);
        }
    }

    fn balancer(&mut self, part: &Part) {
        for block in blocks(part.value, "frontend_ip_configuration") {
            let static_address = block.get("private_ip_address_allocation").and_then(Value::as_str).is_some_and(|a| a.eq_ignore_ascii_case("static"));
            self.take(part, block, TakenKind::Frontend, static_address);
        }
    }

    fn endpoint(&mut self, part: &Part) {
        self.take(part, part.value, TakenKind::PrivateEndpoint, false);
    }

    fn take(&mut self, part: &Part, block: &Value, kind: TakenKind, static_address: bool) {
        let Some(subnet) = part.id_in(block, "subnet_id") else { return };
        let address = block.get("private_ip_address").and_then(Value::as_str).and_then(|a| a.parse().ok()).filter(|_| static_address);
        let addresses = address.map_or(Addresses::Dynamic(1), Addresses::Static);
        self.model.taken.push(Taken::new(kind, subnet, part.origin(), addresses));
    }

    /// Puts subnets and peerings into their VNets and pools into their clusters.
    fn finish(mut self) -> Model {
        let place: BTreeMap<ResourceId, usize> = self.model.vnets.iter().enumerate().map(|(i, v)| (v.id.clone(), i)).collect();
        // A VNet shows its subnets inline as well; the resource of its own says more.
        let mut seen = BTreeSet::new();
        for (vnet, subnet) in self.subnets.into_iter().chain(self.inline) {
            let Some(id) = vnet.filter(|_| seen.insert(subnet.id.clone())) else { continue };
            match place.get(&id).and_then(|i| self.model.vnets.get_mut(*i)) {
                Some(vnet) => vnet.subnets.push(subnet),
                // The VNet is not part of this plan: its space is not known, its subnets are checked among themselves.
                None => match self.model.vnets.iter_mut().find(|v| v.id == id) {
                    Some(vnet) => vnet.subnets.push(subnet),
                    None => {
                        let mut outside = Vnet::new(id.clone(), Origin::new(&id, None));
                        outside.spaces.push(Cidr::unknown(format!("the address space of {id}"), None));
                        outside.subnets.push(subnet);
                        self.model.vnets.push(outside);
                    }
                },
            }
        }
        for (vnet, peering) in self.peerings {
            if let Some(vnet) = vnet.and_then(|id| self.model.vnets.iter_mut().find(|v| v.id == id)) {
                vnet.peerings.push(peering);
            }
        }
        for (pool, home) in self.pools.into_iter().zip(self.homes) {
            let Some(home) = home.get() else { continue };
            if let Some((_, cluster)) = self.clusters.iter_mut().find(|(id, _)| id.as_ref() == Some(home)) {
                cluster.pools.push(pool);
            }
        }
        self.model.clusters = self.clusters.into_iter().map(|(_, c)| c).collect();
        self.model
    }
}
