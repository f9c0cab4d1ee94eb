//! Special subnets, limits and transit: what may be where, and who reaches whom.

use expect_test::expect;
use ravelin::network::check;

use super::text::{check_text, codes, model};

#[test]
fn what_may_be_in_special_subnets() {
    check_text(
        "
vnet hub 10.0.0.0/20
subnet AzureBastionSubnet 10.0.0.0/26 table=t
subnet AzureFirewallSubnet 10.0.0.64/26 nsg table=t
subnet GatewaySubnet 10.0.0.128/27 nsg table=t
subnet RouteServerSubnet 10.0.0.192/26 nsg table=t
subnet gateway 10.0.1.0/24 table=t
subnet plain 10.0.2.0/24
subnet apps 10.0.3.0/24 delegated=Microsoft.Web/serverFarms
subnet agc 10.0.4.0/25 delegated=Microsoft.ServiceNetworking/trafficControllers
table t
route out 0.0.0.0/0 10.0.2.4
taken bastion hub/AzureBastionSubnet 2 kind=bastion
taken vm hub/AzureBastionSubnet 1
taken vpn hub/plain 2 kind=gateway
taken waf hub/gateway 2 kind=appgw most=4
taken vm2 hub/gateway 1
taken vm3 hub/apps 1
",
        expect![[r#"
            Error IP-SPECIAL-SUBNET at line 3: Special subnet cannot have this attached
              AzureBastionSubnet has a route table, which Azure does not allow there.
            Error IP-SPECIAL-SUBNET at line 3: Special subnet holds something else
              AzureBastionSubnet is for one purpose; network interface taken.vm cannot be in it.
              line 14: network interface taken.vm
            Error IP-SPECIAL-SUBNET at line 4: Special subnet cannot have this attached
              AzureFirewallSubnet has a network security group, which Azure does not allow there.
            Error IP-SPECIAL-SUBNET at line 4: Default route does not suit the subnet
              The default route "out" of AzureFirewallSubnet must lead to the Internet unless there is an AzureFirewallManagementSubnet.
              line 12: the route
            Error IP-SPECIAL-SUBNET at line 5: Special subnet cannot have this attached
              GatewaySubnet has a network security group, which Azure does not allow there.
            Error IP-SPECIAL-SUBNET at line 6: Special subnet cannot have this attached
              RouteServerSubnet has a network security group, which Azure does not allow there.
            Error IP-SPECIAL-SUBNET at line 6: Special subnet cannot have this attached
              RouteServerSubnet has a route table, which Azure does not allow there.
            Error IP-SPECIAL-SUBNET at line 7: Special subnet holds something else
              Subnet "gateway" holds an application gateway; network interface taken.vm2 cannot be in it.
              line 16: application gateway taken.waf
              line 17: network interface taken.vm2
            Error IP-DELEGATED at line 18: Subnet is delegated
              The network interface taken.vm3 is in subnet "apps", which is delegated to Microsoft.Web/serverFarms.
              line 9: the subnet
            Error IP-SPECIAL-SUBNET at line 15: Resource needs a subnet of a certain name
              The gateway taken.vpn lives in a subnet with the name GatewaySubnet, not in "plain".
              line 8: the subnet
            Warning IP-SPECIAL-SUBNET at line 5: Default route does not suit the subnet
              The default route "out" of GatewaySubnet leads away from the Internet, which cuts the gateway off from its management.
              line 12: the route
            Warning IP-SPECIAL-SUBNET at line 10: Special subnet is too small
              Subnet "agc" (10.0.4.0/25) is for Application Gateway for Containers, which asks for a /24.
              The smallest range that would do is a /24: 10.0.4.0/24 is free.
                subnet.agc: address_prefixes = ["10.0.4.0/24"], instead of ["10.0.4.0/25"]
            Warning IP-SPECIAL-SUBNET at line 7: Default route does not suit the subnet
              The default route "out" of subnet "gateway" leads away from the Internet; application gateways support that only in private deployments.
              line 12: the route
              line 16: application gateway taken.waf
        "#]],
    );
}

#[test]
fn kinds() {
    let report = check(&model(
        "
vnet v 10.0.0.0/16
subnet AzureBastionSubnet 10.0.0.0/26
subnet GatewaySubnet 10.0.0.64/27
subnet AzureFirewallSubnet 10.0.1.0/26
subnet AzureFirewallManagementSubnet 10.0.1.64/26
subnet RouteServerSubnet 10.0.2.0/26
subnet nodes 10.0.3.0/24
subnet pods 10.0.4.0/22
subnet api 10.0.8.0/28 delegated=Microsoft.ContainerService/managedClusters
subnet waf 10.0.9.0/24
subnet agc 10.0.10.0/24 delegated=Microsoft.ServiceNetworking/trafficControllers
subnet web 10.0.11.0/24 delegated=Microsoft.Web/serverFarms
subnet plain 10.0.12.0/24
taken waf v/waf 2 kind=appgw
cluster c azure service=172.16.0.0/16 dns=172.16.0.10 api=v/api
pool a in=v/nodes pods-in=v/pods pods=110
",
    ));
    assert_eq!(report.findings, []);
    let kinds: Vec<String> = report.subnets.iter().map(|s| format!("{} {:?}", s.subnet, s.kind)).collect();
    expect![[r#"
        AzureBastionSubnet Bastion
        GatewaySubnet Gateway
        AzureFirewallSubnet Firewall
        AzureFirewallManagementSubnet FirewallManagement
        RouteServerSubnet RouteServer
        nodes Nodes
        pods Pods
        api ApiServer
        waf ApplicationGateway
        agc ContainersGateway
        web Delegated
        plain Ordinary"#]]
    .assert_eq(&kinds.join("\n"));
}

/// Two hubs, each with spokes: spokes of different hubs meet only where the hubs forward.
fn two_hubs(spoke: &str, between: &str, extra: &str) -> Vec<&'static str> {
    codes(&format!(
        "
vnet hub1 10.0.0.0/16
subnet fw 10.0.0.0/26
peer hub2 {between}
peer spoke1
vnet hub2 10.10.0.0/16
peer hub1 {between}
peer spoke2
vnet spoke1 10.1.0.0/16
subnet s1 10.1.0.0/24 table=t
peer hub1 {spoke}
vnet spoke2 10.1.0.0/16
subnet s2 10.1.1.0/24
peer hub2 {spoke}
{extra}"
    ))
}

#[test]
fn transit() {
    assert_eq!(two_hubs("", "", ""), Vec::<&str>::new());
    assert_eq!(two_hubs("forwarded", "", ""), Vec::<&str>::new());
    assert_eq!(two_hubs("forwarded", "forwarded", ""), ["IP-OVERLAP"]);
    assert_eq!(two_hubs("remote-gateways", "forwarded", ""), ["IP-OVERLAP"]);
    // A route of one spoke to an appliance in its hub; the other spoke takes what is forwarded.
    let table = "table t\nroute out 0.0.0.0/0 10.0.0.4";
    assert_eq!(two_hubs("", "forwarded", table), Vec::<&str>::new());
    let with_route = codes(
        "
vnet hub1 10.0.0.0/16
peer hub2 forwarded
vnet hub2 10.10.0.0/16
peer hub1 forwarded
vnet spoke1 10.1.0.0/16
subnet s1 10.1.0.0/24 table=t
peer hub1
vnet spoke2 10.1.0.0/16
peer hub2 forwarded
table t
route out 0.0.0.0/0 10.0.0.4",
    );
    assert_eq!(with_route, ["IP-OVERLAP"]);
    // Spokes of one hub may never overlap: Azure refuses the second peering.
    assert_eq!(codes("vnet hub 10.0.0.0/16\npeer a\npeer b\nvnet a 10.1.0.0/16\nvnet b 10.1.0.0/16"), ["IP-OVERLAP"]);
}

/// Pods and services reach as far as packets do.
#[test]
fn ranges_of_a_cluster_over_transit() {
    let severities = |flags: &str| {
        let report = check(&model(&format!(
            "
vnet hub1 10.0.0.0/16
peer hub2 {flags}
vnet hub2 10.10.0.0/16
peer hub1 {flags}
vnet spoke1 10.1.0.0/16
subnet s1 10.1.0.0/24
peer hub1 {flags}
vnet spoke2 192.168.0.0/18
peer hub2 {flags}
cluster c overlay service=192.168.0.0/24 dns=192.168.0.10 pods=192.168.16.0/20
pool a in=spoke1/s1"
        )));
        report.findings.iter().map(|f| format!("{:?} {}", f.severity, f.code)).collect::<Vec<_>>()
    };
    assert_eq!(severities(""), ["Warning IP-OVERLAP", "Warning IP-OVERLAP"]);
    assert_eq!(severities("forwarded"), ["Error IP-OVERLAP", "Error IP-OVERLAP"]);
}

#[test]
fn kubenet_has_its_subnet_for_itself() {
    let found = |a: &str, b: &str| {
        codes(&format!(
            "vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/22\ncluster a {a} service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/20\npool a in=v/s\ncluster b {b} service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.16.0/20\npool a in=v/s"
        ))
    };
    assert_eq!(
        (found("kubenet", "kubenet"), found("overlay", "kubenet"), found("overlay", "overlay")),
        (vec!["IP-CLUSTER-LIMIT"], vec!["IP-CLUSTER-LIMIT"], vec![])
    );
}

/// On-premises ranges: a warning for VNets, with the subnets in it; an error for pods and services.
#[test]
fn on_premises() {
    check_text(
        "
vnet v 10.1.0.0/16
subnet far 10.1.0.0/24
subnet near 10.1.128.0/24
on-premises branch 10.1.128.0/17
cluster c overlay service=10.1.240.0/24 dns=10.1.240.10 pods=192.168.0.0/16
pool a in=v/far
",
        expect![[r#"
            Error IP-OVERLAP at line 6: Address ranges overlap
              The service range 10.1.240.0/24 of cluster "c" overlaps the on-premises range "branch" (10.1.128.0/17).
              10.1.240.0/24 (10.1.240.0 to 10.1.240.255) lies in 10.1.128.0/17 (10.1.128.0 to 10.1.255.255)
              line 5: 10.1.128.0/17 is declared here
              10.2.0.0/24 is free.
                cluster.c: network_profile.service_cidr = "10.2.0.0/24", instead of "10.1.240.0/24"
                cluster.c: network_profile.dns_service_ip = "10.2.0.10", instead of "10.1.240.10"
            Warning IP-OVERLAP at line 6: Address ranges overlap
              The service range 10.1.240.0/24 of cluster "c" overlaps the address space 10.1.0.0/16 of its own VNet "v".
              10.1.240.0/24 (10.1.240.0 to 10.1.240.255) lies in 10.1.0.0/16 (10.1.0.0 to 10.1.255.255)
              line 2: 10.1.0.0/16 is declared here
            Warning IP-OVERLAP at line 2: Address ranges overlap
              The address space 10.1.0.0/16 of VNet "v" overlaps the on-premises range "branch" (10.1.128.0/17).
              10.1.128.0/17 (10.1.128.0 to 10.1.255.255) lies in 10.1.0.0/16 (10.1.0.0 to 10.1.255.255)
              line 5: 10.1.128.0/17 is declared here
              line 4: subnet "near" (10.1.128.0/24) is part of it
        "#]],
    );
}

/// Many overlaps of one range are not told one by one.
#[test]
fn many_overlaps_are_counted() {
    let mut text = "vnet v 10.0.0.0/8\n".to_owned();
    for i in 0..40 {
        text.push_str(&format!("subnet s{i} 10.244.{i}.0/24\n"));
    }
    text.push_str("cluster c overlay service=172.16.0.0/16 dns=172.16.0.10\npool a in=v/s0");
    let report = check(&model(&text));
    let overlaps: Vec<_> = report.findings.iter().filter(|f| f.code == "IP-OVERLAP").collect();
    assert_eq!(overlaps.len(), 8);
    assert!(overlaps.iter().any(|f| f.detail.ends_with("32 more subnets of its VNet overlap as well.")));
}

/// Lines say which errors are at them, even those that are not about capacity.
#[test]
fn faults_of_lines() {
    let report = check(&model(
        "
vnet v 10.1.0.0/22
subnet a 10.1.0.0/24
subnet b 10.1.0.128/25
subnet out 10.9.0.0/24
subnet fine 10.1.2.0/24
cluster c overlay service=172.16.0.0/16 dns=172.16.0.10 pods=10.1.0.0/20
pool a in=v/fine
",
    ));
    let lines: Vec<String> = report
        .subnets
        .iter()
        .map(|s| format!("{} {:?}", s.subnet, s.faults))
        .chain(report.pod_cidrs.iter().map(|p| format!("{} {:?}", p.prefix, p.faults)))
        .collect();
    expect![[r#"
        a ["IP-OVERLAP"]
        b ["IP-OVERLAP"]
        out ["IP-OUTSIDE"]
        fine ["IP-OVERLAP"]
        10.1.0.0/20 ["IP-OVERLAP"]"#]]
    .assert_eq(&lines.join("\n"));
}
