# An existing network interface.

type = "Microsoft.Network/networkInterfaces"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/networkInterfaces/{name}"

attributes {
  name                           = required(string)
  resource_group_name            = required(string)
  location                       = computed(string, at("location"))
  accelerated_networking_enabled = computed(bool, at("properties.enableAcceleratedNetworking"))
  applied_dns_servers            = computed(set(string), at("properties.dnsSettings.appliedDnsServers"))
  dns_servers                    = computed(set(string), at("properties.dnsSettings.dnsServers"))
  internal_dns_name_label        = computed(string, at("properties.dnsSettings.internalDnsNameLabel"))
  ip_forwarding_enabled          = computed(bool, at("properties.enableIPForwarding"))
  mac_address                    = computed(string, at("properties.macAddress"))
  network_security_group_id      = computed(string, at("properties.networkSecurityGroup.id"))
  private_ip_address             = computed(string, at("properties.ipConfigurations[0].properties.privateIPAddress"))
  private_ip_addresses           = computed(list(string), at("properties.ipConfigurations[].properties.privateIPAddress"))
  tags                           = computed(map(string), at("tags"))
  virtual_machine_id             = computed(string, at("properties.virtualMachine.id"))

  block "ip_configuration" {
    self                                               = computed(list, at("properties.ipConfigurations[]"))
    name                                               = computed(string, at("name"))
    application_gateway_backend_address_pools_ids      = computed(set(string), at("properties.applicationGatewayBackendAddressPools[].id"))
    application_security_group_ids                     = computed(set(string), at("properties.applicationSecurityGroups[].id"))
    gateway_load_balancer_frontend_ip_configuration_id = computed(string, at("properties.gatewayLoadBalancer.id"))
    load_balancer_backend_address_pools_ids            = computed(set(string), at("properties.loadBalancerBackendAddressPools[].id"))
    load_balancer_inbound_nat_rules_ids                = computed(set(string), at("properties.loadBalancerInboundNatRules[].id"))
    primary                                            = computed(bool, at("properties.primary"))
    private_ip_address                                 = computed(string, at("properties.privateIPAddress"))
    private_ip_address_allocation                      = computed(string, at("properties.privateIPAllocationMethod"))
    private_ip_address_version                         = computed(string, at("properties.privateIPAddressVersion"))
    public_ip_address_id                               = computed(string, at("properties.publicIPAddress.id"))
    subnet_id                                          = computed(string, at("properties.subnet.id"))
  }
}
