//! Any small network: once applied there is nothing to do, a change of one attribute is all that the next plan shows, and
//! after a destruction nothing is left.

use proptest::prelude::*;
use ravelin::plan::Action;

use crate::plan::world::World;

#[derive(Clone, Debug)]
struct Subnet {
    guarded: bool,
    routed: bool,
    endpoint: bool,
    delegated: bool,
}

#[derive(Clone, Debug)]
struct Net {
    subnets: Vec<Subnet>,
    /// Rules of the security group: inside its block, or as resources of their own.
    rules: usize,
    rules_apart: bool,
    routes: usize,
    interface: bool,
    address: bool,
    balancer: bool,
}

/// The one attribute that is changed after the first apply.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Edit {
    GroupTag,
    NetworkTag,
    Route,
    Rule,
    Prefix,
    Probe,
}

fn nets() -> impl Strategy<Value = Net> {
    let subnet = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(guarded, routed, endpoint, delegated)| Subnet {
        guarded,
        routed,
        endpoint,
        delegated,
    });
    (prop::collection::vec(subnet, 1..4), 0usize..3, any::<bool>(), 0usize..3, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(subnets, rules, rules_apart, routes, interface, address, balancer)| Net { subnets, rules, rules_apart, routes, interface, address, balancer },
    )
}

fn edits() -> impl Strategy<Value = Edit> {
    prop::sample::select(vec![Edit::GroupTag, Edit::NetworkTag, Edit::Route, Edit::Rule, Edit::Prefix, Edit::Probe])
}

const PLACE: &str = "  resource_group_name = azurerm_resource_group.rg.name\n  location            = azurerm_resource_group.rg.location\n";

/// The blueprint, after the edit or before it.
fn text(net: &Net, edit: Option<Edit>) -> String {
    let is = |e| edit == Some(e);
    let tag = |e| if is(e) { "new" } else { "old" };
    let mut out = format!(
        "resource \"azurerm_resource_group\" \"rg\" {{\n  name     = \"rg\"\n  location = \"westeurope\"\n  tags     = {{ v = \"{}\" }}\n}}\n",
        tag(Edit::GroupTag)
    );
    out += &format!(
        "resource \"azurerm_virtual_network\" \"net\" {{\n  name = \"net\"\n{PLACE}  address_space = [\"10.0.0.0/16\"]\n  tags = {{ v = \"{}\" }}\n}}\n",
        tag(Edit::NetworkTag)
    );
    for (i, subnet) in net.subnets.iter().enumerate() {
        out += &subnet_text(i, subnet, if i == 0 && is(Edit::Prefix) { 100 } else { i });
    }
    out += &security(net, is(Edit::Rule));
    out += &format!("resource \"azurerm_route_table\" \"rt\" {{\n  name = \"rt\"\n{PLACE}");
    for i in 0..net.routes {
        let hop = if i == 0 && is(Edit::Route) { "None" } else { "VnetLocal" };
        out += &format!("  route {{\n    name = \"r{i}\"\n    address_prefix = \"192.168.{i}.0/24\"\n    next_hop_type = \"{hop}\"\n  }}\n");
    }
    out += "}\n";
    if net.address || net.balancer {
        out += &format!("resource \"azurerm_public_ip\" \"p\" {{\n  name = \"p\"\n{PLACE}  allocation_method = \"Static\"\n  sku = \"Standard\"\n}}\n");
    }
    if net.balancer {
        out += &balancer(is(Edit::Probe));
    }
    if net.interface {
        out += &format!(
            "resource \"azurerm_network_interface\" \"nic\" {{\n  name = \"nic\"\n{PLACE}  ip_configuration {{\n    name = \"one\"\n    subnet_id = azurerm_subnet.s0.id\n    private_ip_address_allocation = \"Dynamic\"\n  }}\n}}\n"
        );
    }
    out
}

fn subnet_text(i: usize, subnet: &Subnet, prefix: usize) -> String {
    let mut out = format!(
        "resource \"azurerm_subnet\" \"s{i}\" {{\n  name = \"s{i}\"\n  resource_group_name = azurerm_resource_group.rg.name\n  virtual_network_name = azurerm_virtual_network.net.name\n  address_prefixes = [\"10.0.{prefix}.0/24\"]\n"
    );
    if subnet.endpoint {
        out += "  service_endpoint {\n    service = \"Microsoft.Storage\"\n  }\n";
    }
    // The interface stands in the first.
    if subnet.delegated && i > 0 {
        out += "  delegation {\n    name = \"d\"\n    service_delegation {\n      name = \"Microsoft.ContainerInstance/containerGroups\"\n    }\n  }\n";
    }
    out += "}\n";
    if subnet.guarded {
        out += &format!(
            "resource \"azurerm_subnet_network_security_group_association\" \"s{i}\" {{\n  subnet_id = azurerm_subnet.s{i}.id\n  network_security_group_id = azurerm_network_security_group.nsg.id\n}}\n"
        );
    }
    if subnet.routed {
        out += &format!(
            "resource \"azurerm_subnet_route_table_association\" \"s{i}\" {{\n  subnet_id = azurerm_subnet.s{i}.id\n  route_table_id = azurerm_route_table.rt.id\n}}\n"
        );
    }
    out
}

