# A health probe of a load balancer.

type     = "Microsoft.Network/loadBalancers"
api      = "2025-01-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }

part {
  owner = "{loadbalancer_id}"
  at    = "properties.probes[name={name}]"
  id    = "{loadbalancer_id}/probes/{name}"
}

attributes {
  name                = required(string, force_new, at("name"))
  interval_in_seconds = optional(int, default(15), at("properties.intervalInSeconds"))
  load_balancer_rules = computed(set(string), at("properties.loadBalancingRules[].id"))
  loadbalancer_id     = required(string, force_new)
  number_of_probes    = optional(int, default(2), at("properties.numberOfProbes"))
  port                = required(int, at("properties.port"))
  probe_threshold     = optional(int, default(1), range(1, 100), at("properties.probeThreshold"))
  protocol            = optional(string, default("Tcp"), one_of("Http", "Https", "Tcp"), at("properties.protocol"))
  request_path        = optional(string, at("properties.requestPath"))
}
