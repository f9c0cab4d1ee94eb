# The outputs of another configuration's state.

home     = local
provider = "terraform.io/builtin/terraform"

attributes {
  backend   = required(string)
  config    = optional(any)
  defaults  = optional(any)
  workspace = optional(string)
  outputs   = computed(any)
}
