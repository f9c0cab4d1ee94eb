# The Kubernetes versions that AKS offers in a region.

type      = "Microsoft.ContainerService/locations/kubernetesVersions"
api       = "2025-10-01"
id        = "/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{location:region}/kubernetesVersions"
transform = "kubernetes_versions"

attributes {
  location        = required(string, force_new, region)
  default_version = computed(string, at("default"))
  include_preview = optional(bool, default(true))
  latest_version  = computed(string, at("latest"))
  version_prefix  = optional(string)
  versions        = computed(list(string), at("versions"))
}
