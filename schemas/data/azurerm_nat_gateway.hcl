# An existing NAT gateway.

type = "Microsoft.Network/natGateways"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/natGateways/{name}"

attributes {
  name                    = required(string)
  resource_group_name     = required(string)
  location                = computed(string, at("location"))
  idle_timeout_in_minutes = computed(int, at("properties.idleTimeoutInMinutes"))
  public_ip_address_ids   = optional(list(string), computed, at("properties.publicIpAddresses[].id"))
  public_ip_prefix_ids    = optional(list(string), computed, at("properties.publicIpPrefixes[].id"))
  resource_guid           = computed(string, at("properties.resourceGuid"))
  sku_name                = computed(string, at("sku.name"))
  tags                    = computed(map(string), at("tags"))
  zones                   = computed(list(string), at("zones"))
}
