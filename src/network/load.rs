//! What takes addresses of a subnet: pools, pods, private endpoints, API servers, interfaces; each with its sum as text.

use std::collections::BTreeMap;

use crate::base::ResourceId;

use super::{
    demand::{API_SERVER_ADDRESSES, BATCH, DEFAULT_SURGE, Ipam, Surge, dynamic_per_node, ipam, static_blocks, surge_nodes},
    index::Index,
    model::{Addresses, Cluster, Known, Model, Origin, Pool, Rotation},
    report::{Demand, Report},
};

/// Everything that takes addresses of one subnet.
#[derive(Default)]
pub struct Load {
    pub now: u64,
    pub autoscaled: u64,
    /// Added by an upgrade of all pools.
    pub surge: u64,
    /// Added by the rotation of the largest pool that rotates.
    pub rotation: u64,
    /// Something that takes addresses here is not known.
    pub incomplete: bool,
    pub lines: Vec<String>,
    /// The pools whose nodes are here, whose pods are here in batches, and in blocks.
    pub nodes: Vec<Taker>,
    pub pods: Vec<Taker>,
    pub blocks: Vec<Taker>,
    /// Clusters whose API server is here.
    pub api_servers: Vec<Taker>,
    /// Anything else that is here.
    pub others: Vec<Taker>,
    /// A pool here reserves addresses for its pods.
    pub node_subnet_mode: bool,
}

/// Loads by subnet: the number of its VNet, and its own in it.
pub type Loads = BTreeMap<(usize, usize), Load>;

/// Something that takes addresses, and how messages name it.
#[derive(Clone)]
pub struct Taker {
    pub origin: Origin,
    pub name: String,
}

/// The figures of a pool, when all of them are known.
pub struct Figures {
    pub mode: Ipam,
    pub now: u64,
    pub most: u64,
    /// Extra nodes during an upgrade at `most`.
    pub surge: u64,
    /// Extra nodes while this plan rotates the pool.
    pub rotation: u64,
    pub max_pods: u32,
    /// How the surge came about: `33% of 10`.
    why: String,
    expected: Option<u32>,
}

impl Load {
    pub fn demand(&self) -> Demand {
        Demand { now: self.now, autoscaled: self.autoscaled, peak: self.autoscaled.saturating_add(self.surge.max(self.rotation)) }
    }

    fn add_fixed(&mut self, addresses: u64, line: String) {
        self.now = self.now.saturating_add(addresses);
        self.autoscaled = self.autoscaled.saturating_add(addresses);
        self.lines.push(line);
    }

    /// Adds a pool that takes `each` addresses per node; `each_text` says how that comes about.
    fn add_pool(&mut self, pool: &Pool, figures: &Figures, each: u64, what: &str, each_text: &str) {
        let take = |nodes: u64| nodes.saturating_mul(each);
        self.now = self.now.saturating_add(take(figures.now));
        self.autoscaled = self.autoscaled.saturating_add(take(figures.most));
        self.surge = self.surge.saturating_add(take(figures.surge));
        self.rotation = self.rotation.max(take(figures.rotation));
        let mut line = format!("pool {:?}, {what}: {} × {each_text} = {} now", pool.name, nodes(figures.now), take(figures.now));
        if figures.most != figures.now {
            line.push_str(&format!("; {} × {each} = {} at maximum", figures.most, take(figures.most)));
        }
        if figures.surge > 0 {
            line.push_str(&format!("; upgrade adds {} ({}) × {each} = {}", figures.surge, figures.why, take(figures.surge)));
        }
        if figures.rotation > 0 {
            line.push_str(&format!("; rotation adds {} × {each} = {}", figures.rotation, take(figures.rotation)));
        }
        self.lines.push(line);
    }
}

fn nodes(n: u64) -> String {
    if n == 1 { "1 node".to_owned() } else { format!("{n} nodes") }
}

/// The figures of a pool, or the name of what they wait for.
pub fn figures(cluster: &Cluster, pool: &Pool) -> Result<Figures, String> {
    fn known<T>(value: &Known<T>) -> Result<&T, String> {
        match value {
            Known::Is(value) => Ok(value),
            Known::Unknown(name) => Err(name.clone()),
        }
    }
    let mode = ipam(*known(&cluster.plugin)?, pool);
    let now = u64::from(*known(&pool.count)?);
    let most = match &pool.max {
        Some(max) => u64::from(*known(max)?).max(now),
        None => now,
    };
    let max_pods = known(&pool.max_pods)?.unwrap_or(mode.default_max_pods());
    // A surge that cannot be read is reported elsewhere; the default is the best guess meanwhile.
    let surge = known(&pool.max_surge)?.as_deref().and_then(Surge::parse).unwrap_or(DEFAULT_SURGE);
    let extra = surge_nodes(surge, most, pool.spot, pool.blue_green);
    let why = match surge {
        _ if pool.blue_green => "blue-green".to_owned(),
        Surge::Percent(_) => format!("{surge} of {most}"),
        Surge::Nodes(_) => "surge".to_owned(),
    };
    let rotation = if pool.rotation == Rotation::None { 0 } else { most };
    Ok(Figures { mode, now, most, surge: extra, rotation, max_pods, why, expected: pool.expected_pods })
}

