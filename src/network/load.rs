//! What takes addresses of a subnet: pools, pods, private endpoints, API servers, interfaces; each with its sum as text.

use crate::base::ResourceId;

use super::{
    demand::{API_SERVER_ADDRESSES, BATCH, Ipam, dynamic_per_node, static_blocks},
    figures::{Figures, figures, pools},
    index::Index,
    model::{Cluster, Known, Model, Origin, Pool, Rotation, TakenKind},
    report::{Demand, Report},
};

/// Everything that takes addresses of one subnet, or blocks of one pod range.
#[derive(Clone, Default)]
pub struct Load {
    pub parts: Vec<Part>,
    /// Something that takes addresses here is not known.
    pub incomplete: bool,
}

/// One thing that takes addresses.
#[derive(Clone)]
pub struct Part {
    pub role: Role,
    /// How messages name it.
    pub name: String,
    pub origin: Origin,
    pub take: Take,
    /// The sum as text.
    pub line: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Nodes,
    /// Pods that get addresses in batches, and in blocks.
    Pods,
    Blocks,
    ApiServer,
    /// The endpoint of a private cluster.
    Endpoint,
    Other(TakenKind),
    /// In use by what the model does not hold.
    Unseen,
}

#[derive(Clone)]
pub enum Take {
    Fixed { now: u64, most: u64 },
    Pool(PoolTake),
    Unknown,
}

/// What a pool takes of one subnet.
#[derive(Clone)]
pub struct PoolTake {
    /// The cluster's number in the model, and the pool's in the cluster (the number of pools for what is auto-provisioned).
    pub cluster: usize,
    pub pool: usize,
    pub figures: Figures,
    /// Addresses per node, of the pool as it will be; 0 where only its old self is here.
    pub each: u64,
    pub rotation: Rotation,
    /// Addresses of the pool as it is today, where this plan has both; nothing: as many as of the new one.
    pub old: Option<u64>,
}

/// A sum on its way to a [`Demand`].
#[derive(Clone, Copy, Default)]
pub struct Sum {
    pub now: u64,
    pub autoscaled: u64,
    /// Added by an upgrade of all pools.
    pub surge: u64,
    /// Added by what is there beside what replaces it.
    pub beside: u64,
    /// Added by the largest rotation with a temporary pool: these come one after the other.
    pub temporary: u64,
}

impl Sum {
    pub fn demand(self) -> Demand {
        Demand { now: self.now, autoscaled: self.autoscaled, peak: self.autoscaled.saturating_add(self.upgrade()) }
    }

    /// Added by an upgrade or by what this plan rotates.
    pub fn upgrade(self) -> u64 {
        self.surge.max(self.beside.saturating_add(self.temporary))
    }

    pub fn plus(self, other: Sum) -> Sum {
        Sum {
            now: self.now.saturating_add(other.now),
            autoscaled: self.autoscaled.saturating_add(other.autoscaled),
            surge: self.surge.saturating_add(other.surge),
            beside: self.beside.saturating_add(other.beside),
            temporary: self.temporary.max(other.temporary),
        }
    }
}

impl PoolTake {
    /// The sum when the pool has so many nodes now, and so many at most.
    pub fn sum(&self, now: u64, most: u64) -> Sum {
        let take = |nodes: u64| nodes.saturating_mul(self.each);
        let old = self.old.unwrap_or_else(|| take(most));
        let mut sum = Sum { now: take(now), autoscaled: take(most), surge: take(self.figures.surge_nodes(most)), ..Sum::default() };
        match self.rotation {
            Rotation::None => {}
            Rotation::CreateFirst => sum.beside = old,
            // Old and temporary, then temporary and new; the temporary pool is made as the new one is.
            Rotation::Temporary => sum.temporary = old.max(take(most)),
            Rotation::Leaves => sum = Sum { beside: old, ..Sum::default() },
        }
        sum
    }
}

impl Part {
    pub fn sum(&self) -> Sum {
        match &self.take {
            Take::Fixed { now, most } => Sum { now: *now, autoscaled: *most, ..Sum::default() },
            Take::Pool(take) => take.sum(take.figures.now, take.figures.most),
            Take::Unknown => Sum::default(),
        }
    }
}

impl Load {
    pub fn sum(&self) -> Sum {
        self.parts.iter().map(Part::sum).fold(Sum::default(), Sum::plus)
    }

