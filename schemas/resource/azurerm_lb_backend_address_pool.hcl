# A backend pool of a load balancer.

type     = "Microsoft.Network/loadBalancers/backendAddressPools"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "{loadbalancer_id}/backendAddressPools/{name}"
readonly = [
  "properties.backendIPConfigurations",
  "properties.loadBalancingRules",
  "properties.outboundRule",
  "properties.outboundRules",
  "properties.inboundNatRules",
]

attributes {
  name                      = required(string, force_new)
  backend_ip_configurations = computed(list(string), at("properties.backendIPConfigurations[].id"))
  inbound_nat_rules         = computed(list(string), at("properties.inboundNatRules[].id"))
  load_balancing_rules      = computed(list(string), at("properties.loadBalancingRules[].id"))
  loadbalancer_id           = required(string, force_new)
  outbound_rules            = computed(list(string), at("properties.outboundRules[].id"))
  synchronous_mode          = optional(string, force_new, one_of("Automatic", "Manual"), required_with("virtual_network_id"), at("properties.syncMode"))
  virtual_network_id        = optional(string, at("properties.virtualNetwork.id"))

  block "tunnel_interface" {
    self       = optional(list, min(1), at("properties.tunnelInterfaces[]"))
    identifier = required(int, at("identifier"))
    port       = required(int, at("port"))
    protocol   = required(string, one_of("None", "Native", "VXLAN"), at("protocol"))
    type       = required(string, one_of("None", "Internal", "External"), at("type"))
  }
}
