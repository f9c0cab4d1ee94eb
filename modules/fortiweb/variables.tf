# --- Place -------------------------------------------------------------------------------------------------------------

variable "name" {
  description = "Name of the pair, without a type prefix: `fwb-prod-weu` gives `vm-fwb-prod-weu-a`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 32 characters of a-z, 0-9 and '-', and must not begin or end with '-'."
  }
}

variable "resource_group_name" {
  description = "Resource group that holds the pair."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Azure region, for example `westeurope`."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource of this module."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "availability" {
  description = <<-EOT
    How the two units are kept apart: `zones` puts one into each of two zones, `availability_set` is for regions without
    zones.
  EOT
  type = object({
    mode  = optional(string, "zones")
    zones = optional(list(string), ["1", "2"])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["zones", "availability_set"], var.availability.mode)
    error_message = "The availability mode is zones or availability_set."
  }

  validation {
    condition     = var.availability.mode != "zones" || length(distinct(var.availability.zones)) == 2
    error_message = "Two units need two different zones."
  }
}

# --- Network -----------------------------------------------------------------------------------------------------------

variable "subnets" {
  description = "The two subnets of the units: port1 external, port2 internal."
  type = object({
    external = object({ id = string, address_prefix = string })
    internal = object({ id = string, address_prefix = string })
  })
  nullable = false

  validation {
    condition = alltrue([
      for subnet in values(var.subnets) : try(tonumber(split("/", subnet.address_prefix)[1]) <= 28, false)
    ])
    error_message = "Every FortiWeb subnet needs a prefix of /28 or larger."
  }
}

variable "virtual_network_address_space" {
  description = "Address space of the hub: FortiWeb reaches it through port2."
  type        = list(string)
  nullable    = false
}

variable "spoke_prefixes" {
  description = "Prefixes of the spokes whose applications FortiWeb protects, by name."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for prefix in values(var.spoke_prefixes) : can(cidrnetmask(prefix))])
    error_message = "Every spoke prefix must be an IPv4 prefix in CIDR form, for example 10.101.0.0/18."
  }
}

variable "next_hop" {
  description = <<-EOT
    Address of FortiGate's internal load balancer. Traffic between FortiWeb and the spokes goes there; the spokes must
    route back the same way.
  EOT
  type        = string
  nullable    = false
}

variable "listeners" {
  description = <<-EOT
    TCP ports on which applications are published, by name. The load balancer probes the port itself: a unit counts as
    healthy once a server policy listens on it.
  EOT
  type        = map(number)
  default = {
    http  = 80
    https = 443
  }
  nullable = false

  validation {
    condition     = length(var.listeners) > 0 && length(distinct(values(var.listeners))) == length(var.listeners)
    error_message = "At least one listener is needed, and no port twice."
  }

  validation {
    condition     = alltrue([for port in values(var.listeners) : port >= 1 && port <= 65535 && !contains([22, 8443], port)])
    error_message = "A listener's port goes from 1 to 65535; 22 and 8443 are FortiWeb's own."
  }
}

variable "client_prefixes" {
  description = "Who may reach the listeners: prefixes, or a service tag such as `Internet` or `AzureFrontDoor.Backend`."
  type        = list(string)
  default     = ["Internet"]
  nullable    = false

  validation {
    condition     = length(var.client_prefixes) > 0
    error_message = "At least one client prefix or service tag is needed."
  }
}

