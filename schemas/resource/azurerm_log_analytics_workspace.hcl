# A Log Analytics workspace.

type      = "Microsoft.OperationalInsights/workspaces"
api       = "2023-09-01"
version   = 3
timeouts  = { create = "30m", delete = "30m", update = "30m" }
id        = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.OperationalInsights/workspaces/{name}"
also_post = ["sharedKeys"]
readonly = [
  "properties.customerId",
  "properties.createdDate",
  "properties.modifiedDate",
  "properties.privateLinkScopedResources",
  "identity.principalId",
  "identity.tenantId",
]

attributes {
  name                                    = required(string, force_new)
  resource_group_name                     = required(string, force_new)
  location                                = required(string, force_new, at("location"))
  allow_resource_only_permissions         = optional(bool, default(true), at("properties.features.enableLogAccessUsingOnlyResourcePermissions"))
  cmk_for_query_forced                    = optional(bool, at("properties.forceCmkForQuery"))
  daily_quota_gb                          = optional(float, default(-1), at("properties.workspaceCapping.dailyQuotaGb"))
  data_collection_rule_id                 = optional(string, at("properties.defaultDataCollectionRuleResourceId"))
  immediate_data_purge_on_30_days_enabled = optional(bool, at("properties.features.immediatePurgeDataOn30Days"))
  primary_shared_key                      = computed(string, sensitive, at("/$extra.sharedKeys.primarySharedKey"))
  reservation_capacity_in_gb_per_day = optional(
    int, one_of("100", "200", "300", "400", "500", "1000", "2000", "5000", "10000", "25000", "50000"), at("properties.sku.capacityReservationLevel")
  )
  retention_in_days    = optional(int, computed, range(30, 730), at("properties.retentionInDays"), predict("30"))
  secondary_shared_key = computed(string, sensitive, at("/$extra.sharedKeys.secondarySharedKey"))
  sku = optional(
    string, computed, one_of("PerGB2018", "PerNode", "Premium", "Standalone", "Standard", "CapacityReservation", "LACluster", "Unlimited"),
    at("properties.sku.name"), predict("PerGB2018")
  )
  tags         = optional(map(string), at("tags"))
  workspace_id = computed(string, at("properties.customerId"))

  block "identity" {
    self         = optional(list, max(1), at("identity"), unless("type", "None"))
    identity_ids = optional(set(string), at("userAssignedIdentities"), keys)
    principal_id = computed(string, at("principalId"), changes_with("type"))
    tenant_id    = computed(string, at("tenantId"), changes_with("type"))
    type         = required(string, one_of("UserAssigned", "SystemAssigned"), at("type"))
  }

  v4 {
    internet_ingestion_enabled = optional(bool, default(true), at("properties.publicNetworkAccessForIngestion"), words("Enabled", "Disabled"))
    internet_query_enabled     = optional(bool, default(true), at("properties.publicNetworkAccessForQuery"), words("Enabled", "Disabled"))
    local_authentication_disabled = optional(
      bool, computed, conflicts_with("local_authentication_enabled"), deprecated("It is gone in azurerm 5.0."), at("properties.features.disableLocalAuth"),
      changes_with("local_authentication_enabled")
    )
    local_authentication_enabled = optional(
      bool, computed, conflicts_with("local_authentication_disabled"), at("properties.features.disableLocalAuth"), not,
      changes_with("local_authentication_disabled"), absent(true)
    )
  }

  v5 {
    internet_ingestion_access_type = optional(
      string, default("Enabled"), one_of("Enabled", "Disabled", "SecuredByPerimeter"), at("properties.publicNetworkAccessForIngestion")
    )
    internet_query_access_type = optional(
      string, default("Enabled"), one_of("Enabled", "Disabled", "SecuredByPerimeter"), at("properties.publicNetworkAccessForQuery")
    )
    local_authentication_enabled = optional(bool, default(true), at("properties.features.disableLocalAuth"), not)
  }
}
