//! The address plan arranged for looking at: every VNet with its subnets in address order, and every address space as rows
//! of parts that lie side by side. Tables, JSON and maps are all made from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::{Prefix, ResourceId},
    network::{Cidr, Cluster, Given, Known, Model, PodLine, Range, RangeKind, Report, Subnet, SubnetLine, Vnet, free_blocks, space::gaps},
};

use super::ip_standing::{Remarks, Standing};

/// An address plan as it is shown.
pub struct View<'a> {
    pub model: &'a Model,
    pub report: &'a Report,
    pub vnets: Vec<VnetView<'a>>,
    pub clusters: Vec<ClusterView<'a>>,
    pub remarks: Remarks<'a>,
}

/// A VNet with what lies in it.
pub struct VnetView<'a> {
    pub vnet: &'a Vnet,
    /// The name; with its resource group where several VNets have the same.
    pub label: String,
    /// In the order of their addresses; those without a known one last.
    pub subnets: Vec<SubnetView<'a>>,
    pub spaces: Vec<SpaceView<'a>>,
    /// What address spaces wait for that are not known yet.
    pub unknown: Vec<&'a str>,
    pub peers: Vec<Peer>,
    /// How many bytes all names of subnets begin and end with alike.
    common: (usize, usize),
}

/// A subnet with its line of the report.
pub struct SubnetView<'a> {
    pub subnet: &'a Subnet,
    /// Nothing for a subnet whose ranges are not known.
    pub line: Option<&'a SubnetLine>,
    pub prefixes: Vec<Prefix>,
    /// What prefixes wait for that are not known yet.
    pub unknown: Vec<&'a str>,
    /// The prefixes that lie in no address space of the VNet.
    pub outside: Vec<Prefix>,
    pub standing: Standing,
    /// It is not there yet: this plan creates it.
    pub planned: bool,
}

/// The other end of a peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The number of a VNet of the view.
    Here(usize),
    /// A VNet that is not part of it, by name.
    Elsewhere(String),
    /// Not known before this is.
    Unknown(String),
}

/// One address space as parts that lie side by side.
pub struct SpaceView<'a> {
    pub prefix: Prefix,
    /// In order, without gaps and without overlap: every address of the space is in exactly one.
    pub parts: Vec<Part<'a>>,
    /// What overlaps a part, lane by lane.
    pub over: Vec<Vec<Part<'a>>>,
    /// The prefixes of all that is not free.
    pub taken: Vec<Prefix>,
}

/// A stretch of addresses with one use.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// First and last address as integers.
    pub first: u128,
    pub last: u128,
    pub what: What<'a>,
}

#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// The number of a subnet of the VNet.
    Subnet(usize),
    Reserved(&'a Range),
    /// The number of a range of the overview.
    Range(usize),
    Free,
}

/// A cluster with the lines of its pod ranges.
pub struct ClusterView<'a> {
    pub cluster: &'a Cluster,
    pub pods: Vec<&'a PodLine>,
}

impl<'a> View<'a> {
    /// Arranges a model with what the check found. `planned` holds the addresses of resources that do not exist yet.
    pub fn of(model: &'a Model, report: &'a Report, planned: &BTreeSet<String>) -> View<'a> {
        let place: BTreeMap<&ResourceId, usize> = model.vnets.iter().enumerate().map(|(i, v)| (&v.id, i)).collect();
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for vnet in &model.vnets {
            *names.entry(vnet.name.as_str()).or_default() += 1;
        }
        let lines = lines(report);
        let remarks = Remarks::of(report);
        let vnets = model.vnets.iter().map(|vnet| {
            let twice = names.get(vnet.name.as_str()).is_some_and(|n| *n > 1);
            let group = vnet.id.group().unwrap_or_default();
            let label = if twice { format!("{group}/{}", vnet.name) } else { vnet.name.clone() };
            let known: Vec<Prefix> = vnet.spaces.iter().filter_map(Cidr::prefix).collect();
            let complete = known.len() == vnet.spaces.len() && !known.is_empty();
            let mut subnets: Vec<SubnetView> = vnet.subnets.iter().map(|s| subnet_view(s, &known, complete, (&lines, &remarks), planned)).collect();
            subnets.sort_by_key(|s| (s.prefixes.is_empty(), s.prefixes.iter().min().copied(), s.subnet.name.clone()));
            let spaces = known.iter().map(|p| space_view(*p, &subnets, &model.ranges)).collect();
            let common = common(&subnets);
            VnetView { vnet, label, subnets, spaces, unknown: waiting(&vnet.spaces), peers: peers(vnet, &place), common }
        });
        let pods = |c: &Cluster| report.pod_cidrs.iter().filter(|l| l.cluster == c.name && l.origin.address == c.origin.address).collect();
        let clusters = model.clusters.iter().map(|cluster| ClusterView { cluster, pods: pods(cluster) }).collect();
        let vnets = vnets.collect();
        View { model, report, vnets, clusters, remarks }
    }

    /// On-premises or reserved ranges.
    pub fn ranges(&self, kind: RangeKind) -> impl Iterator<Item = &'a Range> {
        self.model.ranges.iter().filter(move |r| r.kind == kind)
    }

    /// The findings that are errors, and those that are not.
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.report.findings.iter().filter(|f| f.is_error()).count();
        (errors, self.report.findings.len() - errors)
    }
}

