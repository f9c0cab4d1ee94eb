//! The ways out for what runs already: what Azure really allows, each with its conditions and what it costs.
//!
//! The subnet of a running pool cannot be changed, and pods per node are fixed when a pool is made; pages that advise
//! otherwise are contradicted by the support articles.

use crate::base::Prefix;

use super::{
    capacity::{Ask, one_address_each, rotates},
    demand::{Ipam, Surge, dynamic_per_node, max_pods_allowed, pod_cidr_for, pod_cidr_nodes, usable},
    load::{Load, Part, Role, Take, cluster_load},
    model::{Cluster, Known, Pool},
    pods,
    propose::{Rooms, prefixes_edit, space_edit},
    report::{Edit, Proposal, Verdict, Way},
};

/// The ways out for a subnet in which a cluster runs.
pub fn subnet(ask: &Ask<'_>, verdict: Verdict, proposal: Option<&Proposal>, rooms: &mut Rooms<'_>) -> Vec<Way> {
    let capacity = ask.capacity();
    let passes = |load: &Load| ask.passes(load, capacity);
    let mut ways = Vec::new();
    ways.extend(lower_surge(ask.model.clusters.as_slice(), ask.load, verdict, &passes));
    ways.extend(lower_maximum(ask.model.clusters.as_slice(), ask.load, verdict, &passes));
    ways.extend(second_prefix(ask, rooms));
    ways.extend(new_subnet(ask, proposal));
    ways.extend(fewer_pods(ask.load, &passes));
    ways.extend(overlay(ask, capacity, rooms));
    ways
}

/// The ways out for the pod range of a running cluster.
pub fn pod_range(ask: &pods::Ask<'_>, verdict: Verdict, proposal: &Proposal, rooms: &mut Rooms<'_>) -> Vec<Way> {
    let passes = |load: &Load| ask.passes(load, ask.room);
    let clusters = ask.model.clusters.as_slice();
    let mut ways = Vec::new();
    ways.extend(lower_surge(clusters, ask.load, verdict, &passes));
    ways.extend(lower_maximum(clusters, ask.load, verdict, &passes));
    let cluster = ask.cluster;
    let linux = !cluster.pools.iter().any(|p| p.windows);
    match (&cluster.plugin, proposal.place) {
        (Known::Is(super::Plugin::AzureOverlay), Some(place)) if linux && !cluster.dual_stack && !place.v6 => ways.push(Way {
            code: "grow-pod-range",
            what: format!("Grow the pod range in place to {place}, which holds the present one."),
            cost: "It can never shrink or move again; check each node's NodeNetworkConfig afterwards.".to_owned(),
            edits: vec![pods::pod_edit(cluster, ask.range, place)],
        }),
        (Known::Is(super::Plugin::Kubenet), _) => {
            let place = rooms.pod_range(cluster, ask.range.prefix, ask.smallest(), false);
            ways.extend(place.map(|place| migration(cluster, place, ask.range)));
        }
        _ => {}
    }
    if ways.is_empty() {
        ways.push(Way {
            code: "new-cluster",
            what: "Make a new cluster with a larger pod range: the range of this one cannot grow in place.".to_owned(),
            cost: "All workloads move.".to_owned(),
            edits: Vec::new(),
        });
    }
    ways
}

/// Upgrade with fewer nodes at once: costs time only.
fn lower_surge(clusters: &[Cluster], load: &Load, verdict: Verdict, passes: &dyn Fn(&Load) -> bool) -> Option<Way> {
    // Above a threshold everything fits, and less surge may bring it below.
    if matches!(verdict, Verdict::FailsNow | Verdict::FailsAutoscaled) || rotates(load) {
        return None;
    }
    let surging = |t: &super::load::PoolTake| !t.figures.spot && t.figures.surge_nodes(t.figures.most) > 0;
    let with = |nodes: u32| {
        load.with(|t| {
            if surging(t) {
                t.figures.surge = Surge::Nodes(nodes);
                t.figures.blue_green = false;
            }
        })
    };
    let (surge, what, cost) = if passes(&with(1)) {
        ("1", "Upgrade one more node at a time: a surge of 1 fits.", "Upgrades take longer; nothing is replaced.")
    } else if passes(&with(0)) {
        (
            "0",
            "Upgrade without extra nodes: a surge of 0, with nodes that may be missing.",
            "While it upgrades, the pool is smaller by a node; nothing is replaced.",
        )
    } else {
        return None;
    };
    let mut edits: Vec<Edit> = Vec::new();
    for take in load.takes().filter(|t| surging(t)) {
        let Some(pool) = clusters.get(take.cluster).and_then(|c| c.pools.get(take.pool)) else { continue };
        let old = pool.max_surge.get().cloned().flatten();
        if old.as_deref() == Some(surge) || edits.iter().any(|e| e.origin == pool.origin) {
            continue;
        }
        let origin = pool.origin.clone();
        let inline = inside(clusters, take.cluster, &origin);
        let attribute = if inline { "default_node_pool.upgrade_settings.max_surge" } else { "upgrade_settings.max_surge" };
        edits.push(Edit { origin: origin.clone(), attribute, old: old.into_iter().collect(), new: vec![surge.to_owned()], list: false });
        if surge == "0" && !take.figures.can_shrink {
            let attribute = if inline { "default_node_pool.upgrade_settings.max_unavailable" } else { "upgrade_settings.max_unavailable" };
            edits.push(Edit { origin, attribute, old: Vec::new(), new: vec!["1".to_owned()], list: false });
        }
    }
    Some(Way { code: "lower-surge", what: what.to_owned(), cost: cost.to_owned(), edits })
}

