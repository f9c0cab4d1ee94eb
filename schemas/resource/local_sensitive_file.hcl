# A file whose content is kept out of what is shown.

home     = local
provider = "hashicorp/local"
refresh  = outside

attributes {
  filename             = required(string, force_new)
  content              = optional(string, sensitive, force_new)
  content_base64       = optional(string, sensitive, force_new)
  source               = optional(string, force_new)
  directory_permission = optional(string, computed, default("0700"), force_new)
  file_permission      = optional(string, computed, default("0700"), force_new)
  content_base64sha256 = computed(string)
  content_base64sha512 = computed(string)
  content_md5          = computed(string)
  content_sha1         = computed(string)
  content_sha256       = computed(string)
  content_sha512       = computed(string)
  id                   = computed(string)
}
