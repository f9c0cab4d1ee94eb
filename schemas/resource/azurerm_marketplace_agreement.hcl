# The acceptance of a marketplace offer's terms.

type     = "Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements"
api      = "2021-01-01"
timeouts = { create = "30m", delete = "30m" }

action {
  get    = "/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/{publisher}/offers/{offer}/plans/{plan}/agreements/current"
  accept = { properties = { accepted = true } }
  cancel = "/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/agreements/{publisher}/offers/{offer}/plans/{plan}/cancel"
  id     = "/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/agreements/{publisher}/offers/{offer}/plans/{plan}"
}

attributes {
  license_text_link   = computed(string, at("properties.licenseTextLink"))
  offer               = required(string, force_new, same(nocase))
  plan                = required(string, force_new, same(nocase))
  privacy_policy_link = computed(string, at("properties.privacyPolicyLink"))
  publisher           = required(string, force_new, same(nocase))
}
