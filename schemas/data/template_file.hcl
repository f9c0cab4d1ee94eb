# A template's text with variables.

home     = local
provider = "hashicorp/template"

attributes {
  template = optional(string)
  filename = optional(string, deprecated("Use the template attribute with the file function instead."))
  vars     = optional(map(string))
  rendered = computed(string)
  id       = computed(string)
}
