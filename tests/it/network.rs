//! Tests of the `network` room: a model as text in, the report as text out; every figure of the fact sheet; laws.

mod allocate;
mod settings;

use std::{collections::BTreeMap, fmt::Write};

use expect_test::{Expect, expect};
use proptest::prelude::*;
use ravelin::{
    base::{FileId, Prefix, ResourceId, Span},
    network::{Addresses, Cidr, Cluster, Known, Model, Origin, Peering, Plugin, Pool, Range, RangeKind, Report, Subnet, Taken, Vnet, check, demand, space},
};

// A model as text.

/// Reads a model: one thing a line, `name=value` for its figures; parts are indented below what they belong to.
fn model(text: &str) -> Model {
    let mut model = Model::default();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (word, name) = (words[0], words.get(1).copied().unwrap_or(""));
        let origin = Origin::new(format!("{word}.{name}"), Some(span(i)));
        let rest = &words[2.min(words.len())..];
        let value = |key: &str| rest.iter().find_map(|w| w.strip_prefix(key)?.strip_prefix('='));
        let flag = |key: &str| rest.contains(&key);
        let cidrs = || rest.iter().filter(|w| !w.contains('=') && (w.contains('/') || w.starts_with('?'))).map(|w| cidr(w, i)).collect::<Vec<_>>();
        match word {
            "vnet" => model.vnets.push(Vnet { spaces: cidrs(), ..Vnet::new(vnet_id(name), origin) }),
            "subnet" => {
                let vnet = model.vnets.last_mut().unwrap();
                let mut subnet = Subnet::new(vnet.id.child("subnets", name), origin, cidrs());
                subnet.delegations.extend(value("delegated").map(str::to_owned));
                subnet.used_by_others = number(value("others")).unwrap_or(0).into();
                vnet.subnets.push(subnet);
            }
            "peer" => model.vnets.last_mut().unwrap().peerings.push(Peering { remote: known(name, vnet_id), origin }),
            "cluster" => model.clusters.push(Cluster {
                name: name.to_owned(),
                origin,
                plugin: known(rest.first().unwrap_or(&"overlay"), plugin),
                pod_cidrs: value("pods").into_iter().flat_map(|v| v.split(',')).map(|c| cidr(c, i)).collect(),
                service_cidrs: value("service").into_iter().flat_map(|v| v.split(',')).map(|c| cidr(c, i)).collect(),
                dns_service_ip: value("dns").map(|d| known(d, |d| d.parse().unwrap())),
                private: flag("private"),
                api_server_subnet: value("api").map(|s| known(s, subnet_id)),
                pools: Vec::new(),
            }),
            "pool" => model.clusters.last_mut().unwrap().pools.push(Pool {
                name: name.to_owned(),
                origin,
                count: value("count").map_or(Known::Is(1), |c| known(c, |c| c.parse().unwrap())),
                max: value("max").map(|c| known(c, |c| c.parse().unwrap())),
                max_pods: Known::Is(number(value("pods"))),
                max_surge: Known::Is(value("surge").map(str::to_owned)),
                spot: flag("spot"),
                blue_green: flag("blue-green"),
                rotates: flag("rotates"),
                windows: flag("windows"),
                node_subnet: value("in").map(|s| known(s, subnet_id)),
                pod_subnet: value("pods-in").map(|s| known(s, subnet_id)),
                static_blocks: flag("static"),
                expected_pods: number(value("expect")),
            }),
            "taken" => {
                let addresses = rest[1].parse().map(Addresses::Dynamic).unwrap_or_else(|_| Addresses::Static(rest[1].parse().unwrap()));
                model.taken.push(Taken { subnet: known(rest[0], subnet_id), origin, what: "network interface".into(), addresses });
            }
            "on-premises" | "reserved" => {
                let kind = if word == "reserved" { RangeKind::Reserved } else { RangeKind::OnPremises };
                model.ranges.push(Range { name: name.to_owned(), origin, cidr: cidr(rest[0], i), kind });
            }
            other => panic!("unknown word {other}"),
        }
    }
    model
}

fn number(text: Option<&str>) -> Option<u32> {
    text.map(|t| t.parse().unwrap())
}

/// `?name` is unknown.
fn known<T>(text: &str, f: impl Fn(&str) -> T) -> Known<T> {
    text.strip_prefix('?').map_or_else(|| Known::Is(f(text)), |name| Known::Unknown(name.to_owned()))
}

fn cidr(text: &str, line: usize) -> Cidr {
    text.strip_prefix('?').map_or_else(|| Cidr::parse(text, Some(span(line))), |name| Cidr::unknown(name, Some(span(line))))
}

fn plugin(text: &str) -> Plugin {
    let (plugin, mode) = if text == "overlay" { ("azure", Some("overlay")) } else { (text, None) };
    Plugin::of(Some(plugin), mode).unwrap()
}

/// Lines of the model stand for places in a source.
fn span(line: usize) -> Span {
    Span::new(FileId(0), line + 1, line + 1)
}

fn vnet_id(name: &str) -> ResourceId {
    ResourceId::parse(&format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/{name}")).unwrap()
}

/// `vnet/subnet`.
fn subnet_id(path: &str) -> ResourceId {
    let (vnet, subnet) = path.split_once('/').unwrap();
    // Ids are compared without case.
    vnet_id(&vnet.to_uppercase()).child("subnets", subnet)
}

fn show(report: &Report) -> String {
    let mut out = String::new();
    for f in &report.findings {
        let d = f.diagnostic();
        let line = |s: Option<Span>| s.map_or("-".to_owned(), |s| s.start.to_string());
        writeln!(out, "{:?} {} at line {}: {}\n  {}", d.severity, d.code, line(d.span), d.summary, d.detail).unwrap();
        for r in &d.related {
            writeln!(out, "  line {}: {}", line(Some(r.span)), r.message).unwrap();
        }
        if let Some(hint) = d.hint {
            writeln!(out, "  {hint}").unwrap();
        }
    }
    for u in &report.unknowns {
        writeln!(out, "unknown {}: {}", u.origin.address, u.what).unwrap();
    }
    if out.is_empty() { "fine\n".into() } else { out }
}

fn check_text(text: &str, expected: Expect) {
    expected.assert_eq(&show(&check(&model(text))));
}

fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

fn codes(text: &str) -> Vec<&'static str> {
    check(&model(text)).findings.iter().map(|f| f.code).collect()
}

// The figures of the fact sheet, each with its source.

#[test]
fn usable_addresses() {
    // Azure virtual network FAQ: five kept in each subnet.
    let table = [
        (29, 3),
        (28, 11),
        (27, 27),
        (26, 59),
        (25, 123),
        (24, 251),
        (23, 507),
        (22, 1019),
        (21, 2043),
        (20, 4091),
        (19, 8187),
        (18, 16379),
        (17, 32763),
        (16, 65531),
    ];
    for (len, usable) in table {
        assert_eq!(demand::usable(Prefix::around([10, 0, 0, 0].into(), len).unwrap()), usable, "/{len}");
    }
}

