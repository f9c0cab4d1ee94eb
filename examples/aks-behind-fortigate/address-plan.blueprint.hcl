# What the address check should know besides the resources. Only Ravelin reads this file; Terraform passes it by.
# docs/address-plan.md describes the block.

address_plan {
  on_premises "datacenter" { prefixes = ["10.200.0.0/16"] }

  # Further landing zones are taken from here, the hub's and the first spoke's ranges aside.
  pool "landing-zones" { prefixes = ["10.100.0.0/14"] }

  # The ingress controllers of the teams ask for more than the one address that FortiWeb knows.
  reserve {
    of        = "module.spoke.azurerm_subnet.spoke[\"load-balancers\"]"
    addresses = 10
    why       = "Internal load balancers of the teams' services."
  }

  # Two nodes a quarter; the subnets are to last two years without a move.
  growth {
    of              = "module.aks.azurerm_kubernetes_cluster_node_pool.user"
    nodes_per_month = 0.7
    horizon_months  = 24
  }

  thresholds { warning_percent = 90 }
}
