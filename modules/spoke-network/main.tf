# The spoke: subnets for one AKS cluster, all egress through FortiGate, peered with the hub.

locals {
  # Roles and prefixes; the CNI mode decides whether pods have a subnet.
  cluster_subnets = merge(
    {
      nodes          = var.node_subnet_prefix
      load-balancers = var.load_balancer_subnet_prefix
    },
    var.cni_mode == "pod_subnet" ? { pods = var.pod_subnet_prefix } : {},
  )

  subnets = merge(
    { for role, prefix in local.cluster_subnets : role => { address_prefix = prefix, service_endpoints = [] } },
    var.additional_subnets,
  )

  # Addresses that belong to the cluster, wherever they come from. AKS does not support filtering between them.
  own_prefixes = compact(concat(
    [for role in sort(keys(local.subnets)) : local.subnets[role].address_prefix],
    [var.pod_cidr],
  ))

  routes = merge(
    { default = "0.0.0.0/0" },
    { for name, prefix in var.inspected_prefixes : "to-${name}" => prefix },
  )
}

resource "azurerm_virtual_network" "spoke" {
  name                = "vnet-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  address_space       = var.address_space
  dns_servers         = var.dns_servers
  tags                = var.tags
}

resource "azurerm_subnet" "spoke" {
  for_each = local.subnets

  name                            = "snet-${each.key}-${var.name}"
  resource_group_name             = var.resource_group_name
  virtual_network_name            = azurerm_virtual_network.spoke.name
  address_prefixes                = [each.value.address_prefix]
  default_outbound_access_enabled = false

  # AKS delegates its pod subnet to itself. Saying so here keeps the next plan empty.
  dynamic "delegation" {
    for_each = each.key == "pods" ? ["Microsoft.ContainerService/managedClusters"] : []

    content {
      name = "aks"

      service_delegation {
        name    = delegation.value
        actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
      }
    }
  }

  dynamic "service_endpoint" {
    for_each = each.value.service_endpoints

    content {
      service = service_endpoint.value
    }
  }
}

# --- Filtering ---------------------------------------------------------------------------------------------------------

resource "azurerm_network_security_group" "spoke" {
  name                = "nsg-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags

  security_rule {
    name                         = "allow-cluster"
    description                  = "Nodes, pods and their load balancers talk freely; network policies filter between pods."
    priority                     = 100
    direction                    = "Inbound"
    access                       = "Allow"
    protocol                     = "*"
    source_port_range            = "*"
    source_address_prefixes      = local.own_prefixes
    destination_port_range       = "*"
    destination_address_prefixes = local.own_prefixes
  }

  security_rule {
    name                       = "allow-load-balancer-probes"
    description                = "Health probes of Azure load balancers (168.63.129.16)."
    priority                   = 110
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "*"
    source_port_range          = "*"
    source_address_prefix      = "AzureLoadBalancer"
    destination_port_range     = "*"
    destination_address_prefix = "*"
  }

  dynamic "security_rule" {
    for_each = var.inbound

    content {
      name                         = "allow-${security_rule.key}"
      priority                     = security_rule.value.priority
      direction                    = "Inbound"
      access                       = "Allow"
      protocol                     = security_rule.value.protocol
      source_port_range            = "*"
      source_address_prefixes      = security_rule.value.source_prefixes
      destination_port_ranges      = security_rule.value.ports
      destination_address_prefixes = local.own_prefixes
    }
  }

  # Azure's own rules would let everything in that the VirtualNetwork tag covers, and with a default route to an
  # appliance that tag covers every address there is.
  security_rule {
    name                       = "deny-other-inbound"
    description                = "What no rule above names does not come in."
    priority                   = 4000
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_port_range          = "*"
    source_address_prefix      = "*"
    destination_port_range     = "*"
    destination_address_prefix = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "spoke" {
  for_each = local.subnets

  subnet_id                 = azurerm_subnet.spoke[each.key].id
  network_security_group_id = azurerm_network_security_group.spoke.id
}

# --- Routing -----------------------------------------------------------------------------------------------------------

resource "azurerm_route_table" "spoke" {
  name                = "rt-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags

  # A gateway in the hub must not slip routes past the firewall.
  bgp_route_propagation_enabled = false

  dynamic "route" {
    for_each = local.routes

    content {
      name                   = route.key
      address_prefix         = route.value
      next_hop_type          = "VirtualAppliance"
      next_hop_in_ip_address = var.egress_next_hop
    }
  }
}

resource "azurerm_subnet_route_table_association" "spoke" {
  for_each = local.subnets

  subnet_id      = azurerm_subnet.spoke[each.key].id
  route_table_id = azurerm_route_table.spoke.id
}

# --- Peering -----------------------------------------------------------------------------------------------------------

resource "azurerm_virtual_network_peering" "to_hub" {
  name                         = "peer-${var.name}-to-hub"
  resource_group_name          = var.resource_group_name
  virtual_network_name         = azurerm_virtual_network.spoke.name
  remote_virtual_network_id    = var.hub.virtual_network_id
  allow_virtual_network_access = true
  allow_forwarded_traffic      = true
}

resource "azurerm_virtual_network_peering" "from_hub" {
  name                         = "peer-hub-to-${var.name}"
  resource_group_name          = var.hub.resource_group_name
  virtual_network_name         = var.hub.virtual_network_name
  remote_virtual_network_id    = azurerm_virtual_network.spoke.id
  allow_virtual_network_access = true
  allow_forwarded_traffic      = true

  # Azure answers a conflict when both sides are written at once.
  depends_on = [azurerm_virtual_network_peering.to_hub]
}
