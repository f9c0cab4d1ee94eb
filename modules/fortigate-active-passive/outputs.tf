output "next_hop" {
  description = <<-EOT
    Address of the internal load balancer, as next hop of route tables. Available once both units are behind it, so that
    nothing is routed into the void.
  EOT
  value       = local.internal_load_balancer_address

  depends_on = [
    azurerm_lb_rule.internal,
    azurerm_lb_outbound_rule.external,
    azurerm_network_interface_backend_address_pool_association.external,
    azurerm_network_interface_backend_address_pool_association.internal,
    azurerm_virtual_machine_data_disk_attachment.log,
  ]
}

output "public_ip_address" {
  description = "Public address of the external load balancer: source of all egress, and the address of virtual IPs on FortiGate."
  value       = azurerm_public_ip.external.ip_address
}

output "management_addresses" {
  description = "Private and, where there is one, public address of each unit's port4."
  value = {
    for unit in keys(local.units) : unit => {
      private = local.interfaces["${unit}-management"].address
      public  = var.management.public_ip_enabled ? azurerm_public_ip.management[unit].ip_address : null
    }
  }
}

output "virtual_machine_ids" {
  description = "Ids of the two units."
  value       = { for unit, machine in azurerm_linux_virtual_machine.unit : unit => machine.id }
}

output "principal_ids" {
  description = "Object ids of the units' identities, for further role assignments."
  value       = { for unit, machine in azurerm_linux_virtual_machine.unit : unit => machine.identity[0].principal_id }
}

output "image" {
  description = "Marketplace image as derived from version, licence and architecture."
  value       = merge(local.image, { size = local.vm_size })
}

output "configuration" {
  description = "The day-0 configuration of each unit, as rendered. It holds the HA password."
  value       = local.configuration
  sensitive   = true
}
