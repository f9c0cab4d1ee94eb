# --- Place -------------------------------------------------------------------------------------------------------------

variable "name" {
  description = "Name of the cluster, without a type prefix: `prod-weu` gives `aks-prod-weu`."
  type        = string
  nullable    = false

  # Names in the node resource group grow from this one; 63 characters are the limit there, 54 for the DNS prefix.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 40 characters of a-z, 0-9 and '-', must begin with a letter and not end with '-'."
  }
}

variable "resource_group_name" {
  description = "Resource group that holds the cluster."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.resource_group_name) <= 63
    error_message = "AKS supports resource groups with names of up to 63 characters."
  }
}

variable "location" {
  description = "Azure region as the API spells it, for example `westeurope`. The private DNS zone's name contains it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+$", var.location))
    error_message = "The region must be written as the API does: westeurope, not West Europe."
  }
}

variable "tags" {
  description = "Tags of every resource of this module."
  type        = map(string)
  default     = {}
  nullable    = false
}

# --- Versions and maintenance ------------------------------------------------------------------------------------------

variable "kubernetes_version" {
  description = "Kubernetes version: a minor version (`1.35`) that the upgrade channel patches, or a full one."
  type        = string
  default     = "1.35"
  nullable    = false

  validation {
    condition     = can(regex("^1\\.[0-9]+(\\.[0-9]+)?$", var.kubernetes_version))
    error_message = "The Kubernetes version is of the form 1.35 or 1.35.2."
  }
}

variable "sku_tier" {
  description = "Tier of the control plane. `Standard` has an SLA; `Premium` adds long-term support."
  type        = string
  default     = "Standard"
  nullable    = false

  validation {
    condition     = contains(["Free", "Standard", "Premium"], var.sku_tier)
    error_message = "The tier is one of Free, Standard and Premium."
  }
}

variable "upgrade_channels" {
  description = <<-EOT
    What AKS upgrades by itself: `cluster` (`patch`, `stable`, `rapid`, `node-image`, or `none`) and the nodes' operating
    system (`NodeImage`, `SecurityPatch`, `Unmanaged` or `None`).
  EOT
  type = object({
    cluster = optional(string, "patch")
    node_os = optional(string, "NodeImage")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["patch", "stable", "rapid", "node-image", "none"], var.upgrade_channels.cluster)
    error_message = "The cluster's upgrade channel is one of patch, stable, rapid, node-image and none."
  }

  validation {
    condition     = contains(["NodeImage", "SecurityPatch", "Unmanaged", "None"], var.upgrade_channels.node_os)
    error_message = "The node OS upgrade channel is one of NodeImage, SecurityPatch, Unmanaged and None."
  }

  validation {
    condition     = var.upgrade_channels.cluster != "node-image" || var.upgrade_channels.node_os == "NodeImage"
    error_message = "The cluster channel node-image needs the node OS channel NodeImage."
  }
}

variable "maintenance_windows" {
  description = "Weekly windows, by what is upgraded in them: `auto_upgrade` and `node_os`."
  type = object({
    auto_upgrade = optional(object({
      day        = optional(string, "Sunday")
      start_time = optional(string, "01:00")
      hours      = optional(number, 6)
      utc_offset = optional(string, "+00:00")
    }), {})
    node_os = optional(object({
      day        = optional(string, "Saturday")
      start_time = optional(string, "01:00")
      hours      = optional(number, 6)
      utc_offset = optional(string, "+00:00")
    }), {})
    blackouts = optional(list(object({
      start = string
      end   = string
    })), [])
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for window in [var.maintenance_windows.auto_upgrade, var.maintenance_windows.node_os] : window.hours >= 4 && window.hours <= 24
    ])
    error_message = "A maintenance window lasts 4 to 24 hours."
  }

  validation {
    condition = alltrue([
      for window in [var.maintenance_windows.auto_upgrade, var.maintenance_windows.node_os] : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", window.start_time))
    ])
    error_message = "A maintenance window starts at a time of the form 01:00."
  }
}

# --- Network -----------------------------------------------------------------------------------------------------------