#[test]
fn surge() {
    let table = [
        (4, "50%", false, 2, "AKS docs: 5 pools of 4 nodes at 50% need 10 extra"),
        (8, "10%", false, 1, "support article: 8 nodes become 9"),
        (1, "10%", false, 1, "rounding up"),
        (3, "33%", false, 1, "rounding"),
        (5, "33%", false, 2, "rounding"),
        (10, "33%", false, 4, "rounding"),
        (20, "10%", false, 2, "exact"),
        (21, "10%", false, 3, "rounding"),
        (100, "33%", false, 33, "exact"),
        (2, "200%", false, 2, "capped at the nodes there are"),
        (3, "5", false, 3, "capped at the nodes there are"),
        (6, "", false, 1, "default of 10%"),
        (10, "33%", true, 0, "AKS docs: no surge nodes for Spot pools"),
    ];
    for (nodes, text, spot, expected, source) in table {
        let surge = if text.is_empty() { demand::DEFAULT_SURGE } else { demand::Surge::parse(text).unwrap() };
        assert_eq!(demand::surge_nodes(surge, nodes, spot, false), expected, "{nodes} @ {text}: {source}");
    }
    assert_eq!(demand::Surge::parse("a few"), None);
}

#[test]
fn node_subnet_demand() {
    let table = [
        (50, 1, 30, 1581, 21, "AKS IP planning page"),
        (60, 1, 30, 1891, 21, "AKS IP planning page: 50 + 10 + 1 nodes"),
        (10, 0, 30, 310, 23, "Azure/AKS issue 456: 310 exceeds 251"),
        (5, 0, 100, 505, 23, "azurerm pull request 5735"),
        (3, 0, 110, 333, 23, "rancher issue 20784"),
        (8, 0, 30, 248, 24, "kubenet page: a /24 holds 8 nodes"),
        (8, 1, 30, 279, 23, "computed: a full /24 cannot surge"),
        (7, 1, 30, 248, 24, "computed"),
        (4, 0, 250, 1004, 22, "computed"),
        (100, 33, 30, 4123, 19, "computed"),
        (5, 1, 60, 366, 23, "AKS baseline: 366 + 6 = 372"),
    ];
    for (nodes, surge, max_pods, need, smallest, source) in table {
        let each = demand::Ipam::NodeSubnet.per_node(max_pods);
        assert_eq!((nodes + surge) * each, need, "{source}");
        assert_eq!(demand::subnet_for(need), Some(smallest), "{source}");
    }
}

#[test]
fn nodes_that_fit() {
    // AKS IP planning arithmetic, node subnet, no surge: /24 /23 /22 /21 /20.
    let table = [(10, [22, 46, 92, 185, 371]), (30, [8, 16, 32, 65, 131]), (50, [4, 9, 19, 40, 80]), (110, [2, 4, 9, 18, 36]), (250, [1, 2, 4, 8, 16])];
    for (max_pods, row) in table {
        for (len, nodes) in (20..=24).rev().zip(row) {
            let usable = demand::usable(Prefix::around([10, 0, 0, 0].into(), len).unwrap());
            assert_eq!(demand::nodes_that_fit(usable, demand::Ipam::NodeSubnet.per_node(max_pods)), nodes, "max pods {max_pods}, /{len}");
        }
    }
}

#[test]
fn kubenet_figures() {
    // Kubenet page: a /24 holds 251 nodes with 27,610 pods at 110 each; a cluster ends at 400 routes.
    let nodes = demand::nodes_that_fit(demand::usable(prefix("10.0.0.0/24")), demand::Ipam::Kubenet.per_node(110));
    assert_eq!((nodes, nodes * u64::from(demand::Ipam::Kubenet.default_max_pods()), demand::KUBENET_NODES), (251, 27_610, 400));
    // azure-docs issue 38600: 20 nodes need a /19.
    assert_eq!(demand::pod_cidr_for(20, false), 19);
}

#[test]
fn overlay_figures() {
    // AKS overlay page: a /24 a node, nothing kept back.
    for (len, nodes) in [(12, 4096), (16, 256), (17, 128), (18, 64), (20, 16), (22, 4)] {
        let p = Prefix::around([10, 0, 0, 0].into(), len).unwrap();
        assert_eq!((demand::pod_cidr_nodes(p), demand::pod_cidr_for(nodes, false)), (nodes, len));
    }
    // AKS dual-stack page: a /80 a node of the IPv6 range.
    assert_eq!(demand::pod_cidr_nodes(prefix("fd12:3456:789a::/64")), 65_536);
    // AKS page on expanding the pod range.
    for (from, to, allowed) in [("10.244.0.0/18", "10.244.0.0/16", true), ("10.244.0.0/16", "10.244.0.0/18", false), ("10.244.0.0/18", "10.245.0.0/16", false)]
    {
        assert_eq!(demand::pod_cidr_may_become(prefix(from), prefix(to)), allowed, "{from} to {to}");
    }
}

#[test]
fn dynamic_pod_subnet_figures() {
    // Azure CNS, math_test.go: demand, batch, buffer in hundredths, maximum.
    let none = u64::MAX;
    let table = [
        (0, 16, 50, none, 16),
        (8, 16, 50, none, 16),
        (16, 16, 50, none, 32),
        (32, 16, 50, none, 48),
        (48, 16, 50, none, 64),
        (10, 1, 50, none, 11),
        (10, 16, 0, none, 16),
        (13, 1, 0, none, 13),
        (500, 16, 50, 250, 250),
        // AKS pod subnet page: 25 pods.
        (25, 16, 50, none, 48),
    ];
    for (pods, batch, buffer, max, expected) in table {
        assert_eq!(demand::dynamic_target(pods, batch, buffer, max), expected, "{pods} pods");
    }
    // azure-docs issue 97370: a /24 starts 15 nodes; /22 computed.
    for (range, nodes) in [("10.0.0.0/24", 15), ("10.0.0.0/22", 63)] {
        assert_eq!(demand::nodes_that_fit(demand::usable(prefix(range)), demand::BATCH), nodes);
    }
}

#[test]
fn static_pod_subnet_figures() {
    // AKS static block page: pods per node, blocks, addresses wasted.
    for (max_pods, blocks, waste) in [(15, 1, 0), (30, 2, 1), (31, 2, 0), (32, 3, 15), (47, 3, 0), (110, 7, 1), (111, 7, 0), (250, 16, 5)] {
        let found = demand::static_blocks(max_pods);
        assert_eq!((found, found * 16 - u64::from(max_pods) - 1), (blocks, waste), "{max_pods} pods");
    }
}

#[test]
fn pods_per_node_rule() {
    // AKS IP planning page.
    for (max_pods, count, valid) in [(10, 3, true), (10, 2, false), (9, 10, false), (251, 3, false), (250, 1, true)] {
        assert_eq!(demand::max_pods_allowed(max_pods, count), valid, "{max_pods} × {count}");
    }
}

