//! Checks of form: ranges that are not ranges, forbidden ranges, sizes Azure refuses, static addresses.

use std::{collections::BTreeMap, net::IpAddr};

use crate::base::{Prefix, Severity, cidr::PrefixError};

use super::{
    index::Index,
    model::{Addresses, Cidr, Given, Known, Model, Origin, Subnet, Taken, Vnet},
    report::{Finding, Report},
};

/// Ranges no VNet may hold. Source: Azure virtual network FAQ.
const VNET_FORBIDDEN: [(&str, &str); 5] = [
    ("224.0.0.0/4", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("168.63.129.16/32", "Azure's own services"),
];

/// Ranges AKS refuses for pods, services and the VNets of its nodes. Source: AKS CNI overview.
pub const AKS_FORBIDDEN: [&str; 4] = ["169.254.0.0/16", "192.0.2.0/24", "172.30.0.0/16", "172.31.0.0/16"];

pub fn check(model: &Model, index: &Index<'_>, report: &mut Report) {
    for vnet in &model.vnets {
        for space in &vnet.spaces {
            range(space, &at(&vnet.origin, space), "An address space", report);
            vnet_space(vnet, space, report);
        }
        for subnet in &vnet.subnets {
            for prefix in &subnet.prefixes {
                range(prefix, &at(&subnet.origin, prefix), "A subnet's prefix", report);
                subnet_size(subnet, prefix, report);
            }
        }
    }
    for other in &model.ranges {
        range(&other.cidr, &at(&other.origin, &other.cidr), "A reserved range", report);
    }
    static_addresses(model, index, report);
}

/// The origin of a part of something: the same address, the part's own place.
pub fn at(origin: &Origin, cidr: &Cidr) -> Origin {
    Origin { address: origin.address.clone(), span: cidr.span.or(origin.span) }
}

/// Reports a range that is not one, or not known.
pub fn range(cidr: &Cidr, origin: &Origin, what: &str, report: &mut Report) {
    match &cidr.given {
        Given::Prefix(_) => {}
        Given::Bad(error @ PrefixError::HostBits { network, .. }) => {
            let mut finding = Finding::new("IP-FORM", Severity::Error, "Address range has host bits set", format!("{what} is wrong: {error}."), origin);
            finding.arithmetic.push(format!("{network} goes from {} to {}", network.first(), network.last()));
            report.find(finding);
        }
        Given::Bad(error @ PrefixError::Malformed(_)) => {
            report.find(Finding::new("IP-FORM", Severity::Error, "Not an address range", format!("{what} is wrong: {error}."), origin));
        }
        Given::Unknown(name) => report.unknown(origin, format!("{} is not known before {name} is", what.to_lowercase())),
    }
}

fn vnet_space(vnet: &Vnet, cidr: &Cidr, report: &mut Report) {
    let Some(space) = cidr.prefix() else { return };
    let origin = at(&vnet.origin, cidr);
    for (text, why) in VNET_FORBIDDEN {
        if text.parse().is_ok_and(|f: Prefix| f.overlaps(space)) {
            let detail = format!("The address space {space} of VNet {:?} overlaps {text} ({why}), which Azure does not allow.", vnet.name);
            report.find(Finding::new("IP-FORBIDDEN", Severity::Error, "Forbidden address range", detail, &origin));
        }
    }
    if !space.v6 && space.len > 29 {
        let detail = format!("The address space {space} of VNet {:?} is smaller than a /29, which is the smallest subnet.", vnet.name);
        report.find(Finding::new("IP-SUBNET-SIZE", Severity::Error, "Address range is too small", detail, &origin));
    }
    if !space.v6 && space.len < 8 {
        let detail = format!("The address space {space} of VNet {:?} is larger than a /8, which Azure may refuse.", vnet.name);
        report.find(Finding::new("IP-SUBNET-SIZE", Severity::Warning, "Address range is very large", detail, &origin));
    }
}

/// The ranges among [`AKS_FORBIDDEN`] that a range of a cluster overlaps.
pub fn aks_forbidden(prefix: Prefix) -> Vec<&'static str> {
    AKS_FORBIDDEN.into_iter().filter(|text| text.parse().is_ok_and(|f: Prefix| f.overlaps(prefix))).collect()
}

fn subnet_size(subnet: &Subnet, cidr: &Cidr, report: &mut Report) {
    let Some(prefix) = cidr.prefix() else { return };
    let origin = at(&subnet.origin, cidr);
    if prefix.v6 {
        if prefix.len != 64 {
            let detail = format!("Subnet {:?} has the IPv6 prefix {prefix}; Azure takes only a /64.", subnet.name);
            report.find(Finding::new("IP-SUBNET-SIZE", Severity::Error, "Wrong size of an IPv6 subnet", detail, &origin));
        }
        return;
    }
    if prefix.len > 29 {
        let detail = format!("Subnet {:?} has the prefix {prefix}; the smallest that Azure takes is a /29, of whose 8 addresses it keeps 5.", subnet.name);
        report.find(Finding::new("IP-SUBNET-SIZE", Severity::Error, "Subnet is too small", detail, &origin));
    }
}

/// Static addresses: in their subnet, not among those Azure keeps, and each only once.
fn static_addresses(model: &Model, index: &Index<'_>, report: &mut Report) {
    let mut first: BTreeMap<((usize, usize), IpAddr), &Taken> = BTreeMap::new();
    for taken in &model.taken {
        let (Known::Is(id), Addresses::Static(address)) = (&taken.subnet, &taken.addresses) else { continue };
        let Some((place, subnet)) = index.subnet(id) else { continue };
        static_address(taken, *address, subnet, report);
        if let Some(other) = first.get(&(place, *address)) {
            let detail = format!("{address} of subnet {:?} is given to a {} and to a {}.", subnet.name, other.what, taken.what);
            let finding = Finding::new("IP-DUPLICATE", Severity::Error, "Address is given twice", detail, &taken.origin);
            report.find(finding.also(&other.origin, "given here first"));
        } else {
            first.insert((place, *address), taken);
        }
    }
}

fn static_address(taken: &Taken, address: IpAddr, subnet: &Subnet, report: &mut Report) {
    let prefixes: Vec<Prefix> = subnet.prefixes.iter().filter_map(Cidr::prefix).collect();
    if prefixes.is_empty() || prefixes.len() < subnet.prefixes.len() {
        return;
    }
    let Some(prefix) = prefixes.iter().find(|p| p.contains_address(address)) else {
        let list: Vec<String> = prefixes.iter().map(Prefix::to_string).collect();
        let detail = format!("The address {address} of the {} is not in subnet {:?} ({}).", taken.what, subnet.name, list.join(", "));
        report.find(Finding::new("IP-OUTSIDE", Severity::Error, "Address is outside its subnet", detail, &taken.origin).also(&subnet.origin, "the subnet"));
        return;
    };
    if prefix.azure_reserves(address) {
        let detail = format!("The address {address} of the {} is one of the five that Azure keeps in {prefix}: the first four and the last.", taken.what);
        let mut finding = Finding::new("IP-RESERVED", Severity::Error, "Address is kept by Azure", detail, &taken.origin).also(&subnet.origin, "the subnet");
        if let (Some(first), Some(last)) = (prefix.host(4), prefix.host(-2)) {
            finding.arithmetic.push(format!("free to use: {first} to {last}"));
        }
        report.find(finding);
    }
}
