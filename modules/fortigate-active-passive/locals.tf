locals {
  # --- Image, plan and size --------------------------------------------------------------------------------------------

  # FortiFlex tokens activate the image that one brings a licence to.
  sku_license = var.license_type == "payg" ? "payg" : "byol"
  sku_series  = join("", slice(split(".", var.fortios_version), 0, 2))
  sku_suffix = {
    x64_gen1 = ""
    x64_gen2 = "_g2"
    arm64    = "_arm64"
  }[var.architecture]

  image = {
    publisher = "fortinet"
    offer     = "fortinet_fortigate-vm"
    sku       = "fortinet_fg-vm_${local.sku_license}_${local.sku_series}${local.sku_suffix}"
    version   = var.fortios_version
  }

  # All of them take four interfaces, accelerated networking and premium disks.
  default_vm_size = {
    x64_gen1 = "Standard_D8s_v3"
    x64_gen2 = "Standard_D8s_v5"
    arm64    = "Standard_D8ps_v6"
  }[var.architecture]

  vm_size = coalesce(var.vm_size, local.default_vm_size)

  # Sizes of the sixth generation offer a generation 2 image its disks by NVMe only.
  disk_controller_type = var.architecture == "x64_gen2" && endswith(local.vm_size, "_v6") ? "NVMe" : null

  # --- Units and ports -------------------------------------------------------------------------------------------------

  zonal = var.availability.mode == "zones"

  units = {
    a = { index = 0, ha_priority = 255, peer = "b" }
    b = { index = 1, ha_priority = 1, peer = "a" }
  }

  # Azure keeps the first four addresses of a subnet. The units follow, and in the internal subnet the load balancer
  # comes before them. Real CIDR arithmetic, so that a subnet of any size and place works.
  ports = {
    external   = { number = 1, first_host = 4, subnet = var.subnets.external }
    internal   = { number = 2, first_host = 5, subnet = var.subnets.internal }
    hasync     = { number = 3, first_host = 4, subnet = var.subnets.hasync }
    management = { number = 4, first_host = 4, subnet = var.subnets.management }
  }

  internal_load_balancer_address = cidrhost(var.subnets.internal.address_prefix, 4)

  # Both units come from this one map, so they cannot differ by accident: `a-external`, `a-internal`, … `b-management`.
  interfaces = merge([
    for unit, spec in local.units : {
      for role, port in local.ports : "${unit}-${role}" => {
        unit      = unit
        role      = role
        port      = port.number
        subnet_id = port.subnet.id
        address   = cidrhost(port.subnet.address_prefix, port.first_host + spec.index)
        netmask   = cidrnetmask(port.subnet.address_prefix)
        gateway   = cidrhost(port.subnet.address_prefix, 1)
        public_ip = role == "management" && var.management.public_ip_enabled
      }
    }
  ]...)

  # --- Configuration ---------------------------------------------------------------------------------------------------

  # Destinations behind port2: the hub itself first, then the spokes in the order of their names.
  internal_routes = [
    for route in concat(
      [for prefix in var.virtual_network_address_space : { comment = "hub", prefix = prefix }],
      [for name in sort(keys(var.spoke_prefixes)) : { comment = "spoke ${name}", prefix = var.spoke_prefixes[name] }],
    ) : merge(route, { network = cidrhost(route.prefix, 0), netmask = cidrnetmask(route.prefix) })
  ]

  # Address objects, as policies name them: `spoke-<name>` for every spoke, and what the caller adds.
  addresses = {
    for name, prefix in merge({ for name, prefix in var.spoke_prefixes : "spoke-${name}" => prefix }, var.addresses) : name => {
      network = cidrhost(prefix, 0)
      netmask = cidrnetmask(prefix)
    }
  }

  configuration = {
    for unit, spec in local.units : unit => templatefile("${path.module}/templates/fortigate.conf.tftpl", {
      hostname        = "${var.name}-${unit}"
      ports           = { for role in keys(local.ports) : role => local.interfaces["${unit}-${role}"] }
      internal_routes = local.internal_routes
      addresses       = local.addresses
      policies        = var.policies
      ha_group        = var.ha_group
      ha_priority     = spec.ha_priority
      ha_peer         = local.interfaces["${spec.peer}-hasync"].address
      ha_password     = var.ha_password
      admin_username  = var.admin_username
      ssh_public_key  = var.admin_ssh_public_key
      fortimanager    = var.fortimanager
      ssl_vpn_port    = startswith(var.fortios_version, "7.") ? 7443 : null
      additional_cli  = var.additional_cli
    })
  }

  # With a licence the custom data is a MIME message of two parts; without one it is the configuration alone.
  custom_data = {
    for unit, configuration in local.configuration : unit => var.license_type == "payg" ? configuration : templatefile("${path.module}/templates/custom-data.mime.tftpl", {
      configuration = configuration
      license       = var.license_type == "flex" ? "LICENSE-TOKEN:${var.licenses[unit]}" : var.licenses[unit]
    })
  }
}
