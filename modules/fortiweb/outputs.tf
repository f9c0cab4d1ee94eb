output "public_ip_address" {
  description = "Public address of the published applications."
  value       = azurerm_public_ip.external.ip_address
}

output "internal_addresses" {
  description = "Addresses of the units' port2, from which the clusters' ingress sees requests."
  value       = { for unit in keys(local.units) : unit => local.interfaces["${unit}-internal"].address }
}

output "virtual_machine_ids" {
  description = "Ids of the two units."
  value       = { for unit, machine in azurerm_linux_virtual_machine.unit : unit => machine.id }
}

output "principal_ids" {
  description = "Object ids of the units' identities."
  value       = { for unit, machine in azurerm_linux_virtual_machine.unit : unit => machine.identity[0].principal_id }
}

output "image" {
  description = "Marketplace image as derived from version and licence."
  value       = merge(local.image, { size = var.vm_size })
}

output "custom_data" {
  description = "The day-0 configuration of each unit, as rendered."
  value       = local.custom_data
  sensitive   = true
}
