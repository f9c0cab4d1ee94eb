# A value that takes part in the life of resources: it is kept, compared, and can trigger replacements.

home     = local
provider = "terraform.io/builtin/terraform"

attributes {
  id               = computed(string)
  input            = optional(any)
  output           = computed(any)
  triggers_replace = optional(any)
}
