//! Clusters and node pools of a plan.

use crate::{
    base::ResourceId,
    network::{Cidr, Cluster, Known, Plugin, Pool, Rotation, live},
    plan::Action,
};

use super::{
    block::Block,
    model::{Side, lives, plural},
};

/// Clusters, and pools that are not in their cluster yet.
#[derive(Default)]
pub struct Clusters {
    clusters: Vec<Cluster>,
    pools: Vec<(Known<ResourceId>, Pool)>,
}

impl Clusters {
    pub fn cluster(&mut self, block: &Block, side: Side) {
        let network = block.first("network_profile");
        let network = network.as_ref();
        let access = block.first("api_server_access_profile");
        let integrated = access.as_ref().filter(|a| a.flag("virtual_network_integration_enabled"));
        let dns = network.map(|n| n.maybe_text("dns_service_ip"));
        let mut cluster = Cluster {
            id: block.own_id(),
            name: block.text("name").unwrap_or_default().to_owned(),
            origin: block.origin(),
            plugin: plugin(block, network),
            pod_cidrs: ranges(network, "pod_cidrs", "pod_cidr"),
            service_cidrs: ranges(network, "service_cidrs", "service_cidr"),
            dns_service_ip: match dns {
                Some(Known::Unknown(waits)) => Some(Known::Unknown(waits)),
                Some(Known::Is(Some(text))) => text.parse().ok().map(Known::Is),
                _ => None,
            },
            dual_stack: network.is_some_and(|n| n.texts("ip_versions").contains(&"IPv6")),
            private: block.flag("private_cluster_enabled") && integrated.is_none(),
            api_server_subnet: integrated.and_then(|a| a.id("subnet_id")),
            pools: Vec::new(),
            auto_provisioned: block.first("node_provisioning_profile").is_some_and(|n| n.word("mode", "Auto")),
            live: lives(block.change),
            version: match block.maybe_text("kubernetes_version") {
                Known::Unknown(waits) => Known::Unknown(waits),
                Known::Is(text) => Known::Is(text.as_deref().and_then(live::minor)),
            },
            network_policy: network.and_then(|n| n.text("network_policy")).map(str::to_owned),
            user_assigned: block.first("identity").and_then(|i| i.text("type").map(|t| t.contains("UserAssigned"))),
        };
        if let Some(inner) = block.first("default_node_pool") {
            let mut first = pool(&inner, "default");
            first.system = true;
            first.origin = inner.origin_at(&["name", "node_count", "min_count"]);
            rotate(&mut first, block, &inner, side);
            cluster.pools.push(first);
        }
        self.clusters.push(cluster);
    }

    pub fn pool(&mut self, block: &Block, side: Side) {
        let mut pool = pool(block, "");
        rotate(&mut pool, block, block, side);
        self.pools.push((home(block), pool));
    }

    /// A pool that will be gone.
    pub fn leaving(&mut self, block: &Block) {
        self.pools.push((home(block), Pool { rotation: Rotation::Leaves, ..pool(block, "") }));
    }

    /// Each pool in its cluster. Pools of a cluster that is not part of the plan are in one of which no more is known.
    pub fn finish(mut self) -> Vec<Cluster> {
        for (home, pool) in self.pools {
            let Known::Is(home) = home else { continue };
            let place = self.clusters.iter().position(|c| c.id.as_ref() == Some(&home));
            match place.and_then(|i| self.clusters.get_mut(i)) {
                Some(cluster) => cluster.pools.push(pool),
                None if pool.rotation == Rotation::Leaves => {}
                None => {
                    let plugin = Known::Unknown(format!("the network mode of {home}"));
                    let origin = crate::network::Origin::new(&home, None);
                    let (name, version) = (home.name().to_owned(), Known::Is(None));
                    self.clusters.push(Cluster { id: Some(home), name, origin, plugin, version, pools: vec![pool], live: true, ..Cluster::default() });
                }
            }
        }
        self.clusters
    }
}

fn home(block: &Block) -> Known<ResourceId> {
    block.id("kubernetes_cluster_id").unwrap_or_else(|| Known::Unknown(block.name_of("kubernetes_cluster_id")))
}

