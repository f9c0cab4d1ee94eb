//! Capacity: what nodes, pods and everything else take of subnets and pod ranges, and what is proposed.

use expect_test::expect;
use ravelin::network::check;

use super::text::{check_text, codes, model};

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
                subnet.nodes: address_prefixes = ["10.1.0.0/23"], instead of ["10.1.0.0/24"]
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
              Subnet "nodes" (10.1.0.0/25) of VNet "v" can give out 123 addresses; pool "system" of cluster "c", pool "user" of cluster "c" and pool "spot" of cluster "c" need 164 now, 41 more than there are (and 266 at the autoscaler's maximum, 399 at the peak of an upgrade). In the VNet 128 addresses are free, the largest block of them is 10.1.0.128/25; with the subnet's own range, the largest is a /24.
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
                subnet.nodes: address_prefixes = ["10.1.0.0/23"], instead of ["10.1.0.0/24"]
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
                subnet.blocks: address_prefixes = ["10.1.2.0/24"], instead of ["10.1.2.0/26"]
            Error IP-POD-CAPACITY at line 4: Subnet is too small for its pods
              Subnet "pods" (10.1.1.0/24) of VNet "v" can give out 251 addresses; pool "dynamic" of cluster "c" and pool "sparse" of cluster "c" need 378 now, 127 more than there are (and 504 at the peak of an upgrade).
              10.1.1.0/24: 256 addresses less 5 that Azure keeps = 251
              pool "dynamic", pods: 3 nodes × 110 (batches of 16 for 110 of 110 pods) = 330 now; upgrade adds 1 (10% of 3) × 110 = 110
              pool "sparse", pods: 3 nodes × 16 (batches of 16 for 5 of 110 pods) = 48 now; upgrade adds 1 (10% of 3) × 16 = 16
              now 378 > 251; at maximum 378 > 251; at peak 504 > 251
              line 7: pool "dynamic" of cluster "c"
              line 8: pool "sparse" of cluster "c"
              The smallest range that would do is a /23: 10.1.4.0/23 is free.
                subnet.pods: address_prefixes = ["10.1.4.0/23"], instead of ["10.1.1.0/24"]
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
                subnet.api: address_prefixes = ["10.1.16.0/28"], instead of ["10.1.16.0/29"]
            Error IP-SPECIAL-SUBNET at line 4: Special subnet is too small
              Subnet "api" (10.1.16.0/29) holds API servers; it needs a /28 or larger.
              line 5: API server of cluster "c"
              The smallest range that would do is a /28: 10.1.16.0/28 is free.
                subnet.api: address_prefixes = ["10.1.16.0/28"], instead of ["10.1.16.0/29"]
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
            Warning IP-SPECIAL-SUBNET at line 4: API-server subnet is not delegated
              Subnet "api" holds API servers; it has to be delegated to Microsoft.ContainerService/managedClusters.
              line 5: API server of cluster "c"
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
            Error IP-CLUSTER-LIMIT at line 8: Kubenet clusters cannot share a subnet
              Subnet "nodes" holds 3 clusters, of which "routes" is of kubenet: such a cluster has its subnet for itself.
              line 3: the subnet
              line 4: cluster "small"
              line 6: cluster "tight"
            Error IP-PODCIDR-CAPACITY at line 4: Pod range is too small at the autoscaler's maximum
              The pod range 192.168.0.0/22 of cluster "small" has room for 4 nodes; the cluster has 3 now, 5 at the autoscaler's maximum and 6 during an upgrade.
              192.168.0.0/22: one /24 for each node = 4 nodes
              pool "a": 3 now, 5 at maximum, upgrade adds 1
              nodes now 3 ≤ 4; at maximum 5 > 4; at peak 6 > 4
              line 5: pool "a"
              The smallest range that would do is a /21: 192.168.0.0/21 is free.
                cluster.small: network_profile.pod_cidr = "192.168.0.0/21", instead of "192.168.0.0/22"
            Error IP-UPGRADE-HEADROOM at line 6: Pod range leaves no room for an upgrade
              The pod range 192.168.64.0/21 of cluster "tight" has room for 8 nodes; the cluster has 8 now, 8 at the autoscaler's maximum and 9 during an upgrade.
              192.168.64.0/21: one /24 for each node = 8 nodes
              pool "a": 8 now, 8 at maximum, upgrade adds 1
              nodes now 8 ≤ 8; at maximum 8 ≤ 8; at peak 9 > 8
              line 7: pool "a"
              The smallest range that would do is a /20: 192.168.64.0/20 is free.
                cluster.tight: network_profile.pod_cidr = "192.168.64.0/20", instead of "192.168.64.0/21"
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
                subnet.nodes: address_prefixes = ["10.1.0.0/24"], instead of ["10.1.0.0/28"]
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
                cluster.c: network_profile.pod_cidr = "10.240.0.0/13"
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
            Error IP-DELEGATED at line 3: Pod subnet is delegated
              Pod subnet "nodes" is delegated to Microsoft.Web/serverFarms; pods need it without delegation, or delegated to Microsoft.ContainerService/managedClusters.
              line 11: pool "a" of cluster "s"
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
