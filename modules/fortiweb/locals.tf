locals {
  # FortiFlex tokens activate the image that one brings a licence to.
  image = {
    publisher = "fortinet"
    offer     = "fortinet_fortiweb-vm_v5"
    sku       = var.license_type == "payg" ? "fortinet_fw-vm_payg_v3" : "fortinet_fw-vm"
    version   = var.fortiweb_version
  }

  zonal = var.availability.mode == "zones"

  units = {
    a = { index = 0, ha_priority = 1, peer = "b" }
    b = { index = 1, ha_priority = 2, peer = "a" }
  }

  ports = {
    external = { number = 1, subnet = var.subnets.external }
    internal = { number = 2, subnet = var.subnets.internal }
  }

  # Both units come from this one map, so they cannot differ by accident.
  interfaces = merge([
    for unit, spec in local.units : {
      for role, port in local.ports : "${unit}-${role}" => {
        unit      = unit
        role      = role
        port      = port.number
        subnet_id = port.subnet.id
        address   = cidrhost(port.subnet.address_prefix, 4 + spec.index)
        gateway   = cidrhost(port.subnet.address_prefix, 1)
      }
    }
  ]...)

  internal_prefixes = concat(var.virtual_network_address_space, [for name in sort(keys(var.spoke_prefixes)) : var.spoke_prefixes[name]])

  # FortiWeb wants strict JSON, so the commands go through a serializer and their line breaks with them.
  custom_data = {
    for unit, spec in local.units : unit => jsonencode(merge(
      {
        cloud-initd = "enable"
        HaAzureInit = "disable"
        usr-cli = templatefile("${path.module}/templates/fortiweb.conf.tftpl", {
          hostname       = "${var.name}-${unit}"
          ports          = { for role in keys(local.ports) : role => local.interfaces["${unit}-${role}"] }
          routes         = local.internal_prefixes
          ha_group       = var.ha_group
          ha_priority    = spec.ha_priority
          ha_peer        = local.interfaces["${spec.peer}-internal"].address
          application    = var.application
          public_address = azurerm_public_ip.external.ip_address
        })
      },
      var.license_type == "byol" ? { FwbLicenseBYOL = var.licenses[unit] } : {},
      var.license_type == "flex" ? { flex_token = var.licenses[unit] } : {},
    ))
  }
}
