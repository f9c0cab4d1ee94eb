# The public side. Floating IP is on: FortiWeb sees the public address, and its virtual IPs carry it.

resource "azurerm_public_ip" "external" {
  name                = "pip-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  allocation_method   = "Static"
  sku                 = "Standard"
  zones               = local.zonal ? ["1", "2", "3"] : null
  tags                = var.tags
}

resource "azurerm_lb" "external" {
  name                = "lbe-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  sku                 = "Standard"
  tags                = var.tags

  frontend_ip_configuration {
    name                 = "external"
    public_ip_address_id = azurerm_public_ip.external.id
  }
}

resource "azurerm_lb_backend_address_pool" "external" {
  name            = "fortiweb"
  loadbalancer_id = azurerm_lb.external.id
}

resource "azurerm_network_interface_backend_address_pool_association" "external" {
  for_each = local.units

  network_interface_id    = azurerm_network_interface.unit["${each.key}-external"].id
  ip_configuration_name   = azurerm_network_interface.unit["${each.key}-external"].ip_configuration[0].name
  backend_address_pool_id = azurerm_lb_backend_address_pool.external.id
}

resource "azurerm_lb_probe" "listener" {
  for_each = var.listeners

  name                = "tcp-${each.value}"
  loadbalancer_id     = azurerm_lb.external.id
  protocol            = "Tcp"
  port                = each.value
  interval_in_seconds = 5
  number_of_probes    = 2
}

resource "azurerm_lb_rule" "listener" {
  for_each = var.listeners

  name                           = each.key
  loadbalancer_id                = azurerm_lb.external.id
  frontend_ip_configuration_name = azurerm_lb.external.frontend_ip_configuration[0].name
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.external.id]
  probe_id                       = azurerm_lb_probe.listener[each.key].id
  protocol                       = "Tcp"
  frontend_port                  = each.value
  backend_port                   = each.value
  floating_ip_enabled            = true
  idle_timeout_in_minutes        = 5
  disable_outbound_snat          = true
}

# FortiGuard updates and licence checks of the units themselves.
resource "azurerm_lb_outbound_rule" "external" {
  name                     = "egress"
  loadbalancer_id          = azurerm_lb.external.id
  backend_address_pool_id  = azurerm_lb_backend_address_pool.external.id
  protocol                 = "All"
  allocated_outbound_ports = 1024
  idle_timeout_in_minutes  = 5
  tcp_reset_enabled        = true

  frontend_ip_configuration {
    name = azurerm_lb.external.frontend_ip_configuration[0].name
  }
}

# One port of the public address per unit, counted up from the first: 40030 is unit a's HTTPS, 40031 unit b's.
resource "azurerm_lb_nat_rule" "management" {
  for_each = var.management.public_nat_enabled ? { https = { first = 40030, port = 8443 }, ssh = { first = 50030, port = 22 } } : {}

  name                           = "management-${each.key}"
  resource_group_name            = var.resource_group_name
  loadbalancer_id                = azurerm_lb.external.id
  frontend_ip_configuration_name = azurerm_lb.external.frontend_ip_configuration[0].name
  backend_address_pool_id        = azurerm_lb_backend_address_pool.external.id
  protocol                       = "Tcp"
  frontend_port_start            = each.value.first
  frontend_port_end              = each.value.first + 1
  backend_port                   = each.value.port
  floating_ip_enabled            = false
}
