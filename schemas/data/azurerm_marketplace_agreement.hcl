# A marketplace offer's terms, and whether they are accepted.

type = "Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements"
api  = "2021-01-01"

action {
  get    = "/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/{publisher}/offers/{offer}/plans/{plan}/agreements/current"
  accept = { properties = { accepted = true } }
  cancel = "/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/agreements/{publisher}/offers/{offer}/plans/{plan}/cancel"
  id     = "/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/agreements/{publisher}/offers/{offer}/plans/{plan}"
}

attributes {
  accepted            = computed(bool, at("properties.accepted"))
  license_text_link   = computed(string, at("properties.licenseTextLink"))
  offer               = required(string)
  plan                = required(string)
  privacy_policy_link = computed(string, at("properties.privacyPolicyLink"))
  publisher           = required(string)
}