    /// The sum of the parts, each given by a function of its own.
    pub fn sum_of(&self, of: impl Fn(&Part) -> Sum) -> Sum {
        self.parts.iter().map(of).fold(Sum::default(), Sum::plus)
    }

    pub fn has(&self, role: Role) -> bool {
        self.of(role).next().is_some()
    }

    pub fn of(&self, role: Role) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |p| p.role == role)
    }

    /// Nodes and pods.
    pub fn pools(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|p| matches!(p.role, Role::Nodes | Role::Pods | Role::Blocks))
    }

    pub fn takes(&self) -> impl Iterator<Item = &PoolTake> {
        self.parts.iter().filter_map(|p| match &p.take {
            Take::Pool(take) => Some(take),
            _ => None,
        })
    }

    /// The same load with every pool's part changed.
    pub fn with(&self, change: impl Fn(&mut PoolTake)) -> Load {
        let mut load = self.clone();
        for part in &mut load.parts {
            if let Take::Pool(take) = &mut part.take {
                change(take);
            }
        }
        load
    }

    fn fixed(&mut self, role: Role, origin: &Origin, name: String, (now, most): (u64, u64)) {
        let mut line = format!("{name}: {now}");
        if most > now {
            line.push_str(&format!(" now; {most} at most"));
        }
        self.parts.push(Part { role, name, origin: origin.clone(), take: Take::Fixed { now, most: most.max(now) }, line });
    }
}

/// Loads by VNet and subnet, by their numbers in the model.
pub struct Loads(Vec<Vec<Load>>);

impl Loads {
    pub fn at(&self, vnet: usize, subnet: usize) -> Option<&Load> {
        self.0.get(vnet)?.get(subnet)
    }

    /// Every subnet's load with the numbers of its VNet and its own.
    pub fn all(&self) -> impl Iterator<Item = ((usize, usize), &Load)> {
        self.0.iter().enumerate().flat_map(|(v, row)| row.iter().enumerate().map(move |(s, load)| ((v, s), load)))
    }

    /// The load of a subnet that is known and part of the model.
    fn entry(&mut self, subnet: &Known<ResourceId>, index: &Index<'_>) -> Option<&mut Load> {
        let ((v, s), _) = index.subnet(subnet.get()?)?;
        self.0.get_mut(v)?.get_mut(s)
    }
}

/// What takes addresses, by subnet. What cannot be told is noted in the report.
pub fn loads(model: &Model, index: &Index<'_>, report: &mut Report) -> Loads {
    let mut loads = Loads(model.vnets.iter().map(|v| v.subnets.iter().map(|_| Load::default()).collect()).collect());
    for (c, cluster) in model.clusters.iter().enumerate() {
        for (p, pool) in pools(model, cluster).iter().enumerate() {
            add_pool((c, p), (cluster, pool), index, &mut loads, report);
        }
        if let Known::Unknown(name) = bound(model, cluster) {
            report.unknown(&cluster.origin, format!("the nodes that auto-provisioning makes are not bounded: {name}"));
            if let Some(load) = cluster.pools.first().and_then(|p| loads.entry(p.node_subnet.as_ref()?, index)) {
                load.incomplete = true;
            }
        }
        control_plane(cluster, index, &mut loads, report);
    }
    for taken in &model.taken {
        let Some(load) = loads.entry(&taken.subnet, index) else {
            missing(&taken.subnet, &taken.origin, "its subnet", report);
            continue;
        };
        let now = taken.addresses.count();
        let name = format!("{} {}", taken.what, taken.origin.address);
        load.fixed(Role::Other(taken.kind), &taken.origin, name, (now, taken.most.map_or(now, u64::from)));
    }
    for (vnet, row) in model.vnets.iter().zip(&mut loads.0) {
        for (subnet, load) in vnet.subnets.iter().zip(row).filter(|(s, _)| s.used_by_others > 0) {
            load.fixed(Role::Unseen, &subnet.origin, "in use by others, as Azure counts".to_owned(), (subnet.used_by_others, subnet.used_by_others));
        }
    }
    loads
}

/// Whether what auto-provisioning makes is bounded; else what is missing.
fn bound(model: &Model, cluster: &Cluster) -> Known<()> {
    match cluster.auto_provisioned && super::figures::ceiling(model, cluster).is_none() {
        true => Known::Unknown(format!("declare a ceiling of {} in address_plan", cluster.origin.address)),
        false => Known::Is(()),
    }
}

