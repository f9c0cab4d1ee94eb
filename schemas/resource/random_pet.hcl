# Words that are easy to remember as a name.

home     = local
provider = "hashicorp/random"

attributes {
  keepers   = optional(map(string))
  length    = optional(int, computed, default(2), force_new)
  prefix    = optional(string, force_new)
  separator = optional(string, computed, default("-"), force_new)
  id        = computed(string)
}
