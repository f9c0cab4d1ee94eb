//! Lookups over a model that several checks share: ids to places, who is peered with whom, which ranges lie where.

use std::collections::{BTreeSet, HashMap};

use crate::base::{Prefix, ResourceId};

use super::{
    model::{Cidr, Cluster, Known, Model, RouteTable, Subnet},
    routed,
    space::PrefixIndex,
};

pub struct Index<'a> {
    pub model: &'a Model,
    subnets: HashMap<&'a ResourceId, (usize, usize)>,
    tables: HashMap<&'a ResourceId, usize>,
    /// Per VNet and peering of it, the other VNet, when it is part of the model.
    pub remotes: Vec<Vec<Option<usize>>>,
    /// Per VNet, the VNets it is peered with, by either side's declaration, in order.
    pub peers: Vec<Vec<usize>>,
    /// Per VNet, a number that is equal for all VNets that peerings join, directly or over others.
    pub group: Vec<usize>,
    /// Per VNet, a number that is equal for all VNets that reach each other, over appliances and gateways too.
    pub routed: Vec<usize>,
    /// Every address space of every VNet.
    spaces: PrefixIndex,
    space_places: Vec<(usize, usize)>,
    /// Per VNet, every prefix of every subnet: its number is a place in `prefix_places`.
    prefixes: Vec<PrefixIndex>,
    prefix_places: Vec<(usize, usize)>,
    /// VNets with a space that is not known, or with none.
    vague: Vec<usize>,
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
        let mut subnets = HashMap::with_capacity(model.vnets.iter().map(|v| v.subnets.len()).sum());
        let (mut spaces, mut space_places, mut prefixes, mut prefix_places) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut vague = Vec::new();
        for (v, vnet) in model.vnets.iter().enumerate() {
            for (s, prefix) in vnet.spaces.iter().enumerate().filter_map(|(s, c)| Some((s, c.prefix()?))) {
                spaces.push((prefix, space_places.len()));
                space_places.push((v, s));
            }
            if vnet.spaces.is_empty() || vnet.spaces.iter().any(|c| c.prefix().is_none()) {
                vague.push(v);
            }
            let mut own = Vec::new();
            for (s, subnet) in vnet.subnets.iter().enumerate() {
                subnets.insert(&subnet.id, (v, s));
                for (p, prefix) in subnet.prefixes.iter().enumerate().filter_map(|(p, c)| Some((p, c.prefix()?))) {
                    own.push((prefix, prefix_places.len()));
                    prefix_places.push((s, p));
                }
            }
            prefixes.push(PrefixIndex::of(own));
        }
        let of = |p: &Known<ResourceId>| vnets.get(p.get()?).copied();
        let remotes: Vec<Vec<Option<usize>>> = model.vnets.iter().map(|v| v.peerings.iter().map(|p| of(&p.remote)).collect()).collect();
        let peers = peers(&remotes);
        let group = routed::groups(peers.len(), peers.iter().enumerate().flat_map(|(i, p)| p.iter().map(move |j| (i, *j))));
        let tables = model.route_tables.iter().enumerate().map(|(i, t)| (&t.id, i)).collect();
        let spaces = PrefixIndex::of(spaces);
        let mut index = Index { model, subnets, tables, remotes, peers, group, routed: Vec::new(), spaces, space_places, prefixes, prefix_places, vague };
        index.routed = routed::reach(&index);
        index
    }

    /// A subnet and its place: the number of its VNet, and its own in it.
    pub fn subnet(&self, id: &ResourceId) -> Option<((usize, usize), &'a Subnet)> {
        let (v, s) = *self.subnets.get(id)?;
        Some(((v, s), self.model.vnets.get(v)?.subnets.get(s)?))
    }

    pub fn table(&self, id: &ResourceId) -> Option<&'a RouteTable> {
        self.model.route_tables.get(*self.tables.get(id)?)
    }

    pub fn spaces_over(&self, prefix: Prefix) -> impl Iterator<Item = SpaceHit<'a>> {
        self.spaces.overlapping(prefix).filter_map(move |(prefix, i)| {
            let (vnet, s) = *self.space_places.get(i)?;
            Some(SpaceHit { vnet, cidr: self.model.vnets.get(vnet)?.spaces.get(s)?, prefix })
        })
    }

    /// The subnets of one VNet that overlap a prefix.
    pub fn subnets_in(&self, vnet: usize, prefix: Prefix) -> impl Iterator<Item = SubnetHit<'a>> {
        self.prefixes.get(vnet).into_iter().flat_map(move |index| index.overlapping(prefix)).filter_map(move |(prefix, i)| {
            let (s, p) = *self.prefix_places.get(i)?;
            let subnet = self.model.vnets.get(vnet)?.subnets.get(s)?;
            Some(SubnetHit { vnet, subnet, cidr: subnet.prefixes.get(p)?, prefix })
        })
    }

    /// The subnets of any VNet that overlap a prefix. A subnet that lies outside its VNet is met only where the VNet's
    /// space is not known; what is wrong with the others is told as such.
    pub fn subnets_over(&self, prefix: Prefix) -> impl Iterator<Item = SubnetHit<'a>> {
        let vnets: BTreeSet<usize> = self.spaces_over(prefix).map(|h| h.vnet).chain(self.vague.iter().copied()).collect();
        vnets.into_iter().flat_map(move |v| self.subnets_in(v, prefix))
    }

    /// The VNets a cluster's pools are in, as far as they are known.
    pub fn vnets_of(&self, cluster: &Cluster) -> BTreeSet<usize> {
        let ids = cluster.pools.iter().flat_map(|p| [&p.node_subnet, &p.pod_subnet]).flatten().filter_map(Known::get);
        ids.filter_map(|id| self.subnets.get(id).map(|(v, _)| *v)).collect()
    }

    pub fn are_peered(&self, a: usize, b: usize) -> bool {
        self.peers.get(a).is_some_and(|p| p.binary_search(&b).is_ok())
    }
}

fn peers(remotes: &[Vec<Option<usize>>]) -> Vec<Vec<usize>> {
    let mut peers = vec![Vec::new(); remotes.len()];
    for (i, others) in remotes.iter().enumerate() {
        for j in others.iter().flatten().copied().filter(|j| *j != i) {
            for (a, b) in [(i, j), (j, i)] {
                if let Some(list) = peers.get_mut(a) {
                    list.push(b);
                }
            }
        }
    }
    for list in &mut peers {
        list.sort_unstable();
        list.dedup();
    }
    peers
}
