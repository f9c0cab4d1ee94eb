# --- Place -------------------------------------------------------------------------------------------------------------

variable "name" {
  description = "Name of the cluster, without a type prefix: `fgt-prod-weu` gives `vm-fgt-prod-weu-a`."
  type        = string
  nullable    = false

  # FortiGate's SDN connector cannot hold names above 63 characters; the longest one here adds 23.
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 32 characters of a-z, 0-9 and '-', and must not begin or end with '-'."
  }
}

variable "resource_group_name" {
  description = "Resource group that holds the firewalls."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.resource_group_name) <= 63
    error_message = "FortiGate's SDN connector reads resource groups with names of up to 63 characters."
  }
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
  description = "The four subnets of the units: port1 external, port2 internal, port3 HA synchronisation, port4 HA management."
  type = object({
    external   = object({ id = string, address_prefix = string })
    internal   = object({ id = string, address_prefix = string })
    hasync     = object({ id = string, address_prefix = string })
    management = object({ id = string, address_prefix = string })
  })
  nullable = false

  # Units and load balancer take the 5th to the 7th address, and Azure keeps five for itself.
  validation {
    condition = alltrue([
      for subnet in values(var.subnets) : try(tonumber(split("/", subnet.address_prefix)[1]) <= 28, false)
    ])
    error_message = "Every FortiGate subnet needs a prefix of /28 or larger."
  }
}

variable "virtual_network_address_space" {
  description = "Address space of the hub: FortiGate reaches it through port2."
  type        = list(string)
  nullable    = false
}

variable "spoke_prefixes" {
  description = <<-EOT
    Prefixes of the peered spokes, by name. FortiGate needs a static route through port2 for each, or its answers leave by
    port1.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for prefix in values(var.spoke_prefixes) : can(cidrnetmask(prefix))])
    error_message = "Every spoke prefix must be an IPv4 prefix in CIDR form, for example 10.101.0.0/18."
  }
}

variable "inbound_services" {
  description = <<-EOT
    Services that the external load balancer hands to FortiGate, by name. Floating IP is on, so a virtual IP on FortiGate
    must listen on the public address. The reference design keeps at least one TCP and one UDP service.
  EOT
  type = map(object({
    protocol = string
    port     = number
  }))
  default = {
    http = { protocol = "Tcp", port = 80 }
    udp  = { protocol = "Udp", port = 10551 }
  }
  nullable = false

  validation {
    condition     = alltrue([for service in values(var.inbound_services) : contains(["Tcp", "Udp"], service.protocol)])
    error_message = "The protocol of an inbound service is Tcp or Udp."
  }

  validation {
    condition     = alltrue([for service in values(var.inbound_services) : service.port >= 1 && service.port <= 65534])
    error_message = "The port of an inbound service goes from 1 to 65534."
  }

  validation {
    condition     = length(distinct([for service in values(var.inbound_services) : "${service.protocol}/${service.port}"])) == length(var.inbound_services)
    error_message = "Two inbound services use the same protocol and port of one public address."
  }
}

variable "outbound_ports_per_unit" {
  description = <<-EOT
    Source ports that each unit may use on the public address. Without an allocation Azure gives 1,024, which AKS egress
    exhausts quickly. One address has 64,000 ports for both units.
  EOT
  type        = number
  default     = 31992
  nullable    = false

  validation {
    condition     = var.outbound_ports_per_unit > 0 && var.outbound_ports_per_unit <= 32000 && var.outbound_ports_per_unit % 8 == 0
    error_message = "The number of outbound ports is a multiple of 8 and at most 32000."
  }
}

variable "accelerated_networking_enabled" {
  description = "Accelerated networking on all ports of both units."
  type        = bool
  default     = true
  nullable    = false
}

