# A backend pool that an IP configuration is a member of.

type     = "Microsoft.Network/networkInterfaces"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m" }
locks    = ["{backend_address_pool_id:parent}"]

part {
  owner = "{network_interface_id}"
  at    = "properties.ipConfigurations[name={ip_configuration_name}].properties.loadBalancerBackendAddressPools[id={backend_address_pool_id}]"
  id    = "{network_interface_id}/ipConfigurations/{ip_configuration_name}|{backend_address_pool_id}"
}

attributes {
  backend_address_pool_id = required(string, force_new, at("id"))
  ip_configuration_name   = required(string, force_new)
  network_interface_id    = required(string, force_new)
}
