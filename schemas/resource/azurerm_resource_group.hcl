# A resource group: the folder that resources live and die in.

type     = "Microsoft.Resources/resourceGroups"
api      = "2024-11-01"
timeouts = { create = "90m", delete = "90m", update = "90m" }
id       = "/subscriptions/{subscription}/resourceGroups/{name}"

attributes {
  name       = required(string, force_new)
  location   = required(string, force_new, at("location"))
  managed_by = optional(string, at("managedBy"))
  tags       = optional(map(string), at("tags"))
}
