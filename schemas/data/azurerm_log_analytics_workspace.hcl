# An existing Log Analytics workspace.

type      = "Microsoft.OperationalInsights/workspaces"
api       = "2023-09-01"
id        = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.OperationalInsights/workspaces/{name}"
also_post = ["sharedKeys"]

attributes {
  name                 = required(string)
  resource_group_name  = required(string)
  location             = computed(string, at("location"))
  daily_quota_gb       = computed(float, at("properties.workspaceCapping.dailyQuotaGb"))
  primary_shared_key   = computed(string, sensitive, at("/$extra.sharedKeys.primarySharedKey"))
  retention_in_days    = computed(int, at("properties.retentionInDays"))
  secondary_shared_key = computed(string, sensitive, at("/$extra.sharedKeys.secondarySharedKey"))
  sku                  = computed(string, at("properties.sku.name"))
  tags                 = computed(map(string), at("tags"))
  workspace_id         = computed(string, at("properties.customerId"))

  v5 {
    internet_ingestion_access_type = computed(string, at("properties.publicNetworkAccessForIngestion"))
    internet_query_access_type     = computed(string, at("properties.publicNetworkAccessForQuery"))
  }
}
