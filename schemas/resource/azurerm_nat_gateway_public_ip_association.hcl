# A public IP address of a NAT gateway.

type     = "Microsoft.Network/natGateways"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m" }
locks    = ["{public_ip_address_id}"]

part {
  owner = "{nat_gateway_id}"
  at    = "properties.publicIpAddresses[id={public_ip_address_id}]"
  id    = "{nat_gateway_id}|{public_ip_address_id}"
}

attributes {
  nat_gateway_id       = required(string, force_new)
  public_ip_address_id = required(string, force_new, at("id"))
}
