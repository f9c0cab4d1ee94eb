# An availability set.

type     = "Microsoft.Compute/availabilitySets"
api      = "2025-04-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Compute/availabilitySets/{name}"
readonly = ["properties.statuses", "properties.virtualMachineScaleSetMigrationInfo"]

attributes {
  name                         = required(string, force_new)
  resource_group_name          = required(string, force_new)
  location                     = required(string, force_new, at("location"))
  managed                      = optional(bool, force_new, default(true), at("sku.name"), words("Aligned", "Classic"))
  platform_fault_domain_count  = optional(int, force_new, default(3), range(1, 3), at("properties.platformFaultDomainCount"))
  platform_update_domain_count = optional(int, force_new, default(5), range(1, 20), at("properties.platformUpdateDomainCount"))
  proximity_placement_group_id = optional(string, force_new, at("properties.proximityPlacementGroup.id"))
  tags                         = optional(map(string), at("tags"))
}
