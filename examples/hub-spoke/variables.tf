variable "location" {
  description = "Azure region."
  type        = string
  default     = "westeurope"
}

variable "suffix" {
  description = "Environment and region, as they end every name: `vnet-hub-<suffix>`."
  type        = string
  default     = "dev-weu"

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.suffix)) && length(var.suffix) <= 16
    error_message = "The suffix is at most 16 characters: words of a-z and 0-9, joined by '-'."
  }
}

variable "hub_address_space" {
  description = "Address space of the hub: a /22 or larger. The six hub subnets are cut from it."
  type        = string
  default     = "10.100.0.0/22"

  validation {
    condition     = can(cidrhost(var.hub_address_space, 0)) && try(tonumber(split("/", var.hub_address_space)[1]) <= 22, false)
    error_message = "The hub's address space is a prefix of length 22 or shorter, for example 10.100.0.0/22."
  }
}

variable "spokes" {
  description = "Spokes by name, with their address space (a /18 or larger) and CNI mode."
  type = map(object({
    address_space = string
    cni_mode      = optional(string, "overlay")
    pod_cidr      = optional(string, "10.244.0.0/16")
  }))
  default = {
    orders = {
      address_space = "10.101.0.0/18"
    }
    payments = {
      address_space = "10.101.64.0/18"
      cni_mode      = "pod_subnet"
    }
  }

  validation {
    condition     = alltrue([for spoke in values(var.spokes) : try(tonumber(split("/", spoke.address_space)[1]) <= 18, false)])
    error_message = "A spoke's address space is a prefix of length 18 or shorter, for example 10.101.0.0/18."
  }
}

variable "admin_source_prefixes" {
  description = "Prefixes from which administrators reach the firewall's management subnet."
  type        = list(string)
  default     = ["10.200.0.0/24"]
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default = {
    environment = "dev"
    owner       = "platform"
  }
}
