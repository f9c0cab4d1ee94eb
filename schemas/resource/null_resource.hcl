# A resource that does nothing; it is replaced when its triggers change.

home     = local
provider = "hashicorp/null"

attributes {
  id       = computed(string)
  triggers = optional(map(string), force_new)
}
