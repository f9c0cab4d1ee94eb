//! Models put together: what a plan wants with what only lives in Azure, and the blueprints of one run with each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::base::ResourceId;

use super::{
    index::Index,
    load::loads,
    model::{Cluster, Given, Known, Model, Peering, Subnet, Vnet},
    report::Report,
};

impl Model {
    /// The models of one run as one: the first speaks first.
    pub fn merge(models: impl IntoIterator<Item = Model>) -> Model {
        let mut models = models.into_iter();
        models.next().unwrap_or_default().with(models)
    }

    /// Adds what the other models have and this one has not. What both have is as this one says it; from the others it takes
    /// only what it does not know: spaces, usages, whether the thing lives.
    pub fn with(mut self, others: impl IntoIterator<Item = Model>) -> Model {
        for other in others {
            self.merge_vnets(other.vnets);
            self.merge_clusters(other.clusters);
            self.taken.extend(other.taken);
            let tables: HashSet<ResourceId> = self.route_tables.iter().map(|t| t.id.clone()).collect();
            self.route_tables.extend(other.route_tables.into_iter().filter(|t| !tables.contains(&t.id)));
            self.ranges.extend(other.ranges);
            self.unknowns.extend(other.unknowns);
        }
        self
    }

    /// The model without the parts that only live in Azure and that another source speaks for: those with such an id.
    pub fn without(mut self, spoken_for: &dyn Fn(&ResourceId) -> bool) -> Model {
        let stays = |address: &str| ResourceId::parse(address).is_none_or(|id| !spoken_for(&id));
        for vnet in &mut self.vnets {
            vnet.subnets.retain(|s| stays(&s.origin.address));
            vnet.peerings.retain(|p| stays(&p.origin.address));
        }
        for cluster in &mut self.clusters {
            cluster.pools.retain(|p| stays(&p.origin.address));
        }
        self.taken.retain(|t| stays(&t.origin.address));
        self.route_tables.retain(|t| stays(&t.origin.address));
        self
    }

    fn merge_vnets(&mut self, others: Vec<Vnet>) {
        let mut places: HashMap<ResourceId, usize> = self.vnets.iter().enumerate().map(|(i, v)| (v.id.clone(), i)).collect();
        for other in others {
            match places.get(&other.id).and_then(|i| self.vnets.get_mut(*i)) {
                Some(vnet) => vnet.take_over(other),
                None => {
                    places.insert(other.id.clone(), self.vnets.len());
                    self.vnets.push(other);
                }
            }
        }
    }

    fn merge_clusters(&mut self, others: Vec<Cluster>) {
        let mut places: HashMap<ResourceId, usize> = self.clusters.iter().enumerate().filter_map(|(i, c)| Some((c.id.clone()?, i))).collect();
        for other in others {
            match other.id.as_ref().and_then(|id| places.get(id)).and_then(|i| self.clusters.get_mut(*i)) {
                Some(cluster) => {
                    cluster.live |= other.live;
                    let names: HashSet<String> = cluster.pools.iter().map(|p| p.name.clone()).collect();
                    cluster.pools.extend(other.pools.into_iter().filter(|p| !names.contains(&p.name)));
                }
                None => {
                    places.extend(other.id.clone().map(|id| (id, self.clusters.len())));
                    self.clusters.push(other);
                }
            }
        }
    }
}

impl Vnet {
    /// A VNet of which only the name is known: something refers to it, and nothing describes it.
    pub fn unseen(id: ResourceId) -> Vnet {
        let mut vnet = Vnet::new(id.clone(), super::Origin::new(&id, None));
        vnet.spaces.push(super::Cidr::unknown(format!("the address space of {id}"), None));
        vnet
    }

    fn take_over(&mut self, other: Vnet) {
        let unseen = self.origin.is_live_only() && self.spaces.iter().all(|c| matches!(c.given, Given::Unknown(_)));
        if unseen && !other.spaces.is_empty() {
            self.spaces = other.spaces;
            self.origin = other.origin;
        }
        self.live |= other.live;
        let mut places: HashMap<ResourceId, usize> = self.subnets.iter().enumerate().map(|(i, s)| (s.id.clone(), i)).collect();
        for subnet in other.subnets {
            match places.get(&subnet.id).and_then(|i| self.subnets.get_mut(*i)) {
                Some(own) => own.learn(subnet),
                None => {
                    places.insert(subnet.id.clone(), self.subnets.len());
                    self.subnets.push(subnet);
                }
            }
        }
        let remotes: HashSet<ResourceId> = self.peerings.iter().filter_map(|p| p.remote.get().cloned()).collect();
        let new = |p: &Peering| p.remote.get().is_none_or(|r| !remotes.contains(r));
        self.peerings.extend(other.peerings.into_iter().filter(new));
    }
}

impl Subnet {
    /// What Azure says of a subnet that is described elsewhere.
    fn learn(&mut self, other: Subnet) {
        self.live |= other.live;
        self.usage = self.usage.or(other.usage);
        self.used_by_others = self.used_by_others.max(other.used_by_others);
        if self.prefixes.is_empty() {
            self.prefixes = other.prefixes;
        }
        self.route_table = self.route_table.take().or(other.route_table);
        self.security_group = self.security_group.take().or(other.security_group);
    }
}

/// How many addresses of each subnet the model's own parts take now.
pub fn held(model: &Model) -> BTreeMap<ResourceId, u64> {
    let index = Index::of(model);
    let loads = loads(model, &index, &mut Report::default());
    let each = loads.all().filter_map(|((v, s), load)| {
        let subnet = model.vnets.get(v)?.subnets.get(s)?;
        Some((subnet.id.clone(), load.sum().now.saturating_sub(subnet.used_by_others)))
    });
    each.collect()
}

/// Sets what others use of each subnet: what Azure counts, less what the model (or the past that `held` was taken of)
/// accounts for.
///
/// Azure counts nothing for delegated subnets and -1 for the subnets of gateways; then nothing is known of others. Where nodes
/// come and go by themselves, Azure's count has nodes that the declared ceiling stands for, so that they are not added to it.
pub fn count_others(model: &mut Model, held: &BTreeMap<ResourceId, u64>) {
    let ceilings = !model.settings.ceilings.is_empty();
    let roaming: HashSet<ResourceId> = (model.clusters.iter().filter(|c| c.auto_provisioned && ceilings))
        .flat_map(|c| &c.pools)
        .filter_map(|p| p.node_subnet.as_ref().and_then(Known::get).cloned())
        .collect();
    for subnet in model.vnets.iter_mut().flat_map(|v| &mut v.subnets) {
        let Some(usage) = subnet.usage.filter(|_| !roaming.contains(&subnet.id)) else { continue };
        let used = u64::try_from(usage.used).unwrap_or(0);
        subnet.used_by_others = used.saturating_sub(held.get(&subnet.id).copied().unwrap_or(0));
    }
}
