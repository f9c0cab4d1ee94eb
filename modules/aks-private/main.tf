# A private AKS cluster: Entra for people, a managed identity for itself, all egress through the firewall.

locals {
  # How AKS spells a CNI mode: plugin azure always, a plugin mode for overlay, a second subnet for pods.
  overlay       = var.network.cni_mode == "overlay"
  pod_subnet_id = var.network.cni_mode == "pod_subnet" ? var.network.pod_subnet_id : null

  # With one address of the node subnet for every pod, room for 110 pods a node is an expensive default.
  default_max_pods = var.network.cni_mode == "node_subnet" ? 50 : 110

  # The tenth address of the service range, as Kubernetes documents have it. The first is the API server's.
  dns_service_ip = coalesce(var.network.dns_service_ip, cidrhost(var.network.service_cidr, 10))

  private_dns_zone_id = var.private_dns_zone.create ? azurerm_private_dns_zone.cluster[0].id : var.private_dns_zone.id
  workspace_id        = var.log_analytics.create ? azurerm_log_analytics_workspace.cluster[0].id : var.log_analytics.workspace_id
}

# --- Identity ----------------------------------------------------------------------------------------------------------

# User-assigned, because its rights must be in place before the cluster is: a system-assigned one is born with the cluster.
resource "azurerm_user_assigned_identity" "cluster" {
  name                = "id-aks-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_role_assignment" "network" {
  for_each = var.network_contributor_scopes

  scope                = each.value
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
  description          = "aks-${var.name}: ${each.key}"
}

# AKS writes the API server's address into the zone.
resource "azurerm_role_assignment" "private_dns_zone" {
  scope                = local.private_dns_zone_id
  role_definition_name = "Private DNS Zone Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
  description          = "aks-${var.name}: API server"
}

# --- Name of the API server --------------------------------------------------------------------------------------------

resource "azurerm_private_dns_zone" "cluster" {
  count = var.private_dns_zone.create ? 1 : 0

  name                = "privatelink.${var.location}.azmk8s.io"
  resource_group_name = coalesce(var.private_dns_zone.resource_group_name, var.resource_group_name)
  tags                = var.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "cluster" {
  for_each = var.dns_linked_virtual_networks

  name                 = "link-${each.key}-${var.name}"
  private_dns_zone_id  = local.private_dns_zone_id
  virtual_network_id   = each.value
  registration_enabled = false
  tags                 = var.tags
}

# --- Cluster -----------------------------------------------------------------------------------------------------------

resource "azurerm_kubernetes_cluster" "cluster" {
  name                       = "aks-${var.name}"
  resource_group_name        = var.resource_group_name
  location                   = var.location
  dns_prefix_private_cluster = "aks-${var.name}"
  node_resource_group        = "rg-aks-${var.name}-nodes"
  sku_tier                   = var.sku_tier
  tags                       = var.tags

  kubernetes_version        = var.kubernetes_version
  automatic_upgrade_channel = var.upgrade_channels.cluster == "none" ? null : var.upgrade_channels.cluster
  node_os_upgrade_channel   = var.upgrade_channels.node_os

  private_cluster_enabled             = true
  private_cluster_public_fqdn_enabled = false
  private_dns_zone_id                 = local.private_dns_zone_id
  run_command_enabled                 = false

  role_based_access_control_enabled = true
  local_account_disabled            = true
  oidc_issuer_enabled               = true
  workload_identity_enabled         = true

  azure_policy_enabled         = var.azure_policy_enabled
  image_cleaner_enabled        = true
  image_cleaner_interval_hours = 168

  default_node_pool {
    name                         = var.system_node_pool.name
    temporary_name_for_rotation  = "${var.system_node_pool.name}tmp"
    vm_size                      = var.system_node_pool.vm_size
    vnet_subnet_id               = var.network.node_subnet_id
    pod_subnet_id                = local.pod_subnet_id
    zones                        = var.system_node_pool.zones
    auto_scaling_enabled         = true
    min_count                    = var.system_node_pool.min_count
    max_count                    = var.system_node_pool.max_count
    max_pods                     = coalesce(var.system_node_pool.max_pods, local.default_max_pods)
    orchestrator_version         = var.kubernetes_version
    only_critical_addons_enabled = length(var.user_node_pools) > 0
    os_sku                       = var.system_node_pool.os_sku
    os_disk_type                 = var.system_node_pool.os_disk.type
    os_disk_size_gb              = var.system_node_pool.os_disk.size_gb
    host_encryption_enabled      = var.host_encryption_enabled
    node_public_ip_enabled       = false
    tags                         = var.tags

    upgrade_settings {
      max_surge = var.system_node_pool.max_surge
    }
  }

  # Pools are declared here, sized and scaled by the cluster autoscaler; AKS shall not add pools of its own.
  node_provisioning_profile {
    mode = "Manual"
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = local.overlay ? "overlay" : null
    network_data_plane  = var.network.policy == "cilium" ? "cilium" : "azure"
    network_policy      = var.network.policy
    load_balancer_sku   = "standard"
    outbound_type       = var.network.outbound_type
    pod_cidr            = local.overlay ? var.network.pod_cidr : null
    service_cidr        = var.network.service_cidr
    dns_service_ip      = local.dns_service_ip
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }

  azure_active_directory_role_based_access_control {
    tenant_id              = var.tenant_id
    azure_rbac_enabled     = true
    admin_group_object_ids = var.admin_group_object_ids
  }

  key_vault_secrets_provider {
    secret_rotation_enabled = true
  }

  dynamic "oms_agent" {
    for_each = var.log_analytics.container_insights ? [local.workspace_id] : []

    content {
      log_analytics_workspace_id      = oms_agent.value
      msi_auth_for_monitoring_enabled = true
    }
  }

  dynamic "microsoft_defender" {
    for_each = var.log_analytics.defender ? [local.workspace_id] : []

    content {
      log_analytics_workspace_id = microsoft_defender.value
    }
  }

  maintenance_window_auto_upgrade {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = var.maintenance_windows.auto_upgrade.day
    start_time  = var.maintenance_windows.auto_upgrade.start_time
    duration    = var.maintenance_windows.auto_upgrade.hours
    utc_offset  = var.maintenance_windows.auto_upgrade.utc_offset

    dynamic "not_allowed" {
      for_each = var.maintenance_windows.blackouts

      content {
        start = not_allowed.value.start
        end   = not_allowed.value.end
      }
    }
  }

  maintenance_window_node_os {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = var.maintenance_windows.node_os.day
    start_time  = var.maintenance_windows.node_os.start_time
    duration    = var.maintenance_windows.node_os.hours
    utc_offset  = var.maintenance_windows.node_os.utc_offset

    dynamic "not_allowed" {
      for_each = var.maintenance_windows.blackouts

      content {
        start = not_allowed.value.start
        end   = not_allowed.value.end
      }
    }
  }

  depends_on = [
    # AKS checks these rights while it creates the cluster, and fails without them.
    azurerm_role_assignment.network,
    azurerm_role_assignment.private_dns_zone,
    # AKS links the zone to the nodes' network by itself where no link exists, for which it would need more rights.
    azurerm_private_dns_zone_virtual_network_link.cluster,
  ]

  lifecycle {
    precondition {
      condition     = (var.network.cni_mode == "pod_subnet") == (var.network.pod_subnet_id != null)
      error_message = "A pod subnet belongs to the CNI mode pod_subnet, and only to that one."
    }
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "user" {
  for_each = var.user_node_pools

  name                        = each.key
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.cluster.id
  temporary_name_for_rotation = "${each.key}tmp"
  mode                        = "User"
  vm_size                     = each.value.vm_size
  vnet_subnet_id              = var.network.node_subnet_id
  pod_subnet_id               = local.pod_subnet_id
  zones                       = each.value.zones
  auto_scaling_enabled        = true
  min_count                   = each.value.min_count
  max_count                   = each.value.max_count
  max_pods                    = coalesce(each.value.max_pods, local.default_max_pods)
  orchestrator_version        = var.kubernetes_version
  os_sku                      = each.value.os_sku
  os_disk_type                = each.value.os_disk.type
  os_disk_size_gb             = each.value.os_disk.size_gb
  host_encryption_enabled     = var.host_encryption_enabled
  node_public_ip_enabled      = false
  node_labels                 = each.value.spot ? merge(each.value.labels, { "kubernetes.azure.com/scalesetpriority" = "spot" }) : each.value.labels
  node_taints                 = each.value.spot ? concat(each.value.taints, ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"]) : each.value.taints
  priority                    = each.value.spot ? "Spot" : "Regular"
  eviction_policy             = each.value.spot ? "Delete" : null
  tags                        = var.tags

  # Azure replaces spot nodes without a surge, and refuses one.
  dynamic "upgrade_settings" {
    for_each = each.value.spot ? [] : [each.value.max_surge]

    content {
      max_surge = upgrade_settings.value
    }
  }
}

# --- Logs --------------------------------------------------------------------------------------------------------------

resource "azurerm_log_analytics_workspace" "cluster" {
  count = var.log_analytics.create ? 1 : 0

  name                = "log-aks-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  sku                 = "PerGB2018"
  retention_in_days   = var.log_analytics.retention_in_days
  tags                = var.tags
}

resource "azurerm_monitor_diagnostic_setting" "cluster" {
  name                           = "diag-aks-${var.name}"
  target_resource_id             = azurerm_kubernetes_cluster.cluster.id
  log_analytics_workspace_id     = local.workspace_id
  log_analytics_destination_type = "Dedicated"

  dynamic "enabled_log" {
    for_each = var.diagnostic_categories

    content {
      category = enabled_log.value
    }
  }

  enabled_metric {
    category = "AllMetrics"
  }
}