/// Whether a pool is declared inside its cluster.
fn inside(clusters: &[Cluster], cluster: usize, pool: &super::Origin) -> bool {
    clusters.get(cluster).is_some_and(|c| c.origin.address == pool.address)
}

/// A lower maximum of the autoscaler, where all that fails lies between the present count and the maximum.
fn lower_maximum(clusters: &[Cluster], load: &Load, verdict: Verdict, passes: &dyn Fn(&Load) -> bool) -> Option<Way> {
    if verdict == Verdict::FailsNow {
        return None;
    }
    let growing: Vec<&Part> = load.parts.iter().filter(|p| matches!(&p.take, Take::Pool(t) if t.figures.most > t.figures.now)).collect();
    let [part] = growing.as_slice() else { return None };
    let Take::Pool(take) = &part.take else { return None };
    let (cluster, pool) = (take.cluster, take.pool);
    let with = |most: u64| {
        load.with(|t| {
            if (t.cluster, t.pool) == (cluster, pool) {
                t.figures.most = most;
            }
        })
    };
    let most = (take.figures.now..take.figures.most).rev().find(|most| passes(&with(*most)))?;
    let attribute = if inside(clusters, cluster, &part.origin) { "default_node_pool.max_count" } else { "max_count" };
    let (old, new) = (vec![take.figures.most.to_string()], vec![most.to_string()]);
    Some(Way {
        code: "lower-maximum",
        what: format!("Let {} grow to {most} nodes at most instead of {}.", part.name, take.figures.most),
        cost: "The cluster cannot grow as far; nothing is replaced.".to_owned(),
        edits: vec![Edit { origin: part.origin.clone(), attribute, old, new, list: false }],
    })
}

/// A second prefix, where nodes take one address each. Source: Azure page on several prefixes of a subnet: one address of each
/// family per interface, not for delegated subnets, not for AKS pod subnets.
fn second_prefix(ask: &Ask<'_>, rooms: &mut Rooms<'_>) -> Option<Way> {
    let nodes = ask.load.has(Role::Nodes) && one_address_each(ask.load);
    if !nodes || !ask.subnet.delegations.is_empty() {
        return None;
    }
    let capacity = ask.capacity();
    let added = |len: u8| capacity.saturating_add(usable(Prefix { v6: false, base: 0, len }));
    let len = (1..=super::demand::LONGEST_SUBNET).rev().find(|len| ask.passes(ask.load, added(*len)))?;
    let place = rooms.beside(ask.v, ask.subnet, len)?;
    let mut new: Vec<String> = ask.subnet.prefixes.iter().filter_map(|c| c.prefix()).map(|p| p.to_string()).collect();
    new.push(place.to_string());
    Some(Way {
        code: "second-prefix",
        what: format!("Add {place} to the subnet as a second prefix: its nodes take one address each."),
        cost: "Nothing is replaced; the subnet cannot be delegated afterwards.".to_owned(),
        edits: vec![prefixes_edit(ask.subnet, new)],
    })
}

/// A new pool in a larger subnet, or the same pool rotated into it.
fn new_subnet(ask: &Ask<'_>, proposal: Option<&Proposal>) -> Option<Way> {
    let proposal = proposal?;
    let place = proposal.place?;
    if let Some(pool) = &proposal.pool {
        return Some(Way {
            code: "grow-vnet",
            what: format!("Add {place} of pool {pool:?} to the VNet's address space, make a subnet there, and move the pools to it."),
            cost: "Every peering of the VNet has to be synchronised afterwards; all nodes of these pools are replaced.".to_owned(),
            edits: vec![space_edit(ask.vnet, place)],
        });
    }
    let pods = ask.load.pools().all(|p| p.role != Role::Nodes);
    let what = if pods { "pod subnet" } else { "subnet" };
    Some(Way {
        code: "new-pool-subnet",
        what: format!("Make a {what} with {place} in the same VNet, and move the pools there: new pools, or a rotation with temporary_name_for_rotation."),
        cost: "All nodes of these pools are replaced, and meanwhile old and new ones exist; the pool's subnet itself cannot be changed.".to_owned(),
        edits: Vec::new(),
    })
}

