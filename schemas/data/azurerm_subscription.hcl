# The subscription of the session, or another one.

type = "Microsoft.Resources/subscriptions"
api  = "2022-12-01"
id   = "/subscriptions/{subscription_id|subscription}"

attributes {
  display_name          = computed(string, at("displayName"))
  location_placement_id = computed(string, at("subscriptionPolicies.locationPlacementId"))
  quota_id              = computed(string, at("subscriptionPolicies.quotaId"))
  spending_limit        = computed(string, at("subscriptionPolicies.spendingLimit"))
  state                 = computed(string, at("state"))
  subscription_id       = optional(string, computed, at("subscriptionId"), predict("{subscription}"))
  tags                  = computed(map(string), at("tags"))
  tenant_id             = computed(string, at("tenantId"))
}
