# A block of consecutive public IP addresses.

type     = "Microsoft.Network/publicIPPrefixes"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/publicIPPrefixes/{name}"
readonly = ["properties.ipPrefix", "properties.publicIPAddresses", "properties.loadBalancerFrontendIpConfiguration", "properties.resourceGuid"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  custom_ip_prefix_id = optional(string, force_new, at("properties.customIPPrefix.id"))
  ip_prefix           = computed(string, at("properties.ipPrefix"))
  ip_version          = optional(string, force_new, default("IPv4"), one_of("IPv4", "IPv6"), at("properties.publicIPAddressVersion"))
  prefix_length       = optional(int, force_new, default(28), range(0, 127), at("properties.prefixLength"))
  sku                 = optional(string, force_new, default("Standard"), one_of("Standard", "StandardV2"), at("sku.name"))
  sku_tier            = optional(string, force_new, default("Regional"), one_of("Global", "Regional"), at("sku.tier"))
  tags                = optional(map(string), at("tags"))
  zones               = optional(set(string), force_new, at("zones"))
}
