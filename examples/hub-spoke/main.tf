# A hub and its spokes, network only: what the firewall team needs before the first appliance is there.

locals {
  # Six subnets of 64 addresses, at the start of the hub. The order is the address plan: append, never insert.
  hub_subnet_prefixes = zipmap(
    ["external", "internal", "hasync", "management", "fortiweb-external", "fortiweb-internal"],
    [for number in range(6) : cidrsubnet(var.hub_address_space, 26 - local.hub_prefix_length, number)],
  )
  hub_prefix_length = tonumber(split("/", var.hub_address_space)[1])

  # FortiGate's internal load balancer takes the first address that Azure leaves free in the internal subnet.
  firewall_address = cidrhost(local.hub_subnet_prefixes["internal"], 4)

  # Per spoke: a /24 or /20 for nodes, a /20 for pods where they have a subnet, a /26 for load balancers.
  spoke_plans = {
    for name, spoke in var.spokes : name => {
      nodes          = cidrsubnet(spoke.address_space, (spoke.cni_mode == "node_subnet" ? 20 : 24) - local.spoke_prefix_lengths[name], 0)
      pods           = spoke.cni_mode == "pod_subnet" ? cidrsubnet(spoke.address_space, 20 - local.spoke_prefix_lengths[name], 1) : null
      load_balancers = cidrsubnet(spoke.address_space, 26 - local.spoke_prefix_lengths[name], 128)
    }
  }
  spoke_prefix_lengths = { for name, spoke in var.spokes : name => tonumber(split("/", spoke.address_space)[1]) }
}

resource "azurerm_resource_group" "hub" {
  name     = "rg-hub-${var.suffix}"
  location = var.location
  tags     = var.tags
}

resource "azurerm_resource_group" "spoke" {
  for_each = var.spokes

  name     = "rg-${each.key}-${var.suffix}"
  location = var.location
  tags     = merge(var.tags, { workload = each.key })
}

module "hub" {
  source = "../../modules/hub-network"

  name                = "hub-${var.suffix}"
  resource_group_name = azurerm_resource_group.hub.name
  location            = var.location
  address_space       = [var.hub_address_space]
  tags                = var.tags

  subnets = {
    external = {
      address_prefix = local.hub_subnet_prefixes["external"]
      transit        = true
    }
    internal = {
      address_prefix = local.hub_subnet_prefixes["internal"]
      transit        = true
    }
    hasync = {
      address_prefix = local.hub_subnet_prefixes["hasync"]
      security_rules = {
        allow-heartbeat = {
          priority                   = 200
          source_address_prefixes    = [local.hub_subnet_prefixes["hasync"]]
          destination_address_prefix = local.hub_subnet_prefixes["hasync"]
          description                = "The two units talk to each other and to nobody else."
        }
        deny-other-inbound = {
          priority = 4000
          access   = "Deny"
        }
      }
    }
    management = {
      address_prefix = local.hub_subnet_prefixes["management"]
      security_rules = {
        allow-administrators = {
          priority                = 200
          protocol                = "Tcp"
          source_address_prefixes = var.admin_source_prefixes
          destination_port_ranges = ["22", "443"]
        }
        deny-other-inbound = {
          priority = 4000
          access   = "Deny"
        }
      }
    }
    fortiweb-external = {
      address_prefix = local.hub_subnet_prefixes["fortiweb-external"]
      security_rules = {
        allow-web = {
          priority                = 200
          protocol                = "Tcp"
          source_address_prefixes = ["Internet"]
          destination_port_ranges = ["80", "443"]
        }
      }
    }
    fortiweb-internal = {
      address_prefix = local.hub_subnet_prefixes["fortiweb-internal"]
    }
  }
}

module "spoke" {
  source   = "../../modules/spoke-network"
  for_each = var.spokes

  name                = "${each.key}-${var.suffix}"
  resource_group_name = azurerm_resource_group.spoke[each.key].name
  location            = var.location
  address_space       = [each.value.address_space]
  tags                = azurerm_resource_group.spoke[each.key].tags

  cni_mode                    = each.value.cni_mode
  pod_cidr                    = each.value.cni_mode == "overlay" ? each.value.pod_cidr : null
  node_subnet_prefix          = local.spoke_plans[each.key].nodes
  pod_subnet_prefix           = local.spoke_plans[each.key].pods
  load_balancer_subnet_prefix = local.spoke_plans[each.key].load_balancers

  hub = {
    virtual_network_id   = module.hub.virtual_network_id
    virtual_network_name = module.hub.virtual_network_name
    resource_group_name  = module.hub.resource_group_name
  }

  egress_next_hop    = local.firewall_address
  inspected_prefixes = { fortiweb = local.hub_subnet_prefixes["fortiweb-internal"] }

  inbound = {
    fortiweb = {
      priority        = 200
      source_prefixes = [local.hub_subnet_prefixes["fortiweb-internal"]]
      ports           = ["80", "443"]
    }
  }
}
