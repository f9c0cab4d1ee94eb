# The reference landing zone: a hub with FortiGate and FortiWeb, a spoke with a private AKS cluster.
#
#   Internet ── FortiWeb (pair) ──┐
#                                 ├── FortiGate (active-passive) ── internal load balancer of AKS, nodes, pods
#   Internet ── external LB ──────┘
#
# Requests come in through FortiWeb and pass FortiGate on their way to the cluster; everything that leaves the cluster
# passes FortiGate.

data "azurerm_client_config" "current" {}

data "azurerm_subscription" "current" {}

locals {
  # Per CNI mode the subnets that hold the pools at their largest while an upgrade surges. With the default pools, 5 and 10
  # nodes with 2 and 4 on top, that is 21 nodes:
  #   overlay      21 node addresses; pods take 21 of the 256 /24s of 10.244.0.0/16
  #   pod_subnet   21 node addresses; pods take 21 x 110 = 2310 of 4091
  #   node_subnet  21 x (50 + 1) = 1071 of 4091
  # The API server's private endpoint needs one more in the node subnet.
  spoke_subnets = {
    overlay     = { nodes = "10.101.0.0/24", pods = null }
    pod_subnet  = { nodes = "10.101.0.0/24", pods = "10.101.16.0/20" }
    node_subnet = { nodes = "10.101.0.0/20", pods = null }
  }[var.cni_mode]

  node_subnet_prefix = coalesce(var.spoke.node_subnet_prefix, local.spoke_subnets.nodes)
  pod_subnet_prefix  = var.cni_mode == "pod_subnet" ? coalesce(var.spoke.pod_subnet_prefix, local.spoke_subnets.pods) : null

  # FortiWeb's requests and FortiGate's policies name the cluster's ingress, so it gets a fixed address: the first free one
  # of the load balancer subnet. The ingress controller's service asks for it by annotation.
  ingress_address = cidrhost(var.spoke.load_balancer_subnet_prefix, 4)

  spoke_prefixes = { aks = var.spoke.address_space }
}

resource "azurerm_resource_group" "hub" {
  name     = "rg-hub-${var.suffix}"
  location = var.location
  tags     = var.tags
}

resource "azurerm_resource_group" "spoke" {
  name     = "rg-aks-${var.suffix}"
  location = var.location
  tags     = var.tags
}

# --- Hub ---------------------------------------------------------------------------------------------------------------

module "hub" {
  source = "../../modules/hub-network"

  name                = "hub-${var.suffix}"
  resource_group_name = azurerm_resource_group.hub.name
  location            = azurerm_resource_group.hub.location
  address_space       = [var.hub.address_space]
  tags                = var.tags

  # The appliances filter on their interfaces; the subnets' groups let pass what an appliance must see.
  subnets = {
    for role, prefix in var.hub.subnets : role => {
      address_prefix = prefix
      transit        = contains(["external", "internal"], role)
      security_rules = lookup(local.hub_security_rules, role, {})
    }
  }
}

locals {
  hub_security_rules = {
    hasync = {
      deny-other-networks = {
        priority                   = 4000
        access                     = "Deny"
        source_address_prefixes    = ["Internet"]
        destination_address_prefix = "*"
        description                = "The heartbeat stays in its subnet."
      }
    }
    management = {
      allow-administrators = {
        priority                   = 200
        access                     = "Allow"
        protocol                   = "Tcp"
        source_address_prefixes    = var.management.source_prefixes
        destination_port_ranges    = ["22", "443"]
        destination_address_prefix = "*"
        description                = "HTTPS and SSH of the firewall's management ports."
      }
    }
    fortiweb-external = {
      allow-web = {
        priority                   = 200
        access                     = "Allow"
        protocol                   = "Tcp"
        source_address_prefixes    = ["Internet"]
        destination_port_ranges    = ["80", "443"]
        destination_address_prefix = "*"
        description                = "The published applications."
      }
    }
  }
}

module "fortigate" {
  source = "../../modules/fortigate-active-passive"

  name                = "fgt-${var.suffix}"
  resource_group_name = azurerm_resource_group.hub.name
  location            = azurerm_resource_group.hub.location
  tags                = var.tags
  availability        = { mode = var.availability_mode }

  subnets = {
    external   = module.hub.subnets["external"]
    internal   = module.hub.subnets["internal"]
    hasync     = module.hub.subnets["hasync"]
    management = module.hub.subnets["management"]
  }
  virtual_network_address_space = module.hub.address_space
  spoke_prefixes                = local.spoke_prefixes
  management                    = var.management

