//! What comes before what.

use expect_test::{Expect, expect};

use super::world::World;

const BASE: &str = r#"
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

fn check(found: String, expected: Expect) {
    expected.assert_eq(&super::world::brief(&found));
}

#[tokio::test(start_paused = true)]
async fn references_order_creation_and_reverse_destruction() {
    let mut world = World::new();
    let text = format!(
        r#"{BASE}
resource "azurerm_subnet" "a" {{
  name                 = "a"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes     = ["10.0.1.0/24"]
}}
"#
    );
    check(world.shown(&text).await, expect![[r#"
        + resource_group.rg
        + subnet.a
        + virtual_network.hub
         0 create resource_group.rg
         1 create virtual_network.hub <- 0
         2 create subnet.a <- 1
    "#]]);
    world.stand(&text).await;
    check(world.shown(&text).await, expect![[r#"
        drift ~ virtual_network.hub
        ~ virtual_network.hub; ddos_protection_plan <- 
         0 update virtual_network.hub
    "#]]);
    check(world.shown("").await, expect![[r#"
        Error[no-configuration]: No configuration files
          The directory . contains no Terraform configuration files: *.tf, *.tf.json or *.blueprint.hcl.
    "#]]);
    world.destroy(&text).await;
}
