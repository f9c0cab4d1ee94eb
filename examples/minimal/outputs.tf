output "cluster_id" {
  description = "Id of the cluster."
  value       = azurerm_kubernetes_cluster.main.id
}

output "private_fqdn" {
  description = "Name of the API server, resolvable in the virtual network only."
  value       = azurerm_kubernetes_cluster.main.private_fqdn
}

output "oidc_issuer_url" {
  description = "Issuer of the cluster's service account tokens, for workload identity federations."
  value       = azurerm_kubernetes_cluster.main.oidc_issuer_url
}

output "credentials_command" {
  description = "Command that writes a kubeconfig for the signed-in user."
  value       = "az aks get-credentials --resource-group ${azurerm_resource_group.main.name} --name ${azurerm_kubernetes_cluster.main.name}"
}
