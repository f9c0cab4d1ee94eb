# The route table of a subnet.

type     = "Microsoft.Network/virtualNetworks/subnets"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m" }
locks    = ["{subnet_id:parent}", "{route_table_id}"]

part {
  owner = "{subnet_id}"
  at    = "properties.routeTable"
  id    = "{subnet_id}"
}

attributes {
  route_table_id = required(string, force_new, at("id"))
  subnet_id      = required(string, force_new)
}