#[test]
fn overlap_figures() {
    // AKS networking pages: what overlaps what.
    let cluster = |ranges: &str, subnet: &str, space: &str| {
        codes(&format!("vnet v {space}\nsubnet s {subnet}\ncluster c overlay {ranges}\npool p in=v/s")).contains(&"IP-OVERLAP")
    };
    assert!(cluster("pods=10.244.0.0/16", "10.244.1.0/24", "10.244.0.0/22"));
    assert!(cluster("service=10.0.0.0/16 dns=10.0.0.10", "10.0.10.0/24", "10.0.10.0/24"));
    assert!(!cluster("service=10.0.0.0/16 dns=10.0.0.10", "10.1.0.0/24", "10.1.0.0/24"));
    assert!(!cluster("pods=10.240.100.0/24", "10.240.0.0/24", "10.240.0.0/24"));
    assert_eq!(codes("cluster c overlay pods=172.16.0.0/12\npool p"), ["IP-FORBIDDEN", "IP-FORBIDDEN"]);
}

#[test]
fn dns_figures() {
    for (service, dns, valid) in
        [("10.0.0.0/16", "10.0.0.10", true), ("10.200.0.0/16", "10.0.0.10", false), ("10.0.0.0/16", "10.0.0.1", false), ("172.16.0.0/16", "172.16.0.10", true)]
    {
        let found = codes(&format!("cluster c overlay service={service} dns={dns}\npool p"));
        assert_eq!(found.contains(&"IP-DNS"), !valid, "{service} {dns}");
    }
}

#[test]
fn resource_provider_figures() {
    let line = |text: &str| check(&model(text)).pod_cidrs[0].demand;
    // AKS-Construction issue 701: five nodes in a /22 need 1280, there are 1024.
    let report = check(&model("cluster c overlay pods=10.240.100.0/22\npool p count=5 surge=0"));
    assert_eq!((report.pod_cidrs[0].demand.now * 256, report.pod_cidrs[0].nodes * 256), (1280, 1024));
    // AKS issue 3686: two pools of at most 999 count as 1998.
    assert_eq!(line("cluster c overlay\npool a max=999 surge=0\npool b max=999 surge=0").autoscaled, 1998);
    // AKS baseline: pools of at most 4 and 5 at 33% peak at 13 nodes.
    let baseline = check(&model(
        "vnet v 10.240.0.0/16\nsubnet s 10.240.0.0/22\ncluster c overlay service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/16\npool a max=4 surge=33% in=v/s\npool b max=5 surge=33% in=v/s",
    ));
    assert_eq!(baseline.subnets[0].demand.peak, 13);
    assert_eq!(baseline.findings, []);
}

/// The same tables in the shape of the fact sheet's companion file, when it is at hand.
#[test]
fn the_companion_file_agrees() {
    let Ok(folder) = std::env::var("RAVELIN_TRUTH") else { return };
    let Ok(text) = std::fs::read_to_string(std::path::Path::new(&folder).join("vectors.json")) else { return };
    let v: serde_json::Value = serde_json::from_str(&text).unwrap();
    for case in v["node_subnet"].as_array().unwrap() {
        let n = |k: &str| case[k].as_u64().unwrap();
        let need = (n("nodes") + n("surge")) * demand::Ipam::NodeSubnet.per_node(n("max_pods") as u32);
        assert_eq!((need, demand::subnet_for(need).map(u64::from)), (n("need"), Some(n("smallest_prefix"))), "{case}");
    }
    for case in v["surge"].as_array().unwrap() {
        let surge = case["max_surge"].as_str().map_or(demand::DEFAULT_SURGE, |s| demand::Surge::parse(s).unwrap());
        let found = demand::surge_nodes(surge, case["nodes"].as_u64().unwrap(), case["spot"].as_bool().unwrap_or(false), false);
        assert_eq!(Some(found), case["expect"].as_u64(), "{case}");
    }
}

// Capacity.