  fortios_version               = var.fortigate.version
  license_type                  = var.fortigate.license_type
  licenses                      = var.fortigate_licenses
  architecture                  = var.fortigate.architecture
  vm_size                       = var.fortigate.vm_size
  marketplace_agreement_enabled = var.marketplace_agreements_enabled

  admin_password = var.fortigate_admin_password
  ha_password    = var.fortigate_ha_password

  sdn_connector_scopes = { current = data.azurerm_subscription.current.id }

  # What must work before the cluster is there. Names in place of `all` come on day 1: FortiOS fills wildcard names from DNS
  # answers that pass it, and Azure's DNS does not.
  addresses = { fortiweb = var.hub.subnets["fortiweb-internal"] }
  policies = concat(
    [
      {
        name     = "aks-egress"
        sources  = ["spoke-aks"]
        services = ["HTTPS", "HTTP", "NTP", "DNS"]
      },
    ],
    var.fortiweb.enabled ? [
      {
        name         = "fortiweb-to-aks-ingress"
        to           = "port2"
        sources      = ["fortiweb"]
        destinations = ["spoke-aks"]
        services     = ["HTTP", "HTTPS"]
        nat          = false
      },
    ] : [],
  )
}

module "fortiweb" {
  source = "../../modules/fortiweb"
  count  = var.fortiweb.enabled ? 1 : 0

  name                = "fwb-${var.suffix}"
  resource_group_name = azurerm_resource_group.hub.name
  location            = azurerm_resource_group.hub.location
  tags                = var.tags
  availability        = { mode = var.availability_mode }

  subnets = {
    external = module.hub.subnets["fortiweb-external"]
    internal = module.hub.subnets["fortiweb-internal"]
  }
  virtual_network_address_space = module.hub.address_space
  spoke_prefixes                = local.spoke_prefixes
  next_hop                      = module.fortigate.next_hop

  fortiweb_version              = var.fortiweb.version
  license_type                  = var.fortiweb.license_type
  licenses                      = var.fortiweb_licenses
  marketplace_agreement_enabled = var.marketplace_agreements_enabled
  admin_password                = var.fortiweb_admin_password

  application = {
    name    = "aks-ingress"
    address = local.ingress_address
  }
}

# --- Spoke -------------------------------------------------------------------------------------------------------------

module "spoke" {
  source = "../../modules/spoke-network"

  name                = "aks-${var.suffix}"
  resource_group_name = azurerm_resource_group.spoke.name
  location            = azurerm_resource_group.spoke.location
  address_space       = [var.spoke.address_space]
  tags                = var.tags

  cni_mode                    = var.cni_mode
  node_subnet_prefix          = local.node_subnet_prefix
  pod_subnet_prefix           = local.pod_subnet_prefix
  load_balancer_subnet_prefix = var.spoke.load_balancer_subnet_prefix
  pod_cidr                    = var.cni_mode == "overlay" ? var.pod_cidr : null

  hub = {
    virtual_network_id   = module.hub.virtual_network_id
    virtual_network_name = module.hub.virtual_network_name
    resource_group_name  = module.hub.resource_group_name
  }

  egress_next_hop    = module.fortigate.next_hop
  inspected_prefixes = { fortiweb = var.hub.subnets["fortiweb-internal"] }

  inbound = {
    fortiweb = {
      priority        = 200
      source_prefixes = [var.hub.subnets["fortiweb-internal"]]
      ports           = ["80", "443"]
    }
  }
}

module "aks" {
  source = "../../modules/aks-private"

  name                = var.suffix
  resource_group_name = azurerm_resource_group.spoke.name
  location            = azurerm_resource_group.spoke.location
  tags                = var.tags

  kubernetes_version = var.kubernetes_version

  network = {
    cni_mode       = var.cni_mode
    node_subnet_id = module.spoke.subnets["nodes"].id
    pod_subnet_id  = var.cni_mode == "pod_subnet" ? module.spoke.subnets["pods"].id : null
    pod_cidr       = var.cni_mode == "overlay" ? var.pod_cidr : null
    service_cidr   = var.service_cidr
  }

  network_contributor_scopes = merge(
    { for role, subnet in module.spoke.subnets : "subnet-${role}" => subnet.id },
    { route-table = module.spoke.route_table_id },
  )

  private_dns_zone = { resource_group_name = azurerm_resource_group.hub.name }
  dns_linked_virtual_networks = {
    hub   = module.hub.virtual_network_id
    spoke = module.spoke.virtual_network_id
  }

  tenant_id              = data.azurerm_client_config.current.tenant_id
  admin_group_object_ids = var.admin_group_object_ids

  system_node_pool = var.system_node_pool
  user_node_pools  = var.user_node_pools
}
