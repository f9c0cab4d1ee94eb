//! Models of plans with what lives in Azure around them, read in few requests.

use expect_test::expect;
use ravelin::{
    cli::live_network,
    guard::{self, Around},
};

use super::words::words;
use crate::plan::world::World;

const NETWORK: &str = r#"
resource "azurerm_resource_group" "a" {
  name     = "rg"
  location = "westeurope"
}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  resource_group_name = azurerm_resource_group.a.name
  location            = "westeurope"
  address_space       = ["10.1.0.0/16"]
}
resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.1.0.0/24"]
}
resource "azurerm_kubernetes_cluster" "c" {
  name                = "c"
  resource_group_name = "rg"
  location            = "westeurope"
  dns_prefix          = "c"
  default_node_pool {
    name           = "sys"
    vm_size        = "Standard_D4s_v5"
    node_count     = 3
    vnet_subnet_id = azurerm_subnet.nodes.id
    upgrade_settings {
      max_surge = "1"
    }
  }
  identity {
    type = "SystemAssigned"
  }
  node_provisioning_profile {
    mode = "Manual"
  }
  network_profile {
    network_plugin = "azure"
    service_cidr   = "172.16.0.0/16"
    dns_service_ip = "172.16.0.10"
  }
}
"#;

const ID: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups";

/// Something that others put into Azure.
async fn put(world: &World, path: &str, body: serde_json::Value) {
    let id = ravelin::base::ResourceId::parse(&format!("{ID}/{path}")).unwrap();
    world.arm.put(&id, "2025-01-01", &body, &ravelin::azure::Write::default(), &|_| {}).await.unwrap_or_else(|e| panic!("{e}"));
}

async fn shown(world: &World, text: &str) -> String {
    let planned = world.plan(text).await.unwrap_or_else(|e| panic!("{e}"));
    let before = world.arm.requests();
    let live = live_network::around(&world.arm, &planned.plan, &planned.live).await;
    let requests = world.arm.requests() - before;
    let model = guard::model(&planned.plan, &Around { live, ..Around::default() });
    format!("{}{requests} more requests\n", words(&model, &planned.read.sources))
}

