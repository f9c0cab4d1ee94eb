# Which logs and metrics of a resource go where.

type         = "Microsoft.Insights/diagnosticSettings"
api          = "2021-05-01-preview"
timeouts     = { create = "30m", delete = "60m", update = "30m" }
id           = "{target_resource_id}/providers/Microsoft.Insights/diagnosticSettings/{name}"
terraform_id = "{target_resource_id}|{name}"

attributes {
  name = required(string, force_new)
  eventhub_authorization_rule_id = optional(
    string, at_least_one_of("eventhub_authorization_rule_id", "log_analytics_workspace_id", "storage_account_id", "partner_solution_id"),
    at("properties.eventHubAuthorizationRuleId")
  )
  eventhub_name                  = optional(string, at("properties.eventHubName"))
  log_analytics_destination_type = optional(string, computed, one_of("Dedicated", "AzureDiagnostics"), at("properties.logAnalyticsDestinationType"))
  log_analytics_workspace_id = optional(
    string, at_least_one_of("eventhub_authorization_rule_id", "log_analytics_workspace_id", "storage_account_id", "partner_solution_id"),
    at("properties.workspaceId")
  )
  partner_solution_id = optional(
    string, at_least_one_of("eventhub_authorization_rule_id", "log_analytics_workspace_id", "storage_account_id", "partner_solution_id"),
    at("properties.marketplacePartnerId")
  )
  storage_account_id = optional(
    string, at_least_one_of("eventhub_authorization_rule_id", "log_analytics_workspace_id", "storage_account_id", "partner_solution_id"),
    at("properties.storageAccountId")
  )
  target_resource_id = required(string, force_new)

  block "enabled_log" {
    category       = optional(string, at("category"))
    category_group = optional(string, at("categoryGroup"))

    v4 {
      self = optional(set, at_least_one_of("enabled_log", "enabled_metric", "metric"), at("properties.logs[]"), const("enabled", true), filter)
      block "retention_policy" {
        self    = optional(list, max(1), deprecated("It is gone in azurerm 5.0."), at("retentionPolicy"))
        days    = optional(int, at("days"))
        enabled = required(bool, at("enabled"))
      }
    }

    v5 {
      self = optional(set, at_least_one_of("enabled_log", "enabled_metric"), at("properties.logs[]"), const("enabled", true), filter)
    }
  }

  block "enabled_metric" {
    category = required(string, at("category"))

    v4 {
      self = optional(
        set, computed, conflicts_with("metric"), at_least_one_of("enabled_log", "enabled_metric", "metric"), at("properties.metrics[]"),
        const("enabled", true), filter, changes_with("metric")
      )
    }

    v5 {
      self = optional(set, at_least_one_of("enabled_log", "enabled_metric"), at("properties.metrics[]"), const("enabled", true), filter)
    }
  }

  v4 {
    block "metric" {
      self = optional(
        set, computed, conflicts_with("enabled_metric"), at_least_one_of("enabled_log", "enabled_metric", "metric"),
        deprecated("It is gone in azurerm 5.0."), at("properties.metrics[]"), changes_with("enabled_metric")
      )
      category = required(string, at("category"))
      enabled  = optional(bool, default(true), at("enabled"))

      block "retention_policy" {
        self    = optional(list, max(1), deprecated("It is gone in azurerm 5.0."), at("retentionPolicy"))
        days    = optional(int, at("days"))
        enabled = required(bool, at("enabled"))
      }
    }
  }
}
