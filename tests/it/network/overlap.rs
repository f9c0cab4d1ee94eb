//! Form and overlap: ranges that Azure refuses, and ranges that meet.

use expect_test::expect;
use ravelin::network::Plugin;

use super::text::check_text;

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
              The smallest range that would do is a /26: 10.1.0.192/26 is free.
                subnet.AzureBastionSubnet: address_prefixes = ["10.1.0.192/26"], instead of ["10.1.1.0/27"]
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
              The smallest range that would do is a /27: 10.1.1.32/27 is free.
                subnet.GatewaySubnet: address_prefixes = ["10.1.1.32/27"], instead of ["10.1.1.32/28"]
            Warning IP-SPECIAL-SUBNET at line 7: Special subnet is too small
              RouteServerSubnet has the prefix 10.1.1.64/27; newer guidance asks for more than a /27.
              The smallest range that would do is a /26: 10.1.1.64/26 is free.
                subnet.RouteServerSubnet: address_prefixes = ["10.1.1.64/26"], instead of ["10.1.1.64/27"]
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
              10.3.0.0/16 is free.
                cluster.defaults: network_profile.service_cidr = "10.3.0.0/16"
                cluster.defaults: network_profile.dns_service_ip = "10.3.0.10"
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
              10.3.0.0/20 is free.
                cluster.own: network_profile.pod_cidr = "10.3.0.0/20", instead of "10.1.0.0/20"
            Error IP-OVERLAP at line 10: Address ranges overlap
              The pod range 10.1.0.0/20 of cluster "own" overlaps the reserved range "later" (10.1.0.128/25).
              10.1.0.128/25 (10.1.0.128 to 10.1.0.255) lies in 10.1.0.0/20 (10.1.0.0 to 10.1.15.255)
              line 19: 10.1.0.128/25 is declared here
              10.3.0.0/20 is free.
                cluster.own: network_profile.pod_cidr = "10.3.0.0/20", instead of "10.1.0.0/20"
            Error IP-CLUSTER-LIMIT at line 16: Kubenet clusters cannot share a subnet
              Subnet "nodes" holds 5 clusters, of which "routes" is of kubenet: such a cluster has its subnet for itself.
              line 4: the subnet
              line 8: cluster "defaults"
              line 10: cluster "own"
              line 12: cluster "far"
              line 14: cluster "same"
            Error IP-OVERLAP at line 16: Address ranges overlap
              The pod range 10.1.64.0/20 of cluster "routes" overlaps the address space 10.1.0.0/16 of its own VNet "spoke".
              10.1.64.0/20 (10.1.64.0 to 10.1.79.255) lies in 10.1.0.0/16 (10.1.0.0 to 10.1.255.255)
              line 3: 10.1.0.0/16 is declared here
              10.3.0.0/20 is free.
                cluster.routes: network_profile.pod_cidr = "10.3.0.0/20", instead of "10.1.64.0/20"
            Error IP-SERVICE at line 16: Service range is not private
              The service range 8.8.0.0/16 of cluster "routes" is not private; Azure refuses it.
            Error IP-DNS at line 14: DNS service address is not free
              The DNS service address 192.168.255.255 of cluster "same" is the last address of the service range 192.168.0.0/16.
              line 14: the service range
            Error IP-OVERLAP at line 14: Address ranges overlap
              The pod range 192.168.0.0/16 of cluster "same" overlaps the on-premises range "dc" (192.168.128.0/17).
              192.168.128.0/17 (192.168.128.0 to 192.168.255.255) lies in 192.168.0.0/16 (192.168.0.0 to 192.168.255.255)
              line 18: 192.168.128.0/17 is declared here
              172.29.0.0/16 is free.
                cluster.same: network_profile.pod_cidr = "172.29.0.0/16", instead of "192.168.0.0/16"
            Error IP-OVERLAP at line 14: Address ranges overlap
              The service range 192.168.0.0/16 and the pod range 192.168.0.0/16 of cluster "same" overlap.
              192.168.0.0/16 is used twice
              line 14: 192.168.0.0/16 is declared here
            Error IP-OVERLAP at line 14: Address ranges overlap
              The service range 192.168.0.0/16 of cluster "same" overlaps the on-premises range "dc" (192.168.128.0/17).
              192.168.128.0/17 (192.168.128.0 to 192.168.255.255) lies in 192.168.0.0/16 (192.168.0.0 to 192.168.255.255)
              line 18: 192.168.128.0/17 is declared here
              172.29.0.0/16 is free.
                cluster.same: network_profile.service_cidr = "172.29.0.0/16", instead of "192.168.0.0/16"
                cluster.same: network_profile.dns_service_ip = "172.29.0.10", instead of "192.168.255.255"
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