#[tokio::test(start_paused = true)]
async fn what_others_use_is_what_azure_counts_less_what_is_ours() {
    let mut world = World::new();
    let new = shown(&world, NETWORK).await;
    world.stand(NETWORK).await;
    let config = |subnet: &str| serde_json::json!([{ "name": "c", "properties": { "subnet": { "id": format!("{ID}/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/{subnet}") } } }]);
    for name in ["x", "y"] {
        let body = serde_json::json!({ "location": "westeurope", "properties": { "ipConfigurations": config("nodes") } });
        put(&world, &format!("rg/providers/Microsoft.Network/networkInterfaces/{name}"), body).await;
    }
    // A subnet and a pool that no blueprint knows.
    let subnet = serde_json::json!({ "properties": { "addressPrefix": "10.1.9.0/24" } });
    put(&world, "rg/providers/Microsoft.Network/virtualNetworks/v/subnets/theirs", subnet).await;
    let pool = serde_json::json!({ "properties": { "count": 1, "vmSize": "Standard_D4s_v5", "mode": "User", "vnetSubnetID": format!("{ID}/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes") } });
    put(&world, "rg/providers/Microsoft.ContainerService/managedClusters/c/agentPools/theirs", pool).await;
    let grown = NETWORK.replace("node_count     = 3", "node_count     = 4");
    let found = format!("new:\n{new}grown, among others:\n{}", shown(&world, &grown).await);
    expect![[r#"
        new:
        vnet v 10.1.0.0/16@6 @6
          subnet nodes 10.1.0.0/24@12 @12
        cluster c Azure service 172.16.0.0/16@18 dns 172.16.0.10 @18
          pool sys 3 surge 1 in nodes system @18
        0 more requests
        grown, among others:
        vnet v 10.1.0.0/16@6 live @6
          subnet nodes 10.1.0.0/24@12 live 126 of 251 in use, 2 by others @12
          subnet theirs 10.1.9.0/24@6 live 0 of 251 in use, 0 by others @Azure
        cluster c Azure service 172.16.0.0/16@18 dns 172.16.0.10 1.34 live @18
          pool sys 4 pods 30 surge 1 in nodes system @18
          pool theirs 1 pods 30 surge 10% unavailable 0 in nodes @Azure
        1 more requests
    "#]]
    .assert_eq(&found);
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_refers_to_is_read() {
    let mut world = World::new();
    let hub = r#"
resource "azurerm_resource_group" "h" {
  name     = "rg-hub"
  location = "westeurope"
}
resource "azurerm_virtual_network" "hub" {
  name                = "hub"
  resource_group_name = azurerm_resource_group.h.name
  location            = "westeurope"
  address_space       = ["10.0.0.0/22"]
  subnet {
    name             = "GatewaySubnet"
    address_prefixes = ["10.0.0.0/27"]
  }
}
"#;
    world.stand(hub).await;
    let other = world.stranger();
    let spoke = format!(
        r#"{NETWORK}
resource "azurerm_virtual_network_peering" "p" {{
  name                      = "to-hub"
  resource_group_name       = "rg"
  virtual_network_name      = azurerm_virtual_network.v.name
  remote_virtual_network_id = "{ID}/rg-hub/providers/Microsoft.Network/virtualNetworks/hub"
}}
resource "azurerm_virtual_network_peering" "nowhere" {{
  name                      = "to-nowhere"
  resource_group_name       = "rg"
  virtual_network_name      = azurerm_virtual_network.v.name
  remote_virtual_network_id = "{ID}/rg-hub/providers/Microsoft.Network/virtualNetworks/nowhere"
}}
resource "azurerm_subnet" "in_hub" {{
  name                 = "in-hub"
  resource_group_name  = "rg-hub"
  virtual_network_name = "hub"
  address_prefixes     = ["10.0.1.0/24"]
}}
"#
    );
    let first = shown(&other, &spoke).await;
    other.fault("GET", "rg-hub/providers/Microsoft.Network/virtualNetworks", 403, "AuthorizationFailed");
    let refused = shown(&other, spoke.split("resource \"azurerm_subnet\" \"in_hub\"").next().unwrap_or("")).await;
    expect![[r#"
        vnet v 10.1.0.0/16@6 @6
          subnet nodes 10.1.0.0/24@12 @12
          peering to nowhere @51
          peering to hub @45
        vnet hub 10.0.0.0/22 live @Azure
          subnet in-hub 10.0.1.0/24@57 @57
          subnet GatewaySubnet 10.0.0.0/27 live @Azure
        cluster c Azure service 172.16.0.0/16@18 dns 172.16.0.10 @18
          pool sys 3 surge 1 in nodes system @18
        not known of nowhere: its address space: the VNet does not exist
        1 more requests
        refused:
        vnet v 10.1.0.0/16@6 @6
          subnet nodes 10.1.0.0/24@12 @12
          peering to nowhere @51
          peering to hub @45
        cluster c Azure service 172.16.0.0/16@18 dns 172.16.0.10 @18
          pool sys 3 surge 1 in nodes system @18
        not known of hub: its address space: the VNet cannot be read (AuthorizationFailed)
        not known of nowhere: its address space: the VNet cannot be read (AuthorizationFailed)
        5 more requests
    "#]]
    .assert_eq(&format!("{first}refused:\n{refused}"));
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_deletes_is_gone_and_what_it_forgets_stays() {
    let mut world = World::new();
    let second = |name: &str, range: &str| {
        format!(
            "resource \"azurerm_virtual_network\" \"{name}\" {{\n  name = \"{name}\"\n  resource_group_name = azurerm_resource_group.a.name\n  location = \"westeurope\"\n  address_space = [\"{range}\"]\n}}\nresource \"azurerm_subnet\" \"{name}\" {{\n  name = \"{name}\"\n  resource_group_name = \"rg\"\n  virtual_network_name = azurerm_virtual_network.{name}.name\n  address_prefixes = [\"{range}\"]\n}}\n"
        )
    };
    world.stand(&format!("{NETWORK}{}{}", second("gone", "10.8.0.0/24"), second("left", "10.9.0.0/24"))).await;
    let (network, _) = NETWORK.split_once("resource \"azurerm_kubernetes_cluster\"").unwrap();
    let forgets = |what: &str| format!("removed {{\n  from = {what}.left\n  lifecycle {{\n    destroy = false\n  }}\n}}\n");
    let text = format!("{network}{}{}", forgets("azurerm_virtual_network"), forgets("azurerm_subnet"));
    expect![[r#"
        vnet left 10.9.0.0/24 live
          subnet left 10.9.0.0/24 live
        vnet v 10.1.0.0/16@6 live @6
          subnet nodes 10.1.0.0/24@12 live @12
        0 more requests
    "#]]
    .assert_eq(&shown(&world, &text).await);
}
