# A user-assigned managed identity.

type     = "Microsoft.ManagedIdentity/userAssignedIdentities"
api      = "2024-11-30"
version  = 1
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
readonly = ["properties.tenantId", "properties.principalId", "properties.clientId"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  client_id           = computed(string, at("properties.clientId"))
  isolation_scope     = optional(string, one_of("Regional"), at("properties.isolationScope"), filled("None"))
  principal_id        = computed(string, at("properties.principalId"))
  tags                = optional(map(string), at("tags"))
  tenant_id           = computed(string, at("properties.tenantId"), predict("{tenant}"))
}
