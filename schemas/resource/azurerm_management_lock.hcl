# A lock against deletion or change.

type     = "Microsoft.Authorization/locks"
api      = "2020-05-01"
timeouts = { create = "30m", delete = "30m" }
id       = "{scope}/providers/Microsoft.Authorization/locks/{name}"

attributes {
  name       = required(string, force_new)
  lock_level = required(string, force_new, one_of("CanNotDelete", "ReadOnly"), at("properties.level"))
  notes      = optional(string, force_new, at("properties.notes"))
  scope      = required(string, force_new)
}
