# The answer to a request.

home     = local
provider = "hashicorp/http"

attributes {
  url                  = required(string)
  ca_cert_pem          = optional(string)
  insecure             = optional(bool)
  method               = optional(string, one_of("GET", "HEAD", "POST"))
  request_body         = optional(string)
  request_headers      = optional(map(string))
  request_timeout_ms   = optional(int, range(1, 1000000000))
  body                 = computed(string)
  response_body        = computed(string)
  response_body_base64 = computed(string)
  response_headers     = computed(map(string))
  status_code          = computed(int)
  id                   = computed(string)

  block "retry" {
    self         = optional(list, max(1))
    attempts     = optional(int, range(0, 1000000))
    max_delay_ms = optional(int, range(0, 1000000000))
    min_delay_ms = optional(int, range(0, 1000000000))
  }
}
