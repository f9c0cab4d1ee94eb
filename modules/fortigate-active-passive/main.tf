# Two FortiGate units with four interfaces each. One is active; the load balancers follow it.

resource "azurerm_availability_set" "units" {
  count = local.zonal ? 0 : 1

  name                         = "avail-${var.name}"
  resource_group_name          = var.resource_group_name
  location                     = var.location
  platform_fault_domain_count  = 2
  platform_update_domain_count = 2
  tags                         = var.tags
}

resource "azurerm_marketplace_agreement" "fortigate" {
  count = var.marketplace_agreement_enabled ? 1 : 0

  publisher = local.image.publisher
  offer     = local.image.offer
  plan      = local.image.sku
}

resource "azurerm_public_ip" "management" {
  for_each = { for key, interface in local.interfaces : interface.unit => interface if interface.public_ip }

  name                = "pip-${var.name}-${each.key}-management"
  resource_group_name = var.resource_group_name
  location            = var.location
  allocation_method   = "Static"
  sku                 = "Standard"
  zones               = local.zonal ? ["1", "2", "3"] : null
  tags                = var.tags
}

resource "azurerm_network_interface" "unit" {
  for_each = local.interfaces

  name                           = "nic-${var.name}-${each.value.unit}-port${each.value.port}"
  resource_group_name            = var.resource_group_name
  location                       = var.location
  ip_forwarding_enabled          = true
  accelerated_networking_enabled = var.accelerated_networking_enabled
  tags                           = var.tags

  ip_configuration {
    name                          = each.value.role
    subnet_id                     = each.value.subnet_id
    private_ip_address            = each.value.address
    private_ip_address_allocation = "Static"
    primary                       = true
    public_ip_address_id          = each.value.public_ip ? azurerm_public_ip.management[each.value.unit].id : null
  }
}

resource "azurerm_linux_virtual_machine" "unit" {
  for_each = local.units

  name                            = "vm-${var.name}-${each.key}"
  computer_name                   = "${var.name}-${each.key}"
  resource_group_name             = var.resource_group_name
  location                        = var.location
  size                            = local.vm_size
  zone                            = local.zonal ? var.availability.zones[each.value.index] : null
  availability_set_id             = local.zonal ? null : azurerm_availability_set.units[0].id
  disk_controller_type            = local.disk_controller_type
  admin_username                  = var.admin_username
  admin_password                  = var.admin_password
  disable_password_authentication = false
  custom_data                     = base64encode(local.custom_data[each.key])
  tags                            = var.tags

  # The order is the order of the ports; the first interface is the primary one.
  network_interface_ids = [
    for role in ["external", "internal", "hasync", "management"] : azurerm_network_interface.unit["${each.key}-${role}"].id
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

  # FortiGate's SDN connector reads Azure as this identity.
  identity {
    type = "SystemAssigned"
  }

  # The serial console, with storage that Azure manages.
  boot_diagnostics {}

  depends_on = [
    azurerm_marketplace_agreement.fortigate,
    # Groups before machines, or a later delete finds them in use.
    azurerm_network_interface_security_group_association.unit,
  ]

  lifecycle {
    # Custom data is read at the first start only, and a change would replace both firewalls. From day 1 on,
    # FortiOS is configured by its own API or by FortiManager.
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

# Both units need it: after a failover the other one asks.
resource "azurerm_role_assignment" "sdn_connector" {
  for_each = {
    for pair in setproduct(keys(local.units), keys(var.sdn_connector_scopes)) : "${pair[0]}-${pair[1]}" => {
      unit  = pair[0]
      scope = var.sdn_connector_scopes[pair[1]]
    }
  }

  scope                = each.value.scope
  role_definition_name = "Reader"
  principal_id         = azurerm_linux_virtual_machine.unit[each.value.unit].identity[0].principal_id
  principal_type       = "ServicePrincipal"
  description          = "FortiGate SDN connector: dynamic addresses"
}
