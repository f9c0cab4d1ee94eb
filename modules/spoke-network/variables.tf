variable "name" {
  description = "Name of the spoke, without a type prefix: `aks-prod-weu` gives `vnet-aks-prod-weu`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 40 characters of a-z, 0-9 and '-', and must not begin or end with '-'."
  }
}

variable "resource_group_name" {
  description = "Resource group that holds the spoke network."
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
  description = "Address space of the spoke virtual network. It must not overlap the hub's or another spoke's."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.address_space) > 0 && alltrue([for prefix in var.address_space : can(cidrhost(prefix, 0))])
    error_message = "The address space needs at least one IPv4 prefix in CIDR form, for example 10.101.0.0/18."
  }

  validation {
    condition = alltrue([
      for prefix in var.address_space : try(cidrhost(prefix, 0) == split("/", prefix)[0], true)
    ])
    error_message = "A prefix of the address space has host bits set: write the network address, for example 10.101.0.0/18."
  }
}

variable "dns_servers" {
  description = "DNS servers of the virtual network. Empty means Azure-provided DNS."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "cni_mode" {
  description = <<-EOT
    Where pods get their addresses from:

    - `overlay`: from a private range outside the virtual network; a node takes one address. FortiGate sees node addresses.
    - `pod_subnet`: from a subnet of their own. FortiGate sees pod addresses.
    - `node_subnet`: from the node subnet, `max_pods + 1` addresses a node, all reserved when the node starts.
  EOT
  type        = string
  default     = "overlay"
  nullable    = false

  validation {
    condition     = contains(["overlay", "pod_subnet", "node_subnet"], var.cni_mode)
    error_message = "The CNI mode is one of overlay, pod_subnet and node_subnet. (kubenet retires on 31 March 2028 and is not offered.)"
  }
}

variable "node_subnet_prefix" {
  description = <<-EOT
    Prefix of the node subnet. It must hold all nodes at the autoscalers' maximum while an upgrade surges, and the API
    server's private endpoint.
  EOT
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrhost(var.node_subnet_prefix, 0))
    error_message = "The node subnet needs a prefix in CIDR form, for example 10.101.0.0/24."
  }
}

variable "pod_subnet_prefix" {
  description = "Prefix of the pod subnet, in the `pod_subnet` mode only. Nodes take addresses from it in batches of 16."
  type        = string
  default     = null

  validation {
    condition     = var.pod_subnet_prefix == null || can(cidrhost(var.pod_subnet_prefix, 0))
    error_message = "The pod subnet needs a prefix in CIDR form, for example 10.101.16.0/20."
  }

  validation {
    condition     = (var.cni_mode == "pod_subnet") == (var.pod_subnet_prefix != null)
    error_message = "A pod subnet belongs to the CNI mode pod_subnet, and only to that one."
  }
}

variable "load_balancer_subnet_prefix" {
  description = <<-EOT
    Prefix of the subnet that holds the frontends of internal load balancers, so that ingress addresses do not move about
    between nodes.
  EOT
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrhost(var.load_balancer_subnet_prefix, 0))
    error_message = "The load balancer subnet needs a prefix in CIDR form, for example 10.101.1.0/26."
  }
}

variable "pod_cidr" {
  description = <<-EOT
    Pod range of the overlay mode. Pod packets cross the node subnet with these addresses, so its security group must know
    them.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.pod_cidr == null || can(cidrhost(var.pod_cidr, 0))
    error_message = "The pod range is a prefix in CIDR form, for example 10.244.0.0/16."
  }

  validation {
    condition     = (var.cni_mode == "overlay") == (var.pod_cidr != null)
    error_message = "A pod range belongs to the CNI mode overlay, and only to that one."
  }
}

variable "additional_subnets" {
  description = "Further subnets by role, for example for private endpoints. They get the spoke's route table and security group."
  type = map(object({
    address_prefix    = string
    service_endpoints = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setintersection(keys(var.additional_subnets), ["nodes", "pods", "load-balancers"])) == 0
    error_message = "The roles nodes, pods and load-balancers are the module's own."
  }
}

variable "hub" {
  description = "The hub to peer with."
  type = object({
    virtual_network_id   = string
    virtual_network_name = string
    resource_group_name  = string
  })
  nullable = false
}

variable "egress_next_hop" {
  description = "Address of FortiGate's internal load balancer. Everything that leaves the spoke goes there."
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrhost("${var.egress_next_hop}/32", 0))
    error_message = "The next hop is one IPv4 address, for example 10.100.0.68."
  }
}

variable "inspected_prefixes" {
  description = <<-EOT
    Prefixes by name that are near (peered) and must go through FortiGate all the same. A peering's own route is more
    specific than the default route, so each needs a route of its own.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for prefix in values(var.inspected_prefixes) : can(cidrhost(prefix, 0))])
    error_message = "Every inspected prefix must be in CIDR form, for example 10.100.1.64/26."
  }
}

variable "inbound" {
  description = "Who may open connections into the spoke from outside of it, by rule name."
  type = map(object({
    priority        = number
    source_prefixes = list(string)
    ports           = list(string)
    protocol        = optional(string, "Tcp")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for rule in values(var.inbound) : rule.priority >= 200 && rule.priority < 4000])
    error_message = "Priorities of inbound rules go from 200 to 3999: below are the spoke's own rules, above is the rule which denies the rest."
  }
}
