# A machine's first configuration of several parts, kept in the state.

home     = local
provider = "hashicorp/cloudinit"

attributes {
  base64_encode = optional(bool, computed, default(true), force_new)
  boundary      = optional(string, computed, default("MIMEBOUNDARY"), force_new)
  gzip          = optional(bool, computed, default(true), force_new)
  rendered      = computed(string)
  id            = computed(string)

  block "part" {
    self         = required(list, force_new, min(1))
    content      = required(string, force_new)
    content_type = optional(string, default("text/plain"), force_new)
    filename     = optional(string, force_new)
    merge_type   = optional(string, force_new)
  }
}