#[test]
fn a_sound_landing_zone_is_fine() {
    let text = "
vnet hub 10.0.0.0/20
subnet external 10.0.0.0/26
subnet internal 10.0.0.64/26
subnet AzureBastionSubnet 10.0.1.0/26
subnet GatewaySubnet 10.0.1.64/27
taken fgt-a hub/internal 10.0.0.68
taken fgt-b hub/internal 10.0.0.69
taken ilb hub/internal 10.0.0.70
vnet spoke 10.1.0.0/16
subnet nodes 10.1.0.0/22
subnet pods 10.1.16.0/20
peer hub
cluster aks azure service=172.16.0.0/16 dns=172.16.0.10 private
pool system count=3 pods=110 surge=33% in=spoke/nodes pods-in=spoke/pods
pool user count=3 max=20 pods=110 surge=33% in=spoke/nodes pods-in=spoke/pods
";
    check_text(
        text,
        expect![[r#"
        fine
    "#]],
    );
    let report = check(&model(text));
    let table: Vec<String> = report.subnets.iter().map(|s| format!("{} {} {:?} {} {:?}", s.subnet, s.usable, s.demand, s.free, s.verdict)).collect();
    expect![[r#"
        external 59 Demand { now: 0, autoscaled: 0, peak: 0 } 59 Fits
        internal 59 Demand { now: 3, autoscaled: 3, peak: 3 } 56 Fits
        AzureBastionSubnet 59 Demand { now: 0, autoscaled: 0, peak: 0 } 59 Fits
        GatewaySubnet 27 Demand { now: 0, autoscaled: 0, peak: 0 } 27 Fits
        nodes 1019 Demand { now: 7, autoscaled: 24, peak: 32 } 1012 Fits
        pods 4091 Demand { now: 660, autoscaled: 2530, peak: 3410 } 3431 Fits"#]]
    .assert_eq(&table.join("\n"));
}

#[test]
fn a_node_subnet_that_is_full_now() {
    check_text(
        "
vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24
subnet next 10.1.2.0/24
cluster c azure service=172.16.0.0/16 dns=172.16.0.10 private
pool system count=10 surge=1 in=v/nodes
",
        expect![[r#"
            Error IP-NODE-CAPACITY at line 3: Subnet is too small for its nodes
              Subnet "nodes" (10.1.0.0/24) of VNet "v" can give out 251 addresses; pool "system" of cluster "c" needs 311 now, 60 more than there are (and 342 at the peak of an upgrade).
              10.1.0.0/24: 256 addresses less 5 that Azure keeps = 251
              pool "system", nodes: 10 nodes × (30 + 1) = 310 now; upgrade adds 1 (surge) × 31 = 31
              private endpoint of cluster "c": 1
              now 311 > 251; at maximum 311 > 251; at peak 342 > 251
              line 6: pool "system" of cluster "c"
              The smallest range that would do is a /23: 10.1.0.0/23 is free.
        "#]],
    );
}

#[test]
fn a_node_subnet_that_is_full_at_the_maximum() {
    check_text(
        "
vnet v 10.1.0.0/24
subnet nodes 10.1.0.0/25
cluster c azure service=172.16.0.0/16 dns=172.16.0.10
pool system count=1 in=v/nodes
pool user count=2 max=4 pods=50 surge=2 in=v/nodes
pool spot count=1 spot in=v/nodes
",
        expect![[r#"
            Error IP-NODE-CAPACITY at line 3: Subnet is too small for its nodes
              Subnet "nodes" (10.1.0.0/25) of VNet "v" can give out 123 addresses; pool "system" of cluster "c", pool "user" of cluster "c" and pool "spot" of cluster "c" need 164 now, 41 more than there are (and 266 at the autoscaler's maximum, 399 at the peak of an upgrade). The largest free block of the VNet is a /24.
              10.1.0.0/25: 128 addresses less 5 that Azure keeps = 123
              pool "system", nodes: 1 node × (30 + 1) = 31 now; upgrade adds 1 (10% of 1) × 31 = 31
              pool "user", nodes: 2 nodes × (50 + 1) = 102 now; 4 × 51 = 204 at maximum; upgrade adds 2 (surge) × 51 = 102
              pool "spot", nodes: 1 node × (30 + 1) = 31 now
              now 164 > 123; at maximum 266 > 123; at peak 399 > 123
              line 5: pool "system" of cluster "c"
              line 6: pool "user" of cluster "c"
              line 7: pool "spot" of cluster "c"
              The smallest range that would do is a /23, for which there is no free place.
        "#]],
    );
}

#[test]
fn a_node_subnet_without_room_for_an_upgrade() {
    check_text(
        "
vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24
cluster c azure service=172.16.0.0/16 dns=172.16.0.10
pool system count=8 in=v/nodes
",
        expect![[r#"
            Error IP-UPGRADE-HEADROOM at line 3: Subnet leaves no room for an upgrade
              Subnet "nodes" (10.1.0.0/24) of VNet "v" can give out 251 addresses; pool "system" of cluster "c" needs 248 at most, but the next upgrade needs 31 more and 3 are left.
              10.1.0.0/24: 256 addresses less 5 that Azure keeps = 251
              pool "system", nodes: 8 nodes × (30 + 1) = 248 now; upgrade adds 1 (10% of 8) × 31 = 31
              now 248 ≤ 251; at maximum 248 ≤ 251; at peak 279 > 251
              line 5: pool "system" of cluster "c"
              The smallest range that would do is a /23: 10.1.0.0/23 is free.
        "#]],
    );
}

#[test]
fn a_rotation_takes_as_much_as_the_pool() {
    let demand = |flags: &str| {
        check(&model(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/22\ncluster c overlay service=172.16.0.0/16 dns=172.16.0.10\npool a count=4 in=v/s {flags}\npool b count=6 in=v/s"))).subnets[0].demand.peak
    };
    assert_eq!((demand(""), demand("rotates"), demand("blue-green"), demand("surge=0")), (12, 14, 15, 11));
}

#[test]
fn pod_subnets() {
    check_text(
        "
vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24
subnet pods 10.1.1.0/24
subnet blocks 10.1.2.0/26
cluster c azure service=172.16.0.0/16 dns=172.16.0.10
pool dynamic count=3 pods=110 in=v/nodes pods-in=v/pods
pool sparse count=3 pods=110 expect=5 in=v/nodes pods-in=v/pods
pool static count=2 pods=32 static in=v/nodes pods-in=v/blocks
",
        expect![[r#"
            Error IP-POD-CAPACITY at line 5: Subnet is too small for its pods
              Subnet "blocks" (10.1.2.0/26) of VNet "v" can give out 32 addresses; pool "static" of cluster "c" needs 96 now, 64 more than there are (and 144 at the peak of an upgrade).
              10.1.2.0/26: 4 blocks of 16 less the first and the last = 2 blocks
              pool "static", pods: 2 nodes × 48 (3 blocks of 16 for 32 + 1) = 96 now; upgrade adds 1 (10% of 2) × 48 = 48
              now 96 > 32; at maximum 96 > 32; at peak 144 > 32
              line 9: pool "static" of cluster "c"
              The smallest range that would do is a /24: 10.1.2.0/24 is free.
            Error IP-POD-CAPACITY at line 4: Subnet is too small for its pods
              Subnet "pods" (10.1.1.0/24) of VNet "v" can give out 251 addresses; pool "dynamic" of cluster "c" and pool "sparse" of cluster "c" need 378 now, 127 more than there are (and 504 at the peak of an upgrade).
              10.1.1.0/24: 256 addresses less 5 that Azure keeps = 251
              pool "dynamic", pods: 3 nodes × 110 (batches of 16 for 110 of 110 pods) = 330 now; upgrade adds 1 (10% of 3) × 110 = 110
              pool "sparse", pods: 3 nodes × 16 (batches of 16 for 5 of 110 pods) = 48 now; upgrade adds 1 (10% of 3) × 16 = 16
              now 378 > 251; at maximum 378 > 251; at peak 504 > 251
              line 7: pool "dynamic" of cluster "c"
              line 8: pool "sparse" of cluster "c"
              The smallest range that would do is a /23: 10.1.4.0/23 is free.
            Warning IP-STATIC-WASTE at line 9: Static blocks are filled badly
              Pool "static" wastes 15 addresses of each node: 32 pods and one address for the node fill its /28 blocks badly.
              32 + 1 = 33 in 3 blocks of 16
        "#]],
    );
}

#[test]
fn pod_subnets_hold_only_pods() {
    check_text(
        "
vnet v 10.1.0.0/16
subnet pods 10.1.0.0/20
subnet api 10.1.16.0/29
cluster c azure service=172.16.0.0/16 dns=172.16.0.10 api=v/api
pool a pods=31 in=v/pods pods-in=v/pods
pool b pods=31 static in=v/api pods-in=v/pods
",
        expect![[r#"
            Error IP-NODE-CAPACITY at line 4: Subnet is too small for its nodes
              Subnet "api" (10.1.16.0/29) of VNet "v" can give out 3 addresses; pool "b" of cluster "c" needs 10 now, 7 more than there are (and 11 at the peak of an upgrade).
              10.1.16.0/29: 8 addresses less 5 that Azure keeps = 3
              pool "b", nodes: 1 node × 1 = 1 now; upgrade adds 1 (10% of 1) × 1 = 1
              API server of cluster "c": 9
              now 10 > 3; at maximum 10 > 3; at peak 11 > 3
              line 7: pool "b" of cluster "c"
              The smallest range that would do is a /28: 10.1.16.0/28 is free.
            Error IP-SPECIAL-SUBNET at line 4: Special subnet is too small
              Subnet "api" (10.1.16.0/29) holds API servers; it needs a /28 or larger.
              line 5: cluster "c"
            Error IP-SPECIAL-SUBNET at line 4: API-server subnet holds something else
              Subnet "api" holds API servers; nothing else may be in it.
              line 7: pool "b" of cluster "c"
            Error IP-POD-SUBNET at line 3: Pod subnet with two allocation modes
              Subnet "pods" gives out addresses to pods both one by one and in blocks; one subnet can do only one of them.
              line 6: pool "a" of cluster "c"
              line 7: pool "b" of cluster "c"
            Error IP-POD-SUBNET at line 3: Pod subnet holds something else
              Subnet "pods" is a pod subnet; nothing but pods may be in it.
              line 6: pool "a" of cluster "c"
        "#]],
    );
}

#[test]
fn pod_ranges() {
    check_text(
        "
vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/22
cluster small overlay pods=192.168.0.0/22 service=172.16.0.0/16 dns=172.16.0.10
pool a count=3 max=5 in=v/nodes
cluster tight overlay pods=192.168.64.0/21 service=172.16.0.0/16 dns=172.16.0.10
pool a count=8 in=v/nodes
cluster routes kubenet pods=10.128.0.0/14 service=172.16.0.0/16 dns=172.16.0.10
pool a count=390 in=v/nodes
",
        expect![[r#"
            Error IP-CLUSTER-LIMIT at line 8: Cluster has too many nodes
              Cluster "routes" can have 429 nodes at the peak of an upgrade; each node of a kubenet cluster needs a route, and a route table holds 400.
            Error IP-PODCIDR-CAPACITY at line 4: Pod range is too small at the autoscaler's maximum
              The pod range 192.168.0.0/22 of cluster "small" has room for 4 nodes; the cluster has 3 now, 5 at the autoscaler's maximum and 6 during an upgrade.
              192.168.0.0/22: one /24 for each node = 4 nodes
              pool "a": 3 now, 5 at maximum, upgrade adds 1
              nodes now 3 ≤ 4; at maximum 5 > 4; at peak 6 > 4
              line 5: pool "a"
              The smallest range that would do is a /21: 192.168.0.0/21 is free.
            Error IP-UPGRADE-HEADROOM at line 6: Pod range leaves no room for an upgrade
              The pod range 192.168.64.0/21 of cluster "tight" has room for 8 nodes; the cluster has 8 now, 8 at the autoscaler's maximum and 9 during an upgrade.
              192.168.64.0/21: one /24 for each node = 8 nodes
              pool "a": 8 now, 8 at maximum, upgrade adds 1
              nodes now 8 ≤ 8; at maximum 8 ≤ 8; at peak 9 > 8
              line 7: pool "a"
              The smallest range that would do is a /20: 192.168.64.0/20 is free.
        "#]],
    );
}

#[test]
fn what_is_unknown_is_named_and_the_rest_still_checked() {
    check_text(
        "
vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/28
subnet later ?var.later
peer ?data.azurerm_virtual_network.hub.id
cluster c azure service=172.16.0.0/16 dns=?var.dns
pool a count=?var.count in=v/nodes
pool b count=3 in=v/nodes
pool d in=?module.net.subnet_id
pool e in=other/nodes
taken nic ?azurerm_subnet.x.id 1
cluster d ?var.plugin
pool a in=v/nodes
",
        expect![[r#"
            Error IP-NODE-CAPACITY at line 3: Subnet is too small for its nodes
              Subnet "nodes" (10.1.0.0/28) of VNet "v" can give out 11 addresses; pool "a" of cluster "c", pool "b" of cluster "c" and pool "a" of cluster "d" need 93 now, 82 more than there are (and 124 at the peak of an upgrade).
              10.1.0.0/28: 16 addresses less 5 that Azure keeps = 11
              pool "a": not known yet
              pool "b", nodes: 3 nodes × (30 + 1) = 93 now; upgrade adds 1 (10% of 3) × 31 = 31
              pool "a": not known yet
              now 93 > 11; at maximum 93 > 11; at peak 124 > 11
              line 7: pool "a" of cluster "c"
              line 8: pool "b" of cluster "c"
              line 13: pool "a" of cluster "d"
              The smallest range that would do is a /24: 10.1.0.0/24 is free.
            unknown cluster.c: the DNS service address is not known before var.dns is
            unknown cluster.d: the network mode is not known before var.plugin is
            unknown peer.?data.azurerm_virtual_network.hub.id: the peered VNet is not known before data.azurerm_virtual_network.hub.id is
            unknown pool.a: the size of pool "a" is not known before var.count is
            unknown pool.a: the size of pool "a" is not known before var.plugin is
            unknown pool.d: the node subnet is not known before module.net.subnet_id is
            unknown pool.e: the node subnet /subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/OTHER/subnets/nodes is not part of this check
            unknown subnet.later: a subnet's prefix is not known before var.later is
            unknown taken.nic: its subnet is not known before azurerm_subnet.x.id is
        "#]],
    );
}

#[test]
fn windows_pools_in_overlay() {
    let found = |pods: &str| codes(&format!("cluster c overlay service=172.16.0.0/16 dns=172.16.0.10\npool a windows {pods}"));
    assert_eq!((found(""), found("pods=110")), (vec!["IP-MAX-PODS"], vec![]));
}

#[test]
fn figures_that_azure_refuses() {
    check_text(
        "
vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/20 delegated=Microsoft.Web/serverFarms
vnet w 172.30.0.0/16
subnet nodes 172.30.0.0/20
cluster c overlay service=172.16.0.0/16 dns=172.16.0.10
pool a count=2 pods=10 surge=lots in=v/nodes
pool b count=2 pods=10 in=w/nodes
pool c count=990 surge=33% in=v/nodes
cluster s azure service=172.16.0.0/16 dns=172.16.0.10
pool a pods=32 static pods-in=v/nodes
",
        expect![[r#"
            Error IP-PODCIDR-CAPACITY at line 6: Pod range is too small for the nodes
              The pod range 10.244.0.0/16 (Azure's default) of cluster "c" has room for 256 nodes; the cluster has 994 now, 994 at the autoscaler's maximum and 1323 during an upgrade.
              10.244.0.0/16: one /24 for each node = 256 nodes
              pool "a": 2 now, 2 at maximum, upgrade adds 1
              pool "b": 2 now, 2 at maximum, upgrade adds 1
              pool "c": 990 now, 990 at maximum, upgrade adds 327
              nodes now 994 > 256; at maximum 994 > 256; at peak 1323 > 256
              line 7: pool "a"
              line 8: pool "b"
              line 9: pool "c"
              The smallest range that would do is a /13: 10.240.0.0/13 is free.
            Error IP-POOL-VNET at line 6: Pools in different VNets
              The pools of cluster "c" are in the VNets v, w; all must be in one.
            Error IP-DELEGATED at line 7: Node subnet is delegated
              Subnet "nodes" of pool "a" is delegated to Microsoft.Web/serverFarms; nodes need a subnet without delegation.
              line 3: the subnet
            Error IP-SURGE at line 7: Surge cannot be read
              The surge "lots" of pool "a" is neither a number of nodes nor a percentage such as "33%".
            Error IP-MAX-PODS at line 8: Pods per node out of bounds
              Pool "b" has 2 nodes with 10 pods each; Azure takes 10 to 250 pods per node, and at least 30 in the pool.
            Error IP-DELEGATED at line 9: Node subnet is delegated
              Subnet "nodes" of pool "c" is delegated to Microsoft.Web/serverFarms; nodes need a subnet without delegation.
              line 3: the subnet
            Error IP-UPGRADE-HEADROOM at line 9: Pool is too large to be upgraded
              Pool "c" can reach 990 nodes; with a surge of 33% that is above 1000, and its upgrade is refused.
            Error IP-POD-SUBNET at line 3: Pod subnet holds something else
              Subnet "nodes" is a pod subnet; nothing but pods may be in it.
              line 7: pool "a" of cluster "c"
              line 9: pool "c" of cluster "c"
            Error IP-FORBIDDEN at line 4: Forbidden address range
              The address space 172.30.0.0/16 of VNet "w" overlaps 172.30.0.0/16, which AKS keeps for itself; cluster "c" has its nodes there.
              line 6: the cluster
            Warning IP-STATIC-WASTE at line 11: Static blocks are filled badly
              Pool "a" wastes 15 addresses of each node: 32 pods and one address for the node fill its /28 blocks badly.
              32 + 1 = 33 in 3 blocks of 16
        "#]],
    );
}

// Form and overlap.

#[test]
fn forms() {
    check_text(
        "
vnet v 10.1.0.0/22 127.0.0.0/24 10.9.9.9/22 nonsense/ 10.8.0.0/30
subnet small 10.1.0.0/30
subnet six fd00:1::/56
subnet AzureBastionSubnet 10.1.1.0/27
subnet GatewaySubnet 10.1.1.32/28
subnet RouteServerSubnet 10.1.1.64/27
subnet AzureFirewallSubnet 10.1.1.128/26
",
        expect![[r#"
            Error IP-SPECIAL-SUBNET at line 5: Special subnet is too small
              AzureBastionSubnet has the prefix 10.1.1.0/27; it needs a /26 or larger.
            Error IP-SUBNET-SIZE at line 4: Wrong size of an IPv6 subnet
              Subnet "six" has the IPv6 prefix fd00:1::/56; Azure takes only a /64.
            Error IP-SUBNET-SIZE at line 3: Subnet is too small
              Subnet "small" has the prefix 10.1.0.0/30; the smallest that Azure takes is a /29, of whose 8 addresses it keeps 5.
            Error IP-FORBIDDEN at line 2: Forbidden address range
              The address space 127.0.0.0/24 of VNet "v" overlaps 127.0.0.0/8 (loopback), which Azure does not allow.
            Error IP-FORM at line 2: Not an address range
              An address space is wrong: "nonsense/" is not an address prefix such as 10.0.0.0/24.
            Error IP-FORM at line 2: Address range has host bits set
              An address space is wrong: 10.9.9.9/22 has bits set beyond its length; the network is 10.9.8.0/22.
              10.9.8.0/22 goes from 10.9.8.0 to 10.9.11.255
            Error IP-SUBNET-SIZE at line 2: Address range is too small
              The address space 10.8.0.0/30 of VNet "v" is smaller than a /29, which is the smallest subnet.
            Warning IP-SPECIAL-SUBNET at line 6: Special subnet is too small
              GatewaySubnet has the prefix 10.1.1.32/28; it needs a /27 or larger.
            Warning IP-SPECIAL-SUBNET at line 7: Special subnet is too small
              RouteServerSubnet has the prefix 10.1.1.64/27; newer guidance asks for more than a /27.
        "#]],
    );
}

#[test]
fn static_addresses() {
    check_text(
        "
vnet v 10.1.0.0/22
subnet s 10.1.0.0/24
taken gateway v/s 10.1.0.1
taken broadcast v/s 10.1.0.255
taken first v/s 10.1.0.4
taken again v/s 10.1.0.4
taken astray v/s 10.1.1.4
",
        expect![[r#"
            Error IP-DUPLICATE at line 7: Address is given twice
              10.1.0.4 of subnet "s" is given to a network interface and to a network interface.
              line 6: given here first
            Error IP-OUTSIDE at line 8: Address is outside its subnet
              The address 10.1.1.4 of the network interface is not in subnet "s" (10.1.0.0/24).
              line 3: the subnet
            Error IP-RESERVED at line 5: Address is kept by Azure
              The address 10.1.0.255 of the network interface is one of the five that Azure keeps in 10.1.0.0/24: the first four and the last.
              free to use: 10.1.0.4 to 10.1.0.254
              line 3: the subnet
            Error IP-RESERVED at line 4: Address is kept by Azure
              The address 10.1.0.1 of the network interface is one of the five that Azure keeps in 10.1.0.0/24: the first four and the last.
              free to use: 10.1.0.4 to 10.1.0.254
              line 3: the subnet
        "#]],
    );
}

#[test]
fn subnets_and_their_vnet() {
    check_text(
        "
vnet v 10.1.0.0/22 10.1.2.0/24
subnet a 10.1.0.0/24
subnet b 10.1.0.128/25
subnet c 10.1.0.0/24
subnet d 10.2.0.0/24
subnet astride 10.0.0.0/14
",
        expect![[r#"
            Error IP-OUTSIDE at line 7: Subnet is outside its VNet
              Subnet "astride" (10.0.0.0/14) does not lie in the address space of VNet "v" (10.1.0.0/22, 10.1.2.0/24).
              10.0.0.0/14 goes from 10.0.0.0 to 10.3.255.255
              10.1.0.0/22 goes from 10.1.0.0 to 10.1.3.255
              10.1.2.0/24 goes from 10.1.2.0 to 10.1.2.255
              line 2: the VNet's address space
            Error IP-OVERLAP at line 7: Address ranges overlap
              Subnet "astride" (10.0.0.0/14) overlaps subnet "a" (10.1.0.0/24) in VNet "v".
              10.1.0.0/24 (10.1.0.0 to 10.1.0.255) lies in 10.0.0.0/14 (10.0.0.0 to 10.3.255.255)
              line 3: 10.1.0.0/24 is declared here
            Error IP-OVERLAP at line 7: Address ranges overlap
              Subnet "astride" (10.0.0.0/14) overlaps subnet "d" (10.2.0.0/24) in VNet "v".
              10.2.0.0/24 (10.2.0.0 to 10.2.0.255) lies in 10.0.0.0/14 (10.0.0.0 to 10.3.255.255)
              line 6: 10.2.0.0/24 is declared here
            Error IP-OVERLAP at line 5: Address ranges overlap
              Subnet "c" (10.1.0.0/24) overlaps subnet "a" (10.1.0.0/24) in VNet "v".
              10.1.0.0/24 is used twice
              line 3: 10.1.0.0/24 is declared here
            Error IP-OVERLAP at line 5: Address ranges overlap
              Subnet "c" (10.1.0.0/24) overlaps subnet "b" (10.1.0.128/25) in VNet "v".
              10.1.0.128/25 (10.1.0.128 to 10.1.0.255) lies in 10.1.0.0/24 (10.1.0.0 to 10.1.0.255)
              line 4: 10.1.0.128/25 is declared here
            Error IP-OUTSIDE at line 6: Subnet is outside its VNet
              Subnet "d" (10.2.0.0/24) does not lie in the address space of VNet "v" (10.1.0.0/22, 10.1.2.0/24).
              10.2.0.0/24 goes from 10.2.0.0 to 10.2.0.255
              10.1.0.0/22 goes from 10.1.0.0 to 10.1.3.255
              10.1.2.0/24 goes from 10.1.2.0 to 10.1.2.255
              line 2: the VNet's address space
            Error IP-OVERLAP at line 2: Address ranges overlap
              The address space (10.1.2.0/24) overlaps the address space (10.1.0.0/22) in VNet "v".
              10.1.2.0/24 (10.1.2.0 to 10.1.2.255) lies in 10.1.0.0/22 (10.1.0.0 to 10.1.3.255)
              line 2: 10.1.0.0/22 is declared here
        "#]],
    );
}

#[test]
fn peered_vnets() {
    check_text(
        "
vnet hub 10.0.0.0/16
vnet a 10.0.4.0/22
peer hub
vnet b 10.1.0.0/16
peer hub
vnet c 10.1.0.0/24
peer hub
vnet far 10.1.0.0/24
",
        expect![[r#"
            Error IP-OVERLAP at line 3: Address ranges overlap
              VNets "hub" (10.0.0.0/16) and "a" (10.0.4.0/22) are peered, but their address spaces overlap.
              10.0.4.0/22 (10.0.4.0 to 10.0.7.255) lies in 10.0.0.0/16 (10.0.0.0 to 10.0.255.255)
              line 2: 10.0.0.0/16 is declared here
              line 4: the peering
            Error IP-OVERLAP at line 7: Address ranges overlap
              VNets "b" (10.1.0.0/16) and "c" (10.1.0.0/24) are both peered with "hub", but their address spaces overlap.
              10.1.0.0/24 (10.1.0.0 to 10.1.0.255) lies in 10.1.0.0/16 (10.1.0.0 to 10.1.255.255)
              line 5: 10.1.0.0/16 is declared here
        "#]],
    );
}

#[test]
fn ranges_of_a_cluster() {
    check_text(
        "
vnet hub 10.0.0.0/16
vnet spoke 10.1.0.0/16
subnet nodes 10.1.0.0/24
peer hub
vnet other 10.2.0.0/16
peer hub
cluster defaults overlay
pool a in=spoke/nodes
cluster own overlay pods=10.1.0.0/20 service=10.1.128.0/20 dns=10.1.128.10
pool a in=spoke/nodes
cluster far overlay pods=10.2.0.0/16 service=172.16.0.0/11 dns=172.16.0.255
pool a in=spoke/nodes
cluster same overlay pods=192.168.0.0/16 service=192.168.0.0/16 dns=192.168.255.255
pool a in=spoke/nodes
cluster routes kubenet pods=10.1.64.0/20 service=8.8.0.0/16 dns=8.8.0.10
pool a in=spoke/nodes
on-premises dc 192.168.128.0/17
reserved later 10.1.0.128/25
",
        expect![[r#"
            Error IP-OVERLAP at line 8: Address ranges overlap
              The service range 10.0.0.0/16 (Azure's default) of cluster "defaults" overlaps the address space 10.0.0.0/16 of the peered VNet "hub".
              10.0.0.0/16 is used twice
              line 2: 10.0.0.0/16 is declared here
            Error IP-FORBIDDEN at line 12: Forbidden address range
              The service range 172.0.0.0/11 of cluster "far" overlaps 172.30.0.0/16, which AKS keeps for itself.
            Error IP-FORBIDDEN at line 12: Forbidden address range
              The service range 172.0.0.0/11 of cluster "far" overlaps 172.31.0.0/16, which AKS keeps for itself.
            Error IP-FORM at line 12: Address range has host bits set
              A service range is wrong: 172.16.0.0/11 has bits set beyond its length; the network is 172.0.0.0/11.
              172.0.0.0/11 goes from 172.0.0.0 to 172.31.255.255
            Error IP-SERVICE at line 12: Service range is not private
              The service range 172.0.0.0/11 of cluster "far" is not private; Azure refuses it.
            Error IP-SERVICE at line 12: Service range has a wrong size
              The service range 172.0.0.0/11 of cluster "far" is too large: it must be smaller than a /12.
            Error IP-OVERLAP at line 10: Address ranges overlap
              The pod range 10.1.0.0/20 of cluster "own" overlaps subnet "nodes" (10.1.0.0/24) of its own VNet.
              10.1.0.0/24 (10.1.0.0 to 10.1.0.255) lies in 10.1.0.0/20 (10.1.0.0 to 10.1.15.255)
              line 4: 10.1.0.0/24 is declared here
            Error IP-OVERLAP at line 10: Address ranges overlap
              The pod range 10.1.0.0/20 of cluster "own" overlaps the reserved range "later" (10.1.0.128/25).
              10.1.0.128/25 (10.1.0.128 to 10.1.0.255) lies in 10.1.0.0/20 (10.1.0.0 to 10.1.15.255)
              line 19: 10.1.0.128/25 is declared here
            Error IP-OVERLAP at line 16: Address ranges overlap
              The pod range 10.1.64.0/20 of cluster "routes" overlaps the address space 10.1.0.0/16 of its own VNet "spoke".
              10.1.64.0/20 (10.1.64.0 to 10.1.79.255) lies in 10.1.0.0/16 (10.1.0.0 to 10.1.255.255)
              line 3: 10.1.0.0/16 is declared here
            Error IP-SERVICE at line 16: Service range is not private
              The service range 8.8.0.0/16 of cluster "routes" is not private; Azure refuses it.
            Error IP-DNS at line 14: DNS service address is not free
              The DNS service address 192.168.255.255 of cluster "same" is the last address of the service range 192.168.0.0/16.
              line 14: the service range
            Error IP-OVERLAP at line 14: Address ranges overlap
              The pod range 192.168.0.0/16 of cluster "same" overlaps the on-premises range "dc" (192.168.128.0/17).
              192.168.128.0/17 (192.168.128.0 to 192.168.255.255) lies in 192.168.0.0/16 (192.168.0.0 to 192.168.255.255)
              line 18: 192.168.128.0/17 is declared here
            Error IP-OVERLAP at line 14: Address ranges overlap
              The service range 192.168.0.0/16 and the pod range 192.168.0.0/16 of cluster "same" overlap.
              192.168.0.0/16 is used twice
              line 14: 192.168.0.0/16 is declared here
            Error IP-OVERLAP at line 14: Address ranges overlap
              The service range 192.168.0.0/16 of cluster "same" overlaps the on-premises range "dc" (192.168.128.0/17).
              192.168.128.0/17 (192.168.128.0 to 192.168.255.255) lies in 192.168.0.0/16 (192.168.0.0 to 192.168.255.255)
              line 18: 192.168.128.0/17 is declared here
            Warning IP-OVERLAP at line 12: Address ranges overlap
              The pod range 10.2.0.0/16 of cluster "far" overlaps the address space 10.2.0.0/16 of a VNet that peerings reach, "other".
              10.2.0.0/16 is used twice
              line 6: 10.2.0.0/16 is declared here
            Warning IP-OVERLAP at line 10: Address ranges overlap
              The service range 10.1.128.0/20 of cluster "own" overlaps the address space 10.1.0.0/16 of its own VNet "spoke".
              10.1.128.0/20 (10.1.128.0 to 10.1.143.255) lies in 10.1.0.0/16 (10.1.0.0 to 10.1.255.255)
              line 3: 10.1.0.0/16 is declared here
            Warning IP-OVERLAP at line 4: Address ranges overlap
              Subnet "nodes" (10.1.0.0/24) overlaps the reserved range "later" (10.1.0.128/25).
              10.1.0.128/25 (10.1.0.128 to 10.1.0.255) lies in 10.1.0.0/24 (10.1.0.0 to 10.1.0.255)
              line 19: 10.1.0.128/25 is declared here
        "#]],
    );
}

// Laws.

fn any_prefix(bits: u8, v6: bool) -> impl Strategy<Value = Prefix> {
    // Within one small block, so that overlaps are common.
    let width = if v6 { 128 } else { 32 };
    (0..=bits, 0u128..1 << bits).prop_map(move |(host, n)| {
        let start = if v6 { 0xfd00u128 << 112 } else { 0x0a00_0000 };
        Prefix { v6, base: start + (n >> host << host), len: width - host }
    })
}

fn any_prefixes() -> impl Strategy<Value = Vec<Prefix>> {
    any::<bool>().prop_flat_map(|v6| prop::collection::vec(any_prefix(5, v6), 0..12))
}

proptest! {
    #[test]
    fn overlaps_agree_with_comparing_all(items in any_prefixes()) {
        let found = space::overlaps(&items);
        for (i, a) in items.iter().enumerate() {
            let any = items.iter().enumerate().any(|(j, b)| i != j && a.overlaps(*b));
            prop_assert_eq!(found.iter().any(|(x, y)| *x == i || *y == i), any, "{} in {:?}", a, items);
        }
        for (a, b) in found {
            prop_assert!(items[a].overlaps(items[b]) && items[b].overlaps(items[a]));
        }
    }

    #[test]
    fn lookups_agree_with_comparing_all(items in any_prefixes(), query in any_prefix(5, false)) {
        let index = space::PrefixIndex::of(items.iter().copied().zip(0..));
        for q in items.iter().copied().chain([query]) {
            let mut found: Vec<usize> = index.overlapping(q).into_iter().map(|(_, i)| i).collect();
            found.sort();
            let all: Vec<usize> = (0..items.len()).filter(|i| items[*i].overlaps(q)).collect();
            prop_assert_eq!(found, all);
        }
    }

    #[test]
    fn free_blocks_agree_with_trying_all(taken in prop::collection::vec(any_prefix(6, false), 0..8), host in 0u8..=6, near in any_prefix(6, false)) {
        let space = Prefix { v6: false, base: 0x0a00_0000, len: 26 };
        let len = 32 - host;
        let free: Vec<Prefix> = (0..1u128 << (6 - host)).map(|i| space.subnet(6 - host, i).unwrap()).filter(|b| taken.iter().all(|t| !t.overlaps(*b))).collect();
        let aim = Prefix::around(near.first(), len.min(near.len)).unwrap().base;
        let best = free.iter().copied().min_by_key(|b| (b.base.abs_diff(aim), b.base));
        let placed = space::place(&[space], &taken, len, near);
        prop_assert_eq!(placed.is_some(), best.is_some());
        if let (Some(p), Some(b)) = (placed, best) {
            prop_assert!(free.contains(&p));
            prop_assert_eq!(p.base.abs_diff(aim), b.base.abs_diff(aim));
        }
        let largest = (26..=32).find(|l| (0..1u128 << (l - 26)).any(|i| taken.iter().all(|t| !t.overlaps(space.subnet(l - 26, i).unwrap()))));
        prop_assert_eq!(space::largest_free(&[space], &taken), largest);
    }

    #[test]
    fn demand_never_falls(mode in any_mode(), count in 0u32..40, grow in 0u32..40, max in 0u32..80, pods in 10u32..240, more in 0u32..10, surge in 0u32..60) {
        let of = |count: u32, max: u32, pods: u32, surge: u32| {
            let report = check(&model(&format!("vnet v 10.0.0.0/8\nsubnet s 10.1.0.0/16\nsubnet p 10.2.0.0/16\ncluster c {}\npool a count={count} max={max} pods={pods} surge={surge}% in=v/s {}", mode.0, mode.1)));
            report.subnets.iter().map(|s| s.demand).chain(report.pod_cidrs.iter().map(|p| p.demand)).collect::<Vec<_>>()
        };
        let base = of(count, max, pods, surge);
        for larger in [of(count + grow, max, pods, surge), of(count, max + grow, pods, surge), of(count, max, pods + more, surge), of(count, max, pods, surge + grow)] {
            for (a, b) in base.iter().zip(&larger) {
                prop_assert!(a.now <= b.now && a.autoscaled <= b.autoscaled && a.peak <= b.peak, "{:?} {:?}", a, b);
            }
        }
        for d in base {
            prop_assert!(d.now <= d.autoscaled && d.autoscaled <= d.peak);
        }
    }

    /// The proposed range passes all three verdicts in its place, meets no other subnet, and half of it would not do.
    #[test]
    fn a_proposal_is_the_smallest_that_passes(mode in any_mode(), count in 1u32..60, max in 0u32..90, pods in 30u32..240, surge in 0u32..100) {
        let text = |nodes: &str, second: &str| format!("vnet v 10.0.0.0/8\nsubnet s {nodes}\nsubnet p {second}\nsubnet x 10.64.0.0/24\ncluster c {}\npool a count={count} max={max} pods={pods} surge={surge}% in=v/s {}", mode.0, mode.1);
        let ours = |report: &Report, name: &str| report.findings.iter().filter(|f| f.detail.starts_with(&format!("Subnet {name:?}")) && f.code != "IP-MAX-PODS").cloned().collect::<Vec<_>>();
        let (tiny_nodes, tiny_pods) = ("10.1.0.0/29", "10.65.0.0/29");
        let mut ranges = BTreeMap::from([("s", tiny_nodes.to_owned()), ("p", tiny_pods.to_owned())]);
        for name in ["s", "p"] {
            let report = check(&model(&text(&ranges["s"], &ranges["p"])));
            if let Some(finding) = ours(&report, name).first() {
                let proposal = finding.proposal.unwrap();
                let place = proposal.place.unwrap();
                ranges.insert(name, place.to_string());
                prop_assert_eq!(ours(&check(&model(&text(&ranges["s"], &ranges["p"]))), name), vec![]);
                if place.len < 29 {
                    let mut half = ranges.clone();
                    half.insert(name, place.subnet(1, 0).unwrap().to_string());
                    prop_assert!(!ours(&check(&model(&text(&half["s"], &half["p"]))), name).is_empty());
                }
            }
        }
    }
}

/// Cluster and pool words of each mode.
fn any_mode() -> impl Strategy<Value = (&'static str, &'static str)> {
    let ranges = [
        ("azure service=172.16.0.0/16 dns=172.16.0.10", ""),
        ("azure service=172.16.0.0/16 dns=172.16.0.10", "pods-in=v/p"),
        ("azure service=172.16.0.0/16 dns=172.16.0.10", "pods-in=v/p static"),
        ("overlay service=172.16.0.0/16 dns=172.16.0.10 pods=100.64.0.0/10", ""),
        ("kubenet service=172.16.0.0/16 dns=172.16.0.10 pods=100.64.0.0/10", ""),
        ("none service=172.16.0.0/16 dns=172.16.0.10", ""),
    ];
    prop::sample::select(ranges.to_vec())
}

#[test]
fn plugins() {
    let of = |plugin, mode| Plugin::of(plugin, mode);
    assert_eq!(of(None, None), Some(Plugin::AzureOverlay));
    assert_eq!(of(Some("azure"), None), Some(Plugin::Azure));
    assert_eq!(of(Some("Azure"), Some("Overlay")), Some(Plugin::AzureOverlay));
    assert_eq!(of(Some("kubenet"), None), Some(Plugin::Kubenet));
    assert_eq!(of(Some("none"), None), Some(Plugin::None));
    assert_eq!(of(Some("flannel"), None), None);
}
