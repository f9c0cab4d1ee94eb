# An existing network security group.

type = "Microsoft.Network/networkSecurityGroups"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/networkSecurityGroups/{name}"

attributes {
  name                = required(string)
  resource_group_name = required(string)
  location            = computed(string, at("location"))
  tags                = computed(map(string), at("tags"))

  block "security_rule" {
    self                                       = computed(list, at("properties.securityRules[]"))
    name                                       = computed(string, at("name"))
    access                                     = computed(string, at("properties.access"))
    description                                = computed(string, at("properties.description"))
    destination_address_prefix                 = computed(string, at("properties.destinationAddressPrefix"), same(cidr))
    destination_address_prefixes               = computed(set(string), at("properties.destinationAddressPrefixes"), same(cidr))
    destination_application_security_group_ids = optional(set(string), at("properties.destinationApplicationSecurityGroups[].id"))
    destination_port_range                     = computed(string, at("properties.destinationPortRange"))
    destination_port_ranges                    = computed(set(string), at("properties.destinationPortRanges"))
    direction                                  = computed(string, at("properties.direction"))
    priority                                   = computed(int, at("properties.priority"))
    protocol                                   = computed(string, at("properties.protocol"))
    source_address_prefix                      = computed(string, at("properties.sourceAddressPrefix"), same(cidr))
    source_address_prefixes                    = computed(set(string), at("properties.sourceAddressPrefixes"), same(cidr))
    source_application_security_group_ids      = optional(set(string), at("properties.sourceApplicationSecurityGroups[].id"))
    source_port_range                          = computed(string, at("properties.sourcePortRange"))
    source_port_ranges                         = computed(set(string), at("properties.sourcePortRanges"))
  }
}
