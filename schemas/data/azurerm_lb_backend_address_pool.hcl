# An existing backend pool.

type = "Microsoft.Network/loadBalancers/backendAddressPools"
api  = "2025-01-01"
id   = "{loadbalancer_id}/backendAddressPools/{name}"

attributes {
  name                 = required(string)
  inbound_nat_rules    = computed(list(string), at("properties.inboundNatRules[].id"))
  load_balancing_rules = computed(list(string), at("properties.loadBalancingRules[].id"))
  loadbalancer_id      = required(string)
  outbound_rules       = computed(list(string), at("properties.outboundRules[].id"))

  block "backend_address" {
    self               = computed(list, at("properties.loadBalancerBackendAddresses[]"))
    name               = computed(string, at("name"))
    ip_address         = computed(string, at("properties.ipAddress"))
    virtual_network_id = computed(string, at("properties.virtualNetwork.id"))

    block "inbound_nat_rule_port_mapping" {
      self                  = computed(list, at("properties.inboundNatRulesPortMapping[]"))
      backend_port          = computed(int, at("backendPort"))
      frontend_port         = computed(int, at("frontendPort"))
      inbound_nat_rule_name = computed(string, at("inboundNatRuleName"))
    }
  }

  block "backend_ip_configurations" {
    self = computed(list, at("properties.backendIPConfigurations[]"))
    id   = computed(string, at("id"))
  }
}
