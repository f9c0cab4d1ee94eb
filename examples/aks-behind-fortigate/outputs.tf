output "ingress_public_ip" {
  description = "Public address of the applications: FortiWeb's."
  value       = one(module.fortiweb[*].public_ip_address)
}

output "egress_public_ip" {
  description = "Public address that everything in the spoke leaves from: FortiGate's. For allow lists of others."
  value       = module.fortigate.public_ip_address
}

output "ingress_internal_address" {
  description = "Address which the ingress controller's service must ask for, as FortiWeb sends requests there."
  value       = local.ingress_address
}

output "firewall_next_hop" {
  description = "FortiGate's internal load balancer, next hop of the spoke's default route."
  value       = module.fortigate.next_hop
}

output "fortigate" {
  description = "Image and size of the firewalls as derived, and the addresses of their management ports."
  value = {
    image      = module.fortigate.image
    management = module.fortigate.management_addresses
  }
}

output "cluster" {
  description = "The cluster: id, API server and issuer of workload identity tokens."
  value = {
    id              = module.aks.id
    private_fqdn    = module.aks.private_fqdn
    oidc_issuer_url = module.aks.oidc_issuer_url
  }
}

output "subnets" {
  description = "Prefixes of all subnets by network and role."
  value = {
    hub   = { for role, subnet in module.hub.subnets : role => subnet.address_prefix }
    spoke = { for role, subnet in module.spoke.subnets : role => subnet.address_prefix }
  }
}
