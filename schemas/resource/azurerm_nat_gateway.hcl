# A NAT gateway. Its addresses come by associations.

type     = "Microsoft.Network/natGateways"
api      = "2025-01-01"
timeouts = { create = "60m", delete = "60m", update = "60m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/natGateways/{name}"
readonly = ["properties.subnets", "properties.resourceGuid"]

attributes {
  name                    = required(string, force_new)
  resource_group_name     = required(string, force_new)
  location                = required(string, force_new, at("location"))
  idle_timeout_in_minutes = optional(int, default(4), range(4, 120), at("properties.idleTimeoutInMinutes"))
  resource_guid           = computed(string, at("properties.resourceGuid"))
  sku_name                = optional(string, force_new, default("Standard"), one_of("Standard", "StandardV2"), at("sku.name"))
  tags                    = optional(map(string), at("tags"))
  zones                   = optional(set(string), force_new, at("zones"))
}
