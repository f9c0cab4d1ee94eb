//! Checks the address plan of 500 peered VNets with 10,000 subnets and 300 clusters, and of a tenth and a third of that, and reports
//! the median of runs and how it grows. `cargo bench --bench network`; a shape can be named: `-- mesh`.

// The fence around effects is for what ships.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

use std::{hint::black_box, time::Instant};

use ravelin::{
    base::{FileId, Prefix, ResourceId, Span},
    network::{
        Cidr, Cluster, Known, Model, NextHop, Origin, Peering, Plugin, Pool, Route, RouteTable, Subnet, Vnet, check,
        settings::{Day, Growth, Rate},
    },
};

const RUNS: usize = 9;
const SUBNETS: usize = 20;

/// How the VNets are peered, and what is wrong with them.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// Every VNet with the first, over an appliance.
    Hub,
    /// Every VNet with every other.
    Mesh,
    /// As the hub, and every subnet is too small.
    Full,
    /// As the hub, and all VNets have the same space.
    Same,
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    println!("{:>6}  {:>8}  {:>9}  {:>9}  {:>10}  {:>10}", "shape", "subnets", "clusters", "findings", "median", "worst");
    for (name, shape) in [("hub", Shape::Hub), ("mesh", Shape::Mesh), ("full", Shape::Full), ("same", Shape::Same)] {
        if !wanted.is_empty() && !wanted.iter().any(|w| w == name) {
            continue;
        }
        let mut before: Option<(usize, f64)> = None;
        for vnets in [50, 167, 500] {
            let model = model(shape, vnets);
            let findings = check(&model).findings.len();
            let mut times: Vec<f64> = (0..RUNS).map(|_| time(&model)).collect();
            times.sort_by(f64::total_cmp);
            let (median, size) = (times[RUNS / 2], vnets * SUBNETS);
            let growth = before.map_or(String::new(), |(small, t)| format!("   x{:.1} subnets took x{:.1} time", size as f64 / small as f64, median / t));
            println!("{name:>6}  {size:>8}  {:>9}  {findings:>9}  {median:>8.1}ms  {:>8.1}ms{growth}", model.clusters.len(), times[RUNS - 1]);
            before = Some((size, median));
        }
    }
}

fn time(model: &Model) -> f64 {
    let begun = Instant::now();
    black_box(check(black_box(model)));
    begun.elapsed().as_secs_f64() * 1000.0
}

fn span(n: usize) -> Option<Span> {
    Some(Span::new(FileId(0), n, n + 1))
}

fn model(shape: Shape, count: usize) -> Model {
    let group = ResourceId::group_scope("00000000-0000-0000-0000-000000000000", "rg-network");
    let ids: Vec<ResourceId> = (0..count).map(|v| group.provider("Microsoft.Network", "virtualNetworks", &format!("vnet-{v:03}"))).collect();
    let table = group.provider("Microsoft.Network", "routeTables", "to-firewall");
    let mut model = Model::default();
    for (v, id) in ids.iter().enumerate() {
        let place = if shape == Shape::Same { 0 } else { v as u128 };
        let space = Prefix { v6: false, base: 0x0a00_0000 + (place << 14), len: 18 };
        let mut vnet = Vnet::new(id.clone(), Origin::new(format!("azurerm_virtual_network.v[{v}]"), span(v)));
        vnet.spaces = vec![Cidr::of(space, span(v))];
        for s in 0..SUBNETS {
            let range = space.subnet(if shape == Shape::Full { 10 } else { 6 }, s as u128).expect("a subnet");
            let origin = Origin::new(format!("azurerm_subnet.s[\"{v}-{s}\"]"), span(v * SUBNETS + s));
            let mut subnet = Subnet::new(id.child("subnets", &format!("snet-{s:02}")), origin, vec![Cidr::of(range, span(s))]);
            subnet.route_table = Some(Known::Is(table.clone()));
            vnet.subnets.push(subnet);
        }
        let remotes: Vec<usize> = match (shape, v) {
            (Shape::Mesh, _) => (0..count).filter(|o| *o != v).collect(),
            (_, 0) => (1..count).collect(),
            _ => vec![0],
        };
        let peering = |o: usize| {
            let origin = Origin::new(format!("azurerm_virtual_network_peering.p[\"{v}-{o}\"]"), span(o));
            Peering { forwarded_traffic: true, ..Peering::new(Known::Is(ids[o].clone()), origin) }
        };
        vnet.peerings = remotes.into_iter().map(peering).collect();
        model.vnets.push(vnet);
    }
    let hop = NextHop::Appliance(Known::Is([10, 0, 0, 4].into()));
    let route = Route { name: "out".into(), origin: Origin::default(), destination: Some(Cidr::parse("0.0.0.0/0", None)), next_hop: hop };
    model.route_tables.push(RouteTable { id: table, origin: Origin::default(), routes: vec![route] });
    for c in 0..count * 3 / 5 {
        model.clusters.push(cluster(c, &model.vnets[c % count], shape));
    }
    if shape == Shape::Full {
        let taken = model.vnets.iter().flat_map(|v| &v.subnets).enumerate().map(|(i, s)| {
            let origin = Origin::new(format!("azurerm_network_interface.n[{i}]"), span(i));
            ravelin::network::Taken::new(ravelin::network::TakenKind::Frontend, Known::Is(s.id.clone()), origin, ravelin::network::Addresses::Dynamic(20))
        });
        model.taken = taken.collect();
    }
    model.settings.today = Some(Day(20_780));
    model.settings.growth.push(Growth { origin: Origin::default(), of: None, rate: Rate::Percent(2.0), horizon: Some(3) });
    model
}

fn cluster(c: usize, vnet: &Vnet, shape: Shape) -> Cluster {
    let pools = (0..3).map(|p| Pool {
        name: format!("pool{p}"),
        origin: Origin::new(format!("azurerm_kubernetes_cluster_node_pool.p[\"{c}-{p}\"]"), span(c)),
        count: Known::Is(3),
        max: Some(Known::Is(5)),
        max_pods: Known::Is(Some(30)),
        node_subnet: Some(Known::Is(vnet.subnets[p].id.clone())),
        ..Pool::default()
    });
    let plugin = if c.is_multiple_of(2) || shape == Shape::Full { Plugin::AzureOverlay } else { Plugin::Azure };
    Cluster {
        name: format!("aks-{c:03}"),
        origin: Origin::new(format!("azurerm_kubernetes_cluster.c[{c}]"), span(c)),
        plugin: Known::Is(plugin),
        pod_cidrs: vec![Cidr::parse("192.168.0.0/16", None)],
        service_cidrs: vec![Cidr::parse("172.16.0.0/16", None)],
        dns_service_ip: Some(Known::Is([172, 16, 0, 10].into())),
        pools: pools.collect(),
        ..Cluster::default()
    }
}