/// The report's lines by address, VNet and subnet.
type Lines<'a> = BTreeMap<(&'a str, &'a str, &'a str), &'a SubnetLine>;

fn lines(report: &Report) -> Lines<'_> {
    report.subnets.iter().map(|l| ((l.origin.address.as_str(), l.vnet.as_str(), l.subnet.as_str()), l)).collect()
}

fn subnet_view<'a>(
    subnet: &'a Subnet, spaces: &[Prefix], complete: bool, (lines, remarks): (&Lines<'a>, &Remarks), planned: &BTreeSet<String>,
) -> SubnetView<'a> {
    let vnet = subnet.id.parent().map(|p| p.name().to_owned()).unwrap_or_default();
    let line = lines.get(&(subnet.origin.address.as_str(), vnet.as_str(), subnet.name.as_str())).copied();
    let prefixes: Vec<Prefix> = subnet.prefixes.iter().filter_map(Cidr::prefix).collect();
    let outside: Vec<Prefix> = prefixes.iter().copied().filter(|p| complete && !spaces.iter().any(|s| s.contains(*p))).collect();
    let standing = line.map_or(Standing::Unknown, |l| Standing::of_subnet(l, remarks));
    let planned = planned.contains(&subnet.origin.address);
    SubnetView { subnet, line, unknown: waiting(&subnet.prefixes), prefixes, outside, standing, planned }
}

/// What the names of several subnets have in common at either end.
fn common(subnets: &[SubnetView]) -> (usize, usize) {
    let Some((first, rest)) = subnets.split_first().filter(|(_, rest)| !rest.is_empty()) else { return (0, 0) };
    let name = &first.subnet.name;
    let alike = |pick: &dyn Fn(&str) -> usize| rest.iter().map(|s| pick(&s.subnet.name)).min().unwrap_or(0);
    let front = alike(&|other| name.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count());
    let back = alike(&|other| name.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count());
    (front, back)
}

fn waiting(cidrs: &[Cidr]) -> Vec<&str> {
    cidrs.iter().filter_map(|c| if let Given::Unknown(name) = &c.given { Some(name.as_str()) } else { None }).collect()
}

fn peers(vnet: &Vnet, place: &BTreeMap<&ResourceId, usize>) -> Vec<Peer> {
    vnet.peerings
        .iter()
        .map(|p| match &p.remote {
            Known::Is(id) => place.get(id).map_or_else(|| Peer::Elsewhere(id.name().to_owned()), |i| Peer::Here(*i)),
            Known::Unknown(name) => Peer::Unknown(name.clone()),
        })
        .collect()
}

