//! What comes before what: references, ids, destruction, replacement, letting go.

use expect_test::{Expect, expect};

use super::world::{World, brief};

/// A resource group and a network.
pub const BASE: &str = r#"
resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "westeurope"
}
resource "azurerm_virtual_network" "hub" {
  name                = "hub"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  address_space       = ["10.0.0.0/16"]
}
"#;

/// A subnet of the network with a security group and a route table.
pub const GUARDED: &str = r#"
resource "azurerm_subnet" "a" {
  name                 = "a"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes     = ["10.0.1.0/24"]
}
resource "azurerm_network_security_group" "nsg" {
  name                = "nsg"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
}
resource "azurerm_route_table" "rt" {
  name                = "rt"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
}
resource "azurerm_subnet_network_security_group_association" "a" {
  subnet_id                 = azurerm_subnet.a.id
  network_security_group_id = azurerm_network_security_group.nsg.id
}
resource "azurerm_subnet_route_table_association" "a" {
  subnet_id      = azurerm_subnet.a.id
  route_table_id = azurerm_route_table.rt.id
}
"#;

fn check(found: &str, expected: Expect) {
    expected.assert_eq(&brief(found));
}

#[tokio::test(start_paused = true)]
async fn references_order_creation_and_reverse_destruction() {
    let mut world = World::new();
    let text = format!("{BASE}{GUARDED}");
    check(
        &world.shown(&text).await,
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
         2 create route_table.rt <- 0
         3 create virtual_network.hub <- 0
         4 create subnet.a <- 1 2 3
         5 create subnet_network_security_group_association.a in 4 <- 4
         6 create subnet_route_table_association.a in 4 <- 4
    "#]],
    );
    world.stand(&text).await;
    check(
        &world.shown(&text).await,
        expect![[r#"
            nothing to do
        "#]],
    );
    check(
        &world.shown("locals {}").await,
        expect![[r#"
            - network_security_group.nsg delete_because_no_resource_config
            - resource_group.rg delete_because_no_resource_config
            - route_table.rt delete_because_no_resource_config
            - subnet.a delete_because_no_resource_config
            - subnet_network_security_group_association.a delete_because_no_resource_config
            - subnet_route_table_association.a delete_because_no_resource_config
            - virtual_network.hub delete_because_no_resource_config
             0 delete subnet.a
             1 delete subnet_network_security_group_association.a in 0 <- 0
             2 delete network_security_group.nsg <- 1
             3 delete subnet_route_table_association.a in 0 <- 0
             4 delete route_table.rt <- 3
             5 delete virtual_network.hub <- 1 3
             6 delete resource_group.rg <- 2 4 5
        "#]],
    );
    world.destroy(&text).await;
    check(
        &world.sent(),
        expect![[r#"
        DELETE virtualNetworks/hub/subnets/a
        DELETE networkSecurityGroups/nsg
        DELETE routeTables/rt
        DELETE virtualNetworks/hub
        DELETE resourceGroups/rg
    "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn names_and_ids_written_out_order_as_references_do() {
    let world = World::new();
    let text = r#"
resource "azurerm_subnet" "a" {
  name                 = "a"
  resource_group_name  = "RG"
  virtual_network_name = "hub"
  address_prefixes     = ["10.0.1.0/24"]
}
resource "azurerm_resource_group" "z" {
  name     = "rg"
  location = "westeurope"
}
resource "azurerm_virtual_network" "z" {
  name                = "hub"
  resource_group_name = "rg"
  location            = "westeurope"
  address_space       = ["10.0.0.0/16"]
}
resource "azurerm_network_interface" "a" {
  name                = "nic"
  resource_group_name = "rg"
  location            = "westeurope"
  ip_configuration {
    name                          = "one"
    private_ip_address_allocation = "Dynamic"
    subnet_id                     = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/HUB/subnets/a"
  }
}
"#;
    check(
        &world.shown(text).await,
        expect![[r#"
        + network_interface.a
        + resource_group.z
        + subnet.a
        + virtual_network.z
         0 create resource_group.z
         1 create virtual_network.z <- 0
         2 create subnet.a <- 1
         3 create network_interface.a <- 2
    "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn depends_on_reaches_through_modules() {
    let world = World::new();
    let text = r#"
resource "azurerm_resource_group" "last" {
  name       = "last"
  location   = "westeurope"
  depends_on = [module.net]
}
module "net" {
  source     = "./net"
  depends_on = [azurerm_resource_group.first]
}
resource "azurerm_resource_group" "first" {
  name     = "first"
  location = "westeurope"
}
-- net/main.tf --
resource "azurerm_resource_group" "a" {
  name     = "a"
  location = "westeurope"
}
module "deep" {
  source = "./deep"
}
-- net/deep/main.tf --
resource "azurerm_resource_group" "b" {
  name     = "b"
  location = "westeurope"
}
"#;
    check(
        &world.shown(text).await,
        expect![[r#"
        + resource_group.first
        + resource_group.last
        + module.net.resource_group.a
        + module.net.module.deep.resource_group.b
         0 create resource_group.first
         1 create module.net.resource_group.a <- 0
         2 create module.net.module.deep.resource_group.b <- 0
         3 create resource_group.last <- 1 2
    "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn a_subnet_lets_go_before_its_security_group_is_deleted() {
    let mut world = World::new();
    let text = format!("{BASE}{GUARDED}");
    world.stand(&text).await;
    let without = text
        .replace("resource \"azurerm_subnet_network_security_group_association\" \"a\" {\n  subnet_id                 = azurerm_subnet.a.id\n  network_security_group_id = azurerm_network_security_group.nsg.id\n}\n", "")
        .replace("resource \"azurerm_network_security_group\" \"nsg\" {\n  name                = \"nsg\"\n  resource_group_name = azurerm_resource_group.rg.name\n  location            = \"westeurope\"\n}\n", "");
    check(
        &world.shown(&without).await,
        expect![[r#"
            - network_security_group.nsg delete_because_no_resource_config
            - subnet_network_security_group_association.a delete_because_no_resource_config
             0 delete subnet_network_security_group_association.a
             1 delete network_security_group.nsg <- 0
        "#]],
    );
    world.stand(&without).await;
    world.destroy(&without).await;
}

#[tokio::test(start_paused = true)]
async fn an_interface_lets_go_of_a_public_address_that_goes() {
    let mut world = World::new();
    let nic = |public: &str| {
        format!(
            r#"{BASE}{GUARDED}
resource "azurerm_network_interface" "n" {{
  name                = "n"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  ip_configuration {{
    name                          = "one"
    private_ip_address_allocation = "Dynamic"
    subnet_id                     = azurerm_subnet.a.id
    {public}
  }}
}}
"#
        )
    };
    let address = r#"
resource "azurerm_public_ip" "p" {
  name                = "p"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  allocation_method   = "Static"
}
"#;
    world.stand(&(nic("public_ip_address_id = azurerm_public_ip.p.id") + address)).await;
    check(
        &world.shown(&nic("")).await,
        expect![[r#"
            ~ network_interface.n; ip_configuration[0].public_ip_address_id <- main.tf:43:5
            - public_ip.p delete_because_no_resource_config
             0 update network_interface.n
             1 delete public_ip.p <- 0
        "#]],
    );
    world.stand(&nic("")).await;
    // The address is replaced create-first: the new one is taken before the old one goes.
    world.stand(&(nic("public_ip_address_id = azurerm_public_ip.p.id") + address)).await;
    let other = address.replace("\"p\"\n  res", "\"q\"\n  lifecycle {\n    create_before_destroy = true\n  }\n  res");
    check(
        &world.shown(&(nic("public_ip_address_id = azurerm_public_ip.p.id") + &other)).await,
        expect![[r#"
            ~ network_interface.n; ip_configuration[0].public_ip_address_id <- main.tf:46:5
            +/- public_ip.p replace_because_cannot_update; name: name cannot be changed in place; name <- main.tf:51:3
             0 create public_ip.p
             1 update network_interface.n <- 0
             2 delete public_ip.p (deposed) <- 1
        "#]],
    );
    world.stand(&(nic("public_ip_address_id = azurerm_public_ip.p.id") + &other)).await;
    world.destroy(&(nic("public_ip_address_id = azurerm_public_ip.p.id") + &other)).await;
}

#[tokio::test(start_paused = true)]
async fn what_lies_in_a_replaced_network_goes_and_comes_with_it() {
    let mut world = World::new();
    let text = format!("{BASE}{GUARDED}");
    world.stand(&text).await;
    let moved = text
        .replace("location            = azurerm_resource_group.rg.location", "location            = \"northeurope\"")
        .replace("\"westeurope\"\n}\nresource \"azurerm_subnet", "\"northeurope\"\n}\nresource \"azurerm_subnet");
    check(
        &world.shown(&moved).await,
        expect![[r#"
            -/+ route_table.rt replace_because_cannot_update; location: location cannot be changed in place; location <- main.tf:27:3
            -/+ subnet.a replace_because_cannot_update; virtual_network_name: azurerm_virtual_network.hub, which it lies in, is replaced
            -/+ subnet_network_security_group_association.a replace_because_cannot_update; subnet_id: subnet_id cannot be changed in place; subnet_id <- main.tf:30:3
            -/+ subnet_route_table_association.a replace_because_cannot_update; route_table_id: route_table_id cannot be changed in place; subnet_id: subnet_id cannot be changed in place; route_table_id <- main.tf:35:3; subnet_id <- main.tf:34:3
            -/+ virtual_network.hub replace_because_cannot_update; location: location cannot be changed in place; location <- main.tf:9:3
             0 delete subnet.a
             1 delete subnet_network_security_group_association.a in 0 <- 0
             2 delete subnet_route_table_association.a in 0 <- 0
             3 delete route_table.rt <- 2
             4 create route_table.rt <- 3
             5 delete virtual_network.hub <- 1 2
             6 create virtual_network.hub <- 5
             7 create subnet.a <- 4 6
             8 create subnet_network_security_group_association.a in 7 <- 7
             9 create subnet_route_table_association.a in 7 <- 7
        "#]],
    );
    world.sent();
    world.stand(&moved).await;
    check(&world.shown(&moved).await, expect![["nothing to do\n"]]);
    world.destroy(&moved).await;
}