variable "management" {
  description = <<-EOT
    Access to port4: whether each unit has a public address, and from where administrators come. Prefer a private path
    (VPN, bastion) and no public address.
  EOT
  type = object({
    public_ip_enabled = optional(bool, false)
    source_prefixes   = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = !var.management.public_ip_enabled || length(var.management.source_prefixes) > 0
    error_message = "Public management addresses need source prefixes: name the networks which administrators come from."
  }

  validation {
    condition     = !anytrue([for prefix in var.management.source_prefixes : contains(["*", "Internet", "0.0.0.0/0", "0.0.0.0"], prefix)])
    error_message = "Management must not be open to the whole Internet."
  }
}

# --- Image and licence -------------------------------------------------------------------------------------------------

variable "fortios_version" {
  description = "FortiOS version: marketplace image, plan and size follow from it, the licence and the architecture."
  type        = string
  default     = "7.6.6"
  nullable    = false

  validation {
    condition     = can(regex("^(7\\.(0|2|4|6)|8\\.0)\\.[0-9]+$", var.fortios_version))
    error_message = "The FortiOS version is a full version of a series in the marketplace: 7.0, 7.2, 7.4, 7.6 or 8.0, for example 7.6.6."
  }
}

variable "architecture" {
  description = "Image architecture: `x64_gen1`, `x64_gen2` or `arm64`."
  type        = string
  default     = "x64_gen2"
  nullable    = false

  validation {
    condition     = contains(["x64_gen1", "x64_gen2", "arm64"], var.architecture)
    error_message = "The architecture is one of x64_gen1, x64_gen2 and arm64."
  }

  # Which images Fortinet publishes for a series. A plan that does not exist fails only when the VM is created.
  validation {
    condition = contains(
      lookup({
        "7.0" = ["x64_gen1"]
        "7.2" = ["x64_gen1", "arm64"]
        "7.4" = ["x64_gen1", "x64_gen2", "arm64"]
        "7.6" = ["x64_gen1", "x64_gen2", "arm64"]
        "8.0" = ["x64_gen1"]
      }, join(".", slice(concat(split(".", var.fortios_version), ["", ""]), 0, 2)), ["x64_gen1", "x64_gen2", "arm64"]),
      var.architecture,
    )
    error_message = "There is no image of FortiOS ${var.fortios_version} for ${var.architecture}: generation 2 exists for 7.4 and 7.6, arm64 for 7.2, 7.4 and 7.6."
  }
}

variable "license_type" {
  description = <<-EOT
    How FortiOS is licensed: `payg` by the hour through Azure, `byol` with a licence file a unit, `flex` with a FortiFlex
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
  description = <<-EOT
    Content of the licence file (`byol`) or the FortiFlex token (`flex`) of each unit. They must differ: with one licence
    both units become primary.
  EOT
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
  description = <<-EOT
    VM size; null derives one from the architecture. Four network interfaces are needed, which starts at 8 vCPUs in most
    series.
  EOT
  type        = string
  default     = null
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
  description = "Size of each unit's log disk in GB."
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
    symbol, without `\`, `-` and `"`.
  EOT
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition = length(var.admin_password) >= 12 && !can(regex("[\\\\\"-]", var.admin_password)) && sum([
      for class in ["[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"] : can(regex(class, var.admin_password)) ? 1 : 0
    ]) >= 3
    error_message = "The administrator's password needs 12 characters of three classes, and none of \\, - and \"."
  }
}

variable "admin_ssh_public_key" {
  description = "SSH public key of the first administrator, optional."
  type        = string
  default     = null

  validation {
    condition     = var.admin_ssh_public_key == null || can(regex("^(ssh-(rsa|ed25519)|ecdsa-sha2-nistp[0-9]+) ", var.admin_ssh_public_key))
    error_message = "The SSH key must be a public key in OpenSSH form."
  }
}

variable "ha_password" {
  description = <<-EOT
    Secret that the two units share for their heartbeat. It is its own secret: whoever knows the administrator's password
    must not be able to join the cluster.
  EOT
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = length(var.ha_password) >= 12 && length(var.ha_password) <= 128 && !can(regex("[\\s\"\\\\]", var.ha_password))
    error_message = "The HA password has 12 to 128 characters, without blanks, quotes and \\."
  }
}

variable "ha_group" {
  description = "Name and number of the HA group. Clusters that share a broadcast domain need different numbers."
  type = object({
    id   = optional(number, 1)
    name = optional(string, "AzureHA")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.ha_group.id >= 0 && var.ha_group.id <= 1023 && length(var.ha_group.name) <= 32
    error_message = "The HA group has a number from 0 to 1023 and a name of at most 32 characters."
  }
}

variable "fortimanager" {
  description = "FortiManager which takes the units over, optional."
  type = object({
    address       = string
    serial_number = string
  })
  default = null
}

variable "addresses" {
  description = "Address objects for policies, by name, beside `spoke-<name>` which every spoke has."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for prefix in values(var.addresses) : can(cidrnetmask(prefix))])
    error_message = "Every address object is an IPv4 prefix in CIDR form, for example 10.100.1.64/26."
  }

  validation {
    condition     = alltrue([for name in keys(var.addresses) : length(name) <= 79 && !startswith(name, "spoke-") && name != "all"])
    error_message = "An address object's name has at most 79 characters; all and spoke-… are taken."
  }
}

variable "policies" {
  description = <<-EOT
    Firewall policies of day 0, in their order. Without any FortiOS denies everything, and AKS nodes cannot start. Sources
    and destinations name address objects, or `all`; services are FortiOS service objects.
  EOT

  type = list(object({
    name         = string
    from         = optional(string, "port2")
    to           = optional(string, "port1")
    sources      = list(string)
    destinations = optional(list(string), ["all"])
    services     = list(string)
    nat          = optional(bool, true)
    inspection   = optional(string, "certificate-inspection")
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for policy in var.policies : length(policy.name) <= 35]) && length(distinct(var.policies[*].name)) == length(var.policies)
    error_message = "Policies need different names of at most 35 characters."
  }

  validation {
    condition = length(setsubtract(
      flatten([for policy in var.policies : concat(policy.sources, policy.destinations)]),
      concat(["all"], keys(var.addresses), [for name in keys(var.spoke_prefixes) : "spoke-${name}"]),
    )) == 0
    error_message = "A policy names an address object that is neither all, nor spoke-<name>, nor one of addresses."
  }
}

variable "additional_cli" {
  description = "FortiOS commands that are appended to the day-0 configuration of both units."
  type        = string
  default     = ""
  nullable    = false
}

variable "sdn_connector_scopes" {
  description = "Ids of the subscriptions that the units may read, by name, for dynamic addresses from tags and subnets."
  type        = map(string)
  default     = {}
  nullable    = false
}
