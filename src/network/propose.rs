//! Where there is room: free blocks of VNets, of declared pools and of the private ranges; and what to change in the blueprint.

use std::collections::HashMap;

use crate::base::Prefix;

use super::{
    cluster::{Declared, pod_ranges, service_ranges},
    form::AKS_FORBIDDEN,
    index::Index,
    model::{Cidr, Cluster, RangeKind, Subnet, Vnet},
    report::{Edit, Free, PoolLine, Proposal},
    settings::AddressPool,
    space::{FreeMap, run_blocks},
};

/// Private ranges, as pods may use them. Sources: RFC 1918, RFC 6598, RFC 4193.
pub const PRIVATE: [&str; 5] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/// What is free, kept up to date with what has been proposed: no two proposals meet.
pub struct Rooms<'a> {
    index: &'a Index<'a>,
    vnets: Vec<FreeMap>,
    /// Per VNet, as it was before anything was proposed.
    pub free: Vec<Free>,
    pools: Vec<(&'a AddressPool, FreeMap)>,
    /// What has been proposed for a subnet of a VNet, so that two findings at it say the same.
    said: HashMap<(usize, String), Proposal>,
    /// Private room for pods that meets no VNet and no declared range: IPv4 and IPv6.
    pods: Option<[FreeMap; 2]>,
}

impl Free {
    fn of(map: &FreeMap) -> Free {
        let blocks = map.blocks();
        let largest = blocks.iter().copied().min_by_key(|b| (b.len, b.base));
        Free { addresses: u64::try_from(map.size()).unwrap_or(u64::MAX), blocks, largest }
    }

    /// In how small pieces it is: `640 addresses are free, the largest block of them is 10.1.2.0/23`.
    pub fn text(&self) -> String {
        match self.largest {
            Some(largest) => format!("{} addresses are free, the largest block of them is {largest}", self.addresses),
            None => "no address is free".to_owned(),
        }
    }
}

