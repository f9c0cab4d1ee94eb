# A custom role.

type         = "Microsoft.Authorization/roleDefinitions"
api          = "2022-04-01"
version      = 1
timeouts     = { create = "30m", delete = "30m", update = "60m" }
id           = "{scope}/providers/Microsoft.Authorization/roleDefinitions/{role_definition_id}"
terraform_id = "{role_definition_resource_id}|{scope}"
consts       = { "properties.type" = "CustomRole" }
readonly     = ["properties.createdOn", "properties.updatedOn", "properties.createdBy", "properties.updatedBy"]

attributes {
  name                        = required(string, at("properties.roleName"))
  assignable_scopes           = optional(list(string), computed, at("properties.assignableScopes"), predict("{scope}"))
  description                 = optional(string, at("properties.description"))
  role_definition_id          = optional(string, computed, force_new, at("name"), predict("guid:{seed}|{scope}"), response_only)
  role_definition_resource_id = computed(string, predict("{scope}/providers/Microsoft.Authorization/roleDefinitions/{role_definition_id}"))
  scope                       = required(string, force_new)

  block "permissions" {
    self             = optional(list, at("properties.permissions[]"))
    actions          = optional(list(string), at("actions"))
    data_actions     = optional(set(string), at("dataActions"))
    not_actions      = optional(list(string), at("notActions"))
    not_data_actions = optional(set(string), at("notDataActions"))
  }
}