variable "network" {
  description = <<-EOT
    Network of the cluster.

    - `cni_mode`: `overlay`, `pod_subnet` or `node_subnet`.
    - `node_subnet_id`, `pod_subnet_id`: where nodes and, in the mode `pod_subnet`, pods live. All carry a route table whose
      default route leads to FortiGate.
    - `pod_cidr`: pod range of the mode `overlay`; a node takes a /24 of it.
    - `service_cidr`, `dns_service_ip`: addresses of services; they exist in the cluster only and must be free everywhere else.
    - `policy`: network policy engine. `cilium` also brings Cilium's data plane. (`azure` retires on 30 September 2028.)
    - `outbound_type`: `userDefinedRouting`, or `loadBalancer` where there is no firewall.
  EOT

  type = object({
    cni_mode       = optional(string, "overlay")
    node_subnet_id = string
    pod_subnet_id  = optional(string)
    pod_cidr       = optional(string)
    service_cidr   = optional(string, "172.16.0.0/16")
    dns_service_ip = optional(string)
    policy         = optional(string, "cilium")
    outbound_type  = optional(string, "userDefinedRouting")
  })
  nullable = false

  validation {
    condition     = contains(["overlay", "pod_subnet", "node_subnet"], var.network.cni_mode)
    error_message = "The CNI mode is one of overlay, pod_subnet and node_subnet. (kubenet retires on 31 March 2028 and is not offered.)"
  }

  validation {
    condition     = (var.network.cni_mode == "overlay") == (var.network.pod_cidr != null)
    error_message = "A pod range belongs to the CNI mode overlay, and only to that one."
  }

  validation {
    condition     = can(cidrnetmask(var.network.service_cidr))
    error_message = "The service range is an IPv4 prefix in CIDR form, for example 172.16.0.0/16."
  }

  validation {
    condition     = contains(["cilium", "calico", "azure"], var.network.policy)
    error_message = "The network policy engine is one of cilium, calico and azure."
  }

  validation {
    condition     = contains(["userDefinedRouting", "loadBalancer"], var.network.outbound_type)
    error_message = "The outbound type is userDefinedRouting or loadBalancer."
  }
}

variable "network_contributor_scopes" {
  description = <<-EOT
    Ids by name of what the cluster joins or changes: its subnets and, with user defined routing, the route table. The
    cluster's identity becomes Network Contributor there before the cluster is created.
  EOT
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.network_contributor_scopes) > 0
    error_message = "The cluster's identity needs at least the node subnet."
  }
}

