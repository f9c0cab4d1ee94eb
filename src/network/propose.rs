//! The smallest range that would do, and where it is free.

use crate::base::Prefix;

use super::{
    model::{Cidr, Model, RangeKind, Subnet, Vnet},
    report::Proposal,
    space::{largest_free, place},
};

/// A subnet's new prefix of the given length: grown in place when its surroundings are free, else the nearest free one.
/// The subnet's own present range counts as free; other subnets, reserved ranges and what was `proposed` already do not.
pub fn subnet(model: &Model, vnet: &Vnet, subnet: &Subnet, len: u8, proposed: &[Prefix]) -> Proposal {
    let (spaces, mut taken) = room(model, vnet, subnet);
    taken.extend(proposed);
    let near = subnet.prefixes.iter().find_map(Cidr::prefix).or(spaces.first().copied());
    Proposal { len, place: near.and_then(|near| place(&spaces, &taken, len, near)), pool: None, edits: Vec::new() }
}

/// The largest free block of a VNet when the subnet's own range is given back, for a message that there is no room.
pub fn largest(model: &Model, vnet: &Vnet, subnet: &Subnet) -> Option<u8> {
    let (spaces, taken) = room(model, vnet, subnet);
    largest_free(&spaces, &taken)
}

/// A pod range of the given length that meets nothing of the model: the range itself grown, else one further on in the
/// private ranges.
pub fn pod_cidr(model: &Model, current: Prefix, len: u8, others: &[Prefix]) -> Proposal {
    let spaces: Vec<Prefix> = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"].iter().filter_map(|s| s.parse().ok()).collect();
    let mut taken: Vec<Prefix> = others.to_vec();
    taken.extend(["172.30.0.0/16", "172.31.0.0/16"].iter().filter_map(|s| s.parse::<Prefix>().ok()));
    taken.extend(model.vnets.iter().flat_map(|v| &v.spaces).filter_map(Cidr::prefix));
    taken.extend(model.ranges.iter().filter_map(|r| r.cidr.prefix()));
    Proposal { len, place: place(&spaces, &taken, len, current), pool: None, edits: Vec::new() }
}

fn room(model: &Model, vnet: &Vnet, without: &Subnet) -> (Vec<Prefix>, Vec<Prefix>) {
    let spaces = vnet.spaces.iter().filter_map(Cidr::prefix).collect();
    let others = vnet.subnets.iter().filter(|s| s.id != without.id);
    let mut taken: Vec<Prefix> = others.flat_map(|s| &s.prefixes).filter_map(Cidr::prefix).collect();
    taken.extend(model.ranges.iter().filter(|r| r.kind == RangeKind::Reserved).filter_map(|r| r.cidr.prefix()));
    (spaces, taken)
}
