# A certificate that its own key signs.

home     = local
provider = "hashicorp/tls"
refresh  = outside

attributes {
  private_key_pem                              = required(string, sensitive, force_new)
  allowed_uses                                 = required(list(string), force_new)
  validity_period_hours                        = required(int, force_new, range(0, 87600000))
  early_renewal_hours                          = optional(int, computed, default(0), range(0, 87600000))
  is_ca_certificate                            = optional(bool, computed, default(false), force_new)
  max_path_length                              = optional(int, force_new)
  name_constraint_excluded_dns_names           = optional(list(string), force_new)
  name_constraint_permitted_dns_names          = optional(list(string), force_new)
  name_constraint_permitted_dns_names_critical = optional(bool, force_new)
  set_subject_key_id                           = optional(bool, computed, default(false), force_new)
  set_authority_key_id                         = optional(bool, computed, default(false), force_new)
  dns_names                                    = optional(list(string), force_new)
  ip_addresses                                 = optional(list(string), force_new)
  uris                                         = optional(list(string), force_new)
  key_algorithm                                = computed(string)
  cert_pem                                     = computed(string)
  ready_for_renewal                            = computed(bool)
  validity_end_time                            = computed(string)
  validity_start_time                          = computed(string)
  id                                           = computed(string)

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
