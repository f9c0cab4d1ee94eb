# An inbound NAT rule that leads to an IP configuration.

type     = "Microsoft.Network/networkInterfaces"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m" }
locks    = ["{nat_rule_id:parent}"]

part {
  owner = "{network_interface_id}"
  at    = "properties.ipConfigurations[name={ip_configuration_name}].properties.loadBalancerInboundNatRules[id={nat_rule_id}]"
  id    = "{network_interface_id}/ipConfigurations/{ip_configuration_name}|{nat_rule_id}"
}

attributes {
  ip_configuration_name = required(string, force_new)
  nat_rule_id           = required(string, force_new, at("id"))
  network_interface_id  = required(string, force_new)
}
