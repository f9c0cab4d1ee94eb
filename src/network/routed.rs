//! Which VNets reach each other: peering alone joins only neighbours, an appliance or a gateway between them forwards.

use std::net::IpAddr;

use super::{
    index::Index,
    model::{Known, NextHop, Vnet},
    space::holds,
};

/// Per VNet, a number that is equal for all VNets that can send packets to each other.
///
/// A peering carries forwarded packets to a VNet that takes them (`allow_forwarded_traffic`), that uses the other side's
/// gateway, or whose routes lead to an appliance on the other side. Source: Azure virtual network peering page.
pub fn reach(index: &Index<'_>) -> Vec<usize> {
    let mut edges = Vec::new();
    for (v, vnet) in index.model.vnets.iter().enumerate() {
        let hops = if vnet.peerings.is_empty() { Vec::new() } else { appliances(index, vnet) };
        for (peering, remote) in vnet.peerings.iter().zip(index.remotes.get(v).into_iter().flatten()) {
            let Some(remote) = *remote else { continue };
            let forwards = peering.forwarded_traffic || peering.remote_gateways || leads_into(index, remote, &hops);
            if forwards {
                edges.push((v, remote));
            }
        }
    }
    groups(index.model.vnets.len(), edges)
}

/// The appliances that the routes of a VNet's subnets lead to.
fn appliances(index: &Index<'_>, vnet: &Vnet) -> Vec<IpAddr> {
    let tables = vnet.subnets.iter().filter_map(|s| s.route_table.as_ref()?.get());
    let mut seen: Vec<IpAddr> = Vec::new();
    let mut last = None;
    for id in tables {
        // Most subnets of a VNet share a table.
        if last.is_some_and(|l| l == id) {
            continue;
        }
        last = Some(id);
        for route in index.table(id).into_iter().flat_map(|t| &t.routes) {
            if let NextHop::Appliance(Known::Is(address)) = &route.next_hop
                && !seen.contains(address)
            {
                seen.push(*address);
            }
        }
    }
    seen
}

fn leads_into(index: &Index<'_>, vnet: usize, hops: &[IpAddr]) -> bool {
    if hops.is_empty() {
        return false;
    }
    let spaces: Vec<_> = index.model.vnets.get(vnet).into_iter().flat_map(|v| &v.spaces).filter_map(|c| c.prefix()).collect();
    hops.iter().any(|hop| holds(&spaces, *hop))
}

/// Numbers the connected groups of `count` things.
pub fn groups(count: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..count).collect();
    for (a, b) in edges {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        if let Some(place) = parent.get_mut(a.max(b)) {
            *place = a.min(b);
        }
    }
    (0..count).map(|i| root(&mut parent, i)).collect()
}

/// The root of a tree of the forest; the way to it is halved for the next time.
fn root(parent: &mut [usize], mut i: usize) -> usize {
    while let Some(up) = parent.get(i).copied().filter(|up| *up != i) {
        let above = parent.get(up).copied().unwrap_or(up);
        if let Some(place) = parent.get_mut(i) {
            *place = above;
        }
        i = above;
    }
    i
}
