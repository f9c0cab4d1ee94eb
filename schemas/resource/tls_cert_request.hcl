# A request for a certificate.

home     = local
provider = "hashicorp/tls"

attributes {
  private_key_pem  = required(string, sensitive, force_new)
  dns_names        = optional(list(string), force_new)
  ip_addresses     = optional(list(string), force_new)
  uris             = optional(list(string), force_new)
  cert_request_pem = computed(string)
  key_algorithm    = computed(string)
  id               = computed(string)

  block "subject" {
    self                = optional(list, force_new, max(1))
    common_name         = optional(string, force_new)
    country             = optional(string, force_new)
    locality            = optional(string, force_new)
    organization        = optional(string, force_new)
    organizational_unit = optional(string, force_new)
    postal_code         = optional(string, force_new)
    province            = optional(string, force_new)
    serial_number       = optional(string, force_new)
    street_address      = optional(list(string), force_new)
  }
}
