# An address of a backend pool.

type     = "Microsoft.Network/loadBalancers/backendAddressPools"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
locks    = ["{backend_address_pool_id:parent}"]

part {
  owner = "{backend_address_pool_id}"
  at    = "properties.loadBalancerBackendAddresses[name={name}]"
  id    = "{backend_address_pool_id}/addresses/{name}"
}

attributes {
  name = required(string, force_new, at("name"))
  backend_address_ip_configuration_id = optional(string, conflicts_with("virtual_network_id"), at("properties.loadBalancerFrontendIPConfiguration.id"))
  backend_address_pool_id = required(string, force_new)
  ip_address              = optional(string, at("properties.ipAddress"))
  virtual_network_id      = optional(string, conflicts_with("backend_address_ip_configuration_id"), at("properties.virtualNetwork.id"))

  block "inbound_nat_rule_port_mapping" {
    self                  = computed(list, at("properties.inboundNatRulesPortMapping[]"))
    backend_port          = computed(int, at("backendPort"))
    frontend_port         = computed(int, at("frontendPort"))
    inbound_nat_rule_name = computed(string, at("inboundNatRuleName"))
  }
}
