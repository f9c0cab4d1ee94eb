# A moment some time before or after another.

home     = local
provider = "hashicorp/time"

attributes {
  base_rfc3339   = optional(string, computed)
  offset_days    = optional(int)
  offset_hours   = optional(int)
  offset_minutes = optional(int)
  offset_months  = optional(int)
  offset_seconds = optional(int)
  offset_years   = optional(int)
  triggers       = optional(map(string), force_new)
  rfc3339        = computed(string)
  day            = computed(int)
  hour           = computed(int)
  minute         = computed(int)
  month          = computed(int)
  second         = computed(int)
  unix           = computed(int)
  year           = computed(int)
  id             = computed(string)
}
