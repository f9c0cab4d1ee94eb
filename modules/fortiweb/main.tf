# A pair of FortiWeb units in front of the clusters' ingress: external load balancer, FortiWeb as reverse proxy, FortiGate,
# internal load balancer of AKS.

resource "azurerm_availability_set" "units" {
  count = local.zonal ? 0 : 1

  name                         = "avail-${var.name}"
  resource_group_name          = var.resource_group_name
  location                     = var.location
  platform_fault_domain_count  = 2
  platform_update_domain_count = 2
  tags                         = var.tags
}

resource "azurerm_marketplace_agreement" "fortiweb" {
  count = var.marketplace_agreement_enabled ? 1 : 0

  publisher = local.image.publisher
  offer     = local.image.offer
  plan      = local.image.sku
}

resource "azurerm_network_interface" "unit" {
  for_each = local.interfaces

  name                = "nic-${var.name}-${each.value.unit}-port${each.value.port}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags

  # A reverse proxy speaks with its own addresses; only floating IP on port1 brings it packets of another one.
  ip_forwarding_enabled          = false
  accelerated_networking_enabled = true

  ip_configuration {
    name                          = each.value.role
    subnet_id                     = each.value.subnet_id
    private_ip_address            = each.value.address
    private_ip_address_allocation = "Static"
    primary                       = true
  }
}

resource "azurerm_linux_virtual_machine" "unit" {
  for_each = local.units

  name                            = "vm-${var.name}-${each.key}"
  computer_name                   = "${var.name}-${each.key}"
  resource_group_name             = var.resource_group_name
  location                        = var.location
  size                            = var.vm_size
  zone                            = local.zonal ? var.availability.zones[each.value.index] : null
  availability_set_id             = local.zonal ? null : azurerm_availability_set.units[0].id
  admin_username                  = var.admin_username
  admin_password                  = var.admin_password
  disable_password_authentication = false
  custom_data                     = base64encode(local.custom_data[each.key])
  tags                            = var.tags

  network_interface_ids = [
    for role in ["external", "internal"] : azurerm_network_interface.unit["${each.key}-${role}"].id
  ]

  os_disk {
    name                 = "osdisk-${var.name}-${each.key}"
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }

  source_image_reference {
    publisher = local.image.publisher
    offer     = local.image.offer
    sku       = local.image.sku
    version   = local.image.version
  }

  plan {
    name      = local.image.sku
    publisher = local.image.publisher
    product   = local.image.offer
  }

  identity {
    type = "SystemAssigned"
  }

  boot_diagnostics {}

  depends_on = [
    azurerm_marketplace_agreement.fortiweb,
    azurerm_network_interface_security_group_association.unit,
  ]

  lifecycle {
    # Custom data is read at the first start only, and a change would replace both units.
    ignore_changes = [custom_data]
  }
}

resource "azurerm_managed_disk" "log" {
  for_each = local.units

  name                          = "disk-${var.name}-${each.key}-log"
  resource_group_name           = var.resource_group_name
  location                      = var.location
  zone                          = local.zonal ? var.availability.zones[each.value.index] : null
  storage_account_type          = "Premium_LRS"
  create_option                 = "Empty"
  disk_size_gb                  = var.log_disk_size_gb
  network_access_policy         = "DenyAll"
  public_network_access_enabled = false
  tags                          = var.tags
}

resource "azurerm_virtual_machine_data_disk_attachment" "log" {
  for_each = local.units

  virtual_machine_id = azurerm_linux_virtual_machine.unit[each.key].id
  managed_disk_id    = azurerm_managed_disk.log[each.key].id
  lun                = 0
  caching            = "ReadWrite"
}

# --- Filtering ---------------------------------------------------------------------------------------------------------

resource "azurerm_network_security_group" "unit" {
  for_each = local.ports

  name                = "nsg-${var.name}-${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

locals {
  security_rules = merge(
    {
      for index, client in var.client_prefixes : "clients-${lower(replace(client, "/[./*]/", "-"))}" => {
        group = "external", priority = 200 + index, protocol = "Tcp", source = client, ports = [for port in values(var.listeners) : tostring(port)]
      }
    },
    {
      # The pair synchronises through a tunnel between the internal ports.
      ha-peer = { group = "internal", priority = 100, protocol = "*", source = var.subnets.internal.address_prefix, ports = ["0-65535"] }
    },
    {
      for index, prefix in var.management.source_prefixes : "management-${replace(prefix, "/[./]/", "-")}" => {
        group = var.management.public_nat_enabled ? "external" : "internal", priority = 1000 + index, protocol = "Tcp", source = prefix, ports = ["22", "8443"]
      }
    },
  )
}

# Rules stand alone, so that another configuration may add one (a scanner, a monitoring host) without this module.
resource "azurerm_network_security_rule" "allow" {
  for_each = local.security_rules

  name                        = "allow-${each.key}"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.unit[each.value.group].name
  priority                    = each.value.priority
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = each.value.protocol
  source_port_range           = "*"
  source_address_prefix       = each.value.source
  destination_port_ranges     = each.value.ports
  destination_address_prefix  = "*"
}

resource "azurerm_network_security_rule" "probes" {
  name                        = "allow-load-balancer-probes"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.unit["external"].name
  priority                    = 110
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  source_address_prefix       = "AzureLoadBalancer"
  destination_port_range      = "*"
  destination_address_prefix  = "*"
}

resource "azurerm_network_security_rule" "deny" {
  for_each = local.ports

  name                        = "deny-other-inbound"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.unit[each.key].name
  priority                    = 4000
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
  network_security_group_id = azurerm_network_security_group.unit[each.value.role].id
}

# --- Routing -----------------------------------------------------------------------------------------------------------

# Peering would carry FortiWeb's requests straight into the spokes. They shall pass FortiGate, and so shall the answers:
# the spokes route the internal subnet's prefix to the same next hop.
resource "azurerm_route_table" "internal" {
  name                          = "rt-${var.name}-internal"
  resource_group_name           = var.resource_group_name
  location                      = var.location
  bgp_route_propagation_enabled = false
  tags                          = var.tags
}

resource "azurerm_route" "to_spoke" {
  for_each = var.spoke_prefixes

  name                   = "to-${each.key}"
  resource_group_name    = var.resource_group_name
  route_table_name       = azurerm_route_table.internal.name
  address_prefix         = each.value
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = var.next_hop
}

resource "azurerm_subnet_route_table_association" "internal" {
  subnet_id      = var.subnets.internal.id
  route_table_id = azurerm_route_table.internal.id
}
