# An existing availability set.

type = "Microsoft.Compute/availabilitySets"
api  = "2025-04-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Compute/availabilitySets/{name}"

attributes {
  name                         = required(string)
  resource_group_name          = required(string)
  location                     = computed(string, at("location"))
  managed                      = computed(bool, at("sku.name"), words("Aligned", "Classic"))
  platform_fault_domain_count  = computed(int, at("properties.platformFaultDomainCount"), text)
  platform_update_domain_count = computed(int, at("properties.platformUpdateDomainCount"), text)
  tags                         = computed(map(string), at("tags"))
}
