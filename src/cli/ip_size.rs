//! `ravelin ip suggest -nodes=…`: the ranges that so many nodes need, without a blueprint.

use clap::{Args, ValueEnum};
use serde_json::{Value as J, json};

use crate::{
    base::{Diagnostic, Prefix, ResourceId},
    network::{self, Addresses, Cidr, Cluster, Known, Model, Origin, Plugin, Pool, Report, Subnet, Taken, TakenKind, Vnet, report::Demand},
    render::{
        Style,
        ip_table::{Line, Tone, table},
    },
};

/// How large, instead of a blueprint.
#[derive(Args, Debug, Default)]
pub struct Size {
    /// Work out the ranges for so many nodes; no blueprint is read.
    #[arg(long, value_name = "N", conflicts_with_all = ["dirs", "live", "sim"], value_parser = clap::value_parser!(u32).range(1..))]
    pub nodes: Option<u32>,
    /// The autoscaler's maximum, when it is more.
    #[arg(long, value_name = "N", requires = "nodes")]
    pub max_nodes: Option<u32>,
    /// Pods on each node; the network mode's default without it.
    #[arg(long, value_name = "N", requires = "nodes", value_parser = clap::value_parser!(u32).range(10..=250))]
    pub max_pods: Option<u32>,
    /// How nodes and pods get their addresses.
    #[arg(long, value_enum, default_value = "overlay", requires = "nodes")]
    pub mode: Mode,
    /// Extra nodes during an upgrade: a number or per cent; Azure's default without it.
    #[arg(long, value_name = "N|N%", requires = "nodes")]
    pub max_surge: Option<String>,
    /// Further addresses in the node subnet: load balancers, private endpoints, a reserve.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "nodes")]
    pub extra: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    #[default]
    Overlay,
    NodeSubnet,
    PodSubnet,
    PodSubnetStatic,
    Kubenet,
}

/// One range that is needed.
pub struct Sized {
    pub what: &'static str,
    /// Nothing: no range that Azure takes would do.
    pub length: Option<u8>,
    /// Addresses, or nodes for a pod range.
    pub room: u64,
    pub demand: Demand,
    pub arithmetic: Vec<String>,
}

impl Size {
    pub fn is_given(&self) -> bool {
        self.nodes.is_some()
    }
}

/// Ranges of growing size are checked until all three verdicts pass, by the check that blueprints are checked with.
pub fn sized(size: &Size) -> Result<Vec<Sized>, Diagnostic> {
    let mut lengths = [29u8, 29, 24];
    for _ in 0..80 {
        let report = network::check(&model(size, lengths)?);
        let mut grown = false;
        for (length, fits) in lengths.iter_mut().zip(fits(&report)) {
            if !fits && *length > 2 {
                *length -= 1;
                grown = true;
            }
        }
        if !grown {
            return Ok(told(size, &report, lengths));
        }
    }
    Err(Diagnostic::error("ip-size", "No range is large enough", "No range that Azure takes has room for so many nodes."))
}

/// Whether node subnet, pod subnet and pod range pass.
fn fits(report: &Report) -> [bool; 3] {
    let subnet = |name: &str| report.subnets.iter().filter(|l| l.subnet == name).all(|l| l.demand.most() <= l.usable);
    [subnet("nodes"), subnet("pods"), report.pod_cidrs.iter().all(|l| l.demand.most() <= l.nodes)]
}

