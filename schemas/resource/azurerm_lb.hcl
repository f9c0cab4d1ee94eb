# A load balancer with its frontends. Pools, rules and probes are resources of their own and stay as they are.

type     = "Microsoft.Network/loadBalancers"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/loadBalancers/{name}"
readonly = ["properties.resourceGuid"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  edge_zone           = optional(string, force_new, at("extendedLocation"), edge_zone, same(location))
  private_ip_address = computed(
    string, at("properties.frontendIPConfigurations[0].properties.privateIPAddress"), predict("{frontend_ip_configuration.0.private_ip_address}"),
    changes_with("frontend_ip_configuration")
  )
  private_ip_addresses = computed(
    list(string), at("properties.frontendIPConfigurations[].properties.privateIPAddress"), changes_with("frontend_ip_configuration")
  )
  sku      = optional(string, force_new, default("Standard"), one_of("Basic", "Standard", "Gateway"), at("sku.name"))
  sku_tier = optional(string, force_new, default("Regional"), one_of("Regional", "Global"), at("sku.tier"))
  tags     = optional(map(string), at("tags"))

  block "frontend_ip_configuration" {
    self                                               = optional(list, min(1), at("properties.frontendIPConfigurations[]"))
    name                                               = required(string, at("name"))
    gateway_load_balancer_frontend_ip_configuration_id = optional(string, computed, at("properties.gatewayLoadBalancer.id"))
    id                                                 = computed(string, at("id"), predict("{/id}/frontendIPConfigurations/{name}"))
    inbound_nat_rules                                  = computed(set(string), at("properties.inboundNatRules[].id"))
    load_balancer_rules                                = computed(set(string), at("properties.loadBalancingRules[].id"))
    outbound_rules                                     = computed(set(string), at("properties.outboundRules[].id"))
    private_ip_address                                 = optional(string, computed, at("properties.privateIPAddress"), changes_with("subnet_id"))
    private_ip_address_allocation                      = optional(string, computed, one_of("Dynamic", "Static"), at("properties.privateIPAllocationMethod"))
    private_ip_address_version                         = optional(string, computed, one_of("IPv4", "IPv6"), at("properties.privateIPAddressVersion"))
    public_ip_address_id                               = optional(string, at("properties.publicIPAddress.id"))
    public_ip_prefix_id                                = optional(string, computed, at("properties.publicIPPrefix.id"))
    subnet_id                                          = optional(string, at("properties.subnet.id"))
    zones                                              = optional(set(string), at("zones"))
  }

  v4 {
    public_ip_address_id = optional(string, computed)
    subnet_id            = optional(string, computed)
  }
}
