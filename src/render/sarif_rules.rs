//! The rules of the address check as SARIF tells them: what each is about, why it matters, and what to do.

use serde_json::{Value as J, json};

/// A rule in words.
pub struct Rule {
    pub code: &'static str,
    /// One line.
    pub short: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub help: &'static str,
}

const fn rule_of(code: &'static str, short: &'static str, why: &'static str, help: &'static str) -> Rule {
    Rule { code, short, why, help }
}

/// All rules of the address check, by code.
pub const RULES: &[Rule] = &[
    rule_of(
        "IP-CLUSTER-LIMIT",
        "A cluster can have more nodes than AKS allows.",
        "AKS allows 5,000 nodes in a cluster; with kubenet every node needs a route, and a route table holds 400. Scaling or upgrading stops there.",
        "Lower the autoscaler's maxima or the surge, or split the cluster; a kubenet cluster can be moved to overlay.",
    ),
    rule_of(
        "IP-DELEGATED",
        "The subnet of a node pool is delegated to another service.",
        "Azure puts no nodes into a delegated subnet: the pool is refused with SubnetIsDelegated.",
        "Give the pool a subnet of its own, or take the delegation away.",
    ),
    rule_of(
        "IP-DNS",
        "The cluster's DNS service address is not usable.",
        "It has to lie in the service range and must not be its first, second or last address: the second belongs to the API server.",
        "Use the tenth address of the service range, as Azure does by default.",
    ),
    rule_of(
        "IP-DUAL-STACK",
        "IPv4 and IPv6 do not go together here.",
        "A dual-stack cluster needs ranges of both families for nodes, pods and services, and a network mode that knows both.",
        "Give the missing family a range, or use one family alone.",
    ),
    rule_of(
        "IP-DUPLICATE",
        "One address is given to two things.",
        "Azure assigns a static address once; the second assignment fails during apply.",
        "Choose another address for one of them.",
    ),
    rule_of(
        "IP-FORBIDDEN",
        "A range overlaps one that Azure or AKS keeps for itself.",
        "Multicast, loopback, link-local and platform addresses cannot be in a VNet; AKS also keeps 169.254.0.0/16, 172.30.0.0/16, 172.31.0.0/16 and 192.0.2.0/24.",
        "Choose another private range.",
    ),
    rule_of(
        "IP-FORECAST",
        "With the declared growth, addresses run out before the horizon.",
        "What fits today fails within the time that the plan has to last; a subnet in use cannot simply be made larger later.",
        "Choose the larger range that is proposed now, or declare a slower growth or a nearer horizon.",
    ),
    rule_of(
        "IP-FORM",
        "A range is not written as Azure takes it.",
        "A prefix needs an address and a length, with no bits set beyond the length; Azure refuses others with InvalidCIDRNotation.",
        "Write the network address that the message names.",
    ),
    rule_of(
        "IP-MAX-PODS",
        "The number of pods for each node is out of bounds.",
        "AKS takes 10 to 250 pods per node, and a pool must have room for 30; the number cannot be changed once the pool exists.",
        "Choose a number within the bounds that the message names.",
    ),
    rule_of(
        "IP-MULTI-PREFIX",
        "Several prefixes of a subnet do not help its pods.",
        "Nodes with many addresses, and pod subnets, use one prefix of a subnet only; the others count for nothing.",
        "Use one prefix that is large enough.",
    ),
    rule_of(
        "IP-NAME",
        "A name is longer than the network mode allows.",
        "With overlay and with dynamic pod addresses, the names of VNet, subnet and resource group may have 63 characters at most.",
        "Shorten the name.",
    ),
    rule_of(
        "IP-NIC-LIMIT",
        "A network interface has more addresses than Azure allows.",
        "A network interface takes 256 private addresses.",
        "Spread the configurations over several interfaces.",
    ),
    rule_of(
        "IP-NODE-CAPACITY",
        "The subnet is too small for its nodes.",
        "Azure refuses the pool, or the autoscaler stops, with InsufficientSubnetSize. A subnet in use cannot be made larger in place.",
        "Use the range that is proposed, fewer pods per node, or a network mode that takes one address for each node.",
    ),
    rule_of(
        "IP-OUTSIDE",
        "A subnet or an address lies outside what should hold it.",
        "Azure refuses a subnet outside its VNet's address space with NetcfgSubnetRangeOutsideVnet, and an address outside its subnet.",
        "Move it inside, or add an address space to the VNet.",
    ),
    rule_of(
        "IP-OVERLAP",
        "Two ranges have addresses in common that must not.",
        "Azure refuses overlapping subnets and peerings; where it does not look (pods, services, on-premises), traffic goes astray.",
        "Move one of the two; both declarations are shown.",
    ),
    rule_of(
        "IP-POD-CAPACITY",
        "The pod subnet is too small for its pods.",
        "Nodes take pod addresses in batches of 16 or in /28 blocks; without one, pods stay pending.",
        "Use the range that is proposed, or fewer pods per node.",
    ),
    rule_of(
        "IP-POD-SUBNET",
        "A pod subnet holds something that it must not.",
        "A pod subnet is for pods alone, of one allocation mode.",
        "Give nodes, interfaces and the other mode subnets of their own.",
    ),
    rule_of(
        "IP-PODCIDR-CAPACITY",
        "The pod range is too small for the nodes.",
        "Every node takes a /24 of the pod range (a /80 of IPv6); a node without one never becomes ready.",
        "Use the larger range that is proposed; a running overlay cluster can grow its range when the new one holds the old.",
    ),
    rule_of("IP-POOL-VNET", "The pools of a cluster are in different VNets.", "AKS takes pools of one VNet only.", "Put all pools into subnets of one VNet."),
    rule_of(
        "IP-PUBLIC",
        "A range for pods is not private.",
        "Azure takes public ranges for pods but does not support them: the real owners of the addresses cannot be reached from the cluster.",
        "Use a range of RFC 1918 or RFC 6598.",
    ),
    rule_of(
        "IP-RESERVED",
        "A static address is one that Azure keeps.",
        "The first four addresses and the last of each subnet are Azure's.",
        "Choose an address between those that the message names.",
    ),
    rule_of(
        "IP-ROUTE-LIMIT",
        "A route table holds more routes than Azure allows.",
        "A route table takes 400 routes; with kubenet every node adds one.",
        "Summarise routes, or move the cluster from kubenet to overlay.",
    ),
    rule_of(
        "IP-SERVICE",
        "The service range has a size that AKS does not take.",
        "The service range must be smaller than a /12 (an IPv6 one a /108 or smaller).",
        "Choose a smaller range: a /16 holds 65,536 services.",
    ),
    rule_of(
        "IP-SPECIAL-SUBNET",
        "A subnet with a special use is not fit for it.",
        "Bastion, firewall, gateway, route server and API server subnets have least sizes, and nothing else may be in them.",
        "Use the size that the message names.",
    ),
    rule_of(
        "IP-STATIC-WASTE",
        "The number of pods fills the static blocks badly.",
        "Each node takes whole /28 blocks for its pods and itself; a number just above a multiple of 16 wastes most of one.",
        "Use a multiple of 16 less one: 31, 47, 63, 111, 239.",
    ),
    rule_of(
        "IP-SUBNET-CAPACITY",
        "The subnet is too small for what is in it.",
        "Interfaces, endpoints and frontends find no address, and their creation fails during apply.",
        "Use the range that is proposed, or move something to another subnet.",
    ),
    rule_of(
        "IP-SUBNET-SIZE",
        "A range has a size that Azure does not take.",
        "The smallest IPv4 subnet is a /29, and an IPv6 subnet is a /64 exactly.",
        "Use a size that Azure takes.",
    ),
    rule_of(
        "IP-SURGE",
        "A surge is not what AKS takes.",
        "The surge is a number of nodes or a percentage; 0 needs nodes that may be unavailable instead.",
        "Write a number such as \"2\" or a percentage such as \"33%\".",
    ),
    rule_of(
        "IP-THRESHOLD",
        "Less room is left than the blueprint demands.",
        "Everything fits, but more is used at the peak than the declared threshold allows.",
        "Use the range that is proposed, or raise the threshold.",
    ),
    rule_of(
        "IP-UPGRADE-HEADROOM",
        "It fits, but cannot be upgraded.",
        "An upgrade or rotation needs addresses for surge nodes. Azure does not warn when the cluster is created; the upgrade then stops half-way with SubnetIsFull.",
        "Use the range that is proposed, or a lower surge.",
    ),
    rule_of(
        "IP-VNET-LIMIT",
        "A VNet exceeds a limit of Azure.",
        "A VNet has at most 65,536 addresses in use, 3,000 subnets and 500 peerings.",
        "Split the network, or use a network mode that takes fewer addresses.",
    ),
    rule_of(
        "IP-WAIVER-EXPIRED",
        "A waiver has expired.",
        "The finding that it accepted counts again from the day after its last.",
        "Mend what it accepted, or extend it with a reason.",
    ),
    rule_of(
        "IP-WAIVER-UNUSED",
        "A waiver accepts nothing.",
        "No finding is like it: what it was for has been mended, or its code or address is mistaken and hides nothing.",
        "Remove the waiver, or correct its code or address.",
    ),
];

/// The rule as SARIF has it; one that is not of the address check is told by the summary of its finding.
pub fn rule(code: &str, summary: &str) -> J {
    match RULES.iter().find(|r| r.code == code) {
        Some(r) => json!({
            "id": r.code,
            "name": name(r.code),
            "shortDescription": { "text": r.short },
            "fullDescription": { "text": format!("{} {}", r.short, r.why) },
            "help": { "text": format!("{} {}", r.why, r.help), "markdown": format!("{}\n\n**What to do.** {}", r.why, r.help) },
            "defaultConfiguration": { "level": "error" },
            "properties": { "tags": ["network", "addresses"] },
        }),
        None => json!({ "id": code, "name": name(code), "shortDescription": { "text": summary } }),
    }
}

/// `IP-NODE-CAPACITY` as `IpNodeCapacity`.
fn name(code: &str) -> String {
    let words = code.split(['-', '_', ' ']).filter(|w| !w.is_empty());
    words
        .map(|w| {
            let mut letters = w.chars();
            let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
            first + &letters.as_str().to_lowercase()
        })
        .collect()
}
