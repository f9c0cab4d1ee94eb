# An application security group: a name that rules use for a set of interfaces.

type     = "Microsoft.Network/applicationSecurityGroups"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/applicationSecurityGroups/{name}"
readonly = ["properties.resourceGuid"]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  tags                = optional(map(string), at("tags"))
}
