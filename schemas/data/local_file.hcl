# A file that is there already.

home     = local
provider = "hashicorp/local"

attributes {
  filename             = required(string)
  content              = computed(string)
  content_base64       = computed(string)
  content_base64sha256 = computed(string)
  content_base64sha512 = computed(string)
  content_md5          = computed(string)
  content_sha1         = computed(string)
  content_sha256       = computed(string)
  content_sha512       = computed(string)
  id                   = computed(string)
}
