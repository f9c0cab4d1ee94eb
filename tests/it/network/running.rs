//! What is proposed: edits of a blueprint, ranges of declared pools, and the ways out for clusters that run.

use expect_test::{Expect, expect};
use ravelin::network::{Report, check};

use super::text::{check_text, codes, model};

fn of(text: &str) -> Report {
    check(&model(text))
}

fn hints(text: &str, expected: Expect) {
    let hints: Vec<String> = of(text).findings.iter().filter_map(|f| Some(format!("{}: {}\n", f.code, f.diagnostic().hint?))).collect();
    expected.assert_eq(&hints.concat());
}

#[test]
fn a_declared_pool_helps_out() {
    check_text(
        "vnet v 10.1.0.0/24
subnet nodes 10.1.0.0/25 fd00:1::/64
subnet more 10.1.0.128/25
vnet w 10.2.0.0/24
cluster c azure service=172.16.0.0/16 dns=172.16.0.10
pool a count=20 surge=1 in=v/nodes
addresses spokes 10.0.0.0/13",
        expect![[r#"
            Error IP-NODE-CAPACITY at line 2: Subnet is too small for its nodes
              Subnet "nodes" (10.1.0.0/25) of VNet "v" can give out 123 addresses; pool "a" of cluster "c" needs 620 now, 497 more than there are (and 651 at the peak of an upgrade).
              10.1.0.0/25: 128 addresses less 5 that Azure keeps = 123
              pool "a", nodes: 20 nodes × (30 + 1) = 620 now; upgrade adds 1 (surge) × 31 = 31
              now 620 > 123; at maximum 620 > 123; at peak 651 > 123
              line 6: pool "a" of cluster "c"
              The smallest range that would do is a /22, for which the VNet has no room: 10.0.252.0/22 of pool "spokes" is free.
                vnet.v: address_space = ["10.1.0.0/24", "10.0.252.0/22"], instead of ["10.1.0.0/24"]
                subnet.nodes: address_prefixes = ["10.0.252.0/22", "fd00:1::/64"], instead of ["10.1.0.0/25", "fd00:1::/64"]
            Error IP-OUTSIDE at line 2: Subnet is outside its VNet
              Subnet "nodes" (fd00:1::/64) does not lie in the address space of VNet "v" (10.1.0.0/24).
              fd00:1::/64 goes from fd00:1:: to fd00:1::ffff:ffff:ffff:ffff
              10.1.0.0/24 goes from 10.1.0.0 to 10.1.0.255
              line 1: the VNet's address space
        "#]],
    );
}

#[test]
fn a_running_node_subnet_cluster() {
    hints(
        "vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24 live
subnet next 10.1.2.0/24
cluster c azure live version=1.26 policy=calico service=172.16.0.0/16 dns=172.16.0.10
pool a count=7 surge=33% in=v/nodes",
        expect![[r#"
            IP-UPGRADE-HEADROOM: The smallest range that would do is a /23: 10.1.4.0/23 is free.
            It is in use, so its range cannot be replaced. The ways out:
            - Upgrade one more node at a time: a surge of 1 fits. Upgrades take longer; nothing is replaced.
                pool.a: upgrade_settings.max_surge = "1", instead of "33%"
            - Make a subnet with 10.1.4.0/23 in the same VNet, and move the pools there: new pools, or a rotation with temporary_name_for_rotation. All nodes of these pools are replaced, and meanwhile old and new ones exist; the pool's subnet itself cannot be changed.
            - Allow 24 pods per node instead of 30. Pods per node are fixed when a pool is made: every such pool is replaced by a new one, and holds fewer pods.
            - Migrate cluster "c" to overlay with the pod range 10.244.0.0/16 (256 nodes). First: upgrade to Kubernetes 1.27 or later; uninstall the network policy engine (calico); remove any custom configuration of ip-masq-agent. All nodes of all pools are reimaged at once; it cannot be undone; inside the VNet, too, pods then appear with their node's address, as they do beyond it today.
                cluster.c: network_profile.network_plugin_mode = "overlay"
                cluster.c: network_profile.pod_cidr = "10.244.0.0/16"
        "#]],
    );
    hints(
        "vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24 live
cluster c azure live version=1.33 service=172.16.0.0/16 dns=172.16.0.10
pool a count=3 max=12 surge=1 in=v/nodes",
        expect![[r#"
            IP-NODE-CAPACITY: The smallest range that would do is a /23: 10.1.2.0/23 is free.
            It is in use, so its range cannot be replaced. The ways out:
            - Let pool "a" of cluster "c" grow to 7 nodes at most instead of 12. The cluster cannot grow as far; nothing is replaced.
                pool.a: max_count = "7", instead of "12"
            - Make a subnet with 10.1.2.0/23 in the same VNet, and move the pools there: new pools, or a rotation with temporary_name_for_rotation. All nodes of these pools are replaced, and meanwhile old and new ones exist; the pool's subnet itself cannot be changed.
            - Allow 18 pods per node instead of 30. Pods per node are fixed when a pool is made: every such pool is replaced by a new one, and holds fewer pods.
            - Migrate cluster "c" to overlay with the pod range 10.244.0.0/16 (256 nodes). First: remove any custom configuration of ip-masq-agent. All nodes of all pools are reimaged at once; it cannot be undone; inside the VNet, too, pods then appear with their node's address, as they do beyond it today.
                cluster.c: network_profile.network_plugin_mode = "overlay"
                cluster.c: network_profile.pod_cidr = "10.244.0.0/16"
        "#]],
    );
}

/// The VNet has no room: its space grows from a declared pool.
#[test]
fn a_running_cluster_in_a_full_vnet() {
    hints(
        "vnet v 10.1.0.0/24
subnet nodes 10.1.0.0/24 live
cluster c azure live version=1.33 service=172.16.0.0/16 dns=172.16.0.10
pool a count=9 surge=1 pods=30 in=v/nodes
addresses spokes 10.4.0.0/14",
        expect![[r#"
            IP-NODE-CAPACITY: The smallest range that would do is a /23, for which the VNet has no room: 10.4.0.0/23 of pool "spokes" is free.
            It is in use, so its range cannot be replaced. The ways out:
            - Add 10.4.0.0/23 of pool "spokes" to the VNet's address space, make a subnet there, and move the pools to it. Every peering of the VNet has to be synchronised afterwards; all nodes of these pools are replaced.
                vnet.v: address_space = ["10.1.0.0/24", "10.4.0.0/23"], instead of ["10.1.0.0/24"]
            - Allow 24 pods per node instead of 30. Pods per node are fixed when a pool is made: every such pool is replaced by a new one, and holds fewer pods.
            - Migrate cluster "c" to overlay with the pod range 10.244.0.0/16 (256 nodes). First: remove any custom configuration of ip-masq-agent. All nodes of all pools are reimaged at once; it cannot be undone; inside the VNet, too, pods then appear with their node's address, as they do beyond it today.
                cluster.c: network_profile.network_plugin_mode = "overlay"
                cluster.c: network_profile.pod_cidr = "10.244.0.0/16"
        "#]],
    );
}

/// Below the threshold with a smaller surge.
#[test]
fn a_running_cluster_that_is_nearly_full() {
    hints(
        "vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24 live
cluster c azure live version=1.33 service=172.16.0.0/16 dns=172.16.0.10
pool a count=5 surge=40% in=v/nodes
threshold warning 80",
        expect![[r#"
            IP-THRESHOLD: The smallest range that would do is a /23: 10.1.2.0/23 is free.
            It is in use, so its range cannot be replaced. The ways out:
            - Upgrade one more node at a time: a surge of 1 fits. Upgrades take longer; nothing is replaced.
                pool.a: upgrade_settings.max_surge = "1", instead of "40%"
            - Make a subnet with 10.1.2.0/23 in the same VNet, and move the pools there: new pools, or a rotation with temporary_name_for_rotation. All nodes of these pools are replaced, and meanwhile old and new ones exist; the pool's subnet itself cannot be changed.
            - Allow 27 pods per node instead of 30. Pods per node are fixed when a pool is made: every such pool is replaced by a new one, and holds fewer pods.
            - Migrate cluster "c" to overlay with the pod range 10.244.0.0/16 (256 nodes). First: remove any custom configuration of ip-masq-agent. All nodes of all pools are reimaged at once; it cannot be undone; inside the VNet, too, pods then appear with their node's address, as they do beyond it today.
                cluster.c: network_profile.network_plugin_mode = "overlay"
                cluster.c: network_profile.pod_cidr = "10.244.0.0/16"
        "#]],
    );
}

#[test]
fn a_running_overlay_cluster() {
    hints(
        "vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/28 live
cluster c overlay live service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/21
pool a count=7 max=12 surge=2 in=v/nodes",
        expect![[r#"
            IP-PODCIDR-CAPACITY: The smallest range that would do is a /20: 192.168.0.0/20 is free.
            It is in use, so its range cannot be replaced. The ways out:
            - Grow the pod range in place to 192.168.0.0/20, which holds the present one. It can never shrink or move again; check each node's NodeNetworkConfig afterwards.
                cluster.c: network_profile.pod_cidr = "192.168.0.0/20", instead of "192.168.0.0/21"
            IP-NODE-CAPACITY: The smallest range that would do is a /27: 10.1.0.32/27 is free.
            It is in use, so its range cannot be replaced. The ways out:
            - Let pool "a" of cluster "c" grow to 9 nodes at most instead of 12. The cluster cannot grow as far; nothing is replaced.
                pool.a: max_count = "9", instead of "12"
            - Add 10.1.0.16/29 to the subnet as a second prefix: its nodes take one address each. Nothing is replaced; the subnet cannot be delegated afterwards.
                subnet.nodes: address_prefixes = ["10.1.0.0/28", "10.1.0.16/29"], instead of ["10.1.0.0/28"]
            - Make a subnet with 10.1.0.32/27 in the same VNet, and move the pools there: new pools, or a rotation with temporary_name_for_rotation. All nodes of these pools are replaced, and meanwhile old and new ones exist; the pool's subnet itself cannot be changed.
        "#]],
    );
}

#[test]
fn a_running_kubenet_cluster() {
    hints(
        "vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24 live
cluster c kubenet live version=1.33 service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/20
pool a count=16 surge=10% in=v/nodes",
        expect![[r#"
            IP-UPGRADE-HEADROOM: The smallest range that would do is a /19: 192.168.0.0/19 is free.
            It is in use, so its range cannot be replaced. The ways out:
            - Upgrade without extra nodes: a surge of 0, with nodes that may be missing. While it upgrades, the pool is smaller by a node; nothing is replaced.
                pool.a: upgrade_settings.max_surge = "0", instead of "10%"
                pool.a: upgrade_settings.max_unavailable = "1"
            - Migrate cluster "c" to overlay with the pod range 192.168.0.0/19 (32 nodes). First: give the cluster a user-assigned identity; remove any custom configuration of ip-masq-agent. All nodes of all pools are reimaged at once; it cannot be undone.
                cluster.c: network_profile.network_plugin = "azure", instead of "kubenet"
                cluster.c: network_profile.network_plugin_mode = "overlay"
                cluster.c: network_profile.pod_cidr = "192.168.0.0/19", instead of "192.168.0.0/20"
        "#]],
    );
}

/// A running cluster's pod range may only grow around itself, and not with Windows or both families.
#[test]
fn pod_ranges_that_can_grow() {
    let ways = |range: &str, flags: &str, pool: &str| {
        let report = of(&format!("cluster c overlay live {flags} service=172.16.0.0/16 dns=172.16.0.10 pods={range}\npool a count=20 {pool}"));
        report.findings.iter().flat_map(|f| &f.ways).map(|w| w.code).collect::<Vec<_>>()
    };
    assert_eq!(ways("192.168.0.0/20", "", ""), ["grow-pod-range"]);
    assert_eq!(ways("192.168.0.0/20", "", "windows pods=30"), ["new-cluster"]);
    assert_eq!(ways("192.168.0.0/20", "dual", ""), ["new-cluster"]);
    // The range around 172.16.16.0/20 holds the service range.
    assert_eq!(ways("172.16.240.0/20", "", ""), ["new-cluster"]);
}

/// What lives in a subnet forbids to replace its range; without it, the range is simply changed.
#[test]
fn only_what_lives_needs_ways_out() {
    let of = |subnet: &str, cluster: &str| {
        let report = of(&format!(
            "vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/24 {subnet}\ncluster c azure {cluster} service=172.16.0.0/16 dns=172.16.0.10\npool a count=9 surge=1 in=v/s"
        ));
        let f = report.findings[0].clone();
        let p = f.proposal.unwrap();
        (p.place.map(|p| p.to_string()), p.edits.len(), !f.ways.is_empty())
    };
    let grown = Some("10.1.0.0/23".to_owned());
    assert_eq!(of("", ""), (grown.clone(), 1, false));
    assert_eq!(of("live", ""), (grown.clone(), 1, false));
    assert_eq!(of("", "live"), (grown, 1, false));
    assert_eq!(of("live", "live"), (Some("10.1.2.0/23".to_owned()), 0, true));
    assert_eq!(of("live usage=3of251", ""), (Some("10.1.2.0/23".to_owned()), 0, true));
}

#[test]
fn proposals_do_not_meet() {
    let report = of("vnet v 10.1.0.0/22
subnet a 10.1.0.0/28
subnet b 10.1.0.16/28
subnet c 10.1.0.32/28
cluster c overlay service=172.16.0.0/16 dns=172.16.0.10 pods=100.64.0.0/12
pool a count=100 in=v/a
pool b count=100 in=v/b
pool c count=100 in=v/c");
    let places: Vec<_> = report.findings.iter().filter_map(|f| f.proposal.as_ref()?.place).collect();
    assert_eq!(places.len(), 3);
    for (i, a) in places.iter().enumerate() {
        assert!(places.iter().skip(i + 1).all(|b| !a.overlaps(*b)), "{places:?}");
    }
    assert_eq!(codes("vnet v 10.1.0.0/24\nsubnet a 10.1.0.0/24"), Vec::<&str>::new());
}

/// What overlaps or lies outside is moved to the nearest free place of its size; what lives in Azure stays.
#[test]
fn what_cannot_stay_is_moved() {
    hints(
        "vnet v 10.1.0.0/22
subnet a 10.1.0.0/24
subnet b 10.1.0.128/25
subnet out 10.9.0.0/25
subnet lives 10.1.2.0/25 live
subnet late 10.1.2.64/26
cluster c overlay service=172.16.0.0/16 dns=172.16.0.10 pods=10.1.0.0/20
pool a in=v/a",
        expect![[r#"
            IP-OVERLAP: 10.0.240.0/20 is free.
              cluster.c: network_profile.pod_cidr = "10.0.240.0/20", instead of "10.1.0.0/20"
            IP-OVERLAP: 10.0.240.0/20 is free.
              cluster.c: network_profile.pod_cidr = "10.0.240.0/20", instead of "10.1.0.0/20"
            IP-OVERLAP: 10.0.240.0/20 is free.
              cluster.c: network_profile.pod_cidr = "10.0.240.0/20", instead of "10.1.0.0/20"
            IP-OVERLAP: 10.0.240.0/20 is free.
              cluster.c: network_profile.pod_cidr = "10.0.240.0/20", instead of "10.1.0.0/20"
            IP-OVERLAP: 10.1.1.0/25 is free.
              subnet.b: address_prefixes = ["10.1.1.0/25"], instead of ["10.1.0.128/25"]
            IP-OVERLAP: 10.1.2.128/26 is free.
              subnet.late: address_prefixes = ["10.1.2.128/26"], instead of ["10.1.2.64/26"]
            IP-OUTSIDE: 10.1.3.128/25 is free.
              subnet.out: address_prefixes = ["10.1.3.128/25"], instead of ["10.9.0.0/25"]
        "#]],
    );
}
