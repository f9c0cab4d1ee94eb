# The network security group of a subnet.

type     = "Microsoft.Network/virtualNetworks/subnets"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m" }
locks    = ["{subnet_id:parent}", "{network_security_group_id}"]

part {
  owner = "{subnet_id}"
  at    = "properties.networkSecurityGroup"
  id    = "{subnet_id}"
}

attributes {
  network_security_group_id = required(string, force_new, at("id"))
  subnet_id                 = required(string, force_new)
}
