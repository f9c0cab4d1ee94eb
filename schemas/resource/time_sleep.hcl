# A pause after a creation or before a destruction.

home     = local
provider = "hashicorp/time"

attributes {
  create_duration  = optional(string)
  destroy_duration = optional(string)
  triggers         = optional(map(string), force_new)
  id               = computed(string)
}