/// The endpoint of a private cluster, and API servers that live in a subnet.
fn control_plane(cluster: &Cluster, index: &Index<'_>, loads: &mut Loads, report: &mut Report) {
    let first = cluster.pools.first().and_then(|p| p.node_subnet.as_ref());
    if cluster.private
        && cluster.api_server_subnet.is_none()
        && let Some(load) = first.and_then(|s| loads.entry(s, index))
    {
        load.fixed(Role::Endpoint, &cluster.origin, format!("private endpoint of cluster {:?}", cluster.name), (1, 1));
    }
    if let Some(subnet) = &cluster.api_server_subnet {
        match loads.entry(subnet, index) {
            Some(load) => {
                let name = format!("API server of cluster {:?}", cluster.name);
                load.fixed(Role::ApiServer, &cluster.origin, name, (API_SERVER_ADDRESSES, API_SERVER_ADDRESSES));
            }
            None => missing(subnet, &cluster.origin, "the API server's subnet", report),
        }
    }
}

fn missing(subnet: &Known<ResourceId>, origin: &Origin, what: &str, report: &mut Report) {
    match subnet {
        Known::Unknown(name) => report.unknown(origin, format!("{what} is not known before {name} is")),
        Known::Is(id) => report.unknown(origin, format!("{what} {id} is not part of this check")),
    }
}

/// What one node of a pool takes of its node subnet or its pod subnet: role, addresses, and how they come about.
/// Nothing: a pod subnet beside a mode that has none is refused by Azure; it takes nothing.
fn each(figures: &Figures, pods: bool) -> Option<(Role, u64, String)> {
    let max = figures.max_pods;
    match (pods, figures.mode) {
        (false, Ipam::NodeSubnet) => Some((Role::Nodes, Ipam::NodeSubnet.per_node(max), format!("({max} + 1)"))),
        (false, mode) => Some((Role::Nodes, mode.per_node(max), "1".to_owned())),
        (true, Ipam::PodSubnetStatic) => {
            let blocks = static_blocks(max);
            Some((Role::Blocks, blocks * BATCH, format!("{} ({blocks} blocks of 16 for {max} + 1)", blocks * BATCH)))
        }
        (true, Ipam::PodSubnetDynamic) => {
            let each = dynamic_per_node(max, figures.expected);
            Some((Role::Pods, each, format!("{each} (batches of 16 for {} of {max} pods)", figures.expected.unwrap_or(max).min(max))))
        }
        (true, _) => None,
    }
}

/// The subnet of a pool's nodes or pods.
fn home(pool: &Pool, pods: bool) -> Option<&Known<ResourceId>> {
    if pods { pool.pod_subnet.as_ref() } else { pool.node_subnet.as_ref() }
}

fn add_pool((c, p): (usize, usize), (cluster, pool): (&Cluster, &Pool), index: &Index<'_>, loads: &mut Loads, report: &mut Report) {
    let found = figures(cluster, pool);
    if let Err(name) = &found {
        report.unknown(&pool.origin, format!("the size of pool {:?} is not known before {name} is", pool.name));
    }
    for pods in [false, true] {
        let before = before(cluster, pool, pods);
        if let Some(subnet) = home(pool, pods) {
            match loads.entry(subnet, index) {
                None => missing(subnet, &pool.origin, if pods { "the pod subnet" } else { "the node subnet" }, report),
                Some(load) => {
                    let old = before.as_ref().filter(|b| b.0 == *subnet).map(|b| b.1).or(before.as_ref().map(|_| 0));
                    load.pool((c, p), (cluster, pool), found.as_ref().ok(), pods, old);
                }
            }
        }
        // The pool's old self, where it is leaving this subnet for another.
        if let Some((subnet, addresses)) = before
            && home(pool, pods) != Some(&subnet)
            && let Ok(figures) = &found
            && let Some(load) = loads.entry(&subnet, index)
        {
            let name = format!("pool {:?} of cluster {:?}", pool.name, cluster.name);
            let line = format!("pool {:?} as it is today, until it has moved: rotation adds {addresses}", pool.name);
            let take = Take::Pool(PoolTake { cluster: c, pool: p, figures: figures.clone(), each: 0, rotation: pool.rotation, old: Some(addresses) });
            load.parts.push(Part { role: if pods { Role::Pods } else { Role::Nodes }, name, origin: pool.origin.clone(), take, line });
        }
    }
}

