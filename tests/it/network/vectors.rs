//! Every figure that Azure's documentation, issues and sources give, as tables that name the source of each number.

use ravelin::{
    base::Prefix,
    network::{check, demand},
};

use super::text::{codes, model, prefix};

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
