# A machine's first configuration of several parts, under its old name.

home     = local
provider = "hashicorp/template"

attributes {
  base64_encode = optional(bool, computed)
  boundary      = optional(string, computed)
  gzip          = optional(bool, computed)
  rendered      = computed(string)
  id            = computed(string)

  block "part" {
    self         = required(list, min(1))
    content      = required(string)
    content_type = optional(string, computed)
    filename     = optional(string)
    merge_type   = optional(string)
  }
}
