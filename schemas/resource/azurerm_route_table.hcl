# A route table with its routes.

type     = "Microsoft.Network/routeTables"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/routeTables/{name}"
readonly = ["properties.subnets", "properties.resourceGuid"]

attributes {
  name                          = required(string, force_new)
  resource_group_name           = required(string, force_new)
  location                      = required(string, force_new, at("location"))
  bgp_route_propagation_enabled = optional(bool, default(true), at("properties.disableBgpRoutePropagation"), not)
  subnets                       = computed(set(string), at("properties.subnets[].id"))
  tags                          = optional(map(string), at("tags"))

  block "route" {
    self                   = optional(set, computed, as_attribute, at("properties.routes[]"))
    name                   = required(string, at("name"))
    address_prefix         = required(string, at("properties.addressPrefix"), same(cidr))
    next_hop_in_ip_address = optional(string, at("properties.nextHopIpAddress"))
    next_hop_type = required(string, one_of("VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"), at("properties.nextHopType"))
  }
}
