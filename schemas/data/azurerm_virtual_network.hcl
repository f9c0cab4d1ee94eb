# An existing virtual network.

type = "Microsoft.Network/virtualNetworks"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/virtualNetworks/{name}"

attributes {
  name                    = required(string)
  resource_group_name     = required(string)
  location                = computed(string, at("location"))
  address_space           = computed(list(string), at("properties.addressSpace.addressPrefixes"))
  dns_servers             = computed(list(string), at("properties.dhcpOptions.dnsServers"))
  guid                    = computed(string, at("properties.resourceGuid"))
  subnets                 = computed(list(string), at("properties.subnets[].name"))
  tags                    = computed(map(string), at("tags"))
  vnet_peerings           = computed(map(string), at("properties.virtualNetworkPeerings"), peerings)
  vnet_peerings_addresses = computed(list(string), at("properties.virtualNetworkPeerings"), peering_addresses)
}
