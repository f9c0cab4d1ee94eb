# One route of a route table.

type     = "Microsoft.Network/routeTables/routes"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/routeTables/{route_table_name}/routes/{name}"
readonly = ["properties.hasBgpOverride"]

attributes {
  name                   = required(string, force_new)
  resource_group_name    = required(string, force_new)
  address_prefix         = required(string, at("properties.addressPrefix"), same(cidr))
  next_hop_in_ip_address = optional(string, at("properties.nextHopIpAddress"))
  next_hop_type          = required(string, one_of("VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"), at("properties.nextHopType"))
  route_table_name       = required(string, force_new)
}
