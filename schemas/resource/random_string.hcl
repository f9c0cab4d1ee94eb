# A random text of chosen characters, which is shown.

home     = local
provider = "hashicorp/random"
version  = 2

attributes {
  keepers          = optional(map(string))
  length           = required(int, force_new, range(1, 1000000))
  lower            = optional(bool, computed, default(true), force_new)
  min_lower        = optional(int, computed, default(0), force_new, range(0, 1000000))
  min_numeric      = optional(int, computed, default(0), force_new, range(0, 1000000))
  min_special      = optional(int, computed, default(0), force_new, range(0, 1000000))
  min_upper        = optional(int, computed, default(0), force_new, range(0, 1000000))
  numeric          = optional(bool, computed, default(true), force_new)
  special          = optional(bool, computed, default(true), force_new)
  upper            = optional(bool, computed, default(true), force_new)
  number           = optional(bool, computed, default(true), force_new, deprecated("**NOTE**: This is deprecated, use `numeric` instead."))
  override_special = optional(string, force_new)
  result           = computed(string)
  id               = computed(string)
}
