# A private key that is made anew each time and kept nowhere.

home     = local
provider = "hashicorp/tls"

attributes {
  algorithm                     = required(string, one_of("RSA", "ECDSA", "ED25519"))
  ecdsa_curve                   = optional(string, computed, one_of("P224", "P256", "P384", "P521"))
  rsa_bits                      = optional(int, computed)
  private_key_openssh           = computed(string, sensitive)
  private_key_pem               = computed(string, sensitive)
  private_key_pem_pkcs8         = computed(string, sensitive)
  public_key_fingerprint_md5    = computed(string)
  public_key_fingerprint_sha256 = computed(string)
  public_key_openssh            = computed(string)
  public_key_pem                = computed(string)
}
