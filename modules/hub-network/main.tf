# The hub: one virtual network, one subnet per role, one security group per subnet.

locals {
  # A firewall's subnet sees packets from and to anywhere. Azure's default rules would drop them, because they only let
  # pass what both comes from and goes to the VirtualNetwork tag.
  transit_rules = {
    allow-transit-inbound  = { priority = 100, direction = "Inbound" }
    allow-transit-outbound = { priority = 105, direction = "Outbound" }
  }

  security_rules = {
    for role, subnet in var.subnets : role => merge(
      {
        for name, rule in local.transit_rules : name => {
          priority                   = rule.priority
          direction                  = rule.direction
          access                     = "Allow"
          protocol                   = "*"
          source_address_prefixes    = ["*"]
          destination_port_ranges    = ["*"]
          destination_address_prefix = "*"
          description                = "The appliance in this subnet decides."
        } if subnet.transit
      },
      subnet.security_rules,
    )
  }
}

resource "azurerm_virtual_network" "hub" {
  name                = "vnet-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  address_space       = var.address_space
  dns_servers         = var.dns_servers
  tags                = var.tags
}

resource "azurerm_subnet" "hub" {
  for_each = var.subnets

  name                            = "snet-${each.key}-${var.name}"
  resource_group_name             = var.resource_group_name
  virtual_network_name            = azurerm_virtual_network.hub.name
  address_prefixes                = [each.value.address_prefix]
  default_outbound_access_enabled = false
}

resource "azurerm_network_security_group" "hub" {
  for_each = var.subnets

  name                = "nsg-${each.key}-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags

  dynamic "security_rule" {
    for_each = local.security_rules[each.key]

    content {
      name              = security_rule.key
      description       = security_rule.value.description
      priority          = security_rule.value.priority
      direction         = security_rule.value.direction
      access            = security_rule.value.access
      protocol          = security_rule.value.protocol
      source_port_range = "*"

      # Azure wants "*" and service tags in the singular field, lists of prefixes in the plural one.
      source_address_prefix      = length(security_rule.value.source_address_prefixes) == 1 ? security_rule.value.source_address_prefixes[0] : null
      source_address_prefixes    = length(security_rule.value.source_address_prefixes) == 1 ? null : security_rule.value.source_address_prefixes
      destination_port_range     = length(security_rule.value.destination_port_ranges) == 1 ? security_rule.value.destination_port_ranges[0] : null
      destination_port_ranges    = length(security_rule.value.destination_port_ranges) == 1 ? null : security_rule.value.destination_port_ranges
      destination_address_prefix = security_rule.value.destination_address_prefix
    }
  }
}

resource "azurerm_subnet_network_security_group_association" "hub" {
  for_each = var.subnets

  subnet_id                 = azurerm_subnet.hub[each.key].id
  network_security_group_id = azurerm_network_security_group.hub[each.key].id
}
