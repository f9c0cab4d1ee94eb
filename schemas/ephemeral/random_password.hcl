# A random text that is drawn anew each time and kept nowhere.

home     = local
provider = "hashicorp/random"

attributes {
  length           = required(int, range(1, 1000000))
  lower            = optional(bool, computed)
  min_lower        = optional(int, computed, range(0, 1000000))
  min_numeric      = optional(int, computed, range(0, 1000000))
  min_special      = optional(int, computed, range(0, 1000000))
  min_upper        = optional(int, computed, range(0, 1000000))
  numeric          = optional(bool, computed)
  special          = optional(bool, computed)
  upper            = optional(bool, computed)
  override_special = optional(string)
  result           = computed(string, sensitive)
  bcrypt_hash      = computed(string, sensitive)
}
