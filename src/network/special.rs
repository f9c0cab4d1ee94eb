//! Subnets with a purpose: what they are for, how small they may be, and what may be in them or beside them.

use crate::base::{Prefix, Severity};

use super::{
    form::at,
    index::Index,
    load::{Load, Role},
    model::{Cidr, NextHop, Route, Subnet, TakenKind, Vnet},
    report::{Finding, Report, SubnetKind},
};

/// The delegation of AKS, for pod subnets and API-server subnets.
const AKS: &str = "Microsoft.ContainerService/managedClusters";
/// The delegation of Application Gateway for Containers.
const CONTAINERS: &str = "Microsoft.ServiceNetworking/trafficControllers";

/// What the rules say of one kind.
struct Rule {
    kind: SubnetKind,
    /// The name that fixes the use.
    name: &'static str,
    /// The longest prefix length, and whether a longer one is refused or only a warning.
    len: u8,
    short: Severity,
    /// A network security group on it is refused.
    no_group: bool,
    /// A route table on it is refused.
    no_table: bool,
    /// What lives in it, and nothing else does.
    only: &'static [TakenKind],
}

/// Sources: the Bastion, Firewall, VPN gateway and Route Server pages.
const RULES: [Rule; 5] = [
    Rule {
        kind: SubnetKind::Bastion,
        name: "AzureBastionSubnet",
        len: 26,
        short: Severity::Error,
        no_group: false,
        no_table: true,
        only: &[TakenKind::Bastion],
    },
    Rule {
        kind: SubnetKind::Firewall,
        name: "AzureFirewallSubnet",
        len: 26,
        short: Severity::Error,
        no_group: true,
        no_table: false,
        only: &[TakenKind::Firewall],
    },
    Rule {
        kind: SubnetKind::FirewallManagement,
        name: "AzureFirewallManagementSubnet",
        len: 26,
        short: Severity::Error,
        no_group: true,
        no_table: false,
        only: &[TakenKind::FirewallManagement, TakenKind::Firewall],
    },
    Rule { kind: SubnetKind::Gateway, name: "GatewaySubnet", len: 27, short: Severity::Warning, no_group: true, no_table: false, only: &[TakenKind::Gateway] },
    Rule {
        kind: SubnetKind::RouteServer,
        name: "RouteServerSubnet",
        len: 27,
        short: Severity::Error,
        no_group: true,
        no_table: true,
        only: &[TakenKind::RouteServer],
    },
];

fn rule(subnet: &Subnet) -> Option<&'static Rule> {
    RULES.iter().find(|r| subnet.name.eq_ignore_ascii_case(r.name))
}

/// What a subnet is for.
pub fn kind(subnet: &Subnet, load: &Load) -> SubnetKind {
    let delegated = |service: &str| subnet.delegations.iter().any(|d| d.eq_ignore_ascii_case(service));
    match () {
        () if rule(subnet).is_some() => rule(subnet).map_or(SubnetKind::Ordinary, |r| r.kind),
        () if load.has(Role::ApiServer) => SubnetKind::ApiServer,
        () if load.has(Role::Pods) || load.has(Role::Blocks) => SubnetKind::Pods,
        () if load.has(Role::Nodes) => SubnetKind::Nodes,
        () if load.has(Role::Other(TakenKind::ApplicationGateway)) => SubnetKind::ApplicationGateway,
        () if delegated(CONTAINERS) => SubnetKind::ContainersGateway,
        () if !subnet.delegations.is_empty() => SubnetKind::Delegated,
        () => SubnetKind::Ordinary,
    }
}

/// The longest prefix length that a subnet may have for what it is for.
pub fn longest(subnet: &Subnet, load: &Load) -> u8 {
    match rule(subnet) {
        Some(rule) => rule.len,
        None if load.has(Role::ApiServer) => 28,
        None => super::demand::LONGEST_SUBNET,
    }
}

pub fn check(index: &Index<'_>, vnet: &Vnet, subnet: &Subnet, load: &Load, report: &mut Report) {
    if let Some(rule) = rule(subnet) {
        named(rule, subnet, report);
        tenants(rule, subnet, load, report);
        routes(index, rule, vnet, subnet, report);
    } else {
        astray(subnet, load, report);
    }
    pods(subnet, load, report);
    api_servers(subnet, load, report);
    application_gateway(index, subnet, load, report);
    delegated(subnet, load, report);
}

