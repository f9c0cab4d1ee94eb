# A private key, which is kept in the state.

home     = local
provider = "hashicorp/tls"
version  = 1

attributes {
  algorithm                     = required(string, force_new, one_of("RSA", "ECDSA", "ED25519"))
  ecdsa_curve                   = optional(string, computed, default("P224"), force_new, one_of("P224", "P256", "P384", "P521"))
  rsa_bits                      = optional(int, computed, default(2048), force_new)
  private_key_openssh           = computed(string, sensitive)
  private_key_pem               = computed(string, sensitive)
  private_key_pem_pkcs8         = computed(string, sensitive)
  public_key_fingerprint_md5    = computed(string)
  public_key_fingerprint_sha256 = computed(string)
  public_key_openssh            = computed(string)
  public_key_pem                = computed(string)
  id                            = computed(string)
}
