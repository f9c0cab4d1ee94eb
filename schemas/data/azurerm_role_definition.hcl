# A built-in or custom role.

type = "Microsoft.Authorization/roleDefinitions"
api  = "2022-04-01"

list {
  url  = "{scope|subscription_scope}/providers/Microsoft.Authorization/roleDefinitions"
  pick = ["properties.roleName=name", "name=role_definition_id"]
}

attributes {
  name               = optional(string, computed, exactly_one_of("name", "role_definition_id"), at("properties.roleName"))
  assignable_scopes  = computed(list(string), at("properties.assignableScopes"))
  description        = computed(string, at("properties.description"))
  role_definition_id = optional(string, computed, exactly_one_of("name", "role_definition_id"), at("name"))
  scope              = optional(string)
  type               = computed(string, at("properties.type"))
  id                 = computed(string, at("id"))

  block "permissions" {
    self              = computed(list, at("properties.permissions[]"))
    actions           = computed(list(string), at("actions"))
    condition         = computed(string, at("condition"))
    condition_version = computed(string, at("conditionVersion"))
    data_actions      = optional(set(string), at("dataActions"))
    not_actions       = computed(list(string), at("notActions"))
    not_data_actions  = optional(set(string), at("notDataActions"))
  }
}
