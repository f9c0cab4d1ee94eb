# A token issuer and subject that may act as an identity (workload identity).

type     = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
api      = "2024-11-30"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "{user_assigned_identity_id|parent_id}/federatedIdentityCredentials/{name}"

attributes {
  name     = required(string, force_new)
  audience = required(list(string), max(1), at("properties.audiences"))
  issuer   = required(string, at("properties.issuer"))
  subject  = required(string, at("properties.subject"))

  v4 {
    resource_group_name = optional(string, computed, deprecated("It is gone in azurerm 5.0."), predict("{user_assigned_identity_id|parent_id:group}"))
    parent_id = optional(
      string, computed, force_new, exactly_one_of("user_assigned_identity_id", "parent_id"), deprecated("It is gone in azurerm 5.0."),
      predict("{user_assigned_identity_id}")
    )
    user_assigned_identity_id = optional(string, computed, force_new, exactly_one_of("user_assigned_identity_id", "parent_id"), predict("{parent_id}"))
  }

  v5 {
    user_assigned_identity_id = required(string, force_new)
  }
}
