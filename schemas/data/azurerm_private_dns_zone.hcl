# An existing private DNS zone.

type = "Microsoft.Network/privateDnsZones"
api  = "2024-06-01"

list {
  url  = "/subscriptions/{subscription}/providers/Microsoft.Network/privateDnsZones"
  pick = ["name=name", "id:resourceGroups=resource_group_name"]
}

attributes {
  name                                                  = required(string, at("name"))
  resource_group_name                                   = optional(string, computed, at("id"), segment("resourceGroups"))
  max_number_of_record_sets                             = computed(int, at("properties.maxNumberOfRecordSets"))
  max_number_of_virtual_network_links                   = computed(int, at("properties.maxNumberOfVirtualNetworkLinks"))
  max_number_of_virtual_network_links_with_registration = computed(int, at("properties.maxNumberOfVirtualNetworkLinksWithRegistration"))
  number_of_record_sets                                 = computed(int, at("properties.numberOfRecordSets"))
  tags                                                  = optional(map(string), at("tags"))
  id                                                    = computed(string, at("id"))
}
