# --- Place -------------------------------------------------------------------------------------------------------------

variable "location" {
  description = "Azure region, as the API spells it. It should have availability zones."
  type        = string
  default     = "westeurope"
}

variable "suffix" {
  description = "Environment and region, as they end every name: `vnet-hub-<suffix>`."
  type        = string
  default     = "prod-weu"

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.suffix)) && length(var.suffix) <= 16
    error_message = "The suffix is at most 16 characters: words of a-z and 0-9, joined by '-'."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default = {
    environment = "prod"
    owner       = "platform"
    cost-center = "landing-zone"
  }
}

# --- Addresses ---------------------------------------------------------------------------------------------------------

variable "hub" {
  description = "Address plan of the hub. Six subnets of 64 addresses are cut from its start; `subnets` replaces single ones by role."
  type = object({
    address_space = optional(string, "10.100.0.0/22")
    subnets       = optional(map(string), {})
  })
  default = {}

  validation {
    condition     = try(tonumber(split("/", var.hub.address_space)[1]) <= 22, false) && can(cidrhost(var.hub.address_space, 0))
    error_message = "The hub's address space is a prefix of length 22 or shorter, for example 10.100.0.0/22."
  }
}

variable "cni_mode" {
  description = "Where pods get their addresses from: `overlay`, `pod_subnet` (FortiGate sees pods) or `node_subnet`."
  type        = string
  default     = "pod_subnet"

  validation {
    condition     = contains(["overlay", "pod_subnet", "node_subnet"], var.cni_mode)
    error_message = "The CNI mode is one of overlay, pod_subnet and node_subnet. (kubenet retires on 31 March 2028 and is not offered.)"
  }
}

variable "spoke" {
  description = <<-EOT
    Address plan of the spoke. Subnets that are null are cut from the address space: main.tf has the table, with room for the
    pools at their largest and for their upgrades in every CNI mode.
  EOT
  type = object({
    address_space               = optional(string, "10.101.0.0/18")
    node_subnet_prefix          = optional(string)
    pod_subnet_prefix           = optional(string)
    load_balancer_subnet_prefix = optional(string)
  })
  default = {}

  validation {
    condition     = try(tonumber(split("/", var.spoke.address_space)[1]) <= 18, false) && can(cidrhost(var.spoke.address_space, 0))
    error_message = "The spoke's address space is a prefix of length 18 or shorter, for example 10.101.0.0/18."
  }
}

variable "pod_cidr" {
  description = "Pod range of the CNI mode `overlay`. It exists in the cluster only; a node takes a /24 of it."
  type        = string
  default     = "10.244.0.0/16"
}

variable "service_cidr" {
  description = "Range of Kubernetes services. It exists in the cluster only."
  type        = string
  default     = "172.16.0.0/16"
}

# --- Firewalls ---------------------------------------------------------------------------------------------------------

variable "fortigate" {
  description = "Version, licence and architecture of FortiGate; image, plan and size follow from them."
  type = object({
    version      = optional(string, "7.6.6")
    license_type = optional(string, "payg")
    architecture = optional(string, "x64_gen2")
    vm_size      = optional(string)
  })
  default = {}
}

variable "fortiweb" {
  description = "Whether FortiWeb stands in front of the ingress, with which version and licence."
  type = object({
    enabled      = optional(bool, true)
    version      = optional(string, "8.0.5")
    license_type = optional(string, "payg")
  })
  default = {}
}

variable "availability_mode" {
  description = "How the units of a pair are kept apart: `zones`, or `availability_set` in regions without."
  type        = string
  default     = "zones"

  validation {
    condition     = contains(["zones", "availability_set"], var.availability_mode)
    error_message = "The availability mode is zones or availability_set."
  }
}

variable "management" {
  description = <<-EOT
    From where administrators reach FortiGate, and whether over public addresses. The default is a range reserved for
    documentation: replace it by yours.
  EOT
  type = object({
    public_ip_enabled = optional(bool, true)
    source_prefixes   = optional(list(string), ["203.0.113.0/24"])
  })
  default = {}
}

variable "marketplace_agreements_enabled" {
  description = "Accept the terms of the Fortinet plans. Switch it off where the subscription has accepted them already."
  type        = bool
  default     = true
}

# --- Cluster -----------------------------------------------------------------------------------------------------------

variable "kubernetes_version" {
  description = "Kubernetes minor version; the patch channel keeps it patched."
  type        = string
  default     = "1.35"
}

variable "system_node_pool" {
  description = "Sizes of the system node pool."
  type = object({
    vm_size   = optional(string, "Standard_D4ds_v5")
    min_count = optional(number, 3)
    max_count = optional(number, 5)
    max_pods  = optional(number)
  })
  default = {}
}

variable "user_node_pools" {
  description = "Node pools for applications, by name."
  type = map(object({
    vm_size   = optional(string, "Standard_D8ds_v5")
    min_count = optional(number, 3)
    max_count = optional(number, 10)
    max_pods  = optional(number)
    max_surge = optional(string, "33%")
    labels    = optional(map(string), {})
    taints    = optional(list(string), [])
    spot      = optional(bool, false)
  }))
  default = {
    apps = {}
  }
}

# --- What only you can know --------------------------------------------------------------------------------------------
# No defaults, so that no copy of this folder ever deploys a known password. terraform.tfvars holds values for a
# demonstration.

variable "admin_group_object_ids" {
  description = "Object ids of the Entra groups that administer the cluster."
  type        = list(string)
}

variable "fortigate_admin_password" {
  description = "Password of FortiGate's first administrator."
  type        = string
  sensitive   = true
}

variable "fortigate_ha_password" {
  description = "Secret that the two FortiGate units share for their heartbeat."
  type        = string
  sensitive   = true
}

variable "fortiweb_admin_password" {
  description = "Password of FortiWeb's first administrator."
  type        = string
  sensitive   = true
}

variable "fortigate_licenses" {
  description = "Licence files or FortiFlex tokens of the two FortiGate units, where `fortigate.license_type` is not payg."
  type        = object({ a = optional(string, ""), b = optional(string, "") })
  default     = {}
  sensitive   = true
}

variable "fortiweb_licenses" {
  description = "Licence files or FortiFlex tokens of the two FortiWeb units, where `fortiweb.license_type` is not payg."
  type        = object({ a = optional(string, ""), b = optional(string, "") })
  default     = {}
  sensitive   = true
}
