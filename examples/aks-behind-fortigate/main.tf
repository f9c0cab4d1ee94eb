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
  # The order of the roles is the address plan: append, never insert.
  hub_length = tonumber(split("/", var.hub.address_space)[1])
  hub_subnets = merge(
    {
      for number, role in ["external", "internal", "hasync", "management", "fortiweb-external", "fortiweb-internal"] :
      role => cidrsubnet(var.hub.address_space, 26 - local.hub_length, number)
    },
    var.hub.subnets,
  )

  # Subnets that hold the pools at their largest while an upgrade surges. With the default pools, 5 and 10 nodes with 2 and
  # 4 on top, that is 21 nodes:
  #   overlay      21 addresses of 251 for nodes; pods take 21 of the 256 /24s of 10.244.0.0/16
  #   pod_subnet   21 addresses of 251 for nodes; pods take 21 x 110 = 2310 of 4091
  #   node_subnet  21 x (50 + 1) = 1071 addresses of 4091 for nodes and pods together
  # The API server's private endpoint needs one more in the node subnet.
  spoke_length = tonumber(split("/", var.spoke.address_space)[1])
  spoke_subnets = {
    nodes = coalesce(
      var.spoke.node_subnet_prefix,
      cidrsubnet(var.spoke.address_space, (var.cni_mode == "node_subnet" ? 20 : 24) - local.spoke_length, 0),
    )
    pods = var.cni_mode != "pod_subnet" ? null : coalesce(
      var.spoke.pod_subnet_prefix,
      cidrsubnet(var.spoke.address_space, 20 - local.spoke_length, 1),
    )
    load_balancers = coalesce(
      var.spoke.load_balancer_subnet_prefix,
      cidrsubnet(var.spoke.address_space, 26 - local.spoke_length, 128),
    )
  }

  # FortiWeb's requests and FortiGate's policies name the cluster's ingress, so it gets a fixed address: the first free one
  # of the load balancer subnet. The ingress controller's service asks for it by annotation.
  ingress_address = cidrhost(local.spoke_subnets.load_balancers, 4)

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

locals {
  hub_security_rules = {
    hasync = {
      allow-heartbeat = {
        priority                   = 200
        source_address_prefixes    = [local.hub_subnets["hasync"]]
        destination_address_prefix = local.hub_subnets["hasync"]
        description                = "The two units talk to each other and to nobody else."
      }
      deny-other-inbound = {
        priority = 4000
        access   = "Deny"
      }
    }
    management = {
      allow-administrators = {
        priority                = 200
        protocol                = "Tcp"
        source_address_prefixes = var.management.source_prefixes
        destination_port_ranges = ["22", "443"]
        description             = "HTTPS and SSH of the firewall's management ports."
      }
      deny-other-inbound = {
        priority = 4000
        access   = "Deny"
      }
    }
    fortiweb-external = {
      allow-web = {
        priority                = 200
        protocol                = "Tcp"
        source_address_prefixes = ["Internet"]
        destination_port_ranges = ["80", "443"]
        description             = "The published applications."
      }
    }
  }
}

module "hub" {
  source = "../../modules/hub-network"

  name                = "hub-${var.suffix}"
  resource_group_name = azurerm_resource_group.hub.name
  location            = azurerm_resource_group.hub.location
  address_space       = [var.hub.address_space]
  tags                = var.tags

  # The appliances filter on their interfaces; the subnets' groups let pass what an appliance must see.
  subnets = {
    for role, prefix in local.hub_subnets : role => {
      address_prefix = prefix
      transit        = contains(["external", "internal"], role)
      security_rules = lookup(local.hub_security_rules, role, {})
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
  addresses = { fortiweb = local.hub_subnets["fortiweb-internal"] }
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
  node_subnet_prefix          = local.spoke_subnets.nodes
  pod_subnet_prefix           = local.spoke_subnets.pods
  load_balancer_subnet_prefix = local.spoke_subnets.load_balancers
  pod_cidr                    = var.cni_mode == "overlay" ? var.pod_cidr : null

  hub = {
    virtual_network_id   = module.hub.virtual_network_id
    virtual_network_name = module.hub.virtual_network_name
    resource_group_name  = module.hub.resource_group_name
  }

  egress_next_hop    = module.fortigate.next_hop
  inspected_prefixes = { fortiweb = local.hub_subnets["fortiweb-internal"] }

  inbound = {
    fortiweb = {
      priority        = 200
      source_prefixes = [local.hub_subnets["fortiweb-internal"]]
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
