# A random UUID (version 4).

home     = local
provider = "hashicorp/random"

attributes {
  keepers = optional(map(string))
  result  = computed(string)
  id      = computed(string)
}
