# The newest version of a marketplace image (or a given one).

type      = "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions"
api       = "2025-04-01"
id        = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location:region}/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}/versions"
transform = "image_version"

attributes {
  location  = required(string, force_new, region)
  offer     = required(string)
  publisher = required(string)
  sku       = required(string)
  version   = optional(string, computed, at("name"))
  id        = computed(string, at("id"))
}
