output "hub_virtual_network_id" {
  description = "Id of the hub virtual network."
  value       = module.hub.virtual_network_id
}

output "hub_subnets" {
  description = "Prefixes of the hub's subnets by role."
  value       = { for role, subnet in module.hub.subnets : role => subnet.address_prefix }
}

output "firewall_address" {
  description = "The address which the spokes' route tables name as next hop. FortiGate's internal load balancer must take it."
  value       = local.firewall_address
}

output "spokes" {
  description = "Virtual network and subnet prefixes of every spoke."
  value = {
    for name, spoke in module.spoke : name => {
      virtual_network_id = spoke.virtual_network_id
      subnets            = { for role, subnet in spoke.subnets : role => subnet.address_prefix }
    }
  }
}
