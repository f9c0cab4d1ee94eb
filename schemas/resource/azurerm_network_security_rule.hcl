# One rule of a network security group.

type     = "Microsoft.Network/networkSecurityGroups/securityRules"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/networkSecurityGroups/{network_security_group_name}/securityRules/{name}"

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  access              = required(string, one_of("Allow", "Deny"), at("properties.access"))
  description         = optional(string, at("properties.description"))
  destination_address_prefix = optional(
    string, exactly_one_of("destination_address_prefix", "destination_address_prefixes", "destination_application_security_group_ids"),
    at("properties.destinationAddressPrefix"), same(cidr)
  )
  destination_address_prefixes = optional(
    set(string), exactly_one_of("destination_address_prefix", "destination_address_prefixes", "destination_application_security_group_ids"),
    at("properties.destinationAddressPrefixes"), same(cidr)
  )
  destination_application_security_group_ids = optional(
    set(string), max(10), exactly_one_of("destination_address_prefix", "destination_address_prefixes", "destination_application_security_group_ids"),
    at("properties.destinationApplicationSecurityGroups[].id")
  )
  destination_port_range      = optional(string, conflicts_with("destination_port_ranges"), at("properties.destinationPortRange"))
  destination_port_ranges     = optional(set(string), conflicts_with("destination_port_range"), at("properties.destinationPortRanges"))
  direction                   = required(string, one_of("Inbound", "Outbound"), at("properties.direction"))
  network_security_group_name = required(string, force_new)
  priority                    = required(int, range(100, 4096), at("properties.priority"))
  protocol                    = required(string, one_of("*", "Tcp", "Udp", "Icmp", "Ah", "Esp"), at("properties.protocol"))
  source_address_prefix = optional(
    string, exactly_one_of("source_address_prefix", "source_address_prefixes", "source_application_security_group_ids"),
    at("properties.sourceAddressPrefix"), same(cidr)
  )
  source_address_prefixes = optional(
    set(string), exactly_one_of("source_address_prefix", "source_address_prefixes", "source_application_security_group_ids"),
    at("properties.sourceAddressPrefixes"), same(cidr)
  )
  source_application_security_group_ids = optional(
    set(string), max(10), exactly_one_of("source_address_prefix", "source_address_prefixes", "source_application_security_group_ids"),
    at("properties.sourceApplicationSecurityGroups[].id")
  )
  source_port_range  = optional(string, conflicts_with("source_port_ranges"), at("properties.sourcePortRange"))
  source_port_ranges = optional(set(string), conflicts_with("source_port_range"), at("properties.sourcePortRanges"))
}
