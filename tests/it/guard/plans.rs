//! Models of plans by themselves.

use expect_test::{Expect, expect};
use ravelin::{
    base::{Address, PathStep},
    guard::{self, Around},
    plan::place::attribute_place,
};

use super::words::words;
use crate::plan::world::World;

const BASE: &str = r#"
resource "azurerm_resource_group" "a" {
  name     = "rg"
  location = "westeurope"
}
resource "azurerm_public_ip" "late" {
  name                = "pip"
  resource_group_name = "rg"
  location            = "westeurope"
  allocation_method   = "Static"
}
"#;

/// The model of a blueprint's plan; lines are counted from the blueprint's own first.
async fn check(world: &World, text: &str, expected: Expect) {
    let planned = match world.plan(&format!("{text}{BASE}")).await {
        Ok(planned) => planned,
        Err(error) => return expected.assert_eq(&error),
    };
    let blueprint = &planned.read.blueprint;
    let places = |address: &Address, path: &[PathStep], named: Option<&str>| attribute_place(blueprint, address, path, named);
    let around = Around { places: Some(&places), ..Around::default() };
    expected.assert_eq(&words(&guard::model(&planned.plan, &around), &planned.read.sources));
}

#[tokio::test(start_paused = true)]
async fn networks() {
    let text = r#"resource "azurerm_virtual_network" "hub" {
  name                = "hub"
  resource_group_name = azurerm_resource_group.a.name
  location            = "westeurope"
  address_space       = ["10.0.0.0/16", "fd00::/48"]
  subnet {
    name             = "inline"
    address_prefixes = ["10.0.9.0/24"]
  }
}
variable "more" {
  default = ["10.0.2.0/24"]
}
resource "azurerm_subnet" "each" {
  for_each             = toset(["a", "b"])
  name                 = "snet-${each.key}"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes = concat(
    [each.key == "a" ? "10.0.0.0/24" : "10.0.1.0/24"],
    each.key == "a" ? var.more : []
  )
  delegation {
    name = "d"
    service_delegation {
      name = "Microsoft.Sql/managedInstances"
    }
  }
}
resource "azurerm_subnet" "two" {
  name                 = "two"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes = [
    "10.0.4.0/24",
    "10.0.5.1/24",
    "${azurerm_public_ip.late.ip_address}/32",
    "nonsense",
  ]
}
resource "azurerm_subnet_route_table_association" "two" {
  subnet_id      = azurerm_subnet.two.id
  route_table_id = azurerm_route_table.t.id
}
resource "azurerm_route_table" "t" {
  name                = "rt"
  resource_group_name = "rg"
  location            = "westeurope"
  route {
    name                   = "default"
    address_prefix         = "0.0.0.0/0"
    next_hop_type          = "VirtualAppliance"
    next_hop_in_ip_address = "10.0.0.4"
  }
  route {
    name           = "storage"
    address_prefix = "Storage"
    next_hop_type  = "Internet"
  }
}
resource "azurerm_route" "own" {
  name                   = "own"
  resource_group_name    = "rg"
  route_table_name       = azurerm_route_table.t.name
  address_prefix         = "10.9.0.0/16"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = azurerm_public_ip.late.ip_address
}
resource "azurerm_virtual_network_peering" "p" {
  name                      = "to-spoke"
  resource_group_name       = "rg"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = "/subscriptions/x/resourceGroups/other/providers/Microsoft.Network/virtualNetworks/spoke"
  allow_forwarded_traffic   = true
  allow_gateway_transit     = true
}
"#;
    check(&World::new(), text, expect![[r#"
        vnet hub 10.0.0.0/16@5,fd00::/48@5 @1
          subnet snet-a 10.0.0.0/24@19,10.0.2.0/24@19 for Microsoft.Sql/managedInstances @14
          subnet snet-b 10.0.1.0/24@19 for Microsoft.Sql/managedInstances @14
          subnet two 10.0.4.0/24@35,!10.0.5.1/24 has bits set beyond its length; the network is 10.0.5.0/24@36,?azurerm_subnet.two.address_prefixes[2]@37,!"nonsense" is not an address prefix such as 10.0.0.0/24@38 table rt @30
          subnet inline 10.0.9.0/24@8 @7
          peering to spoke forwarded transit @69
        route table rt @45
          route default 0.0.0.0/0@51 to appliance 10.0.0.4 @50
          route storage a tag to Internet @56
          route own 10.9.0.0/16@65 to appliance ?azurerm_route.own.next_hop_in_ip_address @61
    "#]]).await;
}

const CLUSTER: &str = r#"resource "azurerm_virtual_network" "v" {
  name                = "v"
  resource_group_name = azurerm_resource_group.a.name
  location            = "westeurope"
  address_space       = ["10.1.0.0/16"]
}
resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.1.0.0/22"]
}
resource "azurerm_subnet" "pods" {
  name                 = "pods"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.1.16.0/20"]
}
resource "azurerm_kubernetes_cluster" "c" {
  name                    = "c"
  resource_group_name     = "rg"
  location                = "westeurope"
  dns_prefix              = "c"
  kubernetes_version      = "1.33.5"
  private_cluster_enabled = true
  default_node_pool {
    name                        = "sys"
    vm_size                     = "Standard_D4s_v5"
    auto_scaling_enabled        = true
    min_count                   = 2
    max_count                   = 5
    vnet_subnet_id              = azurerm_subnet.nodes.id
    pod_subnet_id               = azurerm_subnet.pods.id
    temporary_name_for_rotation = "tmp"
    upgrade_settings {
      max_surge = "33%"
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

fn pool(name: &str, rest: &str) -> String {
    format!(
        "resource \"azurerm_kubernetes_cluster_node_pool\" \"{name}\" {{\n  name = \"{name}\"\n  kubernetes_cluster_id = azurerm_kubernetes_cluster.c.id\n  vm_size = \"Standard_D4s_v5\"\n  vnet_subnet_id = azurerm_subnet.nodes.id\n  pod_subnet_id = azurerm_subnet.pods.id\n{rest}}}\n"
    )
}

#[tokio::test(start_paused = true)]
async fn clusters() {
    let text = format!(
        "{CLUSTER}{}{}{}",
        pool("spot", "  node_count = 7\n  max_pods = 50\n  priority = \"Spot\"\n"),
        pool("late", "  node_count = length(azurerm_public_ip.late.ip_address)\n  max_pods = length(azurerm_public_ip.late.ip_address)\n"),
        pool("slow", "  node_count = 3\n  upgrade_settings {\n    max_unavailable = \"1\"\n  }\n")
    );
    check(
        &World::new(),
        &text,
        expect![[r#"
        vnet v 10.1.0.0/16@5 @1
          subnet nodes 10.1.0.0/22@11 @7
          subnet pods 10.1.16.0/20@17 @13
        cluster c Azure service 172.16.0.0/16@47 dns 172.16.0.10 1.33 private @19
          pool sys 2..5 surge 33% in nodes pods in pods system @27
          pool late ?azurerm_kubernetes_cluster_node_pool.late.node_count pods ?azurerm_kubernetes_cluster_node_pool.late.max_pods in nodes pods in pods @61
          pool slow 3 unavailable 1 in nodes pods in pods @70
          pool spot 7 pods 50 in nodes pods in pods spot @51
    "#]],
    )
    .await;
}

const MANUAL: &str = "node_provisioning_profile {\n mode = \"Manual\"\n }";

#[tokio::test(start_paused = true)]
async fn modes() {
    let mut found = String::new();
    for (network, more) in [
        ("", MANUAL),
        ("network_profile {\n network_plugin = \"azure\"\n network_plugin_mode = \"overlay\"\n pod_cidr = \"10.244.0.0/18\"\n }", MANUAL),
        ("network_profile {\n network_plugin = \"kubenet\"\n }", MANUAL),
        (
            "network_profile {\n network_plugin = \"azure\"\n network_plugin_mode = \"overlay\"\n ip_versions = [\"IPv4\", \"IPv6\"]\n pod_cidrs = [\"10.244.0.0/16\", \"fd00:1::/64\"]\n service_cidrs = [\"10.0.0.0/16\", \"fd00:2::/108\"]\n dns_service_ip = \"10.0.0.10\"\n }",
            MANUAL,
        ),
        (
            "network_profile {\n network_plugin = \"azure\"\n network_plugin_mode = \"overlay\"\n service_cidr = \"${azurerm_public_ip.late.ip_address}/32\"\n dns_service_ip = azurerm_public_ip.late.ip_address\n }",
            "node_provisioning_profile {\n mode = \"Auto\"\n }",
        ),
        (
            "",
            "node_provisioning_profile {\n mode = \"Manual\"\n }\n api_server_access_profile {\n virtual_network_integration_enabled = true\n subnet_id = \"/subscriptions/x/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/api\"\n }",
        ),
    ] {
        let text = format!(
            "resource \"azurerm_kubernetes_cluster\" \"c\" {{\n name = \"c\"\n resource_group_name = azurerm_resource_group.a.name\n location = \"westeurope\"\n dns_prefix = \"c\"\n default_node_pool {{\n name = \"sys\"\n vm_size = \"Standard_D4s_v5\"\n node_count = 3\n }}\n identity {{\n type = \"SystemAssigned\"\n }}\n {network}\n {more}\n}}\n{BASE}"
        );
        let world = World::new();
        let planned = world.plan(&text).await.unwrap_or_else(|e| panic!("{e}"));
        let blueprint = &planned.read.blueprint;
        let places = |address: &Address, path: &[PathStep], named: Option<&str>| attribute_place(blueprint, address, path, named);
        found += &words(&guard::model(&planned.plan, &Around { places: Some(&places), ..Around::default() }), &planned.read.sources);
    }
    expect![[r#"
        cluster c AzureOverlay @1
          pool sys 3 system @7
        cluster c AzureOverlay pods 10.244.0.0/18@17 @1
          pool sys 3 system @7
        cluster c Kubenet @1
          pool sys 3 system @7
        cluster c AzureOverlay pods 10.244.0.0/16@18,fd00:1::/64@18 service 10.0.0.0/16@19,fd00:2::/108@19 dns 10.0.0.10 dual-stack @1
          pool sys 3 system @7
        cluster c AzureOverlay service ?azurerm_kubernetes_cluster.c.network_profile[0].service_cidr@17 dns ?azurerm_kubernetes_cluster.c.network_profile[0].dns_service_ip auto-provisioned @1
          pool sys 3 system @7
        cluster c AzureOverlay api in api @1
          pool sys 3 system @7
    "#]].assert_eq(&found);
}

#[tokio::test(start_paused = true)]
async fn what_takes_addresses() {
    let text = r#"resource "azurerm_virtual_network" "v" {
  name                = "v"
  resource_group_name = azurerm_resource_group.a.name
  location            = "westeurope"
  address_space       = ["10.1.0.0/16"]
}
resource "azurerm_subnet" "s" {
  name                 = "s"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.1.0.0/24"]
}
resource "azurerm_network_interface" "n" {
  name                = "n"
  resource_group_name = "rg"
  location            = "westeurope"
  ip_configuration {
    name                          = "one"
    primary                       = true
    subnet_id                     = azurerm_subnet.s.id
    private_ip_address_allocation = "Static"
    private_ip_address            = "10.1.0.4"
  }
  ip_configuration {
    name                          = "two"
    subnet_id                     = azurerm_subnet.s.id
    private_ip_address_allocation = "Dynamic"
  }
}
resource "azurerm_lb" "internal" {
  name                = "internal"
  resource_group_name = "rg"
  location            = "westeurope"
  frontend_ip_configuration {
    name                          = "f"
    subnet_id                     = azurerm_subnet.s.id
    private_ip_address_allocation = "Static"
    private_ip_address            = cidrhost("10.1.0.0/24", 10)
  }
}
resource "azurerm_lb" "public" {
  name                = "public"
  resource_group_name = "rg"
  location            = "westeurope"
  frontend_ip_configuration {
    name                 = "f"
    public_ip_address_id = azurerm_public_ip.late.id
  }
}
resource "azurerm_private_endpoint" "e" {
  name                = "e"
  resource_group_name = "rg"
  location            = "westeurope"
  subnet_id           = azurerm_subnet.s.id
  private_service_connection {
    name                           = "c"
    is_manual_connection           = false
    private_connection_resource_id = "/subscriptions/x/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/s"
    subresource_names              = ["blob"]
  }
}
"#;
    check(
        &World::new(),
        text,
        expect![[r#"
        vnet v 10.1.0.0/16@5 @1
          subnet s 10.1.0.0/24@11 @7
        load-balancer frontend in s: 10.1.0.10 @38
        network interface in s: 10.1.0.4 @22
        network interface in s: 1 @26
        private endpoint in s: 1 @54
    "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_plan_does_to_pools() {
    let mut world = World::new();
    let pools = [
        pool("apps", "  node_count = 2\n"),
        pool("old", "  node_count = 4\n"),
        pool("first", "  node_count = 3\n  lifecycle {\n    create_before_destroy = true\n  }\n"),
    ];
    world.stand(&format!("{CLUSTER}{}{BASE}", pools.concat())).await;
    let changed = format!(
        "{CLUSTER}{}{}",
        pool("apps", "  node_count = 3\n  os_disk_size_gb = 200\n  temporary_name_for_rotation = \"appstmp\"\n"),
        pool("first", "  node_count = 3\n  os_disk_size_gb = 200\n  lifecycle {\n    create_before_destroy = true\n  }\n")
            .replace("  name = \"first\"", "  name = \"second\"")
    );
    check(
        &world,
        &changed,
        expect![[r#"
        vnet v 10.1.0.0/16@5 live @1
          subnet nodes 10.1.0.0/22@11 live @7
          subnet pods 10.1.16.0/20@17 live @13
        cluster c Azure service 172.16.0.0/16@47 dns 172.16.0.10 1.33 private live @19
          pool sys 2..5 pods 110 surge 33% in nodes pods in pods system @27
          pool apps 3 in nodes pods in pods Temporary @51
            now 2 pods 110 in nodes pods in pods
          pool second 3 in nodes pods in pods CreateFirst @61
            now 3 pods 110 in nodes pods in pods
          pool old 4 pods 110 in nodes pods in pods Leaves
    "#]],
    )
    .await;
}
