# An inbound NAT rule.

type     = "Microsoft.Network/loadBalancers/inboundNatRules"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "{loadbalancer_id}/inboundNatRules/{name}"
readonly = ["properties.backendIPConfiguration"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new, predict("{loadbalancer_id:group}"))
  backend_address_pool_id = optional(
    string, conflicts_with("frontend_port"), required_with("frontend_port_start", "frontend_port_end"), at("properties.backendAddressPool.id")
  )
  backend_ip_configuration_id = computed(string, at("properties.backendIPConfiguration.id"))
  backend_port                = required(int, at("properties.backendPort"))
  frontend_ip_configuration_id = computed(
    string, at("properties.frontendIPConfiguration.id"), predict("{loadbalancer_id}/frontendIPConfigurations/{frontend_ip_configuration_name}"),
    changes_with("frontend_ip_configuration_name")
  )
  frontend_ip_configuration_name = required(string, at("properties.frontendIPConfiguration.id"), ref("{loadbalancer_id}/frontendIPConfigurations/{}"))
  frontend_port                  = optional(int, conflicts_with("frontend_port_start", "frontend_port_end", "backend_address_pool_id"), at("properties.frontendPort"))
  frontend_port_end = optional(
    int, conflicts_with("frontend_port"), required_with("backend_address_pool_id", "frontend_port_start"), at("properties.frontendPortRangeEnd")
  )
  frontend_port_start = optional(
    int, conflicts_with("frontend_port"), required_with("backend_address_pool_id", "frontend_port_end"), at("properties.frontendPortRangeStart")
  )
  idle_timeout_in_minutes = optional(int, default(4), range(4, 30), at("properties.idleTimeoutInMinutes"))
  loadbalancer_id         = required(string, force_new)
  protocol                = required(string, one_of("All", "Tcp", "Udp"), at("properties.protocol"))

  v4 {
    enable_floating_ip = optional(
      bool, computed, conflicts_with("floating_ip_enabled"), deprecated("It is gone in azurerm 5.0."), at("properties.enableFloatingIP"),
      predict("{floating_ip_enabled}"), changes_with("floating_ip_enabled")
    )
    enable_tcp_reset = optional(
      bool, computed, conflicts_with("tcp_reset_enabled"), deprecated("It is gone in azurerm 5.0."), at("properties.enableTcpReset"),
      predict("{tcp_reset_enabled}"), changes_with("tcp_reset_enabled")
    )
    floating_ip_enabled = optional(bool, computed, at("properties.enableFloatingIP"), predict("{enable_floating_ip}"), changes_with("enable_floating_ip"))
    tcp_reset_enabled = optional(bool, computed, at("properties.enableTcpReset"), predict("{enable_tcp_reset}"), changes_with("enable_tcp_reset"))
  }

  v5 {
    floating_ip_enabled = optional(bool, computed, at("properties.enableFloatingIP"))
    tcp_reset_enabled   = optional(bool, at("properties.enableTcpReset"))
  }
}
