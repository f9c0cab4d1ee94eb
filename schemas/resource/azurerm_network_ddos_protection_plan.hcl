# A DDoS protection plan.

type     = "Microsoft.Network/ddosProtectionPlans"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/ddosProtectionPlans/{name}"
readonly = ["properties.resourceGuid", "properties.publicIPAddresses", "properties.virtualNetworks"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  tags                = optional(map(string), at("tags"))
  virtual_network_ids = computed(list(string), at("properties.virtualNetworks[].id"))
}
