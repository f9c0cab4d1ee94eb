# A random whole number of a range.

home     = local
provider = "hashicorp/random"

attributes {
  keepers = optional(map(string))
  max     = required(int, force_new)
  min     = required(int, force_new)
  seed    = optional(string, force_new)
  result  = computed(int)
  id      = computed(string)
}
