variable "location" {
  description = "Azure region."
  type        = string
  default     = "westeurope"
}

variable "name" {
  description = "Name of the workload; every resource is named after it."
  type        = string
  default     = "demo-dev-weu"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 30 characters of a-z, 0-9 and '-', and must begin with a letter."
  }
}

variable "address_space" {
  description = "Address space of the virtual network. The node subnet is its first quarter."
  type        = string
  default     = "10.20.0.0/22"

  validation {
    condition     = can(cidrsubnet(var.address_space, 2, 0))
    error_message = "The address space is a prefix in CIDR form, for example 10.20.0.0/22."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes minor version; the patch channel keeps it patched."
  type        = string
  default     = "1.35"
}

variable "nodes" {
  description = "Size of the node pool: the VM size, and how far the autoscaler goes."
  type = object({
    vm_size   = optional(string, "Standard_D4ds_v5")
    min_count = optional(number, 3)
    max_count = optional(number, 6)
  })
  default = {}

  validation {
    condition     = var.nodes.min_count <= var.nodes.max_count
    error_message = "The smallest node count must not be above the largest."
  }
}