fn model(size: &Size, [nodes, pods, pod_range]: [u8; 3]) -> Result<Model, Diagnostic> {
    let vnet_id = ResourceId::group_scope("sized", "sized").provider("Microsoft.Network", "virtualNetworks", "sized");
    let origin = |address: &str| Origin::new(address, None);
    // Each in a block of its own, so that nothing of it overlaps.
    let block = |text: &str, len: u8| text.parse::<std::net::IpAddr>().ok().and_then(|a| Prefix::around(a, len)).map(|p| Cidr::of(p, None));
    let subnet = |name: &str, range: Option<Cidr>| Subnet::new(vnet_id.child("subnets", name), origin(name), range.into_iter().collect());
    let with_pods = matches!(size.mode, Mode::PodSubnet | Mode::PodSubnetStatic);
    let mut vnet = Vnet::new(vnet_id.clone(), origin("vnet"));
    vnet.subnets.push(subnet("nodes", block("16.0.0.0", nodes)));
    vnet.subnets.extend(with_pods.then(|| subnet("pods", block("48.0.0.0", pods))));
    let plugin = match size.mode {
        Mode::Overlay => Plugin::AzureOverlay,
        Mode::Kubenet => Plugin::Kubenet,
        Mode::NodeSubnet | Mode::PodSubnet | Mode::PodSubnetStatic => Plugin::Azure,
    };
    let count = size.nodes.unwrap_or(1);
    if let Some(surge) = size.max_surge.as_deref().filter(|s| network::demand::Surge::parse(s).is_none()) {
        let detail = format!("{surge:?} is neither a number of nodes nor a percentage such as 33%.");
        return Err(Diagnostic::error("ip-size", "Surge cannot be read", detail));
    }
    let pool = Pool {
        name: "nodes".to_owned(),
        count: Known::Is(count),
        max: size.max_nodes.filter(|m| *m > count).map(Known::Is),
        max_pods: Known::Is(size.max_pods),
        max_surge: Known::Is(size.max_surge.clone()),
        node_subnet: Some(Known::Is(vnet_id.child("subnets", "nodes"))),
        pod_subnet: with_pods.then(|| Known::Is(vnet_id.child("subnets", "pods"))),
        static_blocks: size.mode == Mode::PodSubnetStatic,
        ..Pool::default()
    };
    let pod_cidrs = if matches!(size.mode, Mode::Overlay | Mode::Kubenet) { block("80.0.0.0", pod_range).into_iter().collect() } else { Vec::new() };
    let cluster = Cluster { name: "sized".to_owned(), plugin: Known::Is(plugin), pod_cidrs, pools: vec![pool], ..Cluster::default() };
    let nodes = Known::Is(vnet_id.child("subnets", "nodes"));
    let further = Taken { what: "further addresses".to_owned(), ..Taken::new(TakenKind::Other, nodes, origin("(-extra)"), Addresses::Dynamic(size.extra)) };
    let taken = if size.extra > 0 { vec![further] } else { Vec::new() };
    Ok(Model { vnets: vec![vnet], clusters: vec![cluster], taken, ..Model::default() })
}

/// The ranges in words; a sum names the block that was tried, which is nobody's.
fn told(size: &Size, report: &Report, lengths: [u8; 3]) -> Vec<Sized> {
    let anonymous =
        |lines: &[String]| -> Vec<String> { lines.iter().map(|l| l.replace("16.0.0.0/", "/").replace("48.0.0.0/", "/").replace("80.0.0.0/", "/")).collect() };
    let subnets = report.subnets.iter().map(|l| {
        let (what, length) = if l.subnet == "pods" { ("pod subnet", lengths[1]) } else { ("node subnet", lengths[0]) };
        Sized { what, length: Some(length).filter(|_| l.demand.most() <= l.usable), room: l.usable, demand: l.demand, arithmetic: anonymous(&l.arithmetic) }
    });
    let pods = report.pod_cidrs.iter().filter(|_| matches!(size.mode, Mode::Overlay | Mode::Kubenet)).map(|l| Sized {
        what: "pod range",
        length: Some(lengths[2]).filter(|_| l.demand.most() <= l.nodes),
        room: l.nodes,
        demand: l.demand,
        arithmetic: anonymous(&l.arithmetic),
    });
    subnets.chain(pods).collect()
}

pub fn sized_text(size: &Size, ranges: &[Sized], style: &Style) -> String {
    let mut lines = Vec::new();
    for range in ranges {
        let length = range.length.map_or_else(|| "none".to_owned(), |l| format!("/{l}"));
        let unit = if range.what == "pod range" { "nodes" } else { "addresses" };
        let [now, most, peak] = [range.demand.now, range.demand.autoscaled, range.demand.peak].map(|n| n.to_string());
        lines.push(Line::Cells(vec![range.what.to_owned(), length, format!("{} {unit}", range.room), now, most, peak], Tone::Plain));
        lines.extend(range.arithmetic.iter().map(|l| Line::Note(l.clone())));
    }
    let head = ["", "smallest", "room", "now", "autoscaled", "peak"];
    let mut out = table(&head, &lines, &[2, 3, 4, 5], 0, style);
    if size.mode == Mode::Overlay {
        out.push_str("\nThe pod range may be the same as another cluster's that it does not talk to; it must not overlap a subnet of its VNet.\n");
    }
    out
}

pub fn sized_json(ranges: &[Sized]) -> J {
    let each = ranges.iter().map(|r| {
        let unit = if r.what == "pod range" { "nodes" } else { "addresses" };
        json!({ "what": r.what.replace(' ', "-"), "length": r.length, "room": r.room, "unit": unit, "demand": r.demand, "arithmetic": r.arithmetic })
    });
    json!({ "format_version": crate::render::ip_json::FORMAT, "ranges": each.collect::<Vec<_>>() })
}
