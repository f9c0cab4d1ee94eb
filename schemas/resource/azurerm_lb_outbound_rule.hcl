# An outbound rule: which frontends the members of a pool leave by.

type     = "Microsoft.Network/loadBalancers"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }

part {
  owner = "{loadbalancer_id}"
  at    = "properties.outboundRules[name={name}]"
  id    = "{loadbalancer_id}/outboundRules/{name}"
}

attributes {
  name                     = required(string, force_new, at("name"))
  allocated_outbound_ports = optional(int, default(1024), at("properties.allocatedOutboundPorts"))
  backend_address_pool_id  = required(string, at("properties.backendAddressPool.id"))
  idle_timeout_in_minutes  = optional(int, default(4), at("properties.idleTimeoutInMinutes"))
  loadbalancer_id          = required(string, force_new)
  protocol                 = required(string, one_of("All", "Tcp", "Udp"), at("properties.protocol"))

  block "frontend_ip_configuration" {
    self = optional(list, min(1), at("properties.frontendIPConfigurations[]"), key("name"))
    name = required(string, at("id"), ref("{/loadbalancer_id}/frontendIPConfigurations/{}"))
    id   = computed(string, at("id"), predict("{/loadbalancer_id}/frontendIPConfigurations/{name}"))
  }

  v4 {
    enable_tcp_reset = optional(
      bool, computed, conflicts_with("tcp_reset_enabled"), deprecated("It is gone in azurerm 5.0."), at("properties.enableTcpReset"),
      predict("{tcp_reset_enabled}"), changes_with("tcp_reset_enabled")
    )
    tcp_reset_enabled = optional(
      bool, computed, conflicts_with("enable_tcp_reset"), at("properties.enableTcpReset"), predict("{enable_tcp_reset}"), changes_with("enable_tcp_reset")
    )
  }

  v5 {
    tcp_reset_enabled = optional(bool, default(false), at("properties.enableTcpReset"))
  }
}
