# A private DNS zone; it belongs to no region.

type     = "Microsoft.Network/privateDnsZones"
api      = "2024-06-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/privateDnsZones/{name}"
consts   = { "location" = "global" }
readonly = [
  "properties.maxNumberOfRecordSets",
  "properties.maxNumberOfVirtualNetworkLinks",
  "properties.maxNumberOfVirtualNetworkLinksWithRegistration",
  "properties.numberOfRecordSets",
  "properties.numberOfVirtualNetworkLinks",
  "properties.numberOfVirtualNetworkLinksWithRegistration",
  "properties.internalId",
]

attributes {
  name                                                  = required(string, force_new)
  resource_group_name                                   = required(string, force_new)
  max_number_of_record_sets                             = computed(int, at("properties.maxNumberOfRecordSets"))
  max_number_of_virtual_network_links                   = computed(int, at("properties.maxNumberOfVirtualNetworkLinks"))
  max_number_of_virtual_network_links_with_registration = computed(int, at("properties.maxNumberOfVirtualNetworkLinksWithRegistration"))
  number_of_record_sets                                 = computed(int, at("properties.numberOfRecordSets"))
  tags                                                  = optional(map(string), at("tags"))

  block "soa_record" {
    self          = optional(list, computed, force_new, max(1), child("SOA/@"))
    email         = required(string, at("properties.soaRecord.email"))
    expire_time   = optional(int, default(2419200), at("properties.soaRecord.expireTime"))
    fqdn          = computed(string, at("properties.fqdn"))
    host_name     = computed(string, at("properties.soaRecord.host"))
    minimum_ttl   = optional(int, default(10), at("properties.soaRecord.minimumTtl"))
    refresh_time  = optional(int, default(3600), at("properties.soaRecord.refreshTime"))
    retry_time    = optional(int, default(300), at("properties.soaRecord.retryTime"))
    serial_number = computed(int, at("properties.soaRecord.serialNumber"))
    tags          = optional(map(string), at("properties.metadata"))
    ttl           = optional(int, default(3600), range(0, 2147483647), at("properties.ttl"))
  }
}