fn security(net: &Net, edited: bool) -> String {
    let mut out = format!("resource \"azurerm_network_security_group\" \"nsg\" {{\n  name = \"nsg\"\n{PLACE}");
    let mut apart = String::new();
    for i in 0..net.rules {
        let access = if i == 0 && edited { "Deny" } else { "Allow" };
        let rule = format!(
            "    name = \"a{i}\"\n    priority = {}\n    direction = \"Inbound\"\n    access = \"{access}\"\n    protocol = \"Tcp\"\n    source_port_range = \"*\"\n    destination_port_range = \"{}\"\n    source_address_prefix = \"*\"\n    destination_address_prefix = \"*\"\n",
            100 + i,
            80 + i
        );
        if net.rules_apart {
            apart += &format!(
                "resource \"azurerm_network_security_rule\" \"a{i}\" {{\n  resource_group_name = azurerm_resource_group.rg.name\n  network_security_group_name = azurerm_network_security_group.nsg.name\n{rule}}}\n"
            );
        } else {
            out += &format!("  security_rule {{\n{rule}  }}\n");
        }
    }
    out + "}\n" + &apart
}

fn balancer(edited: bool) -> String {
    let port = if edited { 81 } else { 80 };
    format!(
        r#"resource "azurerm_lb" "lb" {{
  name = "lb"
{PLACE}  sku = "Standard"
  frontend_ip_configuration {{
    name                 = "front"
    public_ip_address_id = azurerm_public_ip.p.id
  }}
}}
resource "azurerm_lb_backend_address_pool" "pool" {{
  name            = "pool"
  loadbalancer_id = azurerm_lb.lb.id
}}
resource "azurerm_lb_probe" "probe" {{
  name            = "probe"
  loadbalancer_id = azurerm_lb.lb.id
  port            = {port}
}}
resource "azurerm_lb_rule" "rule" {{
  name                           = "rule"
  loadbalancer_id                = azurerm_lb.lb.id
  frontend_ip_configuration_name = "front"
  protocol                       = "Tcp"
  frontend_port                  = 80
  backend_port                   = 80
  probe_id                       = azurerm_lb_probe.probe.id
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.pool.id]
}}
"#
    )
}

/// The address that an edit changes; nothing when the network has no such thing.
fn edited(net: &Net, edit: Edit) -> Option<&'static str> {
    match edit {
        Edit::GroupTag => Some("azurerm_resource_group.rg"),
        Edit::NetworkTag => Some("azurerm_virtual_network.net"),
        Edit::Route => (net.routes > 0).then_some("azurerm_route_table.rt"),
        Edit::Rule if net.rules == 0 => None,
        Edit::Rule if net.rules_apart => Some("azurerm_network_security_rule.a0"),
        Edit::Rule => Some("azurerm_network_security_group.nsg"),
        Edit::Prefix => (!net.interface).then_some("azurerm_subnet.s0"),
        Edit::Probe => net.balancer.then_some("azurerm_lb_probe.probe"),
    }
}

async fn lives(net: Net, edit: Edit) {
    let mut world = World::new();
    let before = text(&net, None);
    world.stand(&before).await;
    assert_eq!(world.shown(&before).await, "nothing to do\n");
    let edit = if edited(&net, edit).is_some() { edit } else { Edit::GroupTag };
    let after = text(&net, Some(edit));
    let planned = world.plan(&after).await.unwrap();
    let touched: Vec<(String, Action)> = planned.plan.changes.iter().filter(|c| c.action != Action::NoOp).map(|c| (c.address.to_string(), c.action)).collect();
    assert_eq!(touched, [(edited(&net, edit).unwrap().to_owned(), Action::Update)]);
    world.stand(&after).await;
    assert_eq!(world.shown(&after).await, "nothing to do\n");
    world.destroy(&after).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_network_lives_and_dies(net in nets(), edit in edits()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(lives(net, edit));
    }
}