fn plugin(block: &Block, network: Option<&Block>) -> Known<Plugin> {
    let Some(network) = network else { return block.waits("network_profile").map_or(Known::Is(Plugin::default()), Known::Unknown) };
    match network.waits("network_plugin").or_else(|| network.waits("network_plugin_mode")) {
        Some(waits) => Known::Unknown(waits),
        None => Plugin::of(network.text("network_plugin"), network.text("network_plugin_mode"))
            .map_or_else(|| Known::Unknown(network.name_of("network_plugin")), Known::Is),
    }
}

/// Declared ranges. What Azure chooses by itself is Azure's default, which the check knows.
fn ranges(network: Option<&Block>, many: &str, one: &str) -> Vec<Cidr> {
    let Some(network) = network else { return Vec::new() };
    let open = |name: &str| network.is_open(name);
    match (open(many), open(one)) {
        (true, true) => Vec::new(),
        (true, false) => network.cidr(one).into_iter().collect(),
        (false, true) => network.cidrs(many),
        (false, false) => {
            let mut found = plural(network, many, one);
            // Azure shows the plural, too, of what was written in the singular.
            if let (None, Some(place), Some(first)) = (network.place(many), network.place(one), found.first_mut()) {
                first.span = Some(place);
            }
            found
        }
    }
}

/// A node pool: the attributes are the same inside the cluster and on their own.
fn pool(block: &Block, default_name: &str) -> Pool {
    let flag_waits = block.waits("auto_scaling_enabled").or_else(|| block.waits("enable_auto_scaling"));
    let scales = block.flag("auto_scaling_enabled") || block.flag("enable_auto_scaling");
    let (count, fewest, most) = (block.number("node_count"), block.number("min_count"), block.number("max_count"));
    let upgrade = block.first("upgrade_settings");
    let setting = |name: &str| upgrade.as_ref().map_or(Known::Is(None), |u| u.maybe_text(name));
    Pool {
        name: block.text("name").unwrap_or(default_name).to_owned(),
        origin: block.origin(),
        system: block.word("mode", "System"),
        count: if scales { count.or(fewest) } else { count }.unwrap_or(Known::Is(1)),
        max: match flag_waits {
            Some(waits) => Some(Known::Unknown(waits)),
            None if scales => most,
            None => None,
        },
        max_pods: match block.number("max_pods") {
            Some(Known::Unknown(waits)) => Known::Unknown(waits),
            Some(Known::Is(n)) => Known::Is(Some(n)),
            // Left to Azure: its default.
            None => Known::Is(None),
        },
        max_surge: setting("max_surge"),
        max_unavailable: setting("max_unavailable"),
        spot: block.word("priority", "Spot"),
        blue_green: block.word("upgrade_strategy", "BlueGreen") || block.first("blue_green_upgrade_settings").is_some(),
        windows: block.word("os_type", "Windows"),
        node_subnet: block.id("vnet_subnet_id"),
        pod_subnet: block.id("pod_subnet_id"),
        static_blocks: block.word("pod_ip_allocation_mode", "StaticBlock"),
        ..Pool::default()
    }
}

/// What the plan does to a pool besides changing it in place. `outer` is the resource, `inner` the pool in it.
fn rotate(pool: &mut Pool, outer: &Block, inner: &Block, side: Side) {
    let change = outer.change;
    if side == Side::Before || change.before.is_none() || !change.action.is_replace() {
        return;
    }
    let inside = !std::ptr::eq(outer.value, inner.value);
    let only_pool = |(path, _): &(crate::base::Path, String)| matches!(path.first(), Some(crate::base::PathStep::Name(n)) if n == "default_node_pool");
    let temporary = inner.text("temporary_name_for_rotation").is_some() && (!inside || change.replace_paths.iter().all(only_pool));
    pool.rotation = match change.action {
        Action::ReplaceCreateFirst => Rotation::CreateFirst,
        _ if temporary => Rotation::Temporary,
        _ => return,
    };
    let before = change.before.as_ref().map(|b| Block::new(change, b, None));
    let before = if inside { before.and_then(|b| b.first("default_node_pool")) } else { before };
    pool.old = before.map(|b| Box::new(self::pool(&b, &pool.name)));
}
