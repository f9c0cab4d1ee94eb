# Random bytes as a name, in several spellings.

home     = local
provider = "hashicorp/random"

attributes {
  keepers     = optional(map(string))
  byte_length = required(int, force_new, range(1, 16777216))
  prefix      = optional(string, force_new)
  b64_std     = computed(string)
  b64_url     = computed(string)
  dec         = computed(string)
  hex         = computed(string)
  id          = computed(string)
}
