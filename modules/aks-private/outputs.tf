output "id" {
  description = "Id of the cluster."
  value       = azurerm_kubernetes_cluster.cluster.id
}

output "name" {
  description = "Name of the cluster."
  value       = azurerm_kubernetes_cluster.cluster.name
}

output "private_fqdn" {
  description = "Name of the API server in the private DNS zone."
  value       = azurerm_kubernetes_cluster.cluster.private_fqdn
}

output "oidc_issuer_url" {
  description = "Issuer of the cluster's service account tokens, for workload identity federations."
  value       = azurerm_kubernetes_cluster.cluster.oidc_issuer_url
}

output "node_resource_group" {
  description = "Resource group in which AKS keeps the nodes."
  value       = azurerm_kubernetes_cluster.cluster.node_resource_group
}

output "identity_principal_id" {
  description = "Object id of the cluster's identity."
  value       = azurerm_user_assigned_identity.cluster.principal_id
}

output "kubelet_identity_object_id" {
  description = "Object id of the nodes' identity, for example for pulling from a registry."
  value       = azurerm_kubernetes_cluster.cluster.kubelet_identity[0].object_id
}

output "private_dns_zone_id" {
  description = "Id of the API server's DNS zone."
  value       = local.private_dns_zone_id
}

output "log_analytics_workspace_id" {
  description = "Id of the workspace that receives the control plane's logs."
  value       = local.workspace_id
}