/// The prefix length that the pages of what is in the subnet ask for, where a longer one is found fault with.
pub fn wanted(subnet: &Subnet, load: &Load) -> u8 {
    match rule(subnet) {
        Some(rule) if rule.kind == SubnetKind::RouteServer => rule.len - 1,
        _ if subnet.delegations.iter().any(|d| d.eq_ignore_ascii_case(CONTAINERS)) => 24,
        _ => longest(subnet, load),
    }
}

pub const SUMMARY_SMALL: &str = "Special subnet is too small";
const SUMMARY_TENANT: &str = "Special subnet holds something else";

/// Size, and what must not be attached.
fn named(rule: &Rule, subnet: &Subnet, report: &mut Report) {
    let (name, len) = (rule.name, rule.len);
    for (cidr, prefix) in subnet.prefixes.iter().filter_map(|c| Some((c, c.prefix()?))).filter(|(_, p)| !p.v6) {
        let origin = at(&subnet.origin, cidr);
        let found = match prefix.len {
            l if l > len => Some((rule.short, format!("{name} has the prefix {prefix}; it needs a /{len} or larger."))),
            // Newer pages of Route Server ask for more than the /27 of the older ones.
            l if l == len && rule.kind == SubnetKind::RouteServer => {
                Some((Severity::Warning, format!("{name} has the prefix {prefix}; newer guidance asks for more than a /27.")))
            }
            _ => None,
        };
        if let Some((severity, detail)) = found {
            report.find(Finding::new("IP-SPECIAL-SUBNET", severity, SUMMARY_SMALL, detail, &origin));
        }
    }
    let attached =
        [(rule.no_group && subnet.security_group.is_some(), "network security group"), (rule.no_table && subnet.route_table.is_some(), "route table")];
    for (_, what) in attached.iter().filter(|(wrong, _)| *wrong) {
        let detail = format!("{name} has a {what}, which Azure does not allow there.");
        report.find(Finding::new("IP-SPECIAL-SUBNET", Severity::Error, "Special subnet cannot have this attached", detail, &subnet.origin));
    }
}

/// Nothing lives in the subnet but what it is for.
fn tenants(rule: &Rule, subnet: &Subnet, load: &Load, report: &mut Report) {
    let foreign: Vec<_> = load
        .parts
        .iter()
        .filter(|p| match p.role {
            Role::Other(kind) => !rule.only.contains(&kind),
            Role::Unseen => false,
            _ => true,
        })
        .collect();
    if foreign.is_empty() {
        return;
    }
    let detail = format!("{} is for one purpose; {} cannot be in it.", rule.name, list(foreign.iter().map(|p| p.name.as_str())));
    let finding = Finding::new("IP-SPECIAL-SUBNET", Severity::Error, SUMMARY_TENANT, detail, &subnet.origin);
    report.find(foreign.into_iter().fold(finding, |f, p| f.also(&p.origin, &p.name)));
}

/// `a, b and c`, and no more than four of them.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] if first.len() < 4 => format!("{} and {last}", first.join(", ")),
        many => format!("{} and {} more", many.iter().take(3).copied().collect::<Vec<_>>().join(", "), many.len().saturating_sub(3)),
    }
}

/// What lives only in a subnet of a certain name is not elsewhere.
fn astray(subnet: &Subnet, load: &Load, report: &mut Report) {
    for part in &load.parts {
        let Role::Other(kind) = part.role else { continue };
        if let Some(rule) = RULES.iter().find(|r| r.only.first() == Some(&kind)) {
            let detail = format!("The {} lives in a subnet with the name {}, not in {:?}.", part.name, rule.name, subnet.name);
            let finding = Finding::new("IP-SPECIAL-SUBNET", Severity::Error, "Resource needs a subnet of a certain name", detail, &part.origin);
            report.find(finding.also(&subnet.origin, "the subnet"));
        }
    }
}

