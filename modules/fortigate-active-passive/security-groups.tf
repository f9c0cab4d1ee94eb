# Groups on the interfaces. The data ports let everything through, because FortiGate is the filter; the port of the
# heartbeat knows only the other unit, and management only the administrators.

locals {
  security_rules = merge(
    {
      data-inbound  = { group = "data", priority = 100, direction = "Inbound", protocol = "*", source = "*", ports = null }
      data-outbound = { group = "data", priority = 105, direction = "Outbound", protocol = "*", source = "*", ports = null }
      hasync-peer   = { group = "hasync", priority = 100, direction = "Inbound", protocol = "*", source = var.subnets.hasync.address_prefix, ports = null }
    },
    {
      for index, prefix in var.management.source_prefixes : "management-${replace(prefix, "/[./]/", "-")}" => {
        group = "management", priority = 200 + index, direction = "Inbound", protocol = "Tcp", source = prefix, ports = ["22", "443"]
      }
    },
  )

  denied_groups = { hasync = 4000, management = 4000 }
}

resource "azurerm_network_security_group" "unit" {
  for_each = toset(["data", "hasync", "management"])

  name                = "nsg-${var.name}-${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

# Rules stand alone, so that another configuration may add one (a scanner, a monitoring host) without this module.
resource "azurerm_network_security_rule" "allow" {
  for_each = local.security_rules

  name                        = "allow-${each.key}"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.unit[each.value.group].name
  priority                    = each.value.priority
  direction                   = each.value.direction
  access                      = "Allow"
  protocol                    = each.value.protocol
  source_port_range           = "*"
  source_address_prefix       = each.value.source
  destination_port_ranges     = each.value.ports
  destination_port_range      = each.value.ports == null ? "*" : null
  destination_address_prefix  = "*"
}

resource "azurerm_network_security_rule" "deny" {
  for_each = local.denied_groups

  name                        = "deny-other-inbound"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.unit[each.key].name
  priority                    = each.value
  direction                   = "Inbound"
  access                      = "Deny"
  protocol                    = "*"
  source_port_range           = "*"
  source_address_prefix       = "*"
  destination_port_range      = "*"
  destination_address_prefix  = "*"
}

resource "azurerm_network_interface_security_group_association" "unit" {
  for_each = local.interfaces

  network_interface_id      = azurerm_network_interface.unit[each.key].id
  network_security_group_id = azurerm_network_security_group.unit[contains(["external", "internal"], each.value.role) ? "data" : each.value.role].id
}
