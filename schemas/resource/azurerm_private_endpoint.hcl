# A private endpoint: a service at an address of a subnet.

type      = "Microsoft.Network/privateEndpoints"
api       = "2025-01-01"
timeouts  = { create = "60m", delete = "60m", update = "60m" }
id        = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/privateEndpoints/{name}"
transform = "private_link"
also_get  = ["privateDnsZoneGroups"]
readonly  = ["properties.networkInterfaces"]

attributes {
  name                          = required(string, force_new)
  resource_group_name           = required(string, force_new)
  location                      = required(string, force_new, at("location"))
  custom_network_interface_name = optional(string, force_new, at("properties.customNetworkInterfaceName"), filled(""))
  edge_zone                     = optional(string, force_new, at("extendedLocation"), edge_zone, same(location))
  subnet_id                     = required(string, force_new, at("properties.subnet.id"))
  tags                          = optional(map(string), at("tags"))

  block "custom_dns_configs" {
    self         = computed(list, at("properties.customDnsConfigs[]"))
    fqdn         = computed(string, at("fqdn"))
    ip_addresses = computed(list(string), at("ipAddresses"))
  }

  block "ip_configuration" {
    self               = optional(list, at("properties.ipConfigurations[]"))
    name               = required(string, force_new, at("name"))
    member_name        = optional(string, computed, force_new, at("properties.memberName"))
    private_ip_address = required(string, force_new, at("properties.privateIPAddress"))
    subresource_name   = optional(string, force_new, at("properties.groupId"))
  }

  block "network_interface" {
    self = computed(list, at("properties.networkInterfaces[]"))
    name = computed(string, at("id"), last_segment)
    id   = computed(string, at("id"))
  }

  block "private_dns_zone_configs" {
    self                = computed(list, at("/$extra.privateDnsZoneGroups.value[0].properties.privateDnsZoneConfigs[]"))
    name                = computed(string, at("name"))
    id                  = computed(string, at("id"))
    private_dns_zone_id = computed(string, at("properties.privateDnsZoneId"))

    block "record_sets" {
      self         = computed(list, at("properties.recordSets[]"))
      name         = computed(string, at("recordSetName"))
      fqdn         = computed(string, at("fqdn"))
      ip_addresses = computed(list(string), at("ipAddresses"))
      ttl          = computed(int, at("ttl"))
      type         = computed(string, at("recordType"))
    }
  }

  block "private_dns_zone_group" {
    self                 = optional(list, max(1), child("privateDnsZoneGroups/{name}"), at("/$extra.privateDnsZoneGroups.value[]"))
    name                 = required(string, at("name"))
    id                   = computed(string, at("id"), predict("{/id}/privateDnsZoneGroups/{name}"))
    private_dns_zone_ids = required(list(string), at("properties.privateDnsZoneConfigs"), zone_configs)
  }

  block "private_service_connection" {
    self                 = required(list, max(1), at("properties.connection"))
    name                 = required(string, force_new, at("name"))
    is_manual_connection = required(bool, force_new, at("manual"))
    private_connection_resource_alias = optional(
      string, force_new,
      exactly_one_of("private_service_connection.0.private_connection_resource_alias", "private_service_connection.0.private_connection_resource_id"),
      unsupported
    )
    private_connection_resource_id = optional(
      string, force_new,
      exactly_one_of("private_service_connection.0.private_connection_resource_alias", "private_service_connection.0.private_connection_resource_id"),
      at("properties.privateLinkServiceId")
    )
    private_ip_address = computed(string, at("/properties.customDnsConfigs[0].ipAddresses[0]"))
    request_message    = optional(string, at("properties.requestMessage"))
    subresource_names  = optional(list(string), force_new, at("properties.groupIds"))
  }
}
