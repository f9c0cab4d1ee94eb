# A moment that stays.

home     = local
provider = "hashicorp/time"

attributes {
  rfc3339  = optional(string, computed, force_new)
  triggers = optional(map(string), force_new)
  day      = computed(int)
  hour     = computed(int)
  minute   = computed(int)
  month    = computed(int)
  second   = computed(int)
  unix     = computed(int)
  year     = computed(int)
  id       = computed(string)
}
