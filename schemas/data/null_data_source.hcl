# Its inputs once more as outputs.

home     = local
provider = "hashicorp/null"

attributes {
  has_computed_default = optional(string, computed)
  inputs               = optional(map(string))
  outputs              = computed(map(string))
  random               = computed(string)
  id                   = computed(string)
}
