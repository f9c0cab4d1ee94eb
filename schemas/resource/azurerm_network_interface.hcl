# A network interface. Its security group and backend pools come by associations and stay as they are.

type     = "Microsoft.Network/networkInterfaces"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/networkInterfaces/{name}"
readonly = [
  "properties.virtualMachine",
  "properties.privateEndpoint",
  "properties.tapConfigurations",
  "properties.macAddress",
  "properties.primary",
  "properties.vnetEncryptionSupported",
  "properties.defaultOutboundConnectivityEnabled",
  "properties.hostedWorkloads",
  "properties.dscpConfiguration",
  "properties.resourceGuid",
]

attributes {
  name                           = required(string, force_new)
  resource_group_name            = required(string, force_new)
  location                       = required(string, force_new, at("location"))
  accelerated_networking_enabled = optional(bool, default(false), at("properties.enableAcceleratedNetworking"))
  applied_dns_servers            = computed(list(string), at("properties.dnsSettings.appliedDnsServers"), changes_with("dns_servers"))
  auxiliary_mode = optional(
    string, one_of("AcceleratedConnections", "Floating", "MaxConnections", "None"), required_with("auxiliary_sku"), at("properties.auxiliaryMode"),
    filled("None")
  )
  auxiliary_sku = optional(string, one_of("A8", "A4", "A1", "A2", "None"), required_with("auxiliary_mode"), at("properties.auxiliarySku"), filled("None"))
  dns_servers                 = optional(list(string), at("properties.dnsSettings.dnsServers"))
  edge_zone                   = optional(string, force_new, at("extendedLocation"), edge_zone, same(location))
  internal_dns_name_label     = optional(string, at("properties.dnsSettings.internalDnsNameLabel"))
  internal_domain_name_suffix = computed(string, at("properties.dnsSettings.internalDomainNameSuffix"))
  ip_forwarding_enabled       = optional(bool, default(false), at("properties.enableIPForwarding"))
  mac_address                 = computed(string, at("properties.macAddress"))
  private_ip_address = computed(
    string, at("properties.ipConfigurations[0].properties.privateIPAddress"), predict("{ip_configuration.0.private_ip_address}"),
    changes_with("ip_configuration")
  )
  private_ip_addresses = computed(list(string), at("properties.ipConfigurations[].properties.privateIPAddress"), changes_with("ip_configuration"))
  tags                 = optional(map(string), at("tags"))
  virtual_machine_id   = computed(string, at("properties.virtualMachine.id"))

  block "ip_configuration" {
    self                                               = required(list, at("properties.ipConfigurations[]"))
    name                                               = required(string, at("name"))
    gateway_load_balancer_frontend_ip_configuration_id = optional(string, computed, at("properties.gatewayLoadBalancer.id"))
    primary                                            = optional(bool, computed, at("properties.primary"))
    private_ip_address                                 = optional(string, computed, at("properties.privateIPAddress"), changes_with("subnet_id", "private_ip_address_allocation"))
    private_ip_address_allocation                      = required(string, one_of("Dynamic", "Static"), at("properties.privateIPAllocationMethod"))
    private_ip_address_version                         = optional(string, default("IPv4"), one_of("IPv4", "IPv6"), at("properties.privateIPAddressVersion"))
    public_ip_address_id                               = optional(string, at("properties.publicIPAddress.id"))
    subnet_id                                          = optional(string, at("properties.subnet.id"))
  }
}
