# An existing subnet.

type = "Microsoft.Network/virtualNetworks/subnets"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/virtualNetworks/{virtual_network_name}/subnets/{name}"

attributes {
  name                                          = required(string)
  resource_group_name                           = required(string)
  address_prefix                                = computed(string, at("properties.addressPrefix"), also("properties.addressPrefixes[0]"))
  address_prefixes                              = computed(list(string), at("properties.addressPrefixes"), also("properties.addressPrefix"), same(cidr))
  default_outbound_access_enabled               = computed(bool, at("properties.defaultOutboundAccess"))
  network_security_group_id                     = computed(string, at("properties.networkSecurityGroup.id"))
  private_endpoint_network_policies             = computed(string, at("properties.privateEndpointNetworkPolicies"))
  private_link_service_network_policies_enabled = computed(bool, at("properties.privateLinkServiceNetworkPolicies"), words("Enabled", "Disabled"))
  route_table_id                                = computed(string, at("properties.routeTable.id"))
  virtual_network_name                          = required(string)

  v4 {
    service_endpoints = computed(list(string), at("properties.serviceEndpoints[].service"))
  }

  v5 {
    block "service_endpoint" {
      self               = computed(list, at("properties.serviceEndpoints[]"))
      network_identifier = computed(string, at("networkIdentifier.id"), same(nocase))
      service            = computed(string, at("service"))
    }
  }
}
