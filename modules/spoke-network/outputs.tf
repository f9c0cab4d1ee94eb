output "virtual_network_id" {
  description = "Id of the spoke virtual network."
  value       = azurerm_virtual_network.spoke.id
}

output "virtual_network_name" {
  description = "Name of the spoke virtual network."
  value       = azurerm_virtual_network.spoke.name
}

output "address_space" {
  description = "Address space of the spoke virtual network."
  value       = var.address_space
}

output "route_table_id" {
  description = "Id of the route table which sends all egress to FortiGate."
  value       = azurerm_route_table.spoke.id
}

output "subnets" {
  description = <<-EOT
    Subnets by role (`nodes`, `load-balancers`, `pods` in the pod_subnet mode, and additional ones): `id`, `name` and
    `address_prefix`. Available once they are filtered, routed and peered.
  EOT
  value = {
    for role, subnet in azurerm_subnet.spoke : role => {
      id             = subnet.id
      name           = subnet.name
      address_prefix = subnet.address_prefixes[0]
    }
  }

  # AKS refuses outbound type userDefinedRouting unless the default route is attached before the cluster is created,
  # and its nodes cannot start before the path to FortiGate is there.
  depends_on = [
    azurerm_subnet_network_security_group_association.spoke,
    azurerm_subnet_route_table_association.spoke,
    azurerm_virtual_network_peering.to_hub,
    azurerm_virtual_network_peering.from_hub,
  ]
}
