//! Lookups over a model that several checks share: ids to places, who is peered with whom, which ranges lie where.

use std::collections::{BTreeSet, HashMap};

use crate::base::{Prefix, ResourceId};

use super::{
    model::{Cidr, Cluster, Known, Model, Subnet, Vnet},
    space::PrefixIndex,
};

pub struct Index<'a> {
    pub model: &'a Model,
    vnets: HashMap<&'a ResourceId, usize>,
    subnets: HashMap<&'a ResourceId, (usize, usize)>,
    /// Per VNet, the VNets it is peered with, by either side's declaration.
    pub peers: Vec<BTreeSet<usize>>,
    /// Per VNet, a number that is equal for all VNets that peerings join, directly or over others.
    pub group: Vec<usize>,
    /// Every address space of every VNet.
    spaces: PrefixIndex,
    space_places: Vec<(usize, usize)>,
    /// Every prefix of every subnet.
    prefixes: PrefixIndex,
    prefix_places: Vec<(usize, usize, usize)>,
}

/// An address space met by a query: its VNet, its declaration and its range.
pub struct SpaceHit<'a> {
    pub vnet: usize,
    pub cidr: &'a Cidr,
    pub prefix: Prefix,
}

/// A subnet's prefix met by a query.
pub struct SubnetHit<'a> {
    pub vnet: usize,
    pub subnet: &'a Subnet,
    pub cidr: &'a Cidr,
    pub prefix: Prefix,
}

impl<'a> Index<'a> {
    pub fn of(model: &'a Model) -> Index<'a> {
        let vnets: HashMap<_, _> = model.vnets.iter().enumerate().map(|(i, v)| (&v.id, i)).collect();
        let mut subnets = HashMap::new();
        let (mut spaces, mut space_places, mut prefixes, mut prefix_places) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (v, vnet) in model.vnets.iter().enumerate() {
            for (s, prefix) in vnet.spaces.iter().enumerate().filter_map(|(s, c)| Some((s, c.prefix()?))) {
                spaces.push((prefix, space_places.len()));
                space_places.push((v, s));
            }
            for (s, subnet) in vnet.subnets.iter().enumerate() {
                subnets.insert(&subnet.id, (v, s));
                for (p, prefix) in subnet.prefixes.iter().enumerate().filter_map(|(p, c)| Some((p, c.prefix()?))) {
                    prefixes.push((prefix, prefix_places.len()));
                    prefix_places.push((v, s, p));
                }
            }
        }
        let peers = peers(model, &vnets);
        let group = groups(&peers);
        Index { model, vnets, subnets, peers, group, spaces: PrefixIndex::of(spaces), space_places, prefixes: PrefixIndex::of(prefixes), prefix_places }
    }

    pub fn vnet(&self, id: &ResourceId) -> Option<(usize, &'a Vnet)> {
        let i = *self.vnets.get(id)?;
        Some((i, self.model.vnets.get(i)?))
    }

    /// A subnet and its place: the number of its VNet, and its own in it.
    pub fn subnet(&self, id: &ResourceId) -> Option<((usize, usize), &'a Subnet)> {
        let (v, s) = *self.subnets.get(id)?;
        Some(((v, s), self.model.vnets.get(v)?.subnets.get(s)?))
    }

    pub fn spaces_over(&self, prefix: Prefix) -> Vec<SpaceHit<'a>> {
        let hit = |(prefix, i): (Prefix, usize)| {
            let (vnet, s) = *self.space_places.get(i)?;
            Some(SpaceHit { vnet, cidr: self.model.vnets.get(vnet)?.spaces.get(s)?, prefix })
        };
        self.spaces.overlapping(prefix).into_iter().filter_map(hit).collect()
    }

    pub fn subnets_over(&self, prefix: Prefix) -> Vec<SubnetHit<'a>> {
        let hit = |(prefix, i): (Prefix, usize)| {
            let (vnet, s, p) = *self.prefix_places.get(i)?;
            let subnet = self.model.vnets.get(vnet)?.subnets.get(s)?;
            Some(SubnetHit { vnet, subnet, cidr: subnet.prefixes.get(p)?, prefix })
        };
        self.prefixes.overlapping(prefix).into_iter().filter_map(hit).collect()
    }

    /// The VNets a cluster's pools are in, as far as they are known.
    pub fn vnets_of(&self, cluster: &Cluster) -> BTreeSet<usize> {
        let ids = cluster.pools.iter().flat_map(|p| [&p.node_subnet, &p.pod_subnet]).flatten().filter_map(Known::get);
        ids.filter_map(|id| self.subnets.get(id).map(|(v, _)| *v)).collect()
    }
}

fn peers(model: &Model, vnets: &HashMap<&ResourceId, usize>) -> Vec<BTreeSet<usize>> {
    let mut peers = vec![BTreeSet::new(); model.vnets.len()];
    for (i, vnet) in model.vnets.iter().enumerate() {
        for j in vnet.peerings.iter().filter_map(|p| vnets.get(p.remote.get()?).copied()).filter(|j| *j != i) {
            for (a, b) in [(i, j), (j, i)] {
                if let Some(set) = peers.get_mut(a) {
                    set.insert(b);
                }
            }
        }
    }
    peers
}

/// Numbers the connected groups of VNets.
fn groups(peers: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut group: Vec<Option<usize>> = vec![None; peers.len()];
    for start in 0..peers.len() {
        let mut todo = vec![start];
        while let Some(i) = todo.pop() {
            let Some(place) = group.get_mut(i).filter(|g| g.is_none()) else { continue };
            *place = Some(start);
            todo.extend(peers.get(i).into_iter().flatten());
        }
    }
    group.into_iter().enumerate().map(|(i, g)| g.unwrap_or(i)).collect()
}
