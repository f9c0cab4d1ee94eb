# A public IP address.

type     = "Microsoft.Network/publicIPAddresses"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/publicIPAddresses/{name}"
readonly = ["properties.ipConfiguration", "properties.resourceGuid"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  allocation_method   = required(string, one_of("Static", "Dynamic"), at("properties.publicIPAllocationMethod"))
  ddos_protection_mode = optional(
    string, default("VirtualNetworkInherited"), one_of("Disabled", "Enabled", "VirtualNetworkInherited"), at("properties.ddosSettings.protectionMode")
  )
  ddos_protection_plan_id = optional(string, at("properties.ddosSettings.ddosProtectionPlan.id"))
  domain_name_label       = optional(string, at("properties.dnsSettings.domainNameLabel"))
  domain_name_label_scope = optional(
    string, one_of("NoReuse", "ResourceGroupReuse", "SubscriptionReuse", "TenantReuse"), at("properties.dnsSettings.domainNameLabelScope")
  )
  edge_zone               = optional(string, force_new, at("extendedLocation"), edge_zone, same(location))
  fqdn                    = computed(string, at("properties.dnsSettings.fqdn"), changes_with("domain_name_label", "domain_name_label_scope"))
  idle_timeout_in_minutes = optional(int, default(4), range(4, 30), at("properties.idleTimeoutInMinutes"))
  ip_address              = computed(string, at("properties.ipAddress"))
  ip_tags                 = optional(map(string), force_new, at("properties.ipTags"), pairs("ipTagType", "tag"))
  ip_version              = optional(string, force_new, default("IPv4"), one_of("IPv4", "IPv6"), at("properties.publicIPAddressVersion"))
  public_ip_prefix_id     = optional(string, force_new, at("properties.publicIPPrefix.id"))
  reverse_fqdn            = optional(string, at("properties.dnsSettings.reverseFqdn"))
  sku                     = optional(string, force_new, default("Standard"), one_of("Basic", "Standard", "StandardV2"), at("sku.name"))
  sku_tier                = optional(string, force_new, default("Regional"), one_of("Global", "Regional"), at("sku.tier"))
  tags                    = optional(map(string), at("tags"))
  zones                   = optional(set(string), force_new, at("zones"))
}
