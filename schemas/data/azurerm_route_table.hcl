# An existing route table.

type = "Microsoft.Network/routeTables"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/routeTables/{name}"

attributes {
  name                          = required(string)
  resource_group_name           = required(string)
  location                      = computed(string, at("location"))
  bgp_route_propagation_enabled = computed(bool, at("properties.disableBgpRoutePropagation"), not, absent(true))
  subnets                       = computed(set(string), at("properties.subnets[].id"))
  tags                          = computed(map(string), at("tags"))

  block "route" {
    self                   = computed(list, at("properties.routes[]"))
    name                   = computed(string, at("name"))
    address_prefix         = computed(string, at("properties.addressPrefix"), same(cidr))
    next_hop_in_ip_address = computed(string, at("properties.nextHopIpAddress"))
    next_hop_type          = computed(string, at("properties.nextHopType"))
  }
}
