//! Models of what lives in Azure, from resources in the form that Resource Manager lists them in.

use expect_test::expect;
use ravelin::{base::Sources, cli::live_network, network::live};
use serde_json::{Value as Json, json};

use super::words::words;
use crate::plan::world::World;

const RG: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg";

fn id(kind: &str, name: &str) -> String {
    format!("{RG}/providers/{kind}/{name}")
}

fn net(kind: &str, name: &str) -> String {
    id(&format!("Microsoft.Network/{kind}"), name)
}

fn subnet(name: &str) -> String {
    format!("{}/subnets/{name}", net("virtualNetworks", "hub"))
}

fn in_subnet(name: &str) -> Json {
    json!({ "name": "c", "properties": { "subnet": { "id": subnet(name) }, "privateIPAllocationMethod": "Dynamic", "privateIPAddress": "10.0.0.9" } })
}

fn hub() -> Json {
    let part = |name: &str, properties: Json| json!({ "name": name, "id": subnet(name), "properties": properties });
    let delegated = json!([{ "name": "aks", "properties": { "serviceName": "Microsoft.ContainerService/managedClusters", "actions": [] } }]);
    let peering = json!({
        "name": "to-spoke", "id": format!("{}/virtualNetworkPeerings/to-spoke", net("virtualNetworks", "hub")),
        "properties": {
            "peeringState": "Connected", "allowForwardedTraffic": true, "allowGatewayTransit": true, "useRemoteGateways": false,
            "remoteVirtualNetwork": { "id": net("virtualNetworks", "spoke") },
            "remoteAddressSpace": { "addressPrefixes": ["10.9.0.0/16"] },
            "remoteVirtualNetworkAddressSpace": { "addressPrefixes": ["10.9.0.0/16", "10.10.0.0/16"] }
        }
    });
    json!({
        "name": "hub", "id": net("virtualNetworks", "hub"), "type": "Microsoft.Network/virtualNetworks",
        "properties": {
            "addressSpace": { "addressPrefixes": ["10.0.0.0/16", "fd00::/48"] },
            "subnets": [
                part("GatewaySubnet", json!({ "addressPrefix": "10.0.0.0/27" })),
                part("nodes", json!({ "addressPrefixes": ["10.0.1.0/24", "10.0.2.0/24"], "routeTable": { "id": net("routeTables", "rt") } })),
                part("api", json!({ "addressPrefix": "10.0.3.0/28", "delegations": delegated })),
                part("AzureFirewallSubnet", json!({ "addressPrefix": "10.0.4.0/26" })),
                part("AzureBastionSubnet", json!({ "addressPrefix": "10.0.5.0/26" })),
                part("gateways", json!({ "addressPrefix": "10.0.6.0/24" })),
            ],
            "virtualNetworkPeerings": [peering]
        }
    })
}

fn cluster() -> Json {
    let pool = json!({
        "name": "sys", "mode": "System", "count": 3, "enableAutoScaling": true, "minCount": 1, "maxCount": 5, "maxPods": 30, "osType": "Linux",
        "vnetSubnetID": subnet("nodes"), "upgradeSettings": { "maxSurge": "10%", "maxUnavailable": "0" }
    });
    json!({
        "name": "aks", "id": id("Microsoft.ContainerService/managedClusters", "aks"), "identity": { "type": "UserAssigned" },
        "properties": {
            "currentKubernetesVersion": "1.33.5", "kubernetesVersion": "1.33", "agentPoolProfiles": [pool],
            "networkProfile": {
                "networkPlugin": "azure", "podCidr": "", "serviceCidr": "172.16.0.0/16", "serviceCidrs": ["172.16.0.0/16"], "dnsServiceIP": "172.16.0.10",
                "ipFamilies": ["IPv4"], "networkPolicy": "none"
            },
            "apiServerAccessProfile": { "enablePrivateCluster": true, "enableVnetIntegration": true, "subnetId": subnet("api") },
            "nodeProvisioningProfile": { "mode": "Manual" }
        }
    })
}

