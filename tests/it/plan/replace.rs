//! Replacement: delete-first, create-first, what it drags along, and parts that travel.

use expect_test::{Expect, expect};
use ravelin::plan::Act;

use super::{
    order::{BASE, GUARDED},
    world::{World, brief},
};

fn check(found: impl AsRef<str>, expected: Expect) {
    expected.assert_eq(&brief(found.as_ref()));
}

/// A public address and something in front of it; `first` says who is replaced create-first.
fn chain(name: &str, address_first: bool, gateway_first: bool) -> String {
    let lifecycle = |first| if first { "  lifecycle {\n    create_before_destroy = true\n  }\n" } else { "" };
    format!(
        r#"{BASE}
resource "azurerm_public_ip" "p" {{
  name                = "p-{name}"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  allocation_method   = "Static"
{}}}
resource "azurerm_lb" "lb" {{
  name                = "lb-${{azurerm_public_ip.p.name}}"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  sku                 = "Standard"
  frontend_ip_configuration {{
    name                 = "front"
    public_ip_address_id = azurerm_public_ip.p.id
  }}
{}}}
resource "azurerm_lb_probe" "probe" {{
  name            = "probe"
  loadbalancer_id = azurerm_lb.lb.id
  port            = 80
}}
"#,
        lifecycle(address_first),
        lifecycle(gateway_first)
    )
}

