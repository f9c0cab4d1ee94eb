# An existing AKS cluster.

type      = "Microsoft.ContainerService/managedClusters"
api       = "2025-10-01"
id        = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.ContainerService/managedClusters/{name}"
also_post = ["listClusterUserCredential"]

attributes {
  name                             = required(string)
  resource_group_name              = required(string)
  location                         = computed(string, at("location"))
  api_server_authorized_ip_ranges  = computed(set(string), at("properties.apiServerAccessProfile.authorizedIPRanges"))
  azure_policy_enabled             = computed(bool, at("properties.addonProfiles.azurepolicy.enabled"))
  current_kubernetes_version       = computed(string, at("properties.currentKubernetesVersion"), changes_with("kubernetes_version"))
  disk_encryption_set_id           = computed(string, at("properties.diskEncryptionSetID"))
  dns_prefix                       = computed(string, at("properties.dnsPrefix"))
  fqdn                             = computed(string, at("properties.fqdn"))
  http_application_routing_enabled = computed(bool, at("properties.addonProfiles.httpApplicationRouting.enabled"))
  http_application_routing_zone_name = computed(
    string, at("properties.addonProfiles.httpApplicationRouting.config.HTTPApplicationRoutingZoneName"), changes_with("http_application_routing_enabled")
  )
  kube_admin_config = computed(
    list(object({ client_certificate = string, client_key = string, cluster_ca_certificate = string, host = string, password = string, username = string })),
    sensitive, at("/$extra.listClusterAdminCredential.kubeconfigs[0].value"), kubeconfig
  )
  kube_admin_config_raw = computed(string, sensitive, at("/$extra.listClusterAdminCredential.kubeconfigs[0].value"), base64)
  kube_config = computed(
    list(object({ client_certificate = string, client_key = string, cluster_ca_certificate = string, host = string, password = string, username = string })),
    sensitive, at("/$extra.listClusterUserCredential.kubeconfigs[0].value"), kubeconfig
  )
  kube_config_raw        = computed(string, sensitive, at("/$extra.listClusterUserCredential.kubeconfigs[0].value"), base64)
  kubernetes_version     = computed(string, at("properties.kubernetesVersion"))
  node_resource_group    = computed(string, at("properties.nodeResourceGroup"), predict("MC_{resource_group_name}_{name}_{location}", 80))
  node_resource_group_id = computed(string, predict("/subscriptions/{subscription}/resourceGroups/{node_resource_group}"))
  oidc_issuer_enabled = computed(
    bool, at("properties.oidcIssuerProfile.enabled"), replace_if("true -> false"), because("the OIDC issuer of a cluster cannot be switched off")
  )
  oidc_issuer_url                   = computed(string, at("properties.oidcIssuerProfile.issuerURL"), changes_with("oidc_issuer_enabled"))
  open_service_mesh_enabled         = computed(bool, at("properties.addonProfiles.openServiceMesh.enabled"))
  private_cluster_enabled           = computed(bool, at("properties.apiServerAccessProfile.enablePrivateCluster"))
  private_fqdn                      = computed(string, at("properties.privateFQDN"))
  role_based_access_control_enabled = computed(bool, at("properties.enableRBAC"))
  tags                              = computed(map(string), at("tags"))

  block "aci_connector_linux" {
    self        = computed(list, at("properties.addonProfiles.aciConnectorLinux"), switch("enabled"))
    subnet_name = computed(string, at("config.SubnetName"))
  }

  block "agent_pool_profile" {
    self                     = computed(list, at("properties.agentPoolProfiles[]"))
    name                     = computed(string, at("name"))
    auto_scaling_enabled     = computed(bool, at("enableAutoScaling"))
    count                    = computed(int, at("count"))
    max_count                = computed(int, at("maxCount"))
    max_pods                 = computed(int, at("maxPods"))
    min_count                = computed(int, at("minCount"))
    node_labels              = computed(map(string), at("nodeLabels"))
    node_public_ip_enabled   = computed(bool, at("enableNodePublicIP"))
    node_public_ip_prefix_id = computed(string, at("nodePublicIPPrefixID"))
    node_taints              = computed(list(string), at("nodeTaints"))
    orchestrator_version     = computed(string, at("orchestratorVersion"))
    os_disk_size_gb          = computed(int, at("osDiskSizeGB"))
    os_type                  = computed(string, at("osType"))
    tags                     = computed(map(string), at("tags"))
    type                     = computed(string, at("type"))
    vm_size                  = computed(string, at("vmSize"))
    vnet_subnet_id           = computed(string, at("vnetSubnetID"))
    zones                    = computed(list(string), at("availabilityZones"))

    block "upgrade_settings" {
      self                          = computed(list, at("upgradeSettings"))
      drain_timeout_in_minutes      = computed(int, at("drainTimeoutInMinutes"))
      max_surge                     = computed(string, at("maxSurge"))
      max_unavailable               = computed(string, at("maxUnavailable"))
      node_soak_duration_in_minutes = computed(int, at("nodeSoakDurationInMinutes"))
      undrainable_node_behavior     = computed(string, at("undrainableNodeBehavior"))
    }
  }

  block "azure_active_directory_role_based_access_control" {
    self                   = computed(list, at("properties.aadProfile"), const("managed", true))
    admin_group_object_ids = computed(list(string), at("adminGroupObjectIDs"), same(any_order))
    azure_rbac_enabled     = computed(bool, at("enableAzureRBAC"))
    tenant_id              = computed(string, at("tenantID"), predict("{tenant}"))
  }

  block "bootstrap_profile" {
    self                  = computed(list, at("properties.bootstrapProfile"))
    artifact_source       = computed(string, at("artifactSource"))
    container_registry_id = computed(string, at("containerRegistryId"), quiet)
  }

  block "identity" {
    self         = computed(list, at("identity"), unless("type", "None"))
    identity_ids = computed(list(string), at("userAssignedIdentities"), keys)
    principal_id = computed(string, at("principalId"), changes_with("type"))
    tenant_id    = computed(string, at("tenantId"), changes_with("type"))
    type         = computed(string, at("type"))
  }

  block "ingress_application_gateway" {
    self                 = computed(list, at("properties.addonProfiles.ingressApplicationGateway"), switch("enabled"))
    effective_gateway_id = computed(string, at("config.effectiveApplicationGatewayId"))
    gateway_id           = computed(string, at("config.applicationGatewayId"))
    gateway_name         = computed(string, at("config.applicationGatewayName"))
    subnet_cidr          = computed(string, at("config.subnetCIDR"))
    subnet_id            = computed(string, at("config.subnetId"))

    block "ingress_application_gateway_identity" {
      self                      = computed(list, at("identity"))
      client_id                 = computed(string, at("clientId"))
      object_id                 = computed(string, at("objectId"))
      user_assigned_identity_id = computed(string, at("resourceId"))
    }
  }

  block "key_management_service" {
    self                     = computed(list, at("properties.securityProfile.azureKeyVaultKms"), switch("enabled"))
    key_vault_key_id         = computed(string, at("keyId"))
    key_vault_network_access = computed(string, at("keyVaultNetworkAccess"))
  }

  block "key_vault_secrets_provider" {
    self                     = computed(list, at("properties.addonProfiles.azureKeyvaultSecretsProvider"), switch("enabled"))
    secret_rotation_enabled  = computed(bool, at("config.enableSecretRotation"), text)
    secret_rotation_interval = computed(string, at("config.rotationPollInterval"))

    block "secret_identity" {
      self                      = computed(list, at("identity"))
      client_id                 = computed(string, at("clientId"))
      object_id                 = computed(string, at("objectId"))
      user_assigned_identity_id = computed(string, at("resourceId"))
    }
  }

  block "kubelet_identity" {
    self                      = computed(list, at("properties.identityProfile.kubeletidentity"))
    client_id                 = computed(string, at("clientId"))
    object_id                 = computed(string, at("objectId"))
    user_assigned_identity_id = computed(string, at("resourceId"))
  }

  block "linux_profile" {
    self           = computed(list, at("properties.linuxProfile"))
    admin_username = computed(string, at("adminUsername"))

    block "ssh_key" {
      self     = computed(list, at("ssh.publicKeys[]"))
      key_data = computed(string, at("keyData"))
    }
  }

  block "microsoft_defender" {
    self                       = computed(list, at("properties.securityProfile.defender"), const("securityMonitoring.enabled", true), filter)
    log_analytics_workspace_id = computed(string, at("logAnalyticsWorkspaceResourceId"))
  }

  block "network_profile" {
    self               = computed(list, at("properties.networkProfile"))
    dns_service_ip     = computed(string, at("dnsServiceIP"))
    docker_bridge_cidr = computed(string)
    load_balancer_sku  = computed(string, at("loadBalancerSku"))
    network_plugin = computed(
      string, at("networkPlugin"), replace_unless("kubenet -> azure if network_plugin_mode = overlay"),
      because("a cluster's network plugin changes in place only from kubenet to azure overlay")
    )
    network_policy = computed(
      string, at("networkPolicy"), filled("none"), replace_unless("-> *", "azure -> cilium", "calico -> cilium"),
      because("a cluster's network policy changes in place only to cilium")
    )
    outbound_type = computed(string, at("outboundType"))
    pod_cidr = computed(
      string, at("podCidr"), same(cidr), changes_with("pod_cidrs"), predict("{pod_cidrs.0}"),
      replace_unless("-> *", "* -> wider if network_plugin_mode = overlay"),
      because("the pod range of a cluster can only be widened, and only with overlay")
    )
    service_cidr = computed(string, at("serviceCidr"), same(cidr), predict("{service_cidrs.0}"))
  }

  block "oms_agent" {
    self                            = computed(list, at("properties.addonProfiles.omsagent"), switch("enabled"))
    log_analytics_workspace_id      = computed(string, at("config.logAnalyticsWorkspaceResourceID"))
    msi_auth_for_monitoring_enabled = computed(bool, at("config.useAADAuth"), text)

    block "oms_agent_identity" {
      self                      = computed(list, at("identity"))
      client_id                 = computed(string, at("clientId"))
      object_id                 = computed(string, at("objectId"))
      user_assigned_identity_id = computed(string, at("resourceId"))
    }
  }

  block "service_mesh_profile" {
    self                             = computed(list, at("properties.serviceMeshProfile"), unless("mode", "Disabled"))
    external_ingress_gateway_enabled = computed(bool, at("istio.components.ingressGateways[mode=External].enabled"))
    internal_ingress_gateway_enabled = computed(bool, at("istio.components.ingressGateways[mode=Internal].enabled"))
    mode                             = computed(string, at("mode"))
    revisions                        = computed(list(string), at("istio.revisions"))

    block "certificate_authority" {
      self                   = computed(list, at("istio.certificateAuthority.plugin"))
      cert_chain_object_name = computed(string, at("certChainObjectName"))
      cert_object_name       = computed(string, at("certObjectName"))
      key_object_name        = computed(string, at("keyObjectName"))
      key_vault_id           = computed(string, at("keyVaultId"))
      root_cert_object_name  = computed(string, at("rootCertObjectName"))
    }
  }

  block "service_principal" {
    self      = computed(list, at("properties.servicePrincipalProfile"), unless("clientId", "msi"), quiet)
    client_id = computed(string, at("clientId"))
  }

  block "storage_profile" {
    self                        = computed(list, at("properties.storageProfile"))
    blob_driver_enabled         = computed(bool, at("blobCSIDriver.enabled"))
    disk_driver_enabled         = computed(bool, at("diskCSIDriver.enabled"))
    file_driver_enabled         = computed(bool, at("fileCSIDriver.enabled"))
    snapshot_controller_enabled = computed(bool, at("snapshotController.enabled"))
  }

  block "windows_profile" {
    self           = computed(list, at("properties.windowsProfile"))
    admin_username = computed(string, at("adminUsername"))
  }
}
