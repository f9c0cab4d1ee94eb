//! Checks of overlap between VNets and subnets: subnets in their VNet and apart from each other, peered VNets apart.

use std::collections::{BTreeMap, HashSet};

use crate::base::{Prefix, Severity};

use super::{
    form::at,
    index::Index,
    model::{Cidr, Known, Model, Origin, RangeKind, Subnet, Vnet},
    propose::Rooms,
    report::{Finding, Report},
    space::overlaps,
};

pub fn check(model: &Model, index: &Index<'_>, rooms: &mut Rooms<'_>, report: &mut Report) {
    for (v, (vnet, remotes)) in model.vnets.iter().zip(&index.remotes).enumerate() {
        inside((v, vnet), rooms, report);
        apart((v, vnet), rooms, report);
        for (peering, _) in vnet.peerings.iter().zip(remotes).filter(|(_, r)| r.is_none()) {
            match &peering.remote {
                Known::Unknown(name) => report.unknown(&peering.origin, format!("the peered VNet is not known before {name} is")),
                Known::Is(id) => report.unknown(&peering.origin, format!("the peered VNet {id} is not part of this check")),
            }
        }
    }
    let told = peered(model, index, report);
    routed(model, index, told, report);
    ranges(model, index, report);
}

/// Every prefix of a subnet lies in one space of its VNet. Azure: `NetcfgSubnetRangeOutsideVnet`.
fn inside((v, vnet): (usize, &Vnet), rooms: &mut Rooms<'_>, report: &mut Report) {
    let spaces: Vec<Prefix> = vnet.spaces.iter().filter_map(Cidr::prefix).collect();
    // A space that is not known yet may be the one that holds the subnet.
    if spaces.len() < vnet.spaces.len() || spaces.is_empty() {
        return;
    }
    for subnet in &vnet.subnets {
        for (cidr, prefix) in subnet.prefixes.iter().filter_map(|c| Some((c, c.prefix()?))) {
            if spaces.iter().any(|s| s.contains(prefix)) {
                continue;
            }
            let list: Vec<String> = spaces.iter().map(Prefix::to_string).collect();
            let detail = format!("Subnet {:?} ({prefix}) does not lie in the address space of VNet {:?} ({}).", subnet.name, vnet.name, list.join(", "));
            let mut finding = Finding::new("IP-OUTSIDE", Severity::Error, "Subnet is outside its VNet", detail, &at(&subnet.origin, cidr));
            if let Some(space) = vnet.spaces.first() {
                finding = finding.also(&at(&vnet.origin, space), "the VNet's address space");
            }
            finding.arithmetic.push(format!("{prefix} goes from {} to {}", prefix.first(), prefix.last()));
            finding.arithmetic.extend(spaces.iter().map(|s| format!("{s} goes from {} to {}", s.first(), s.last())));
            report.find(finding.proposing(if prefix.v6 { None } else { rooms.moved(v, subnet) }));
        }
    }
}

/// No two subnets of a VNet, and no two of its spaces, overlap. Azure: `NetcfgSubnetRangesOverlap`.
fn apart((v, vnet): (usize, &Vnet), rooms: &mut Rooms<'_>, report: &mut Report) {
    let subnets: Vec<(&Subnet, &Cidr, Prefix)> = vnet.subnets.iter().flat_map(|s| s.prefixes.iter().filter_map(move |c| Some((s, c, c.prefix()?)))).collect();
    let prefixes: Vec<Prefix> = subnets.iter().map(|s| s.2).collect();
    for (a, b) in overlaps(&prefixes) {
        let (Some((x, x_cidr, a)), Some((y, y_cidr, b))) = (subnets.get(a.min(b)), subnets.get(a.max(b))) else { continue };
        let detail = format!("Subnet {:?} ({b}) overlaps subnet {:?} ({a}) in VNet {:?}.", y.name, x.name, vnet.name);
        let finding = overlap(detail, Severity::Error, (&at(&y.origin, y_cidr), *b), (&at(&x.origin, x_cidr), *a));
        // The one that can still move: what lives in Azure stays.
        let free = if y.live && !x.live { x } else { y };
        report.find(finding.proposing(if a.v6 { None } else { rooms.moved(v, free) }));
    }
    let spaces: Vec<(&Cidr, Prefix)> = vnet.spaces.iter().filter_map(|c| Some((c, c.prefix()?))).collect();
    let prefixes: Vec<Prefix> = spaces.iter().map(|s| s.1).collect();
    for (a, b) in overlaps(&prefixes) {
        let (Some((x, a)), Some((y, b))) = (spaces.get(a.min(b)), spaces.get(a.max(b))) else { continue };
        let detail = format!("The address space ({b}) overlaps the address space ({a}) in VNet {:?}.", vnet.name);
        report.find(overlap(detail, Severity::Error, (&at(&vnet.origin, y), *b), (&at(&vnet.origin, x), *a)));
    }
}

/// A space of a VNet: the VNet's number, the declaration and the range.
type Space<'a> = (usize, &'a Cidr, Prefix);

/// Two spaces that have been told to overlap.
type Told = HashSet<(usize, usize, Prefix, Prefix)>;

fn spaces<'a>(model: &'a Model, vnets: impl Iterator<Item = usize>) -> Vec<Space<'a>> {
    vnets.filter_map(|v| Some((v, model.vnets.get(v)?))).flat_map(|(v, vnet)| vnet.spaces.iter().filter_map(move |c| Some((v, c, c.prefix()?)))).collect()
}