#[tokio::test(start_paused = true)]
async fn a_chain_is_replaced_delete_first() {
    let mut world = World::new();
    world.stand(&chain("1", false, false)).await;
    check(
        world.shown(&chain("2", false, false)).await,
        expect![[r#"
        -/+ lb.lb replace_because_cannot_update; name: name cannot be changed in place; frontend_ip_configuration[0].public_ip_address_id <- main.tf:26:5; name <- main.tf:20:3
        -/+ lb_probe.probe replace_because_cannot_update; loadbalancer_id: loadbalancer_id cannot be changed in place; loadbalancer_id <- main.tf:31:3
        -/+ public_ip.p replace_because_cannot_update; name: name cannot be changed in place; name <- main.tf:14:3
         0 delete lb.lb
         1 delete lb_probe.probe in 0 <- 0
         2 delete public_ip.p <- 1
         3 create public_ip.p <- 2
         4 create lb.lb <- 3
         5 create lb_probe.probe in 4 <- 4
    "#]],
    );
    check(world.apply(&chain("2", false, false)).await, expect![[""]]);
    check(
        world.sent(),
        expect![[r#"
        DELETE loadBalancers/lb-p-1
        DELETE publicIPAddresses/p-1
        PUT publicIPAddresses/p-2
        PUT loadBalancers/lb-p-2
    "#]],
    );
    world.destroy(&chain("2", false, false)).await;
}

#[tokio::test(start_paused = true)]
async fn create_first_spreads_to_what_it_needs() {
    let mut world = World::new();
    world.stand(&chain("1", false, true)).await;
    check(
        world.shown(&chain("2", false, true)).await,
        expect![[r#"
        +/- lb.lb replace_because_cannot_update; name: name cannot be changed in place; frontend_ip_configuration[0].public_ip_address_id <- main.tf:26:5; name <- main.tf:20:3
        -/+ lb_probe.probe replace_because_cannot_update; loadbalancer_id: loadbalancer_id cannot be changed in place; loadbalancer_id <- main.tf:34:3
        +/- public_ip.p replace_because_cannot_update; name: name cannot be changed in place; name <- main.tf:14:3
         0 create public_ip.p
         1 create lb.lb <- 0
         2 delete lb_probe.probe
         3 create lb_probe.probe in 1 <- 1 2
         4 delete lb.lb (deposed) <- 1 2
         5 delete public_ip.p (deposed) <- 4
    "#]],
    );
    check(world.apply(&chain("2", false, true)).await, expect![[""]]);
    check(
        world.sent(),
        expect![[r#"
        PUT publicIPAddresses/p-2
        PUT loadBalancers/lb-p-1
        PUT loadBalancers/lb-p-2
        DELETE loadBalancers/lb-p-1
        DELETE publicIPAddresses/p-1
    "#]],
    );
    check(world.shown(&chain("2", false, true)).await, expect![["nothing to do\n"]]);
    world.destroy(&chain("2", false, true)).await;
}

#[tokio::test(start_paused = true)]
async fn create_first_under_one_id_is_refused() {
    let mut world = World::new();
    let text = |zone: &str| {
        format!(
            "{BASE}resource \"azurerm_public_ip\" \"p\" {{\n  name                = \"p\"\n  resource_group_name = azurerm_resource_group.rg.name\n  location            = \"{zone}\"\n  allocation_method   = \"Static\"\n  lifecycle {{\n    create_before_destroy = true\n  }}\n}}\n"
        )
    };
    world.stand(&text("westeurope")).await;
    check(
        world.shown(&text("northeurope")).await,
        expect![[r#"
        Error[create-first-same-id] main.tf:12:1 `resource "azurerm_public_ip" "p"`: Replacement cannot be created first under the same id
          azurerm_public_ip.p has create_before_destroy set, but its replacement would have the same id, /S/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/p.
          hint: Give the replacement another name (for example a suffix that follows the changed value), or drop create_before_destroy.
    "#]],
    );
    world.destroy(&text("westeurope")).await;
}

#[tokio::test(start_paused = true)]
async fn a_security_group_is_swapped_create_first() {
    let mut world = World::new();
    let text = format!("{BASE}{GUARDED}")
        .replace("  name                = \"nsg\"\n", "  name                = \"nsg\"\n  lifecycle {\n    create_before_destroy = true\n  }\n");
    world.stand(&text).await;
    let other = text.replace("\"nsg\"\n  lifecycle", "\"nsg2\"\n  lifecycle");
    check(
        world.shown(&other).await,
        expect![[r#"
            +/- network_security_group.nsg replace_because_cannot_update; name: name cannot be changed in place; name <- main.tf:20:3
            ~ subnet_network_security_group_association.a; network_security_group_id <- main.tf:34:3
             0 create network_security_group.nsg
             1 update subnet_network_security_group_association.a <- 0
             2 delete network_security_group.nsg (deposed) <- 1
        "#]],
    );
    check(world.apply(&other).await, expect![[""]]);
    check(
        world.sent(),
        expect![[r#"
            PUT networkSecurityGroups/nsg2
            PUT virtualNetworks/hub/subnets/a
            DELETE networkSecurityGroups/nsg
        "#]],
    );
    world.destroy(&other).await;
}

#[tokio::test(start_paused = true)]
async fn a_security_group_replaced_in_place_is_let_go_first_and_taken_again() {
    let mut world = World::new();
    let text = format!("{BASE}{GUARDED}");
    world.stand(&text).await;
    let options = || ravelin::plan::Options { replace: vec!["azurerm_network_security_group.nsg".parse().unwrap()], ..Default::default() };
    check(
        world.shown_with(&text, options()).await,
        expect![[r#"
        -/+ network_security_group.nsg replace_by_request
        -/+ subnet_network_security_group_association.a replace_because_cannot_update; network_security_group_id: network_security_group_id cannot be changed in place; network_security_group_id <- main.tf:31:3
         0 delete subnet_network_security_group_association.a
         1 delete network_security_group.nsg <- 0
         2 create network_security_group.nsg <- 1
         3 create subnet_network_security_group_association.a <- 2
    "#]],
    );
    check(world.apply_with(&text, options()).await, expect![[""]]);
    check(
        world.sent(),
        expect![[r#"
        PUT virtualNetworks/hub/subnets/a
        DELETE networkSecurityGroups/nsg
        PUT networkSecurityGroups/nsg
        PUT virtualNetworks/hub/subnets/a
    "#]],
    );
    check(world.shown(&text).await, expect![["nothing to do\n"]]);
    world.destroy(&text).await;
}

#[tokio::test(start_paused = true)]
async fn a_balancer_is_born_with_all_its_parts_in_one_request() {
    let mut world = World::new();
    let text = chain("1", false, false)
        + r#"
resource "azurerm_lb_backend_address_pool" "pool" {
  for_each        = toset(["a", "b"])
  name            = each.key
  loadbalancer_id = azurerm_lb.lb.id
}
resource "azurerm_lb_rule" "rule" {
  for_each                       = { a = 80, b = 443 }
  name                           = each.key
  loadbalancer_id                = azurerm_lb.lb.id
  frontend_ip_configuration_name = "front"
  protocol                       = "Tcp"
  frontend_port                  = each.value
  backend_port                   = each.value
  probe_id                       = azurerm_lb_probe.probe.id
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.pool[each.key].id]
}
"#;
    check(
        world.shown(&text).await,
        expect![[r#"
            + lb.lb
            + lb_backend_address_pool.pool["a"]
            + lb_backend_address_pool.pool["b"]
            + lb_probe.probe
            + lb_rule.rule["a"]
            + lb_rule.rule["b"]
            + public_ip.p
            + resource_group.rg
            + virtual_network.hub
             0 create resource_group.rg
             1 create public_ip.p <- 0
             2 create lb.lb <- 1
             3 create lb_backend_address_pool.pool["a"] in 2 <- 2
             4 create lb_backend_address_pool.pool["b"] in 2 <- 2
             5 create lb_probe.probe in 2 <- 2
             6 create lb_rule.rule["a"] in 2 <- 3 5
             7 create lb_rule.rule["b"] in 2 <- 4 5
             8 create virtual_network.hub <- 0
        "#]],
    );
    check(world.apply(&text).await, expect![[""]]);
    let bodies = world.tap.bodies.lock().unwrap().last().cloned().unwrap();
    let body: serde_json::Value = serde_json::from_str(&bodies).unwrap();
    let names = |list: &str| body["properties"][list].as_array().unwrap().iter().map(|e| e["name"].to_string()).collect::<Vec<_>>().join(" ");
    check(format!("{} / {} / {}", names("probes"), names("backendAddressPools"), names("loadBalancingRules")), expect![[r#""probe" / "a" "b" / "a" "b""#]]);
    check(
        world.sent(),
        expect![[r#"
            PUT resourceGroups/rg
            PUT publicIPAddresses/p-1
            PUT virtualNetworks/hub
            PUT loadBalancers/lb-p-1
        "#]],
    );
    check(world.shown(&text).await, expect![["nothing to do\n"]]);
    world.destroy(&text).await;
    check(
        world.sent(),
        expect![[r#"
            DELETE loadBalancers/lb-p-1
            DELETE virtualNetworks/hub
            DELETE publicIPAddresses/p-1
            DELETE resourceGroups/rg
        "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn a_part_whose_needs_lead_back_to_its_owner_goes_alone() {
    let mut world = World::new();
    // The route table takes its name from the subnet's, and is then attached to that subnet.
    let text = format!("{BASE}{GUARDED}").replace(
        "resource \"azurerm_route_table\" \"rt\" {\n  name                = \"rt\"",
        "resource \"azurerm_route_table\" \"rt\" {\n  name                = \"rt-${azurerm_subnet.a.name}\"",
    );
    check(
        world.shown(&text).await,
        expect![[r#"
        + network_security_group.nsg
        + resource_group.rg
        + route_table.rt
        + subnet.a
        + subnet_network_security_group_association.a
        + subnet_route_table_association.a
        + virtual_network.hub
         0 create resource_group.rg
         1 create network_security_group.nsg <- 0
         2 create virtual_network.hub <- 0
         3 create subnet.a <- 1 2
         4 create route_table.rt <- 3
         5 create subnet_network_security_group_association.a in 3 <- 3
         6 create subnet_route_table_association.a <- 4
    "#]],
    );
    check(world.apply(&text).await, expect![[""]]);
    check(
        world.sent(),
        expect![[r#"
        PUT resourceGroups/rg
        PUT networkSecurityGroups/nsg
        PUT virtualNetworks/hub
        PUT virtualNetworks/hub/subnets/a
        PUT routeTables/rt-a
        PUT virtualNetworks/hub/subnets/a
    "#]],
    );
    check(world.shown(&text).await, expect![["nothing to do\n"]]);
    world.destroy(&text).await;
    check(
        world.sent(),
        expect![[r#"
        PUT virtualNetworks/hub/subnets/a
        DELETE routeTables/rt-a
        DELETE virtualNetworks/hub/subnets/a
        DELETE networkSecurityGroups/nsg
        DELETE virtualNetworks/hub
        DELETE resourceGroups/rg
    "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn many_instances_meet_in_joins() {
    let world = World::new();
    // Every network depends on all groups, and nobody can tell on which: the sum of edges counts, not the product.
    let text = r#"
resource "azurerm_resource_group" "g" {
  count    = 60
  name     = "g${count.index}"
  location = "westeurope"
}
locals {
  all = join(",", [for g in azurerm_resource_group.g : g.location])
}
resource "azurerm_virtual_network" "v" {
  count               = 60
  name                = "v${count.index}"
  resource_group_name = "elsewhere"
  location            = split(",", local.all)[count.index]
  address_space       = ["10.0.0.0/16"]
}
"#;
    let plan = world.plan(text).await.map_err(|e| panic!("{e}")).unwrap().plan;
    let joins = plan.steps.iter().filter(|s| s.act == Act::Join).count();
    check(format!("{} steps, {joins} joins, {} edges", plan.steps.len(), plan.edges.len()), expect!["121 steps, 1 joins, 120 edges"]);
}

#[tokio::test(start_paused = true)]
async fn every_subnet_of_many_carries_its_own_associations() {
    let mut world = World::new();
    let text = format!(
        r#"{BASE}
resource "azurerm_subnet" "s" {{
  for_each             = {{ for i in range(6) : "s${{i}}" => "10.0.${{i}}.0/24" }}
  name                 = each.key
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes     = [each.value]
}}
resource "azurerm_network_security_group" "n" {{
  for_each            = azurerm_subnet.s
  name                = "nsg-${{each.key}}"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
}}
resource "azurerm_subnet_network_security_group_association" "a" {{
  for_each                  = azurerm_subnet.s
  subnet_id                 = each.value.id
  network_security_group_id = azurerm_network_security_group.n[each.key].id
}}
"#
    );
    // The security groups wait for the subnets that they are counted from, so here nothing can travel.
    let plan = world.plan(&text).await.map_err(|e| panic!("{e}")).unwrap().plan;
    check(format!("{} carried", plan.steps.iter().filter(|s| s.carried_by.is_some()).count()), expect!["0 carried"]);
    world.stand(&text).await;
    world.destroy(&text).await;
    // Counted from a local they do not.
    let local = text.replace("for_each            = azurerm_subnet.s", "for_each            = { for i in range(6) : \"s${i}\" => i }");
    let plan = world.plan(&local).await.map_err(|e| panic!("{e}")).unwrap().plan;
    check(format!("{} carried", plan.steps.iter().filter(|s| s.carried_by.is_some()).count()), expect!["6 carried"]);
    world.stand(&local).await;
    check(world.shown(&local).await, expect![["nothing to do\n"]]);
    // All of them move with their network.
    let moved = local
        .replace("azurerm_resource_group.rg.location", "\"northeurope\"")
        .replace("\"westeurope\"\n}\nresource \"azurerm_subnet", "\"northeurope\"\n}\nresource \"azurerm_subnet");
    let plan = world.plan(&moved).await.map_err(|e| panic!("{e}")).unwrap().plan;
    check(format!("{} carried", plan.steps.iter().filter(|s| s.carried_by.is_some()).count()), expect!["12 carried"]);
    world.stand(&moved).await;
    check(world.shown(&moved).await, expect![["nothing to do\n"]]);
    world.destroy(&moved).await;
}
