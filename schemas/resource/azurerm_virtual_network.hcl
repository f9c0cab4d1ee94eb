# A virtual network. Subnets, also those written inline, go out as child resources: `properties.subnets` is never sent.

type     = "Microsoft.Network/virtualNetworks"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/virtualNetworks/{name}"
readonly = ["properties.resourceGuid", "properties.subnets", "properties.virtualNetworkPeerings", "properties.flowLogs", "properties.defaultPublicNatGateway"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  address_space = optional(set(string), min(1), exactly_one_of("address_space", "ip_address_pool"), at("properties.addressSpace.addressPrefixes"), same(cidr))
  bgp_community                  = optional(string, at("properties.bgpCommunities.virtualNetworkCommunity"))
  dns_servers                    = optional(list(string), computed, at("properties.dhcpOptions.dnsServers"))
  edge_zone                      = optional(string, force_new, at("extendedLocation.name"), same(location))
  flow_timeout_in_minutes        = optional(int, range(4, 30), at("properties.flowTimeoutInMinutes"))
  guid                           = computed(string, at("properties.resourceGuid"))
  private_endpoint_vnet_policies = optional(string, default("Disabled"), one_of("Basic", "Disabled"), at("properties.privateEndpointVNetPolicies"))
  tags                           = optional(map(string), at("tags"))

  block "ddos_protection_plan" {
    self   = optional(list, max(1), at("."))
    enable = required(bool, at("properties.enableDdosProtection"))
    id     = required(string, at("properties.ddosProtectionPlan.id"))
  }

  block "encryption" {
    self        = optional(list, max(1), at("properties.encryption"), const("enabled", true), filter)
    enforcement = required(string, one_of("DropUnencrypted", "AllowUnencrypted"), at("enforcement"))
  }

  block "ip_address_pool" {
    self                          = optional(list, max(2), exactly_one_of("address_space", "ip_address_pool"), at("properties.addressSpace.ipamPoolPrefixAllocations[]"))
    allocated_ip_address_prefixes = computed(list(string), at("allocatedAddressPrefixes"))
    id                            = required(string, at("pool.id"))
    number_of_ip_addresses        = required(string, at("numberOfIpAddresses"))
  }

  block "subnet" {
    self                            = optional(set, computed, as_attribute, child("subnets/{name}"), at("properties.subnets[]"))
    name                            = required(string, at("name"))
    address_prefixes                = required(list(string), min(1), at("properties.addressPrefixes"), also("properties.addressPrefix"), same(cidr))
    default_outbound_access_enabled = optional(bool, default(true), at("properties.defaultOutboundAccess"))
    id                              = computed(string, at("id"), predict("{/id}/subnets/{name}"))
    private_endpoint_network_policies = optional(
      string, default("Disabled"), one_of("Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"),
      at("properties.privateEndpointNetworkPolicies")
    )
    private_link_service_network_policies_enabled = optional(
      bool, default(true), at("properties.privateLinkServiceNetworkPolicies"), words("Enabled", "Disabled")
    )
    route_table_id              = optional(string, at("properties.routeTable.id"))
    security_group              = optional(string, at("properties.networkSecurityGroup.id"), same(nocase))
    service_endpoint_policy_ids = optional(set(string), at("properties.serviceEndpointPolicies[].id"))

    block "delegation" {
      self = optional(list, max(1), as_attribute, at("properties.delegations[]"))
      name = required(string, at("name"))

      block "service_delegation" {
        self    = required(list, max(1), as_attribute, at("properties"))
        name    = required(string, at("serviceName"))
        actions = optional(set(string), at("actions"), quiet)
      }
    }

    v4 {
      service_endpoints = optional(set(string), at("properties.serviceEndpoints[].service"))
    }

    v5 {
      block "service_endpoint" {
        self               = optional(list, as_attribute, at("properties.serviceEndpoints[]"), key("service"))
        network_identifier = optional(string, at("networkIdentifier.id"), same(nocase))
        service = required(
          string,
          one_of("Microsoft.AzureActiveDirectory", "Microsoft.AzureCosmosDB", "Microsoft.CognitiveServices", "Microsoft.ContainerRegistry",
            "Microsoft.EventHub", "Microsoft.KeyVault", "Microsoft.ServiceBus", "Microsoft.Sql", "Microsoft.Storage", "Microsoft.Storage.Global",
            "Microsoft.Web"),
          at("service")
        )
      }
    }
  }
}
