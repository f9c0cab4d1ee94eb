# An existing load balancer.

type = "Microsoft.Network/loadBalancers"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/loadBalancers/{name}"

attributes {
  name                 = required(string)
  resource_group_name  = required(string)
  location             = computed(string, at("location"))
  private_ip_address   = computed(string, at("properties.frontendIPConfigurations[0].properties.privateIPAddress"))
  private_ip_addresses = computed(list(string), at("properties.frontendIPConfigurations[].properties.privateIPAddress"))
  sku                  = computed(string, at("sku.name"))
  tags                 = computed(map(string), at("tags"))

  block "frontend_ip_configuration" {
    self                          = computed(list, at("properties.frontendIPConfigurations[]"))
    name                          = computed(string, at("name"))
    id                            = computed(string, at("id"))
    private_ip_address            = computed(string, at("properties.privateIPAddress"))
    private_ip_address_allocation = computed(string, at("properties.privateIPAllocationMethod"))
    private_ip_address_version    = computed(string, at("properties.privateIPAddressVersion"))
    public_ip_address_id          = computed(string, at("properties.publicIPAddress.id"))
    subnet_id                     = computed(string, at("properties.subnet.id"))
    zones                         = computed(list(string), at("zones"))
  }
}