/// Default routes that break what lives in the subnet. Sources: the Firewall and VPN gateway pages;
/// Azure: `AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet`.
fn routes(index: &Index<'_>, rule: &Rule, vnet: &Vnet, subnet: &Subnet, report: &mut Report) {
    let Some(route) = default_route(index, subnet) else { return };
    let managed = || vnet.subnets.iter().any(|s| s.name.eq_ignore_ascii_case("AzureFirewallManagementSubnet"));
    let found = match (rule.kind, &route.next_hop) {
        (SubnetKind::Firewall, hop) if !matches!(hop, NextHop::Internet | NextHop::Unknown(_)) && !managed() => {
            Some((Severity::Error, "must lead to the Internet unless there is an AzureFirewallManagementSubnet"))
        }
        (SubnetKind::FirewallManagement, hop) if !matches!(hop, NextHop::Internet | NextHop::Unknown(_)) => {
            Some((Severity::Error, "must lead to the Internet"))
        }
        (SubnetKind::Gateway, NextHop::Appliance(_) | NextHop::Nowhere) => {
            Some((Severity::Warning, "leads away from the Internet, which cuts the gateway off from its management"))
        }
        _ => None,
    };
    if let Some((severity, why)) = found {
        let detail = format!("The default route {:?} of {} {why}.", route.name, rule.name);
        let finding = Finding::new("IP-SPECIAL-SUBNET", severity, "Default route does not suit the subnet", detail, &subnet.origin);
        report.find(finding.also(&route.origin, "the route"));
    }
}

fn default_route<'m>(index: &Index<'m>, subnet: &Subnet) -> Option<&'m Route> {
    let table = index.table(subnet.route_table.as_ref()?.get()?)?;
    table.routes.iter().find(|r| r.destination.as_ref().and_then(Cidr::prefix).is_some_and(|p: Prefix| p.len == 0 && !p.v6))
}

/// What may not be together in one subnet with pods, and in what form. Source: AKS pod subnet pages.
fn pods(subnet: &Subnet, load: &Load, report: &mut Report) {
    let mut refuse = |code: &'static str, severity: Severity, summary: &'static str, detail: String, roles: &dyn Fn(Role) -> bool| {
        let finding = Finding::new(code, severity, summary, detail, &subnet.origin);
        report.find(load.parts.iter().filter(|p| roles(p.role)).fold(finding, |f, p| f.also(&p.origin, &p.name)));
    };
    let in_pods = |role: Role| matches!(role, Role::Pods | Role::Blocks);
    // Azure's count of what it does not say is no proof: the pods themselves are in it.
    let other = |role: Role| !in_pods(role) && !matches!(role, Role::Unseen | Role::ApiServer);
    let pods = load.parts.iter().any(|p| in_pods(p.role));
    if pods && load.parts.iter().any(|p| other(p.role)) {
        let detail = format!("Subnet {:?} is a pod subnet; nothing but pods may be in it.", subnet.name);
        refuse("IP-POD-SUBNET", Severity::Error, "Pod subnet holds something else", detail, &other);
    }
    if load.has(Role::Pods) && load.has(Role::Blocks) {
        let detail = format!("Subnet {:?} gives out addresses to pods both one by one and in blocks; one subnet can do only one of them.", subnet.name);
        refuse("IP-POD-SUBNET", Severity::Error, "Pod subnet with two allocation modes", detail, &in_pods);
    }
    if let Some(service) = subnet.delegations.iter().find(|d| pods && !d.eq_ignore_ascii_case(AKS)) {
        let detail = format!("Pod subnet {:?} is delegated to {service}; pods need it without delegation, or delegated to {AKS}.", subnet.name);
        refuse("IP-DELEGATED", Severity::Error, "Pod subnet is delegated", detail, &in_pods);
    }
    let wide =
        |p: &super::load::Part| matches!(&p.take, super::load::Take::Pool(t) if p.role == Role::Nodes && t.figures.mode == super::demand::Ipam::NodeSubnet);
    if subnet.ranges(false).count() > 1 && (pods || load.parts.iter().any(wide)) {
        let detail = format!("Subnet {:?} has several prefixes, which AKS does not use for pods: only one of them counts for certain.", subnet.name);
        refuse("IP-MULTI-PREFIX", Severity::Warning, "Several prefixes do not help pods", detail, &|r| in_pods(r) || r == Role::Nodes);
    }
}

