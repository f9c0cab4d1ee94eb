# An existing application security group.

type = "Microsoft.Network/applicationSecurityGroups"
api  = "2025-01-01"
id   = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/applicationSecurityGroups/{name}"

attributes {
  name                = required(string)
  resource_group_name = required(string)
  location            = computed(string, at("location"))
  tags                = computed(map(string), at("tags"))
}
