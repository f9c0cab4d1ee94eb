# A load balancing rule.

type     = "Microsoft.Network/loadBalancers"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }

part {
  owner = "{loadbalancer_id}"
  at    = "properties.loadBalancingRules[name={name}]"
  id    = "{loadbalancer_id}/loadBalancingRules/{name}"
}

attributes {
  name = required(string, force_new, at("name"))
  backend_address_pool_ids = optional(list(string), min(1), max(2), at("properties.backendAddressPools[].id"), also("properties.backendAddressPool.id"))
  backend_port          = required(int, at("properties.backendPort"))
  disable_outbound_snat = optional(bool, default(false), at("properties.disableOutboundSnat"))
  frontend_ip_configuration_id = computed(
    string, at("properties.frontendIPConfiguration.id"), predict("{loadbalancer_id}/frontendIPConfigurations/{frontend_ip_configuration_name}"),
    changes_with("frontend_ip_configuration_name")
  )
  frontend_ip_configuration_name = required(string, at("properties.frontendIPConfiguration.id"), ref("{loadbalancer_id}/frontendIPConfigurations/{}"))
  frontend_port                  = required(int, at("properties.frontendPort"))
  idle_timeout_in_minutes        = optional(int, default(4), range(4, 100), at("properties.idleTimeoutInMinutes"))
  load_distribution              = optional(string, default("Default"), at("properties.loadDistribution"), same(nocase))
  loadbalancer_id                = required(string, force_new)
  probe_id                       = optional(string, at("properties.probe.id"))
  protocol                       = required(string, one_of("All", "Tcp", "Udp"), at("properties.protocol"))

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
    floating_ip_enabled = optional(bool, default(false), at("properties.enableFloatingIP"))
    tcp_reset_enabled   = optional(bool, default(false), at("properties.enableTcpReset"))
  }
}