impl<'a> Rooms<'a> {
    pub fn of(index: &'a Index<'a>) -> Rooms<'a> {
        let model = index.model;
        let reserved: Vec<Prefix> = model.ranges.iter().filter(|r| r.kind == RangeKind::Reserved).filter_map(|r| r.cidr.prefix()).collect();
        let vnet = |vnet: &Vnet| {
            let spaces: Vec<Prefix> = vnet.spaces.iter().filter_map(Cidr::prefix).collect();
            let mut taken: Vec<Prefix> = vnet.subnets.iter().flat_map(|s| &s.prefixes).filter_map(Cidr::prefix).collect();
            taken.extend(reserved.iter().filter(|r| spaces.iter().any(|s| s.overlaps(**r))));
            taken.extend(within(&model.settings.kept, &spaces));
            FreeMap::of(false, &spaces, &taken)
        };
        let vnets: Vec<FreeMap> = model.vnets.iter().map(vnet).collect();
        let free = vnets.iter().map(Free::of).collect();
        let pools = if model.settings.pools.is_empty() { Vec::new() } else { address_pools(index) };
        Rooms { index, vnets, free, pools, said: HashMap::new(), pods: None }
    }

    /// The lines of the declared pools.
    pub fn pool_lines(&self) -> Vec<PoolLine> {
        let line = |(pool, map): &(&AddressPool, FreeMap)| PoolLine {
            name: pool.name.clone(),
            origin: pool.origin.clone(),
            ranges: pool.cidrs.iter().filter_map(Cidr::prefix).collect(),
            free: Free::of(map),
        };
        self.pools.iter().map(line).collect()
    }

    /// A place for a subnet of the given length: grown in place when its surroundings are free and nothing lives in it, else
    /// the nearest free block of its VNet, else a block of a declared pool.
    pub fn subnet(&mut self, vnet: usize, subnet: &Subnet, len: u8, lives: bool) -> Proposal {
        let key = (vnet, subnet.name.clone());
        if let Some(said) = self.said.get(&key).filter(|p| p.len == len) {
            return said.clone();
        }
        let proposal = self.find(vnet, subnet, len, lives);
        self.said.insert(key, proposal.clone());
        proposal
    }

    fn find(&mut self, vnet: usize, subnet: &Subnet, len: u8, lives: bool) -> Proposal {
        let mut proposal = Proposal { len, place: None, pool: None, edits: Vec::new() };
        let own = if lives { Vec::new() } else { self.own(vnet, subnet) };
        let near = subnet.ranges(false).next().or_else(|| self.spaces(vnet).next());
        let (Some(near), Some(map)) = (near, self.vnets.get_mut(vnet)) else { return proposal };
        for range in &own {
            map.give(range.base, range.last_bits());
        }
        proposal.place = map.nearest(len, near);
        for range in own.iter().chain(&proposal.place) {
            map.take(range.base, range.last_bits());
        }
        if proposal.place.is_none() {
            let found = self.pools.iter_mut().find_map(|(pool, map)| Some((pool, map.nearest(len, near)?, map)));
            if let Some((pool, place, map)) = found {
                map.take(place.base, place.last_bits());
                proposal.place = Some(place);
                proposal.pool = Some(pool.name.clone());
            }
        }
        if let Some(place) = proposal.place.filter(|_| !lives) {
            proposal.edits = self.edits(vnet, subnet, place, proposal.pool.is_some());
        }
        proposal
    }

    /// Another place of the same size for a subnet that cannot stay where it is. Only for one with a single IPv4 prefix.
    pub fn moved(&mut self, vnet: usize, subnet: &Subnet) -> Option<Proposal> {
        let mut ranges = subnet.ranges(false);
        let (range, None) = (ranges.next()?, ranges.next()) else { return None };
        let len = range.len.min(super::demand::LONGEST_SUBNET);
        Some(self.subnet(vnet, subnet, len, false)).filter(|p| p.place.is_some())
    }

    /// Another service range of the same size for a cluster that does not run yet, with the usual address of its DNS service.
    pub fn services(&mut self, cluster: &Cluster, range: &Declared) -> Option<Proposal> {
        let len = range.prefix.len.max(if range.prefix.v6 { 108 } else { 13 });
        let place = self.pod_range(cluster, range.prefix, len, false).filter(|_| !cluster.live && service_ranges(cluster).len() == 1)?;
        let edit = |attribute, old: Vec<String>, new: String| Edit { origin: range.origin.clone(), attribute, old, new: vec![new], list: false };
        let old = cluster.service_cidrs.iter().map(written).collect();
        let mut edits = vec![edit("network_profile.service_cidr", old, place.to_string())];
        let dns = cluster.dns_service_ip.as_ref().and_then(|d| d.get()).map(ToString::to_string);
        edits.extend(place.host(10).map(|new| edit("network_profile.dns_service_ip", dns.into_iter().collect(), new.to_string())));
        Some(Proposal { len, place: Some(place), pool: None, edits })
    }

    /// Another pod range of the same size for a cluster that does not run yet.
    pub fn pods(&mut self, cluster: &Cluster, range: &Declared) -> Option<Proposal> {
        let place = self.pod_range(cluster, range.prefix, range.prefix.len, false).filter(|_| !cluster.live)?;
        Some(Proposal { len: range.prefix.len, place: Some(place), pool: None, edits: vec![super::pods::pod_edit(cluster, range, place)] })
    }

    /// A further free block beside a subnet's own prefixes.
    pub fn beside(&mut self, vnet: usize, subnet: &Subnet, len: u8) -> Option<Prefix> {
        let near = subnet.ranges(false).next()?;
        let map = self.vnets.get_mut(vnet)?;
        let place = map.nearest(len, near)?;
        map.take(place.base, place.last_bits());
        Some(place)
    }

    /// The largest free block of a VNet when the subnet's own range is given back, for a message that there is no room.
    pub fn largest(&self, vnet: usize, subnet: &Subnet, lives: bool) -> Option<u8> {
        let own = if lives { Vec::new() } else { self.own(vnet, subnet) };
        let map = self.vnets.get(vnet)?;
        let grown = own.iter().flat_map(|range| {
            let (start, end) = map.around(*range);
            run_blocks(false, start, end)
        });
        let now = self.free.get(vnet).and_then(|f| f.largest);
        grown.chain(now).map(|b| b.len).min()
    }

    fn spaces(&self, vnet: usize) -> impl Iterator<Item = Prefix> {
        self.index.model.vnets.get(vnet).into_iter().flat_map(|v| &v.spaces).filter_map(Cidr::prefix).filter(|p| !p.v6)
    }

    /// The subnet's ranges that are its own alone and lie in the VNet.
    fn own(&self, vnet: usize, subnet: &Subnet) -> Vec<Prefix> {
        let reserved = |p: Prefix| self.index.model.ranges.iter().any(|r| r.kind == RangeKind::Reserved && r.cidr.prefix().is_some_and(|r| r.overlaps(p)));
        let alone = |p: &Prefix| self.index.subnets_in(vnet, *p).all(|hit| hit.subnet.id == subnet.id);
        subnet.ranges(false).filter(|p| self.spaces(vnet).any(|s| s.contains(*p)) && alone(p) && !reserved(*p)).collect()
    }

    fn edits(&self, vnet: usize, subnet: &Subnet, place: Prefix, grow: bool) -> Vec<Edit> {
        let mut edits = Vec::new();
        if let Some(vnet) = self.index.model.vnets.get(vnet).filter(|_| grow) {
            edits.push(space_edit(vnet, place));
        }
        let six = subnet.ranges(true).map(|p| p.to_string());
        edits.push(prefixes_edit(subnet, std::iter::once(place.to_string()).chain(six).collect()));
        edits
    }

    /// A private range of the given length that meets nothing of the model, for pods or services: the range itself grown (only that, where it must
    /// hold the old one), else one further on in the private ranges.
    pub fn pod_range(&mut self, cluster: &Cluster, current: Prefix, len: u8, superset: bool) -> Option<Prefix> {
        let own: Vec<Prefix> = pod_ranges(cluster).iter().chain(&service_ranges(cluster)).map(|d: &Declared| d.prefix).filter(|p| *p != current).collect();
        let maps = self.pods.get_or_insert_with(|| private_room(self.index));
        let [four, six] = maps;
        let map = if current.v6 { six } else { four };
        let lent: Vec<(u128, u128)> = own.iter().filter(|p| p.v6 == current.v6).flat_map(|p| map.borrow(*p)).collect();
        let found = match superset {
            // The nearest block is the one around the range, if that is free at all.
            true => map.nearest(len, current).filter(|p| p.contains(current)),
            false => map.nearest(len, current),
        };
        for (first, last) in lent {
            map.give(first, last);
        }
        found
    }
}

