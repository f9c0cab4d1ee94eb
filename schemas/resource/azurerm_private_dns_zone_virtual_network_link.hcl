# The link that makes a private DNS zone answer in a virtual network.

type     = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
api      = "2024-06-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
consts   = { "location" = "global" }
readonly = ["properties.virtualNetworkLinkState"]
v4 {
  id = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/privateDnsZones/{private_dns_zone_name}/virtualNetworkLinks/{name}"
}
v5 {
  id = "{private_dns_zone_id}/virtualNetworkLinks/{name}"
}

attributes {
  name                 = required(string, force_new)
  registration_enabled = optional(bool, default(false), at("properties.registrationEnabled"))
  resolution_policy    = optional(string, computed, one_of("Default", "NxDomainRedirect"), at("properties.resolutionPolicy"))
  tags                 = optional(map(string), at("tags"))
  virtual_network_id   = required(string, force_new, at("properties.virtualNetwork.id"))

  v4 {
    resource_group_name   = required(string, force_new)
    private_dns_zone_name = required(string, force_new)
  }

  v5 {
    private_dns_zone_id = required(string, force_new)
  }
}