/// What a pool that rotates takes as it is today, and where; nothing when that is not known to differ.
fn before(cluster: &Cluster, pool: &Pool, pods: bool) -> Option<(Known<ResourceId>, u64)> {
    let old = pool.old.as_deref().filter(|_| pool.rotation != Rotation::None)?;
    let figures = figures(cluster, old).ok()?;
    let (_, each, _) = each(&figures, pods)?;
    Some((home(old, pods)?.clone(), figures.most.saturating_mul(each)))
}

impl Load {
    /// Adds a pool's nodes or pods.
    fn pool(&mut self, (c, p): (usize, usize), (cluster, pool): (&Cluster, &Pool), found: Option<&Figures>, pods: bool, old: Option<u64>) {
        let name = format!("pool {:?} of cluster {:?}", pool.name, cluster.name);
        let Some(figures) = found else {
            self.incomplete = true;
            let (role, line) = (if pods { Role::Pods } else { Role::Nodes }, format!("pool {:?}: not known yet", pool.name));
            return self.parts.push(Part { role, name, origin: pool.origin.clone(), take: Take::Unknown, line });
        };
        let Some((role, each, text)) = each(figures, pods) else { return };
        let take = PoolTake { cluster: c, pool: p, figures: figures.clone(), each, rotation: pool.rotation, old };
        let line = pool_line(&pool.name, if pods { "pods" } else { "nodes" }, &take, &text);
        self.parts.push(Part { role, name, origin: pool.origin.clone(), take: Take::Pool(take), line });
    }
}

/// `pool "user", nodes: 2 nodes × (30 + 1) = 62 now; 5 × 31 = 155 at maximum; upgrade adds 1 (10% of 5) × 31 = 31`.
fn pool_line(name: &str, what: &str, take: &PoolTake, each_text: &str) -> String {
    let (f, each) = (&take.figures, take.each);
    let sum = take.sum(f.now, f.most);
    if take.rotation == Rotation::Leaves {
        return format!("pool {name:?}, {what}: {} × {each_text} = {} until this plan has deleted it", nodes(f.most), sum.beside);
    }
    let mut line = format!("pool {name:?}, {what}: {} × {each_text} = {} now", nodes(f.now), sum.now);
    if f.most != f.now {
        line.push_str(&format!("; {} × {each} = {} at maximum", f.most, sum.autoscaled));
    }
    let surge = f.surge_nodes(f.most);
    if surge > 0 {
        line.push_str(&format!("; upgrade adds {surge} ({}) × {each} = {}", f.why(), sum.surge));
    }
    let added = sum.beside.saturating_add(sum.temporary);
    match take.rotation {
        _ if added == 0 => {}
        Rotation::Temporary => line.push_str(&format!("; rotation adds {added} (old and temporary pool, then temporary and new)")),
        _ => line.push_str(&format!("; rotation adds {added} (old and new pool)")),
    }
    line
}

pub fn nodes(n: u64) -> String {
    if n == 1 { "1 node".to_owned() } else { format!("{n} nodes") }
}

/// The nodes of a cluster, each of which takes one block of its pod range.
pub fn cluster_load(model: &Model, c: usize, cluster: &Cluster) -> Load {
    let mut load = Load { incomplete: matches!(bound(model, cluster), Known::Unknown(_)), ..Load::default() };
    for (p, pool) in pools(model, cluster).iter().enumerate() {
        let name = format!("pool {:?}", pool.name);
        let part = |take, line| Part { role: Role::Nodes, name: name.clone(), origin: pool.origin.clone(), take, line };
        let Ok(figures) = figures(cluster, pool) else {
            load.incomplete = true;
            load.parts.push(part(Take::Unknown, format!("{name}: not known yet")));
            continue;
        };
        let old = pool.old.as_deref().and_then(|old| Some(self::figures(cluster, old).ok()?.most));
        let (now, most) = (figures.now, figures.most);
        let take = PoolTake { cluster: c, pool: p, figures, each: 1, rotation: pool.rotation, old };
        let sum = take.sum(now, most);
        let line = match pool.rotation {
            Rotation::Leaves => format!("{name}: {} until this plan has deleted it", sum.beside),
            _ => format!("{name}: {now} now, {most} at maximum, upgrade adds {}", sum.upgrade()),
        };
        load.parts.push(part(Take::Pool(take), line));
    }
    load
}
