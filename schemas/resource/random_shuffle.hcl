# A list in a random order.

home     = local
provider = "hashicorp/random"

attributes {
  keepers      = optional(map(string))
  input        = required(list(string), force_new)
  result_count = optional(int, force_new)
  seed         = optional(string, force_new)
  result       = computed(list(string))
  id           = computed(string)
}
