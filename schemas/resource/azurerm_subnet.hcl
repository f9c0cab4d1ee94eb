# A subnet, always a child resource of its network.

type     = "Microsoft.Network/virtualNetworks/subnets"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/virtualNetworks/{virtual_network_name}/subnets/{name}"
readonly = [
  "properties.privateEndpoints",
  "properties.ipConfigurations",
  "properties.ipConfigurationProfiles",
  "properties.resourceNavigationLinks",
  "properties.serviceAssociationLinks",
  "properties.purpose",
]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  address_prefixes = optional(
    list(string), min(1), exactly_one_of("address_prefixes", "ip_address_pool"), at("properties.addressPrefixes"), also("properties.addressPrefix"),
    same(cidr)
  )
  default_outbound_access_enabled = optional(bool, default(true), at("properties.defaultOutboundAccess"))
  private_endpoint_network_policies = optional(
    string, default("Disabled"), one_of("Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"),
    at("properties.privateEndpointNetworkPolicies")
  )
  private_link_service_network_policies_enabled = optional(
    bool, default(true), at("properties.privateLinkServiceNetworkPolicies"), words("Enabled", "Disabled")
  )
  service_endpoint_policy_ids = optional(set(string), at("properties.serviceEndpointPolicies[].id"))
  sharing_scope               = optional(string, one_of("Tenant"), at("properties.sharingScope"))
  virtual_network_name        = required(string, force_new)

  block "delegation" {
    self = optional(list, at("properties.delegations[]"))
    name = required(string, at("name"))

    block "service_delegation" {
      self    = required(list, max(1), at("properties"))
      name    = required(string, at("serviceName"))
      actions = optional(set(string), at("actions"), quiet)
    }
  }

  block "ip_address_pool" {
    self                          = optional(list, max(1), exactly_one_of("address_prefixes", "ip_address_pool"), at("properties.ipamPoolPrefixAllocations[]"))
    allocated_ip_address_prefixes = computed(list(string), at("allocatedAddressPrefixes"))
    id                            = required(string, at("pool.id"))
    number_of_ip_addresses        = required(string, at("numberOfIpAddresses"))
  }

  v4 {
    service_endpoints = optional(set(string), at("properties.serviceEndpoints[].service"))
  }

  v5 {
    network_security_group_id = computed(string, at("properties.networkSecurityGroup.id"))
    network_security_group_id_wo = optional(string, write_only, required_with("network_security_group_id_wo_version"), at("properties.networkSecurityGroup.id"))
    network_security_group_id_wo_version = optional(int, required_with("network_security_group_id_wo"))
    route_table_id                       = computed(string, at("properties.routeTable.id"))
    route_table_id_wo                    = optional(string, write_only, required_with("route_table_id_wo_version"), at("properties.routeTable.id"))
    route_table_id_wo_version            = optional(int, required_with("route_table_id_wo"))
    block "service_endpoint" {
      self               = optional(list, at("properties.serviceEndpoints[]"), key("service"))
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