#[test]
fn everything_that_takes_addresses() {
    let interface = |name: &str, more: Json| {
        let mut properties = json!({ "ipConfigurations": [in_subnet("gateways")] });
        properties.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        json!({ "name": name, "id": net("networkInterfaces", name), "properties": properties })
    };
    let bodies = [
        hub(),
        cluster(),
        json!({ "name": "rt", "id": net("routeTables", "rt"), "properties": { "routes": [
            { "name": "d", "properties": { "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.4.4" } },
            { "name": "t", "properties": { "addressPrefix": "AzureMonitor", "nextHopType": "Internet" } }
        ] } }),
        interface("vm", json!({})),
        // Its interface stands for the private endpoint; the link service stands for its own.
        interface("pe-nic", json!({ "privateEndpoint": { "id": net("privateEndpoints", "pe") } })),
        interface("pls-nic", json!({ "privateLinkService": { "id": net("privateLinkServices", "pls") } })),
        json!({ "name": "pe", "id": net("privateEndpoints", "pe"), "properties": { "subnet": { "id": subnet("gateways") }, "networkInterfaces": [{ "id": net("networkInterfaces", "pe-nic") }] } }),
        json!({ "name": "lonely", "id": net("privateEndpoints", "lonely"), "properties": { "subnet": { "id": subnet("gateways") }, "networkInterfaces": [{ "id": "/subscriptions/other/resourceGroups/x/providers/Microsoft.Network/networkInterfaces/n" }] } }),
        json!({ "name": "pls", "id": net("privateLinkServices", "pls"), "properties": { "ipConfigurations": [in_subnet("gateways"), in_subnet("gateways")] } }),
        json!({ "name": "kubernetes-internal", "id": net("loadBalancers", "kubernetes-internal"), "properties": { "frontendIPConfigurations": [
            { "name": "svc", "properties": { "subnet": { "id": subnet("nodes") }, "privateIPAllocationMethod": "Static", "privateIPAddress": "10.0.1.200" } },
            { "name": "public", "properties": { "publicIPAddress": { "id": "p" } } }
        ] } }),
        json!({ "name": "agw", "id": net("applicationGateways", "agw"), "properties": {
            "sku": { "name": "WAF_v2" }, "autoscaleConfiguration": { "minCapacity": 2, "maxCapacity": 10 }, "gatewayIPConfigurations": [in_subnet("gateways")],
            "frontendIPConfigurations": [in_subnet("gateways")]
        } }),
        json!({ "name": "fw", "id": net("azureFirewalls", "fw"), "properties": { "ipConfigurations": [in_subnet("AzureFirewallSubnet")], "managementIpConfiguration": in_subnet("gateways") } }),
        json!({ "name": "bas", "id": net("bastionHosts", "bas"), "properties": { "scaleUnits": 4, "ipConfigurations": [in_subnet("AzureBastionSubnet")] } }),
        json!({ "name": "vpn", "id": net("virtualNetworkGateways", "vpn"), "properties": { "activeActive": true, "ipConfigurations": [in_subnet("GatewaySubnet"), in_subnet("GatewaySubnet")] } }),
        json!({ "name": "d", "id": id("Microsoft.Compute/disks", "d"), "properties": {} }),
    ];
    let row = |name: &str, used: i64, limit: i64| json!({ "id": subnet(name), "currentValue": used as f64, "limit": limit as f64, "name": { "value": "SubnetSpace" }, "unit": "Count" });
    let usages = [row("nodes", 99, 502), row("GatewaySubnet", -1, -1), row("api", 0, 11), row("gateways", 12, 251)];
    let bodies: Vec<&Json> = bodies.iter().collect();
    let model = live::model(&bodies, &usages).with([live::remembered_peers(&bodies)]);
    // In `nodes`: 3 × 31 for the cluster and one frontend of its services are accounted for, 5 of 99 are not.
    expect![[r#"
        vnet hub 10.0.0.0/16,fd00::/48 live @Azure
          subnet GatewaySubnet 10.0.0.0/27 live -1 of -1 in use, 0 by others @Azure
          subnet nodes 10.0.1.0/24,10.0.2.0/24 table rt live 99 of 502 in use, 5 by others @Azure
          subnet api 10.0.3.0/28 for Microsoft.ContainerService/managedClusters live 0 of 11 in use, 0 by others @Azure
          subnet AzureFirewallSubnet 10.0.4.0/26 live @Azure
          subnet AzureBastionSubnet 10.0.5.0/26 live @Azure
          subnet gateways 10.0.6.0/24 live 12 of 251 in use, 3 by others @Azure
          peering to spoke forwarded transit @Azure
        vnet spoke 10.9.0.0/16,10.10.0.0/16 live @Azure
        route table rt @Azure
          route d 0.0.0.0/0 to appliance 10.0.4.4 @Azure
          route t a tag to Internet @Azure
        cluster aks Azure service 172.16.0.0/16 dns 172.16.0.10 api in api 1.33 live @Azure
          pool sys 3..5 pods 30 surge 10% unavailable 0 in nodes system @Azure
        network interface in gateways: 1 @Azure
        private endpoint in gateways: 1 @Azure
        private endpoint in gateways: 1 @Azure
        private link service in gateways: 1 @Azure
        private link service in gateways: 1 @Azure
        load-balancer frontend in nodes: 10.0.1.200 @Azure
        application gateway instances in gateways: 2 up to 10 @Azure
        load-balancer frontend in gateways: 1 @Azure
        firewall in AzureFirewallSubnet: 1 @Azure
        firewall management in gateways: 1 @Azure
        Bastion host in AzureBastionSubnet: 4 @Azure
        gateway in GatewaySubnet: 1 @Azure
        gateway in GatewaySubnet: 1 @Azure
    "#]]
    .assert_eq(&words(&model, &Sources::default()));
}

#[test]
fn odd_answers_do_no_harm() {
    let odd = [
        json!({ "id": net("virtualNetworks", "bare") }),
        json!({ "id": net("virtualNetworks", "odd"), "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.1/16", "x", 7] }, "subnets": [{ "name": "n" }, 5], "virtualNetworkPeerings": [{}] } }),
        json!({ "id": format!("{}/subnets/alone", net("virtualNetworks", "elsewhere")), "properties": { "addressPrefix": "10.7.0.0/24" } }),
        json!({ "id": id("Microsoft.ContainerService/managedClusters", "empty"), "properties": { "agentPoolProfiles": [{}, { "name": "p", "count": -4 }] } }),
        json!({ "id": net("networkInterfaces", "n"), "properties": { "ipConfigurations": [{ "properties": { "subnet": { "id": "no id" } } }] } }),
        json!(null),
        json!({ "id": 5 }),
    ];
    let bodies: Vec<&Json> = odd.iter().collect();
    let model = live::model(&bodies, &[json!({}), json!({ "id": subnet("n"), "currentValue": "x" })]);
    expect![[r#"
        vnet bare  live @Azure
        vnet odd !10.0.0.1/16 has bits set beyond its length; the network is 10.0.0.0/16,!"x" is not an address prefix such as 10.0.0.0/24 live @Azure
          subnet n  live @Azure
        vnet elsewhere ?elsewhere live @Azure
          subnet alone 10.7.0.0/24 live @Azure
        cluster empty AzureOverlay live @Azure
          pool p 1 @Azure
    "#]]
    .assert_eq(&words(&model, &Sources::default()));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_read_in_few_requests() {
    let mut world = World::new();
    let blueprint = r#"
resource "azurerm_resource_group" "a" {
  name     = "rg"
  location = "westeurope"
}
resource "azurerm_virtual_network" "v" {
  for_each            = toset(["1", "2"])
  name                = "v${each.key}"
  resource_group_name = azurerm_resource_group.a.name
  location            = "westeurope"
  address_space       = ["10.${each.key}.0.0/16"]
}
resource "azurerm_subnet" "s" {
  name                 = "s"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.v["1"].name
  address_prefixes     = ["10.1.0.0/24"]
}
resource "azurerm_network_interface" "n" {
  name                = "n"
  resource_group_name = "rg"
  location            = "westeurope"
  ip_configuration {
    name                          = "c"
    subnet_id                     = azurerm_subnet.s.id
    private_ip_address_allocation = "Dynamic"
  }
}
"#;
    world.stand(blueprint).await;
    let before = world.arm.requests();
    let model = live_network::live_model(&world.arm).await.unwrap();
    let requests = world.arm.requests() - before;
    // Eleven lists, and the usages of the one VNet that has subnets.
    expect![[r#"
        vnet v1 10.1.0.0/16 live @Azure
          subnet s 10.1.0.0/24 live 1 of 251 in use, 0 by others @Azure
        vnet v2 10.2.0.0/16 live @Azure
        network interface in s: 1 @Azure
        12 requests
    "#]]
    .assert_eq(&format!("{}{requests} requests\n", words(&model, &Sources::default())));
}
