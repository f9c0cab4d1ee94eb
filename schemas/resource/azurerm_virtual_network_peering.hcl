# One direction of a peering between two virtual networks.

type     = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Network/virtualNetworks/{virtual_network_name}/virtualNetworkPeerings/{name}"
locks    = ["{remote_virtual_network_id}"]
readonly = ["properties.remoteVirtualNetworkEncryption", "properties.resourceGuid"]

attributes {
  name                                   = required(string, force_new)
  resource_group_name                    = required(string, force_new)
  allow_forwarded_traffic                = optional(bool, default(false), at("properties.allowForwardedTraffic"))
  allow_gateway_transit                  = optional(bool, default(false), at("properties.allowGatewayTransit"))
  allow_virtual_network_access           = optional(bool, default(true), at("properties.allowVirtualNetworkAccess"))
  local_subnet_names                     = optional(list(string), at("properties.localSubnetNames"))
  only_ipv6_peering_enabled              = optional(bool, force_new, at("properties.enableOnlyIPv6Peering"))
  peer_complete_virtual_networks_enabled = optional(bool, force_new, default(true), at("properties.peerCompleteVnets"))
  remote_subnet_names                    = optional(list(string), at("properties.remoteSubnetNames"))
  remote_virtual_network_id              = required(string, force_new, at("properties.remoteVirtualNetwork.id"))
  triggers                               = optional(map(string))
  use_remote_gateways                    = optional(bool, default(false), at("properties.useRemoteGateways"))
  virtual_network_name                   = required(string, force_new)
}
