# Random bytes as a secret.

home     = local
provider = "hashicorp/random"

attributes {
  keepers = optional(map(string))
  length  = required(int, force_new, range(1, 16777216))
  base64  = computed(string, sensitive)
  hex     = computed(string, sensitive)
  id      = computed(string)
}
