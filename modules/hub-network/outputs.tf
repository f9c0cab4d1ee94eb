output "virtual_network_id" {
  description = "Id of the hub virtual network."
  value       = azurerm_virtual_network.hub.id
}

output "virtual_network_name" {
  description = "Name of the hub virtual network."
  value       = azurerm_virtual_network.hub.name
}

output "resource_group_name" {
  description = "Resource group of the hub network, as peerings from spokes need it."
  value       = var.resource_group_name
}

output "address_space" {
  description = "Address space of the hub virtual network."
  value       = var.address_space
}

output "subnets" {
  description = "Subnets by role: `id`, `name` and `address_prefix`. Available once the security group is attached."
  value = {
    for role, subnet in azurerm_subnet.hub : role => {
      id             = subnet.id
      name           = subnet.name
      address_prefix = subnet.address_prefixes[0]
    }
  }

  # Nothing should be placed in a subnet before it is filtered.
  depends_on = [azurerm_subnet_network_security_group_association.hub]
}
