# A random UUID of version 7, which sorts by time.

home     = local
provider = "hashicorp/random"

attributes {
  keepers = optional(map(string))
  result  = computed(string)
  id      = computed(string)
}