/// One more range of a VNet's address space.
pub fn space_edit(vnet: &Vnet, place: Prefix) -> Edit {
    let old: Vec<String> = vnet.spaces.iter().map(written).collect();
    let new = old.iter().cloned().chain([place.to_string()]).collect();
    Edit { origin: vnet.origin.clone(), attribute: "address_space", old, new, list: true }
}

/// A change of a subnet's prefixes, at the place of the first.
pub fn prefixes_edit(subnet: &Subnet, new: Vec<String>) -> Edit {
    let origin = subnet.prefixes.first().map_or_else(|| subnet.origin.clone(), |c| super::form::at(&subnet.origin, c));
    Edit { origin, attribute: "address_prefixes", old: subnet.prefixes.iter().map(written).collect(), new, list: true }
}

/// A range as text; one that is not known by what it waits for.
fn written(cidr: &Cidr) -> String {
    match (&cidr.given, cidr.prefix()) {
        (_, Some(prefix)) => prefix.to_string(),
        (super::model::Given::Unknown(name), _) => name.clone(),
        _ => String::new(),
    }
}

/// Free room of the declared pools: less all VNets and all declared ranges.
fn address_pools<'a>(index: &Index<'a>) -> Vec<(&'a AddressPool, FreeMap)> {
    let taken = known_ranges(index);
    let map = |pool: &'a AddressPool| {
        let ranges: Vec<Prefix> = pool.cidrs.iter().filter_map(Cidr::prefix).collect();
        let mut taken: Vec<Prefix> = taken.iter().copied().filter(|t| ranges.iter().any(|r| r.overlaps(*t))).collect();
        taken.extend(within(&index.model.settings.kept, &ranges));
        (pool, FreeMap::of(ranges.first().is_some_and(|r| r.v6), &ranges, &taken))
    };
    index.model.settings.pools.iter().map(map).collect()
}

/// Ranges that are kept for somebody inside of others. One that is as large is what the others were made of.
fn within<'k>(kept: &'k [Prefix], ranges: &'k [Prefix]) -> impl Iterator<Item = Prefix> + 'k {
    kept.iter().copied().filter(|k| ranges.iter().any(|r| r.contains(*k) && r != k))
}

fn known_ranges(index: &Index<'_>) -> Vec<Prefix> {
    let vnets = index.model.vnets.iter().flat_map(|v| &v.spaces).filter_map(Cidr::prefix);
    let pods = index.model.clusters.iter().flat_map(|c| &c.pod_cidrs).filter_map(Cidr::prefix);
    vnets.chain(pods).chain(index.model.ranges.iter().filter_map(|r| r.cidr.prefix())).collect()
}

fn private_room(index: &Index<'_>) -> [FreeMap; 2] {
    let private: Vec<Prefix> = PRIVATE.iter().filter_map(|s| s.parse().ok()).collect();
    let mut taken: Vec<Prefix> = AKS_FORBIDDEN.iter().filter_map(|s| s.parse().ok()).collect();
    taken.extend(index.model.vnets.iter().flat_map(|v| &v.spaces).filter_map(Cidr::prefix));
    taken.extend(index.model.ranges.iter().filter_map(|r| r.cidr.prefix()));
    taken.extend(index.model.settings.pools.iter().flat_map(|p| &p.cidrs).filter_map(Cidr::prefix));
    [false, true].map(|v6| FreeMap::of(v6, &private, &taken))
}