/// What takes addresses, by subnet. What cannot be told is noted in the report.
pub fn loads(model: &Model, index: &Index<'_>, report: &mut Report) -> Loads {
    let mut loads = Loads::new();
    for cluster in &model.clusters {
        for pool in &cluster.pools {
            add_pool(cluster, pool, index, &mut loads, report);
        }
        let first = cluster.pools.first().and_then(|p| p.node_subnet.as_ref());
        if cluster.private
            && cluster.api_server_subnet.is_none()
            && let Some(load) = first.and_then(|s| entry(s, index, &mut loads))
        {
            load.add_fixed(1, format!("private endpoint of cluster {:?}: 1", cluster.name));
        }
        if let Some(subnet) = &cluster.api_server_subnet {
            match entry(subnet, index, &mut loads) {
                Some(load) => {
                    load.add_fixed(API_SERVER_ADDRESSES, format!("API server of cluster {:?}: {API_SERVER_ADDRESSES}", cluster.name));
                    load.api_servers.push(Taker { origin: cluster.origin.clone(), name: format!("cluster {:?}", cluster.name) });
                }
                None => missing(subnet, &cluster.origin, "the API server's subnet", report),
            }
        }
    }
    for taken in &model.taken {
        let Some(load) = entry(&taken.subnet, index, &mut loads) else {
            missing(&taken.subnet, &taken.origin, "its subnet", report);
            continue;
        };
        let count = match taken.addresses {
            Addresses::Dynamic(n) => u64::from(n),
            Addresses::Static(_) => 1,
        };
        load.add_fixed(count, format!("{} {}: {count}", taken.what, taken.origin.address));
        load.others.push(Taker { origin: taken.origin.clone(), name: taken.what.clone() });
    }
    for (v, vnet) in model.vnets.iter().enumerate() {
        for (s, subnet) in vnet.subnets.iter().enumerate().filter(|(_, s)| s.used_by_others > 0) {
            let load = loads.entry((v, s)).or_default();
            load.add_fixed(subnet.used_by_others, format!("in use by others, as Azure counts: {}", subnet.used_by_others));
        }
    }
    loads
}

/// The load of a subnet that is known and part of the model.
fn entry<'l>(subnet: &Known<ResourceId>, index: &Index<'_>, loads: &'l mut Loads) -> Option<&'l mut Load> {
    let (place, _) = index.subnet(subnet.get()?)?;
    Some(loads.entry(place).or_default())
}

fn missing(subnet: &Known<ResourceId>, origin: &Origin, what: &str, report: &mut Report) {
    match subnet {
        Known::Unknown(name) => report.unknown(origin, format!("{what} is not known before {name} is")),
        Known::Is(id) => report.unknown(origin, format!("{what} {id} is not part of this check")),
    }
}

fn add_pool(cluster: &Cluster, pool: &Pool, index: &Index<'_>, loads: &mut Loads, report: &mut Report) {
    let taker = Taker { origin: pool.origin.clone(), name: format!("pool {:?} of cluster {:?}", pool.name, cluster.name) };
    let figures = figures(cluster, pool);
    if let Err(name) = &figures {
        report.unknown(&pool.origin, format!("the size of pool {:?} is not known before {name} is", pool.name));
    }
    for (subnet, pods) in [(&pool.node_subnet, false), (&pool.pod_subnet, true)] {
        let Some(subnet) = subnet else { continue };
        let Some(load) = entry(subnet, index, loads) else {
            missing(subnet, &pool.origin, if pods { "the pod subnet" } else { "the node subnet" }, report);
            continue;
        };
        let Ok(f) = &figures else {
            load.incomplete = true;
            load.lines.push(format!("pool {:?}: not known yet", pool.name));
            if pods {
                load.pods.push(taker.clone())
            } else {
                load.nodes.push(taker.clone())
            }
            continue;
        };
        match (pods, f.mode) {
            (false, mode) => {
                let each = mode.per_node(f.max_pods);
                let text = if mode == Ipam::NodeSubnet { format!("({} + 1)", f.max_pods) } else { "1".to_owned() };
                load.add_pool(pool, f, each, "nodes", &text);
                load.node_subnet_mode |= mode == Ipam::NodeSubnet;
                load.nodes.push(taker.clone());
            }
            (true, Ipam::PodSubnetStatic) => {
                let blocks = static_blocks(f.max_pods);
                load.add_pool(pool, f, blocks * BATCH, "pods", &format!("{} ({blocks} blocks of 16 for {} + 1)", blocks * BATCH, f.max_pods));
                load.blocks.push(taker.clone());
            }
            (true, Ipam::PodSubnetDynamic) => {
                let each = dynamic_per_node(f.max_pods, f.expected);
                load.add_pool(
                    pool,
                    f,
                    each,
                    "pods",
                    &format!("{each} (batches of 16 for {} of {} pods)", f.expected.unwrap_or(f.max_pods).min(f.max_pods), f.max_pods),
                );
                load.pods.push(taker.clone());
            }
            // A pod subnet beside a mode that has none is refused by Azure; it takes nothing.
            (true, _) => {}
        }
    }
}
