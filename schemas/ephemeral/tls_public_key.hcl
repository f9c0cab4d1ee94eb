# The public half of a private key that is kept nowhere.

home     = local
provider = "hashicorp/tls"

attributes {
  private_key_openssh           = optional(string, sensitive)
  private_key_pem               = optional(string, sensitive)
  algorithm                     = computed(string)
  public_key_fingerprint_md5    = computed(string)
  public_key_fingerprint_sha256 = computed(string)
  public_key_openssh            = computed(string)
  public_key_pem                = computed(string)
}
