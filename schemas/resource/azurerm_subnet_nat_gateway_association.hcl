# The NAT gateway of a subnet.

type     = "Microsoft.Network/virtualNetworks/subnets"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m" }
locks    = ["{subnet_id:parent}", "{nat_gateway_id}"]

part {
  owner = "{subnet_id}"
  at    = "properties.natGateway"
  id    = "{subnet_id}"
}

attributes {
  nat_gateway_id = required(string, force_new, at("id"))
  subnet_id      = required(string, force_new)
}
