# An A record set of a private DNS zone.

type     = "Microsoft.Network/privateDnsZones/A"
api      = "2024-06-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
readonly = ["properties.fqdn", "properties.isAutoRegistered"]
v4 {
  id = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/privateDnsZones/{zone_name}/A/{name}"
}
v5 {
  id = "{private_dns_zone_id}/A/{name}"
}

attributes {
  name    = required(string, force_new)
  records = required(set(string), max(20), at("properties.aRecords[].ipv4Address"))
  tags    = optional(map(string), at("properties.metadata"))
  ttl     = required(int, at("properties.ttl"))

  v4 {
    resource_group_name = required(string, force_new)
    fqdn                = computed(string, at("properties.fqdn"), predict("{name}.{zone_name}."))
    zone_name           = required(string, force_new)
  }

  v5 {
    fqdn                = computed(string, at("properties.fqdn"), predict("{name}.{private_dns_zone_id:name}."))
    private_dns_zone_id = required(string, force_new)
  }
}
