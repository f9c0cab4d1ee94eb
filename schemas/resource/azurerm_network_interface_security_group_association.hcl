# The network security group of a network interface.

type     = "Microsoft.Network/networkInterfaces"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m" }
locks    = ["{network_security_group_id}"]

part {
  owner = "{network_interface_id}"
  at    = "properties.networkSecurityGroup"
  id    = "{network_interface_id}|{network_security_group_id}"
}

attributes {
  network_interface_id      = required(string, force_new)
  network_security_group_id = required(string, force_new, at("id"))
}
