# A role that a principal has at a scope.

type     = "Microsoft.Authorization/roleAssignments"
api      = "2022-04-01"
id       = "{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
readonly = ["properties.scope", "properties.createdOn", "properties.updatedOn", "properties.createdBy", "properties.updatedBy"]
v4 {
  timeouts = { create = "30m", delete = "30m" }
}
v5 {
  timeouts = { create = "30m", delete = "30m", update = "30m" }
}

attributes {
  name                                   = optional(string, computed, force_new, predict("guid:{seed}|{scope}|{role_definition_name|role_definition_id}"))
  delegated_managed_identity_resource_id = optional(string, force_new, at("properties.delegatedManagedIdentityResourceId"))
  principal_id                           = required(string, force_new, at("properties.principalId"))
  principal_type = optional(
    string, computed, force_new, one_of("User", "Group", "ServicePrincipal"), at("properties.principalType"), changes_with("principal_id")
  )
  role_definition_id = optional(
    string, computed, force_new, exactly_one_of("role_definition_id", "role_definition_name"), at("properties.roleDefinitionId"), same(last_segment),
    predict("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role_definition_name:role_guid}"),
    changes_with("role_definition_name")
  )
  role_definition_name = optional(
    string, computed, force_new, exactly_one_of("role_definition_name", "role_definition_id"), at("properties.roleDefinitionId"), role_name, same(nocase),
    predict("{role_definition_id:role_name}"), changes_with("role_definition_id")
  )
  scope = required(string, force_new)
  skip_service_principal_aad_check = optional(bool, computed, implies("properties.principalType", "ServicePrincipal"), absent(false), predict("false"))

  v4 {
    condition         = optional(string, force_new, at("properties.condition"))
    condition_version = optional(string, computed, force_new, one_of("1.0", "2.0"), at("properties.conditionVersion"))
    description       = optional(string, force_new, at("properties.description"))
  }

  v5 {
    condition         = optional(string, at("properties.condition"))
    condition_version = optional(string, computed, one_of("1.0", "2.0"), at("properties.conditionVersion"))
    description       = optional(string, at("properties.description"))
  }
}
