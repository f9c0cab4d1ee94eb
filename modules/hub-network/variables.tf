variable "name" {
  description = "Name of the hub, without a type prefix: `hub-prod-weu` gives `vnet-hub-prod-weu`."
  type        = string
  nullable    = false

  # Azure allows 64 characters for a virtual network; AKS and the FortiGate SDN connector stop at 63, type prefix included.
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 40 characters of a-z, 0-9 and '-', and must not begin or end with '-'."
  }
}

variable "resource_group_name" {
  description = "Resource group that holds the hub network."
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

variable "address_space" {
  description = "Address space of the hub virtual network."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.address_space) > 0 && alltrue([for prefix in var.address_space : can(cidrhost(prefix, 0))])
    error_message = "The address space needs at least one IPv4 prefix in CIDR form, for example 10.100.0.0/22."
  }

  # Azure refuses a prefix with host bits set (InvalidCIDRNotation), and only after the first requests went out.
  validation {
    condition = alltrue([
      for prefix in var.address_space : try(cidrhost(prefix, 0) == split("/", prefix)[0], true)
    ])
    error_message = "A prefix of the address space has host bits set: write the network address, for example 10.100.0.0/22."
  }
}

variable "dns_servers" {
  description = "DNS servers of the virtual network. Empty means Azure-provided DNS (168.63.129.16), which does not pass the firewall."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "subnets" {
  description = <<-EOT
    Subnets by role. The appliance modules look for the roles `external`, `internal`, `hasync`, `management`,
    `fortiweb-external` and `fortiweb-internal`; further ones are free.

    - `address_prefix`: the subnet's prefix.
    - `transit`: an appliance forwards packets of foreign addresses here, so the subnet's security group lets everything
      pass and the appliance decides.
    - `security_rules`: rules of the subnet's security group, by name.
  EOT

  type = map(object({
    address_prefix = string
    transit        = optional(bool, false)
    security_rules = optional(map(object({
      priority                   = number
      direction                  = optional(string, "Inbound")
      access                     = optional(string, "Allow")
      protocol                   = optional(string, "*")
      source_address_prefixes    = optional(list(string), ["*"])
      destination_port_ranges    = optional(list(string), ["*"])
      destination_address_prefix = optional(string, "*")
      description                = optional(string)
    })), {})
  }))
  nullable = false

  validation {
    condition     = alltrue([for subnet in values(var.subnets) : can(cidrhost(subnet.address_prefix, 0))])
    error_message = "Every subnet needs an address prefix in CIDR form, for example 10.100.0.0/26."
  }

  validation {
    condition     = alltrue([for role in keys(var.subnets) : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", role))])
    error_message = "A subnet's role is part of its name: use a-z, 0-9 and '-'."
  }

  # 100 and 105 belong to the two rules that `transit` writes.
  validation {
    condition = alltrue(flatten([
      for subnet in values(var.subnets) : [
        for rule in values(subnet.security_rules) : rule.priority >= 110 && rule.priority <= 4096
      ]
    ]))
    error_message = "Priorities of security rules go from 110 to 4096."
  }
}
