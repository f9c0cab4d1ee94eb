# The network of the smallest cluster, without an account: `ravelin test`.

variables {
  name          = "test"
  address_space = "10.20.0.0/22"
}

run "nodes_get_the_first_quarter" {
  command = plan

  assert {
    condition     = azurerm_subnet.nodes.address_prefixes[0] == "10.20.0.0/24"
    error_message = "The nodes' subnet is ${azurerm_subnet.nodes.address_prefixes[0]}."
  }

  assert {
    condition     = !azurerm_subnet.nodes.default_outbound_access_enabled
    error_message = "Nodes must not go out by Azure's default way."
  }
}

run "the_cluster_comes_up" {
  assert {
    condition     = azurerm_kubernetes_cluster.main.private_cluster_enabled
    error_message = "The API server must not be public."
  }

  assert {
    condition     = azurerm_role_assignment.subnet.principal_id == azurerm_user_assigned_identity.cluster.principal_id
    error_message = "The cluster's identity must be able to join nodes to the subnet."
  }
}