/// Fewer pods per node, where each pod has an address of a subnet.
fn fewer_pods(load: &Load, passes: &dyn Fn(&Load) -> bool) -> Option<Way> {
    let wide = |mode: Ipam| matches!(mode, Ipam::NodeSubnet | Ipam::PodSubnetDynamic);
    let most = load.takes().filter(|t| wide(t.figures.mode) && t.each > 1).map(|t| t.figures.max_pods).max()?;
    let with = |pods: u32| {
        load.with(|t| {
            if t.each > 1 && t.figures.max_pods > pods {
                match t.figures.mode {
                    Ipam::NodeSubnet => t.each = Ipam::NodeSubnet.per_node(pods),
                    Ipam::PodSubnetDynamic => t.each = dynamic_per_node(pods, t.figures.expected),
                    _ => {}
                }
            }
        })
    };
    let allowed = |pods: u32| load.takes().filter(|t| t.each > 1).all(|t| max_pods_allowed(pods, u32::try_from(t.figures.now).unwrap_or(u32::MAX)));
    let pods = (10..most).rev().find(|pods| allowed(*pods) && passes(&with(*pods)))?;
    Some(Way {
        code: "fewer-pods",
        what: format!("Allow {pods} pods per node instead of {most}."),
        cost: "Pods per node are fixed when a pool is made: every such pool is replaced by a new one, and holds fewer pods.".to_owned(),
        edits: Vec::new(),
    })
}

/// Migration to overlay, where a node takes one address. Source: AKS page on updating the network mode.
fn overlay(ask: &Ask<'_>, capacity: u64, rooms: &mut Rooms<'_>) -> Option<Way> {
    let node_subnet = |p: &Part| matches!(&p.take, Take::Pool(t) if t.figures.mode == Ipam::NodeSubnet);
    let c = ask.load.parts.iter().find_map(|p| match &p.take {
        Take::Pool(t) if node_subnet(p) => Some(t.cluster),
        _ => None,
    })?;
    let moved = ask.load.with(|t| {
        if t.cluster == c && t.each > 1 {
            t.each = 1;
        }
    });
    let cluster = ask.model.clusters.get(c)?;
    // A pool with a pod subnet keeps the whole cluster from it.
    if !ask.passes(&moved, capacity) || cluster.pools.iter().any(|p: &Pool| p.pod_subnet.is_some()) {
        return None;
    }
    let nodes = cluster_load(ask.model, c, cluster).sum().demand().most();
    let near: Prefix = "10.244.0.0/16".parse().ok()?;
    // Room for as many nodes again, and never less than Azure's default.
    let len = pod_cidr_for(nodes.saturating_mul(2), false).min(16);
    let place = rooms.pod_range(cluster, near, len, false)?;
    let range = super::cluster::Declared { prefix: place, origin: cluster.origin.clone(), text: place.to_string() };
    Some(migration(cluster, place, &range))
}

/// Migration of a cluster to overlay, with what stands in its way.
fn migration(cluster: &Cluster, place: Prefix, range: &super::cluster::Declared) -> Way {
    let kubenet = cluster.plugin == Known::Is(super::Plugin::Kubenet);
    let mut first = Vec::new();
    if matches!(cluster.version, Known::Is(Some(v)) if v < (1, 27)) {
        first.push("upgrade to Kubernetes 1.27 or later".to_owned());
    }
    if let Some(policy) = cluster.network_policy.as_deref().filter(|p| !p.is_empty() && !p.eq_ignore_ascii_case("none")) {
        first.push(format!("uninstall the network policy engine ({policy})"));
    }
    if kubenet && cluster.user_assigned != Some(true) {
        first.push("give the cluster a user-assigned identity".to_owned());
    }
    first.push("remove any custom configuration of ip-masq-agent".to_owned());
    let edit = |attribute, old: Option<&str>, new: String| Edit {
        origin: cluster.origin.clone(),
        attribute,
        old: old.map(str::to_owned).into_iter().collect(),
        new: vec![new],
        list: false,
    };
    let mut edits = vec![edit("network_profile.network_plugin_mode", None, "overlay".to_owned())];
    if kubenet {
        edits.insert(0, edit("network_profile.network_plugin", Some("kubenet"), "azure".to_owned()));
    }
    edits.push(Edit { old: cluster.pod_cidrs.iter().filter_map(|c| c.prefix()).map(|p| p.to_string()).collect(), ..pods::pod_edit(cluster, range, place) });
    if let Some(edit) = edits.last_mut() {
        edit.new = vec![place.to_string()];
    }
    Way {
        code: "overlay",
        what: format!(
            "Migrate cluster {:?} to overlay with the pod range {place} ({} nodes). First: {}.",
            cluster.name,
            pod_cidr_nodes(place),
            first.join("; ")
        ),
        cost: match kubenet {
            true => "All nodes of all pools are reimaged at once; it cannot be undone.".to_owned(),
            false => "All nodes of all pools are reimaged at once; it cannot be undone; inside the VNet, too, pods then appear with their node's address, as they do beyond it today.".to_owned(),
        },
        edits,
    }
}
