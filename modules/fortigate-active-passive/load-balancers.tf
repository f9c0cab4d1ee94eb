# Two Standard load balancers find the active unit: the external one for the Internet, the internal one as next hop of
# every spoke. Their probes ask FortiOS on port 8008, which only the active unit answers.

locals {
  probe = {
    port     = 8008
    interval = 5
    count    = 2
  }
}

# --- External ----------------------------------------------------------------------------------------------------------

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
  name            = "fortigate"
  loadbalancer_id = azurerm_lb.external.id
}

resource "azurerm_lb_probe" "external" {
  name                = "fortios-8008"
  loadbalancer_id     = azurerm_lb.external.id
  protocol            = "Tcp"
  port                = local.probe.port
  interval_in_seconds = local.probe.interval
  number_of_probes    = local.probe.count
}

resource "azurerm_lb_rule" "external" {
  for_each = var.inbound_services

  name                           = each.key
  loadbalancer_id                = azurerm_lb.external.id
  frontend_ip_configuration_name = azurerm_lb.external.frontend_ip_configuration[0].name
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.external.id]
  probe_id                       = azurerm_lb_probe.external.id
  protocol                       = each.value.protocol
  frontend_port                  = each.value.port
  backend_port                   = each.value.port
  floating_ip_enabled            = true
  idle_timeout_in_minutes        = 5

  # Azure demands it where an outbound rule uses the same frontend.
  disable_outbound_snat = true
}

resource "azurerm_lb_outbound_rule" "external" {
  name                     = "egress"
  loadbalancer_id          = azurerm_lb.external.id
  backend_address_pool_id  = azurerm_lb_backend_address_pool.external.id
  protocol                 = "All"
  allocated_outbound_ports = var.outbound_ports_per_unit
  idle_timeout_in_minutes  = 5
  tcp_reset_enabled        = true

  frontend_ip_configuration {
    name = azurerm_lb.external.frontend_ip_configuration[0].name
  }
}

# --- Internal ----------------------------------------------------------------------------------------------------------

resource "azurerm_lb" "internal" {
  name                = "lbi-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  sku                 = "Standard"
  tags                = var.tags

  frontend_ip_configuration {
    name                          = "internal"
    subnet_id                     = var.subnets.internal.id
    private_ip_address            = local.internal_load_balancer_address
    private_ip_address_allocation = "Static"
    zones                         = local.zonal ? ["1", "2", "3"] : null
  }
}

resource "azurerm_lb_backend_address_pool" "internal" {
  name            = "fortigate"
  loadbalancer_id = azurerm_lb.internal.id
}

resource "azurerm_lb_probe" "internal" {
  name                = "fortios-8008"
  loadbalancer_id     = azurerm_lb.internal.id
  protocol            = "Tcp"
  port                = local.probe.port
  interval_in_seconds = local.probe.interval
  number_of_probes    = local.probe.count
}

# HA ports: every port of every protocol that the load balancer carries (TCP and UDP; not ICMP).
resource "azurerm_lb_rule" "internal" {
  name                           = "ha-ports"
  loadbalancer_id                = azurerm_lb.internal.id
  frontend_ip_configuration_name = azurerm_lb.internal.frontend_ip_configuration[0].name
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.internal.id]
  probe_id                       = azurerm_lb_probe.internal.id
  protocol                       = "All"
  frontend_port                  = 0
  backend_port                   = 0
  floating_ip_enabled            = true
  idle_timeout_in_minutes        = 5
}

# --- Members -----------------------------------------------------------------------------------------------------------

resource "azurerm_network_interface_backend_address_pool_association" "external" {
  for_each = local.units

  network_interface_id    = azurerm_network_interface.unit["${each.key}-external"].id
  ip_configuration_name   = azurerm_network_interface.unit["${each.key}-external"].ip_configuration[0].name
  backend_address_pool_id = azurerm_lb_backend_address_pool.external.id
}

resource "azurerm_network_interface_backend_address_pool_association" "internal" {
  for_each = local.units

  network_interface_id    = azurerm_network_interface.unit["${each.key}-internal"].id
  ip_configuration_name   = azurerm_network_interface.unit["${each.key}-internal"].ip_configuration[0].name
  backend_address_pool_id = azurerm_lb_backend_address_pool.internal.id
}
