# An existing resource group.

type = "Microsoft.Resources/resourceGroups"
api  = "2024-11-01"
id   = "/subscriptions/{subscription}/resourceGroups/{name}"

attributes {
  name       = required(string)
  location   = computed(string, at("location"))
  managed_by = computed(string, at("managedBy"))
  tags       = computed(map(string), at("tags"))
}
