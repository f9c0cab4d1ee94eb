# An existing DDoS protection plan.

type = "Microsoft.Network/ddosProtectionPlans"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/ddosProtectionPlans/{name}"

attributes {
  name                = required(string)
  resource_group_name = required(string)
  location            = computed(string, at("location"))
  tags                = computed(map(string), at("tags"))
  virtual_network_ids = computed(list(string), at("properties.virtualNetworks[].id"))
}
