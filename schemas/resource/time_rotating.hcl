# A moment that is replaced when its time has come.

home     = local
provider = "hashicorp/time"
refresh  = outside

attributes {
  rfc3339          = optional(string, computed, force_new)
  rotation_days    = optional(int, range(1, 1000000000))
  rotation_hours   = optional(int, range(1, 1000000000))
  rotation_minutes = optional(int, range(1, 1000000000))
  rotation_months  = optional(int, range(1, 1000000000))
  rotation_rfc3339 = optional(string, computed)
  rotation_years   = optional(int, range(1, 10000))
  triggers         = optional(map(string), force_new)
  day              = computed(int)
  hour             = computed(int)
  minute           = computed(int)
  month            = computed(int)
  second           = computed(int)
  unix             = computed(int)
  year             = computed(int)
  id               = computed(string)
}
