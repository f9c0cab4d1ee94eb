//! A run may die anywhere: between any two events, before any request and after any. What was recorded and what Azure has
//! then lead a fresh run to the same end: nothing lost, nothing made twice.

use crate::plan::world::{Crash, Ended, World};

/// A small landing zone: two networks, peered, a guarded subnet, a balancer with its parts, an interface behind it.
pub const LANDING_ZONE: &str = r#"
resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "westeurope"
}
resource "azurerm_virtual_network" "net" {
  for_each            = { hub = "10.0.0.0/16", spoke = "10.1.0.0/16" }
  name                = each.key
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  address_space       = [each.value]
}
resource "azurerm_virtual_network_peering" "to" {
  for_each                  = { hub = "spoke", spoke = "hub" }
  name                      = "to-${each.value}"
  resource_group_name       = azurerm_resource_group.rg.name
  virtual_network_name      = azurerm_virtual_network.net[each.key].name
  remote_virtual_network_id = azurerm_virtual_network.net[each.value].id
}
resource "azurerm_network_security_group" "nsg" {
  name                = "nsg"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
}
resource "azurerm_route_table" "rt" {
  name                = "rt"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  route {
    name                   = "out"
    address_prefix         = "0.0.0.0/0"
    next_hop_type          = "VirtualAppliance"
    next_hop_in_ip_address = azurerm_lb.lb.frontend_ip_configuration[0].private_ip_address
  }
}
resource "azurerm_subnet" "s" {
  for_each             = { inside = "10.0.1.0/24", nodes = "10.1.1.0/24" }
  name                 = each.key
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.net[each.key == "inside" ? "hub" : "spoke"].name
  address_prefixes     = [each.value]
}
resource "azurerm_subnet_network_security_group_association" "s" {
  for_each                  = azurerm_subnet.s
  subnet_id                 = each.value.id
  network_security_group_id = azurerm_network_security_group.nsg.id
}
resource "azurerm_subnet_route_table_association" "nodes" {
  subnet_id      = azurerm_subnet.s["nodes"].id
  route_table_id = azurerm_route_table.rt.id
}
resource "azurerm_lb" "lb" {
  name                = "lb"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  sku                 = "Standard"
  frontend_ip_configuration {
    name                          = "front"
    subnet_id                     = azurerm_subnet.s["inside"].id
    private_ip_address_allocation = "Dynamic"
  }
}
resource "azurerm_lb_backend_address_pool" "pool" {
  name            = "pool"
  loadbalancer_id = azurerm_lb.lb.id
}
resource "azurerm_lb_probe" "probe" {
  name            = "probe"
  loadbalancer_id = azurerm_lb.lb.id
  port            = 8008
}
resource "azurerm_lb_rule" "all" {
  name                           = "all"
  loadbalancer_id                = azurerm_lb.lb.id
  frontend_ip_configuration_name = "front"
  protocol                       = "All"
  frontend_port                  = 0
  backend_port                   = 0
  probe_id                       = azurerm_lb_probe.probe.id
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.pool.id]
}
resource "azurerm_network_interface" "nic" {
  name                = "nic"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  ip_configuration {
    name                          = "one"
    subnet_id                     = azurerm_subnet.s["inside"].id
    private_ip_address_allocation = "Dynamic"
  }
}
resource "azurerm_network_interface_backend_address_pool_association" "nic" {
  network_interface_id    = azurerm_network_interface.nic.id
  ip_configuration_name   = "one"
  backend_address_pool_id = azurerm_lb_backend_address_pool.pool.id
}
output "next_hop" {
  value = azurerm_lb.lb.frontend_ip_configuration[0].private_ip_address
}
"#;

/// The same, changed: a new NSG in place of the old one by create-first, another subnet prefix, a rule less.
fn changed() -> String {
    LANDING_ZONE
        .replace("  name                = \"nsg\"\n", "  name                = \"nsg2\"\n  lifecycle {\n    create_before_destroy = true\n  }\n")
        .replace("10.1.1.0/24", "10.1.2.0/24")
        .replace("port            = 8008", "port            = 8009")
}

/// Applies, dying as told; then a fresh run, which must end well. Whether the run died at all.
async fn dies_and_recovers(before: &[&str], text: &str, crash: Crash) -> bool {
    let mut world = World::new();
    for text in before {
        world.stand(text).await;
    }
    let planned = world.plan(text).await.unwrap();
    let died = matches!(world.carry_out(&planned, Some(crash)).await, Ended::Died);
    let context = |what: &str| format!("{crash:?}: {what}");
    let again = world.apply(text).await;
    assert!(again.is_empty(), "{}", context(&again));
    let rest = world.shown(text).await;
    assert_eq!(rest, "nothing to do\n", "{}", context("the plan after"));
    assert_eq!(world.recorded().lines().count(), planned.plan.changes.iter().filter(|c| c.address.is_managed() && c.after.is_some()).count());
    world.destroy(text).await;
    died
}

/// The same with a destruction as the second run: nothing that the first had begun may be left over.
async fn dies_and_is_destroyed(text: &str, crash: Crash) -> bool {
    let mut world = World::new();
    let planned = world.plan(text).await.unwrap();
    let died = matches!(world.carry_out(&planned, Some(crash)).await, Ended::Died);
    world.destroy(text).await;
    died
}

/// Every place where a run can die, until it does not die any more.
macro_rules! everywhere {
    ($name:ident, $crash:expr, $run:expr) => {
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let run = $run;
            for k in 0.. {
                if !run($crash(k)).await {
                    assert!(k > 10, "only {k} places to die");
                    break;
                }
            }
        }
    };
}

everywhere!(creation_dies_before_any_event, Crash::BeforeEvent, async |crash| dies_and_recovers(&[], LANDING_ZONE, crash).await);
everywhere!(creation_dies_after_any_event, Crash::AfterEvent, async |crash| dies_and_recovers(&[], LANDING_ZONE, crash).await);
everywhere!(creation_dies_before_any_request, Crash::BeforeRequest, async |crash| dies_and_recovers(&[], LANDING_ZONE, crash).await);
everywhere!(creation_dies_after_any_request, Crash::AfterRequest, async |crash| dies_and_recovers(&[], LANDING_ZONE, crash).await);
