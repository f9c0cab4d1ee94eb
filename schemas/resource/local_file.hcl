# A file on the machine that Ravelin runs on.

home     = local
provider = "hashicorp/local"
refresh  = outside

attributes {
  filename             = required(string, force_new)
  content              = optional(string, force_new)
  content_base64       = optional(string, force_new)
  source               = optional(string, force_new)
  sensitive_content    = optional(string, sensitive, force_new, deprecated("Use the `local_sensitive_file` resource instead"))
  directory_permission = optional(string, computed, default("0777"), force_new)
  file_permission      = optional(string, computed, default("0777"), force_new)
  content_base64sha256 = computed(string)
  content_base64sha512 = computed(string)
  content_md5          = computed(string)
  content_sha1         = computed(string)
  content_sha256       = computed(string)
  content_sha512       = computed(string)
  id                   = computed(string)
}
