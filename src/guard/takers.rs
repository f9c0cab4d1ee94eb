//! What takes addresses of subnets in a plan besides nodes and pods.

use crate::network::{Addresses, Taken, TakenKind};

use super::block::Block;

/// Instances of a Bastion host or an application gateway that says nothing of them. Source: Azure Bastion and Application
/// Gateway pages.
const INSTANCES: u32 = 2;

/// The addresses a resource takes; none for types that take none.
pub fn of(block: &Block) -> Vec<Taken> {
    match block.change.address.kind() {
        "azurerm_network_interface" => configs(block, "ip_configuration", TakenKind::NetworkInterface),
        "azurerm_lb" => configs(block, "frontend_ip_configuration", TakenKind::Frontend),
        "azurerm_private_endpoint" => endpoint(block),
        "azurerm_private_link_service" => configs(block, "nat_ip_configuration", TakenKind::PrivateLinkService),
        "azurerm_virtual_network_gateway" => configs(block, "ip_configuration", TakenKind::Gateway),
        "azurerm_bastion_host" => bastion(block),
        "azurerm_firewall" => {
            let mut all = configs(block, "ip_configuration", TakenKind::Firewall);
            all.extend(configs(block, "management_ip_configuration", TakenKind::FirewallManagement));
            all
        }
        "azurerm_route_server" => one(block, TakenKind::RouteServer, Addresses::Dynamic(1)).into_iter().collect(),
        "azurerm_application_gateway" => application_gateway(block),
        _ => Vec::new(),
    }
}

/// One address in the subnet a block names; a block without one is public.
fn one(block: &Block, kind: TakenKind, addresses: Addresses) -> Option<Taken> {
    Some(Taken::new(kind, block.id("subnet_id")?, block.origin_at(&["private_ip_address", "subnet_id"]), addresses))
}

/// One address for each configuration. IPv6 addresses are not scarce, and are left out.
fn configs(block: &Block, name: &str, kind: TakenKind) -> Vec<Taken> {
    let v4 = |b: &Block| !b.word("private_ip_address_version", "IPv6");
    block.each(name).iter().filter(|b| v4(b)).filter_map(|b| one(b, kind, address(b))).collect()
}

/// The address where the blueprint asks for one: another that Azure chose may change.
fn address(block: &Block) -> Addresses {
    let fixed = block.word("private_ip_address_allocation", "Static") || block.place("private_ip_address").is_some();
    block.text("private_ip_address").filter(|_| fixed).and_then(|a| a.parse().ok()).map_or(Addresses::Dynamic(1), Addresses::Static)
}

/// A private endpoint takes an address for each configuration it names, one at least.
fn endpoint(block: &Block) -> Vec<Taken> {
    let named = block.each("ip_configuration");
    let taken = |inner: &Block| {
        let address = inner.text("private_ip_address").and_then(|a| a.parse().ok()).map_or(Addresses::Dynamic(1), Addresses::Static);
        Some(Taken::new(TakenKind::PrivateEndpoint, block.id("subnet_id")?, inner.origin_at(&["private_ip_address"]), address))
    };
    if named.is_empty() {
        one(block, TakenKind::PrivateEndpoint, Addresses::Dynamic(1)).into_iter().collect()
    } else {
        named.iter().filter_map(taken).collect()
    }
}

/// A Bastion host takes an address for each instance.
fn bastion(block: &Block) -> Vec<Taken> {
    let instances = block.number("scale_units").and_then(|n| n.get().copied()).unwrap_or(INSTANCES);
    block.each("ip_configuration").iter().filter_map(|b| one(b, TakenKind::Bastion, Addresses::Dynamic(instances))).collect()
}

/// Instances in the gateway's subnet, and private frontends.
fn application_gateway(block: &Block) -> Vec<Taken> {
    let number = |inner: Option<Block>, name: &str| inner.and_then(|b| b.number(name)).and_then(|n| n.get().copied());
    let fewest = number(block.first("autoscale_configuration"), "min_capacity").or_else(|| number(block.first("sku"), "capacity")).unwrap_or(INSTANCES);
    let most = number(block.first("autoscale_configuration"), "max_capacity");
    let instances = |b: &Block| Some(Taken::application_gateway(b.id("subnet_id")?, b.origin_at(&["subnet_id"]), fewest, most));
    let mut all: Vec<Taken> = block.each("gateway_ip_configuration").iter().filter_map(instances).collect();
    all.extend(configs(block, "frontend_ip_configuration", TakenKind::Frontend));
    all
}
