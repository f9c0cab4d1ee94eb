//! The figures of a pool when all of them are known: nodes, surge, pods; and the nodes that no pool declares.

use std::borrow::Cow;

use super::{
    demand::{DEFAULT_SURGE, Ipam, Surge, ipam, surge_nodes},
    matching::closeness,
    model::{Cluster, Known, Model, Pool},
};

/// The figures of a pool.
#[derive(Clone)]
pub struct Figures {
    pub mode: Ipam,
    pub now: u64,
    /// At the autoscaler's maximum.
    pub most: u64,
    pub surge: Surge,
    pub spot: bool,
    pub blue_green: bool,
    pub max_pods: u32,
    pub expected: Option<u32>,
    /// Nodes may be missing during an upgrade, so it can do without any surge.
    pub can_shrink: bool,
}

impl Figures {
    /// Extra nodes during an upgrade, when the pool has so many.
    pub fn surge_nodes(&self, nodes: u64) -> u64 {
        surge_nodes(self.surge, nodes, self.spot, self.blue_green)
    }

    /// How the surge at the maximum comes about: `33% of 10`.
    pub fn why(&self) -> String {
        match self.surge {
            _ if self.blue_green => "blue-green".to_owned(),
            Surge::Percent(_) => format!("{} of {}", self.surge, self.most),
            Surge::Nodes(_) => "surge".to_owned(),
        }
    }
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
    let can_shrink = pool.max_unavailable.get().and_then(|u| u.as_deref()).and_then(Surge::parse).is_some_and(|u| !u.is_none());
    Ok(Figures { mode, now, most, surge, spot: pool.spot, blue_green: pool.blue_green, max_pods, expected: pool.expected_pods, can_shrink })
}

/// The pools of a cluster, with one more for what is auto-provisioned, up to the declared ceiling besides the pools.
///
/// Such nodes live in the first pool's subnet, and are replaced by making new ones first, a tenth of them at a time.
/// Source: AKS node auto-provisioning pages.
pub fn pools<'c>(model: &Model, cluster: &'c Cluster) -> Vec<Cow<'c, Pool>> {
    let mut pools: Vec<Cow<'c, Pool>> = cluster.pools.iter().map(Cow::Borrowed).collect();
    if let (true, Some(nodes), Some(first)) = (cluster.auto_provisioned, ceiling(model, cluster), cluster.pools.first()) {
        pools.push(Cow::Owned(Pool {
            name: "auto-provisioned".to_owned(),
            origin: cluster.origin.clone(),
            count: Known::Is(0),
            max: Some(Known::Is(nodes)),
            node_subnet: first.node_subnet.clone(),
            pod_subnet: first.pod_subnet.clone(),
            static_blocks: first.static_blocks,
            ..Pool::default()
        }));
    }
    pools
}

/// The declared ceiling of a cluster: of those that name it, the one that names it most closely.
pub fn ceiling(model: &Model, cluster: &Cluster) -> Option<u32> {
    let named = model.settings.ceilings.iter().filter_map(|c| Some((closeness(&c.of, &cluster.origin.address)?, c.nodes)));
    named.max_by_key(|(close, _)| *close).map(|(_, nodes)| nodes)
}