variable "private_dns_zone" {
  description = <<-EOT
    DNS zone of the API server. The module creates `privatelink.<region>.azmk8s.io`, unless `create` is false and the `id`
    of a central one is given.
  EOT
  type = object({
    create              = optional(bool, true)
    id                  = optional(string)
    resource_group_name = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.private_dns_zone.create || can(regex("(?i)/privateDnsZones/([a-z0-9-]+\\.)?privatelink\\.[a-z0-9]+\\.azmk8s\\.io$", var.private_dns_zone.id))
    error_message = "An existing zone is given by its id, and AKS accepts only the names privatelink.<region>.azmk8s.io and <sub>.privatelink.<region>.azmk8s.io."
  }
}

variable "dns_linked_virtual_networks" {
  description = <<-EOT
    Ids by name of the virtual networks that resolve the API server: the hub (FortiGate, jump hosts, DNS) and the
    cluster's own.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false
}

# --- Access ------------------------------------------------------------------------------------------------------------

variable "tenant_id" {
  description = "Entra tenant of the cluster's users."
  type        = string
  nullable    = false
}

variable "admin_group_object_ids" {
  description = <<-EOT
    Object ids of the Entra groups that administer the cluster. Groups, so that an access review finds people and not
    certificates.
  EOT
  type        = list(string)
  nullable    = false

  validation {
    condition     = alltrue([for id in var.admin_group_object_ids : can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", id))])
    error_message = "Administrator groups are given by their object ids (GUIDs), not by name."
  }

  validation {
    condition     = length(var.admin_group_object_ids) > 0
    error_message = "Local accounts are disabled: without an administrator group nobody could enter the cluster."
  }
}

# --- Node pools --------------------------------------------------------------------------------------------------------

variable "system_node_pool" {
  description = "The system node pool. `max_pods` null gives 110, or 50 where every pod takes an address of the node subnet."
  type = object({
    name      = optional(string, "system")
    vm_size   = optional(string, "Standard_D4ds_v5")
    min_count = optional(number, 3)
    max_count = optional(number, 5)
    max_pods  = optional(number)
    max_surge = optional(string, "33%")
    zones     = optional(list(string), ["1", "2", "3"])
    os_sku    = optional(string, "AzureLinux")
    os_disk = optional(object({
      type    = optional(string, "Ephemeral")
      size_gb = optional(number, 128)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.system_node_pool.min_count >= 1 && var.system_node_pool.min_count <= var.system_node_pool.max_count
    error_message = "The system node pool needs at least one node, and the smallest count must not be above the largest."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,8}$", var.system_node_pool.name))
    error_message = "The system pool's name has at most 9 characters of a-z and 0-9: its rotation appends three."
  }
}

variable "user_node_pools" {
  description = "Node pools for applications, by name. A pool with `spot` takes spare capacity, which Azure may take back at any time."
  type = map(object({
    vm_size   = optional(string, "Standard_D8ds_v5")
    min_count = optional(number, 3)
    max_count = optional(number, 10)
    max_pods  = optional(number)
    max_surge = optional(string, "33%")
    zones     = optional(list(string), ["1", "2", "3"])
    os_sku    = optional(string, "AzureLinux")
    os_disk = optional(object({
      type    = optional(string, "Ephemeral")
      size_gb = optional(number, 128)
    }), {})
    labels = optional(map(string), {})
    taints = optional(list(string), [])
    spot   = optional(bool, false)
  }))
  default = {
    apps = {}
  }
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.user_node_pools) : can(regex("^[a-z][a-z0-9]{0,8}$", name))])
    error_message = "A pool's name has at most 9 characters of a-z and 0-9: its rotation appends three."
  }

  validation {
    condition     = alltrue([for pool in values(var.user_node_pools) : pool.min_count <= pool.max_count])
    error_message = "A pool's smallest count must not be above its largest."
  }

  validation {
    condition = alltrue([
      for pool in concat([var.system_node_pool], values(var.user_node_pools)) : can(regex("^[0-9]+%?$", pool.max_surge))
    ])
    error_message = "The surge is a number of nodes or a percentage, for example 33%."
  }

  validation {
    condition = alltrue([
      for pool in concat([var.system_node_pool.max_pods], values(var.user_node_pools)[*].max_pods) : pool == null || try(pool >= 10 && pool <= 250, false)
    ])
    error_message = "A node runs 10 to 250 pods."
  }
}

# --- Monitoring and add-ons --------------------------------------------------------------------------------------------

variable "log_analytics" {
  description = <<-EOT
    Workspace of the control plane's logs. The module creates one, unless `create` is false and a `workspace_id` is given.
    `container_insights` and `defender` send there too.
  EOT
  type = object({
    create             = optional(bool, true)
    workspace_id       = optional(string)
    retention_in_days  = optional(number, 90)
    container_insights = optional(bool, false)
    defender           = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.log_analytics.create || var.log_analytics.workspace_id != null
    error_message = "Without a workspace of its own the cluster needs the id of an existing one."
  }

  validation {
    condition     = var.log_analytics.retention_in_days >= 30 && var.log_analytics.retention_in_days <= 730
    error_message = "Logs are kept 30 to 730 days."
  }
}

variable "diagnostic_categories" {
  description = <<-EOT
    Log categories of the control plane. `kube-audit-admin` leaves reads out, which keeps audit affordable; `guard` is
    Entra sign-in.
  EOT
  type        = set(string)
  default = [
    "cluster-autoscaler",
    "guard",
    "kube-apiserver",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
  ]
  nullable = false

  validation {
    condition     = contains(var.diagnostic_categories, "guard") && length(setintersection(var.diagnostic_categories, ["kube-audit", "kube-audit-admin"])) == 1
    error_message = "Audit needs guard and exactly one of kube-audit-admin and kube-audit."
  }
}

variable "azure_policy_enabled" {
  description = "Azure Policy add-on: pod security and image rules from the subscription's assignments."
  type        = bool
  default     = true
  nullable    = false
}

variable "host_encryption_enabled" {
  description = "Encryption at host for all pools. The subscription must have the feature EncryptionAtHost registered."
  type        = bool
  default     = false
  nullable    = false
}
