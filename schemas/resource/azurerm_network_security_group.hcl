# A network security group with its rules.

type     = "Microsoft.Network/networkSecurityGroups"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/networkSecurityGroups/{name}"
readonly = ["properties.defaultSecurityRules", "properties.networkInterfaces", "properties.subnets", "properties.flowLogs", "properties.resourceGuid"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  tags                = optional(map(string), at("tags"))

  block "security_rule" {
    self                                       = optional(set, computed, as_attribute, at("properties.securityRules[]"))
    name                                       = required(string, at("name"))
    access                                     = required(string, one_of("Allow", "Deny"), at("properties.access"))
    description                                = optional(string, at("properties.description"))
    destination_address_prefix                 = optional(string, at("properties.destinationAddressPrefix"), same(cidr))
    destination_address_prefixes               = optional(set(string), at("properties.destinationAddressPrefixes"), same(cidr))
    destination_application_security_group_ids = optional(set(string), at("properties.destinationApplicationSecurityGroups[].id"))
    destination_port_range                     = optional(string, at("properties.destinationPortRange"))
    destination_port_ranges                    = optional(set(string), at("properties.destinationPortRanges"))
    direction                                  = required(string, one_of("Inbound", "Outbound"), at("properties.direction"))
    priority                                   = required(int, range(100, 4096), at("properties.priority"))
    protocol                                   = required(string, one_of("*", "Tcp", "Udp", "Icmp", "Ah", "Esp"), at("properties.protocol"))
    source_address_prefix                      = optional(string, at("properties.sourceAddressPrefix"), same(cidr))
    source_address_prefixes                    = optional(set(string), at("properties.sourceAddressPrefixes"), same(cidr))
    source_application_security_group_ids      = optional(set(string), at("properties.sourceApplicationSecurityGroups[].id"))
    source_port_range                          = optional(string, at("properties.sourcePortRange"))
    source_port_ranges                         = optional(set(string), at("properties.sourcePortRanges"))
  }
}
