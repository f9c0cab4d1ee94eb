# An existing public IP address.

type = "Microsoft.Network/publicIPAddresses"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/publicIPAddresses/{name}"

attributes {
  name                    = required(string)
  resource_group_name     = required(string)
  location                = computed(string, at("location"))
  allocation_method       = computed(string, at("properties.publicIPAllocationMethod"))
  ddos_protection_mode    = computed(string, at("properties.ddosSettings.protectionMode"))
  ddos_protection_plan_id = computed(string, at("properties.ddosSettings.ddosProtectionPlan.id"))
  domain_name_label       = computed(string, at("properties.dnsSettings.domainNameLabel"))
  fqdn                    = computed(string, at("properties.dnsSettings.fqdn"))
  idle_timeout_in_minutes = computed(int, at("properties.idleTimeoutInMinutes"))
  ip_address              = computed(string, at("properties.ipAddress"))
  ip_tags                 = computed(map(string), at("properties.ipTags"), pairs("ipTagType", "tag"))
  ip_version              = computed(string, at("properties.publicIPAddressVersion"))
  reverse_fqdn            = computed(string, at("properties.dnsSettings.reverseFqdn"))
  sku                     = computed(string, at("sku.name"))
  tags                    = computed(map(string), at("tags"))
  zones                   = computed(list(string), at("zones"))
}
