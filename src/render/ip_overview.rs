//! All ranges of an address plan side by side: VNets, pods, services, on-premises; by the private block they lie in.

use std::collections::BTreeMap;

use crate::{
    base::Prefix,
    network::{Cidr, RangeKind},
};

use super::ip_view::{Part, SpaceView, View, What};

/// A range of the overview.
pub struct Named {
    pub prefix: Prefix,
    pub use_: Use,
    /// Who has it; several may have the same.
    pub names: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    Network,
    Pods,
    Services,
    OnPremises,
    Reserved,
}

impl Use {
    pub fn words(self) -> &'static str {
        match self {
            Use::Network => "VNet",
            Use::Pods => "pods of",
            Use::Services => "services of",
            Use::OnPremises => "on premises:",
            Use::Reserved => "reserved:",
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            Use::Network => "net",
            Use::Pods => "pods",
            Use::Services => "services",
            Use::OnPremises => "onprem",
            Use::Reserved => "reserved",
        }
    }
}

impl Named {
    /// `pods of aks-a, aks-b`.
    pub fn label(&self) -> String {
        let names = self.names.join(", ");
        if self.use_ == Use::Network { names } else { format!("{} {names}", self.use_.words()) }
    }
}

/// Blocks that private ranges come from, so that what is far apart is not drawn on one scale.
const BLOCKS: [&str; 5] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/// Every range once, in order, and the spaces that hold them: each the smallest prefix around what lies in its block.
pub fn overview<'a>(view: &View<'a>) -> (Vec<Named>, Vec<SpaceView<'a>>) {
    let named = named(view);
    let blocks: Vec<Prefix> = BLOCKS.iter().filter_map(|b| b.parse().ok()).collect();
    let mut groups: BTreeMap<Prefix, Vec<usize>> = BTreeMap::new();
    for (i, range) in named.iter().enumerate() {
        let home = blocks.iter().find(|b| b.contains(range.prefix)).copied();
        let other = Prefix::around(range.prefix.first(), range.prefix.len.min(8)).unwrap_or(range.prefix);
        groups.entry(home.unwrap_or(other)).or_default().push(i);
    }
    let spaces = groups.into_values().filter_map(|members| space(&named, &members)).collect();
    (named, spaces)
}

fn named(view: &View) -> Vec<Named> {
    let mut found: BTreeMap<(Prefix, Use), Vec<String>> = BTreeMap::new();
    let mut add = |prefix: Prefix, use_: Use, name: &str| {
        let names = found.entry((prefix, use_)).or_default();
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    };
    for vnet in &view.vnets {
        vnet.spaces.iter().for_each(|s| add(s.prefix, Use::Network, &vnet.label));
    }
    for cluster in &view.clusters {
        cluster.pods.iter().for_each(|p| add(p.prefix, Use::Pods, &cluster.cluster.name));
        cluster.cluster.service_cidrs.iter().filter_map(Cidr::prefix).for_each(|p| add(p, Use::Services, &cluster.cluster.name));
    }
    for range in &view.model.ranges {
        let Some(prefix) = range.cidr.prefix() else { continue };
        match range.kind {
            RangeKind::OnPremises => add(prefix, Use::OnPremises, &range.name),
            // What is reserved inside a VNet is drawn there.
            RangeKind::Reserved if view.vnets.iter().flat_map(|v| &v.spaces).any(|s| s.prefix.contains(prefix)) => {}
            RangeKind::Reserved => add(prefix, Use::Reserved, &range.name),
        }
    }
    found.into_iter().map(|((prefix, use_), names)| Named { prefix, use_, names }).collect()
}

fn space<'a>(named: &[Named], members: &[usize]) -> Option<SpaceView<'a>> {
    let ranges: Vec<(Prefix, usize)> = members.iter().filter_map(|i| Some((named.get(*i)?.prefix, *i))).collect();
    let (first, last) = (ranges.iter().map(|(p, _)| *p).min_by_key(|p| p.base)?, ranges.iter().map(|(p, _)| *p).max_by_key(|p| p.last_bits())?);
    let around = (0..=first.len).rev().filter_map(|len| Prefix::around(first.first(), len)).find(|p| p.contains(last) && p.contains(first))?;
    let mut lanes: Vec<Vec<Part>> = vec![Vec::new()];
    for (prefix, i) in &ranges {
        let part = Part { first: prefix.base, last: prefix.last_bits(), what: What::Range(*i) };
        match lanes.iter_mut().find(|lane| lane.last().is_none_or(|l| l.last < part.first)) {
            Some(lane) => lane.push(part),
            None => lanes.push(vec![part]),
        }
    }
    let mut lanes = lanes.into_iter();
    let mut parts = lanes.next().unwrap_or_default();
    let taken: Vec<Prefix> = ranges.iter().map(|(p, _)| *p).collect();
    parts.extend(crate::network::space::gaps(around, &taken).into_iter().map(|(first, last)| Part { first, last, what: What::Free }));
    parts.sort_by_key(|p| p.first);
    Some(SpaceView { prefix: around, parts, over: lanes.collect(), taken })
}