/// Source: AKS API-server VNet integration page.
fn api_servers(subnet: &Subnet, load: &Load, report: &mut Report) {
    if !load.has(Role::ApiServer) {
        return;
    }
    let other = |role: Role| !matches!(role, Role::ApiServer | Role::Unseen);
    if load.parts.iter().any(|p| other(p.role)) {
        let detail = format!("Subnet {:?} holds API servers; nothing else may be in it.", subnet.name);
        let finding = Finding::new("IP-SPECIAL-SUBNET", Severity::Error, "API-server subnet holds something else", detail, &subnet.origin);
        report.find(load.parts.iter().filter(|p| other(p.role)).fold(finding, |f, p| f.also(&p.origin, &p.name)));
    }
    let servers = |finding: Finding| load.of(Role::ApiServer).fold(finding, |f, p| f.also(&p.origin, &p.name));
    if let Some(prefix) = subnet.ranges(false).find(|p| p.len > 28) {
        let detail = format!("Subnet {:?} ({prefix}) holds API servers; it needs a /28 or larger.", subnet.name);
        report.find(servers(Finding::new("IP-SPECIAL-SUBNET", Severity::Error, SUMMARY_SMALL, detail, &subnet.origin)));
    }
    if !subnet.delegations.iter().any(|d| d.eq_ignore_ascii_case(AKS)) {
        let detail = format!("Subnet {:?} holds API servers; it has to be delegated to {AKS}.", subnet.name);
        report.find(servers(Finding::new("IP-SPECIAL-SUBNET", Severity::Warning, "API-server subnet is not delegated", detail, &subnet.origin)));
    }
}

/// An application gateway has its subnet for itself, and its default route is not led through an appliance.
/// Source: Application Gateway infrastructure page; Azure: `ApplicationGatewaySubnetCannotBeUsedByOtherResources`.
fn application_gateway(index: &Index<'_>, subnet: &Subnet, load: &Load, report: &mut Report) {
    let ours = |role: Role| role == Role::Other(TakenKind::ApplicationGateway);
    let Some(gateway) = load.parts.iter().find(|p| ours(p.role)) else { return };
    let foreign: Vec<_> = load.parts.iter().filter(|p| !ours(p.role) && p.role != Role::Unseen).collect();
    if !foreign.is_empty() && rule(subnet).is_none() {
        let detail = format!("Subnet {:?} holds an application gateway; {} cannot be in it.", subnet.name, list(foreign.iter().map(|p| p.name.as_str())));
        let finding = Finding::new("IP-SPECIAL-SUBNET", Severity::Error, SUMMARY_TENANT, detail, &subnet.origin).also(&gateway.origin, &gateway.name);
        report.find(foreign.into_iter().fold(finding, |f, p| f.also(&p.origin, &p.name)));
    }
    if let Some(route) = default_route(index, subnet).filter(|r| matches!(r.next_hop, NextHop::Appliance(_) | NextHop::Gateway | NextHop::Nowhere)) {
        let detail = format!(
            "The default route {:?} of subnet {:?} leads away from the Internet; application gateways support that only in private deployments.",
            route.name, subnet.name
        );
        let finding = Finding::new("IP-SPECIAL-SUBNET", Severity::Warning, "Default route does not suit the subnet", detail, &subnet.origin);
        report.find(finding.also(&route.origin, "the route").also(&gateway.origin, &gateway.name));
    }
}

/// Delegated subnets, and what they cannot hold. Azure: `ResourceNotPermittedOnDelegatedSubnet`.
fn delegated(subnet: &Subnet, load: &Load, report: &mut Report) {
    let Some(service) = subnet.delegations.first() else { return };
    for part in load.of(Role::Other(TakenKind::NetworkInterface)) {
        let detail = format!("The {} is in subnet {:?}, which is delegated to {service}.", part.name, subnet.name);
        report.find(Finding::new("IP-DELEGATED", Severity::Error, "Subnet is delegated", detail, &part.origin).also(&subnet.origin, "the subnet"));
    }
    let containers = subnet.delegations.iter().any(|d| d.eq_ignore_ascii_case(CONTAINERS));
    if let Some(prefix) = subnet.ranges(false).find(|p| containers && p.len > 24) {
        let detail = format!("Subnet {:?} ({prefix}) is for Application Gateway for Containers, which asks for a /24.", subnet.name);
        report.find(Finding::new("IP-SPECIAL-SUBNET", Severity::Warning, SUMMARY_SMALL, detail, &subnet.origin));
    }
}
