# An existing user-assigned identity.

type = "Microsoft.ManagedIdentity/userAssignedIdentities"
api  = "2024-11-30"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"

attributes {
  name                = required(string)
  resource_group_name = required(string)
  location            = computed(string, at("location"))
  client_id           = computed(string, at("properties.clientId"))
  isolation_scope     = computed(string, at("properties.isolationScope"))
  principal_id        = computed(string, at("properties.principalId"))
  tags                = computed(map(string), at("tags"))
  tenant_id           = computed(string, at("properties.tenantId"))
}