/// The spaces among some that overlap and belong to different VNets, which have not been told yet.
fn meeting<'a>(items: &[Space<'a>], told: &mut Told) -> Vec<(Space<'a>, Space<'a>)> {
    let prefixes: Vec<Prefix> = items.iter().map(|x| x.2).collect();
    let mut found = Vec::new();
    for (a, b) in overlaps(&prefixes) {
        let (Some(a), Some(b)) = (items.get(a), items.get(b)) else { continue };
        let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
        if a.0 != b.0 && told.insert((a.0, b.0, a.2, b.2)) {
            found.push((*a, *b));
        }
    }
    found
}

/// VNets that are peered, and those that are peered with the same VNet, have no address in common.
/// Azure: `VnetAddressSpacesOverlap`, `VnetAddressSpaceOverlapsWithAlreadyPeeredVnet`.
fn peered(model: &Model, index: &Index<'_>, report: &mut Report) -> Told {
    let mut told = Told::new();
    for (i, peers) in index.peers.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
        let Some(hub) = model.vnets.get(i) else { continue };
        for (a, b) in meeting(&spaces(model, std::iter::once(i).chain(peers.iter().copied())), &mut told) {
            let how = if index.are_peered(a.0, b.0) { "are peered".to_owned() } else { format!("are both peered with {:?}", hub.name) };
            let (Some(x), Some(y)) = (model.vnets.get(a.0), model.vnets.get(b.0)) else { continue };
            let finding = meet((x, a), (y, b), &how);
            report.find(match x.peerings.iter().chain(&y.peerings).find(|p| p.remote.get().is_some_and(|r| *r == x.id || *r == y.id)) {
                Some(peering) => finding.also(&peering.origin, "the peering"),
                None => finding,
            });
        }
    }
    told
}

/// VNets that are routed to each other, over appliances and gateways, have no address in common: Azure takes it, but packets
/// to the one never leave the other.
fn routed(model: &Model, index: &Index<'_>, mut told: Told, report: &mut Report) {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (v, group) in index.routed.iter().enumerate() {
        groups.entry(*group).or_default().push(v);
    }
    for vnets in groups.into_values().filter(|g| g.len() > 1) {
        for (a, b) in meeting(&spaces(model, vnets.into_iter()), &mut told) {
            if let (Some(x), Some(y)) = (model.vnets.get(a.0), model.vnets.get(b.0)) {
                report.find(meet((x, a), (y, b), "are routed to each other over peerings"));
            }
        }
    }
}

fn meet((x, a): (&Vnet, Space<'_>), (y, b): (&Vnet, Space<'_>), how: &str) -> Finding {
    let detail = format!("VNets {:?} ({}) and {:?} ({}) {how}, but their address spaces overlap.", x.name, a.2, y.name, b.2);
    overlap(detail, Severity::Error, (&at(&y.origin, b.1), b.2), (&at(&x.origin, a.1), a.2))
}

/// VNets against on-premises and reserved ranges: traffic to the one never reaches the other.
fn ranges(model: &Model, index: &Index<'_>, report: &mut Report) {
    for range in &model.ranges {
        let Some(prefix) = range.cidr.prefix() else { continue };
        for hit in index.spaces_over(prefix) {
            let Some(vnet) = model.vnets.get(hit.vnet) else { continue };
            // A reserved range inside the VNet is what a reservation is for; only subnets must keep out of it.
            if range.kind == RangeKind::Reserved && hit.prefix.contains(prefix) {
                continue;
            }
            let what = kind(range.kind);
            let detail = format!("The address space {} of VNet {:?} overlaps the {what} range {:?} ({prefix}).", hit.prefix, vnet.name, range.name);
            let finding = overlap(detail, Severity::Warning, (&at(&vnet.origin, hit.cidr), hit.prefix), (&at(&range.origin, &range.cidr), prefix));
            // A subnet in a reserved range has a finding of its own.
            let hits = index.subnets_in(hit.vnet, prefix).filter(|_| range.kind == RangeKind::OnPremises);
            report.find(
                hits.take(8).fold(finding, |f, s| f.also(&at(&s.subnet.origin, s.cidr), format!("subnet {:?} ({}) is part of it", s.subnet.name, s.prefix))),
            );
        }
        if range.kind == RangeKind::Reserved {
            for hit in index.subnets_over(prefix) {
                let detail = format!("Subnet {:?} ({}) overlaps the reserved range {:?} ({prefix}).", hit.subnet.name, hit.prefix, range.name);
                report.find(overlap(detail, Severity::Warning, (&at(&hit.subnet.origin, hit.cidr), hit.prefix), (&at(&range.origin, &range.cidr), prefix)));
            }
        }
    }
}

pub fn kind(kind: RangeKind) -> &'static str {
    match kind {
        RangeKind::OnPremises => "on-premises",
        RangeKind::Reserved => "reserved",
    }
}

/// An overlap, told from the side of the first range.
pub fn overlap(detail: String, severity: Severity, one: (&Origin, Prefix), other: (&Origin, Prefix)) -> Finding {
    let (inner, outer) = if one.1.len >= other.1.len { (one.1, other.1) } else { (other.1, one.1) };
    let mut finding = Finding::new("IP-OVERLAP", severity, "Address ranges overlap", detail, one.0);
    finding.arithmetic.push(if inner == outer {
        format!("{inner} is used twice")
    } else {
        format!("{inner} ({} to {}) lies in {outer} ({} to {})", inner.first(), inner.last(), outer.first(), outer.last())
    });
    finding.also(other.0, format!("{} is declared here", other.1))
}