variable "management" {
  description = <<-EOT
    Access to the units' administration (HTTPS 8443, SSH 22): from where, and whether the external load balancer hands it
    through (ports 40030+ and 50030+). Prefer a private path.
  EOT
  type = object({
    public_nat_enabled = optional(bool, false)
    source_prefixes    = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = !var.management.public_nat_enabled || length(var.management.source_prefixes) > 0
    error_message = "Public management needs source prefixes: name the networks which administrators come from."
  }

  validation {
    condition     = !anytrue([for prefix in var.management.source_prefixes : contains(["*", "Internet", "0.0.0.0/0", "0.0.0.0"], prefix)])
    error_message = "Management must not be open to the whole Internet."
  }
}

# --- Image and licence -------------------------------------------------------------------------------------------------

variable "fortiweb_version" {
  description = "FortiWeb version of the marketplace image, or `latest`."
  type        = string
  default     = "8.0.5"
  nullable    = false

  validation {
    condition     = can(regex("^(latest|[78]\\.[0-9]+\\.[0-9]+)$", var.fortiweb_version))
    error_message = "The FortiWeb version is latest or a full version, for example 8.0.5."
  }
}

variable "license_type" {
  description = <<-EOT
    How FortiWeb is licensed: `payg` by the hour through Azure, `byol` with a licence file a unit, `flex` with a FortiFlex
    token a unit.
  EOT
  type        = string
  default     = "payg"
  nullable    = false

  validation {
    condition     = contains(["payg", "byol", "flex"], var.license_type)
    error_message = "The licence type is one of payg, byol and flex."
  }
}

variable "licenses" {
  description = "Content of the licence file (`byol`) or the FortiFlex token (`flex`) of each unit."
  type = object({
    a = optional(string, "")
    b = optional(string, "")
  })
  default   = {}
  nullable  = false
  sensitive = true

  validation {
    condition     = var.license_type == "payg" || (var.licenses.a != "" && var.licenses.b != "" && var.licenses.a != var.licenses.b)
    error_message = "The licence types byol and flex need two different licences, one for each unit."
  }
}

variable "vm_size" {
  description = "VM size. Two network interfaces are needed."
  type        = string
  default     = "Standard_F2s_v2"
  nullable    = false
}

variable "marketplace_agreement_enabled" {
  description = <<-EOT
    Accept the terms of the marketplace plan. Azure keeps the acceptance once per subscription and plan: switch it off
    where it has been given already.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "log_disk_size_gb" {
  description = "Size of each unit's log disk in GB. FortiWeb requires one."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.log_disk_size_gb >= 30 && var.log_disk_size_gb <= 32767
    error_message = "The log disk has 30 to 32767 GB."
  }
}

# --- Day-0 configuration -----------------------------------------------------------------------------------------------

variable "admin_username" {
  description = "Name of the first administrator. Azure refuses `admin` and `root`."
  type        = string
  default     = "azureadmin"
  nullable    = false

  validation {
    condition     = !contains(["admin", "root", "administrator", "test", "guest"], lower(var.admin_username)) && length(var.admin_username) <= 64
    error_message = "Azure refuses this administrator name."
  }
}

variable "admin_password" {
  description = <<-EOT
    Password of the first administrator: 12 characters or more, of three of the classes lower case, upper case, digit and
    symbol.
  EOT
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition = length(var.admin_password) >= 12 && sum([
      for class in ["[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"] : can(regex(class, var.admin_password)) ? 1 : 0
    ]) >= 3
    error_message = "The administrator's password needs 12 characters of three classes."
  }
}

variable "ha_group" {
  description = "Name and number of the HA group."
  type = object({
    id   = optional(number, 1)
    name = optional(string, "fortiweb")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.ha_group.id >= 0 && var.ha_group.id <= 63
    error_message = "The HA group has a number from 0 to 63."
  }
}

variable "application" {
  description = <<-EOT
    The first application: where its ingress listens. FortiWeb publishes it over HTTP from day 0, so that probes of port
    80 succeed; HTTPS follows on day 1 with the certificate.
  EOT
  type = object({
    name               = string
    address            = string
    port               = optional(number, 80)
    protection_profile = optional(string, "Inline Standard Protection")
  })
  default = null

  validation {
    condition     = var.application == null || can(cidrhost("${try(var.application.address, "")}/32", 0))
    error_message = "The application's address is one IPv4 address, for example 10.101.32.4."
  }
}
