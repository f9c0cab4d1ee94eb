# The answer of a program of the user's.

home     = local
provider = "hashicorp/external"

attributes {
  program     = required(list(string))
  query       = optional(map(string))
  working_dir = optional(string)
  result      = computed(map(string))
  id          = computed(string)
}