/// Lays subnets side by side; what overlaps another is put over it. Reserved ranges and free space fill the rest.
fn space_view<'a>(space: Prefix, subnets: &[SubnetView<'a>], ranges: &'a [Range]) -> SpaceView<'a> {
    let mut all: Vec<(Prefix, usize)> = subnets.iter().enumerate().flat_map(|(i, s)| s.prefixes.iter().map(move |p| (*p, i))).collect();
    all.retain(|(p, _)| space.contains(*p));
    all.sort();
    let mut lanes: Vec<Vec<Part>> = vec![Vec::new()];
    for (prefix, i) in &all {
        let part = Part { first: prefix.base, last: prefix.last_bits(), what: What::Subnet(*i) };
        match lanes.iter_mut().find(|lane| lane.last().is_none_or(|l| l.last < part.first)) {
            Some(lane) => lane.push(part),
            None => lanes.push(vec![part]),
        }
    }
    let mut lanes = lanes.into_iter();
    let mut parts = lanes.next().unwrap_or_default();
    let taken: Vec<Prefix> = all.iter().map(|(p, _)| *p).collect();
    parts.extend(gaps(space, &taken).into_iter().flat_map(|gap| unused(space, gap, ranges)));
    parts.sort_by_key(|p| p.first);
    let reserved = ranges.iter().filter(|r| r.kind == RangeKind::Reserved).filter_map(|r| r.cidr.prefix());
    let taken = taken.into_iter().chain(reserved.filter(|r| r.overlaps(space))).collect();
    SpaceView { prefix: space, parts, over: lanes.collect(), taken }
}

/// A gap between subnets: what of it is reserved, and what is free.
fn unused<'a>(space: Prefix, (first, last): (u128, u128), ranges: &'a [Range]) -> Vec<Part<'a>> {
    let reserved = ranges.iter().filter(|r| r.kind == RangeKind::Reserved);
    let mut clipped: Vec<(u128, u128, &Range)> = reserved
        .filter_map(|r| Some((r.cidr.prefix().filter(|p| p.v6 == space.v6)?, r)))
        .map(|(p, r)| (p.base.max(first), p.last_bits().min(last), r))
        .filter(|(a, b, _)| a <= b)
        .collect();
    clipped.sort_by_key(|(a, b, _)| (*a, *b));
    let mut out = Vec::new();
    let mut next = Some(first);
    for (a, b, range) in clipped {
        let Some(start) = next.filter(|n| *n <= b) else { continue };
        if a > start {
            out.push(Part { first: start, last: a - 1, what: What::Free });
        }
        out.push(Part { first: a.max(start), last: b, what: What::Reserved(range) });
        next = b.checked_add(1).filter(|n| *n <= last);
    }
    out.extend(next.map(|start| Part { first: start, last, what: What::Free }));
    out
}

impl VnetView<'_> {
    /// The free aligned blocks of all address spaces, in order: each as large as it can be.
    pub fn free(&self) -> Vec<Prefix> {
        self.spaces.iter().flat_map(SpaceView::free).collect()
    }

    /// How many addresses are free, and how many there are; of IPv4 where there are any, for IPv6 has more than anybody counts.
    pub fn room(&self) -> (u128, u128) {
        let v6 = self.spaces.iter().all(|s| s.prefix.v6);
        let counted = self.spaces.iter().filter(|s| s.prefix.v6 == v6);
        counted.fold((0, 0), |(free, all), s| (s.free_size().saturating_add(free), s.prefix.size().saturating_add(all)))
    }

    /// The names of the VNets that it is peered with, each once.
    pub fn peer_names(&self, view: &View) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for peer in &self.peers {
            let name = match peer {
                Peer::Here(i) => view.vnets.get(*i).map(|v| v.label.clone()).unwrap_or_default(),
                Peer::Elsewhere(name) => name.clone(),
                Peer::Unknown(what) => format!("({what})"),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl VnetView<'_> {
    /// A subnet's name without what the names of all subnets of the VNet begin and end with; for where there is little room.
    pub fn short<'n>(&self, subnet: &SubnetView<'n>) -> &'n str {
        let name = &subnet.subnet.name;
        let (front, back) = self.common;
        // Only whole words go.
        let is_break = |c: char| matches!(c, '-' | '_' | '.');
        let from = name.get(..front).and_then(|head| head.rfind(is_break)).map_or(0, |i| i + 1);
        let to = name.len() - back.min(name.len());
        let to = name.get(to..).and_then(|tail| tail.find(is_break)).map_or(name.len(), |i| to + i);
        name.get(from..to).filter(|s| !s.is_empty()).unwrap_or(name)
    }
}

impl SpaceView<'_> {
    pub fn free(&self) -> Vec<Prefix> {
        free_blocks(self.prefix, &self.taken)
    }

    /// Addresses in no subnet and not reserved.
    pub fn free_size(&self) -> u128 {
        self.parts.iter().filter(|p| matches!(p.what, What::Free)).map(Part::size).fold(0, u128::saturating_add)
    }
}

impl Part<'_> {
    /// Number of addresses; saturates for the whole of IPv6.
    pub fn size(&self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }
}
