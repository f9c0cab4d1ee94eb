# What the certificates of a PEM text say.

home     = local
provider = "hashicorp/tls"

attributes {
  content      = optional(string)
  url          = optional(string)
  verify_chain = optional(bool)
  certificates = computed(list(object({ cert_pem = string, is_ca = bool, issuer = string, max_path_length = number, not_after = string, not_before = string, public_key_algorithm = string, serial_number = string, sha1_fingerprint = string, signature_algorithm = string, subject = string, version = number })))
  id           = computed(string)
}
