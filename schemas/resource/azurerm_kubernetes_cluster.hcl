# An AKS cluster with its default node pool. Other pools are resources of their own and stay as they are.

type      = "Microsoft.ContainerService/managedClusters"
api       = "2025-10-01"
version   = 2
timeouts  = { create = "90m", delete = "90m", update = "90m" }
id        = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.ContainerService/managedClusters/{name}"
consts    = { "sku.name" = "Base" }
also_post = ["listClusterUserCredential"]
readonly = [
  "properties.powerState",
  "properties.maxAgentPools",
  "properties.currentKubernetesVersion",
  "properties.fqdn",
  "properties.privateFQDN",
  "properties.azurePortalFQDN",
  "properties.resourceUID",
  "eTag",
  "identity.principalId",
  "identity.tenantId",
]

attributes {
  name                          = required(string, force_new)
  resource_group_name           = required(string, force_new)
  location                      = required(string, force_new, at("location"))
  ai_toolchain_operator_enabled = optional(bool, default(false), at("properties.aiToolchainOperatorProfile.enabled"))
  automatic_upgrade_channel = optional(
    string, one_of("patch", "rapid", "stable", "node-image"), at("properties.autoUpgradeProfile.upgradeChannel"), filled("none")
  )
  azure_policy_enabled                = optional(bool, at("properties.addonProfiles.azurepolicy.enabled"))
  cost_analysis_enabled               = optional(bool, at("properties.metricsProfile.costAnalysis.enabled"))
  current_kubernetes_version          = computed(string, at("properties.currentKubernetesVersion"), changes_with("kubernetes_version"))
  custom_ca_trust_certificates_base64 = optional(list(string), max(10), at("properties.securityProfile.customCATrustCertificates"))
  disk_encryption_set_id              = optional(string, force_new, at("properties.diskEncryptionSetID"))
  dns_prefix                          = optional(string, force_new, exactly_one_of("dns_prefix", "dns_prefix_private_cluster"), at("properties.dnsPrefix"))
  dns_prefix_private_cluster          = optional(string, force_new, exactly_one_of("dns_prefix", "dns_prefix_private_cluster"), at("properties.fqdnSubdomain"))
  edge_zone                           = optional(string, force_new, at("extendedLocation"), edge_zone, same(location))
  fqdn                                = computed(string, at("properties.fqdn"))
  http_application_routing_enabled    = optional(bool, at("properties.addonProfiles.httpApplicationRouting.enabled"))
  http_application_routing_zone_name = computed(
    string, at("properties.addonProfiles.httpApplicationRouting.config.HTTPApplicationRoutingZoneName"), changes_with("http_application_routing_enabled")
  )
  image_cleaner_enabled        = optional(bool, at("properties.securityProfile.imageCleaner.enabled"))
  image_cleaner_interval_hours = optional(int, range(24, 2160), at("properties.securityProfile.imageCleaner.intervalHours"), quiet)
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
  kubernetes_version     = optional(string, computed, at("properties.kubernetesVersion"))
  local_account_disabled = optional(bool, at("properties.disableLocalAccounts"))
  node_os_upgrade_channel = optional(
    string, default("NodeImage"), one_of("NodeImage", "None", "SecurityPatch", "Unmanaged"), at("properties.autoUpgradeProfile.nodeOSUpgradeChannel")
  )
  node_resource_group = optional(string, computed, force_new, at("properties.nodeResourceGroup"), predict("MC_{resource_group_name}_{name}_{location}", 80))
  node_resource_group_id              = computed(string, predict("/subscriptions/{subscription}/resourceGroups/{node_resource_group}"))
  oidc_issuer_url                     = computed(string, at("properties.oidcIssuerProfile.issuerURL"), changes_with("oidc_issuer_enabled"))
  open_service_mesh_enabled           = optional(bool, at("properties.addonProfiles.openServiceMesh.enabled"))
  portal_fqdn                         = computed(string, at("properties.azurePortalFQDN"))
  private_cluster_enabled             = optional(bool, force_new, default(false), at("properties.apiServerAccessProfile.enablePrivateCluster"))
  private_cluster_public_fqdn_enabled = optional(bool, default(false), at("properties.apiServerAccessProfile.enablePrivateClusterPublicFQDN"))
  private_dns_zone_id                 = optional(string, computed, force_new, at("properties.apiServerAccessProfile.privateDNSZone"))
  private_fqdn                        = computed(string, at("properties.privateFQDN"))
  role_based_access_control_enabled   = optional(bool, force_new, default(true), at("properties.enableRBAC"))
  run_command_enabled                 = optional(bool, default(true), at("properties.apiServerAccessProfile.disableRunCommand"), not)
  sku_tier                            = optional(string, default("Free"), one_of("Free", "Standard", "Premium"), at("sku.tier"))
  support_plan                        = optional(string, default("KubernetesOfficial"), one_of("KubernetesOfficial", "AKSLongTermSupport"), at("properties.supportPlan"))
  tags                                = optional(map(string), at("tags"))
  workload_identity_enabled           = optional(bool, default(false), at("properties.securityProfile.workloadIdentity.enabled"))

  block "aci_connector_linux" {
    self        = optional(list, max(1), at("properties.addonProfiles.aciConnectorLinux"), switch("enabled"))
    subnet_name = required(string, at("config.SubnetName"))

    block "connector_identity" {
      self                      = computed(list, at("identity"))
      client_id                 = computed(string, at("clientId"))
      object_id                 = computed(string, at("objectId"))
      user_assigned_identity_id = computed(string, at("resourceId"))
    }
  }

  block "api_server_access_profile" {
    self                                = optional(list, max(1), at("properties.apiServerAccessProfile"))
    authorized_ip_ranges                = optional(set(string), at("authorizedIPRanges"), same(cidr))
    subnet_id                           = optional(string, at("subnetId"), replace_unless("-> *"))
    virtual_network_integration_enabled = optional(bool, default(false), at("enableVnetIntegration"), replace_if("true -> *"))
  }

  block "auto_scaler_profile" {
    self                                          = optional(list, computed, max(1), at("properties.autoScalerProfile"))
    balance_similar_node_groups                   = optional(bool, default(false), at("balance-similar-node-groups"), text)
    daemonset_eviction_for_empty_nodes_enabled    = optional(bool, default(false), at("daemonset-eviction-for-empty-nodes"))
    daemonset_eviction_for_occupied_nodes_enabled = optional(bool, default(true), at("daemonset-eviction-for-occupied-nodes"))
    empty_bulk_delete_max                         = optional(string, computed, at("max-empty-bulk-delete"))
    expander                                      = optional(string, default("random"), one_of("least-waste", "most-pods", "priority", "random"), at("expander"))
    ignore_daemonsets_utilization_enabled         = optional(bool, default(false), at("ignore-daemonsets-utilization"))
    max_graceful_termination_sec                  = optional(string, computed, at("max-graceful-termination-sec"))
    max_node_provisioning_time                    = optional(string, default("15m"), at("max-node-provision-time"))
    max_unready_nodes                             = optional(int, default(3), at("ok-total-unready-count"), text)
    max_unready_percentage                        = optional(float, default(45), range(0, 100), at("max-total-unready-percentage"), text)
    new_pod_scale_up_delay                        = optional(string, computed, at("new-pod-scale-up-delay"))
    scale_down_delay_after_add                    = optional(string, computed, at("scale-down-delay-after-add"))
    scale_down_delay_after_delete                 = optional(string, computed, at("scale-down-delay-after-delete"))
    scale_down_delay_after_failure                = optional(string, computed, at("scale-down-delay-after-failure"))
    scale_down_unneeded                           = optional(string, computed, at("scale-down-unneeded-time"))
    scale_down_unready                            = optional(string, computed, at("scale-down-unready-time"))
    scale_down_utilization_threshold              = optional(string, computed, at("scale-down-utilization-threshold"))
    scan_interval                                 = optional(string, computed, at("scan-interval"))
    skip_nodes_with_local_storage                 = optional(bool, at("skip-nodes-with-local-storage"), text)
    skip_nodes_with_system_pods                   = optional(bool, default(true), at("skip-nodes-with-system-pods"), text)
  }

  block "azure_active_directory_role_based_access_control" {
    self = optional(list, max(1), at("properties.aadProfile"), const("managed", true))
    admin_group_object_ids = optional(
      list(string),
      at_least_one_of("azure_active_directory_role_based_access_control.0.tenant_id",
        "azure_active_directory_role_based_access_control.0.admin_group_object_ids"),
      at("adminGroupObjectIDs"), same(any_order)
    )
    azure_rbac_enabled = optional(bool, at("enableAzureRBAC"))
    tenant_id = optional(
      string, computed,
      at_least_one_of("azure_active_directory_role_based_access_control.0.tenant_id",
        "azure_active_directory_role_based_access_control.0.admin_group_object_ids"),
      at("tenantID"), predict("{tenant}")
    )
  }

  block "bootstrap_profile" {
    self                  = optional(list, computed, max(1), at("properties.bootstrapProfile"))
    artifact_source       = optional(string, default("Direct"), one_of("Cache", "Direct"), at("artifactSource"))
    container_registry_id = optional(string, at("containerRegistryId"), quiet)
  }

  block "confidential_computing" {
    self                     = optional(list, max(1), at("properties.addonProfiles.ACCSGXDevicePlugin"), switch("enabled"))
    sgx_quote_helper_enabled = required(bool, at("config.ACCSGXQuoteHelperEnabled"), text)
  }

  block "default_node_pool" {
    self                          = required(list, max(1), at("properties.agentPoolProfiles[name]"), const("mode", "System"), const("osType", "Linux"))
    name                          = required(string, at("name"))
    auto_scaling_enabled          = optional(bool, at("enableAutoScaling"))
    capacity_reservation_group_id = optional(string, force_new, at("capacityReservationGroupID"))
    fips_enabled                  = optional(bool, at("enableFIPS"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
    gpu_driver                    = optional(string, force_new, one_of("Install", "None"), at("gpuProfile.driver"))
    gpu_instance                  = optional(string, force_new, one_of("MIG1g", "MIG2g", "MIG3g", "MIG4g", "MIG7g"), at("gpuInstanceProfile"))
    host_encryption_enabled = optional(
      bool, at("enableEncryptionAtHost"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
    )
    host_group_id = optional(string, force_new, at("hostGroupID"))
    kubelet_disk_type = optional(
      string, computed, one_of("OS", "Temporary"), at("kubeletDiskType"), replace_if("* -> *"),
      because("Azure cannot change it in the nodes of a running pool")
    )
    max_count   = optional(int, range(1, 1000), at("maxCount"))
    max_pods    = optional(int, computed, at("maxPods"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
    min_count   = optional(int, range(1, 1000), at("minCount"))
    node_count  = optional(int, computed, range(1, 1000), at("count"), predict("{min_count}"), sent_as("1"))
    node_labels = optional(map(string), computed, at("nodeLabels"))
    node_public_ip_enabled = optional(bool, at("enableNodePublicIP"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
    node_public_ip_prefix_id = optional(string, force_new, required_with("default_node_pool.0.node_public_ip_enabled"), at("nodePublicIPPrefixID"))
    only_critical_addons_enabled = optional(
      bool, at("nodeTaints"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"),
      table([true, ["CriticalAddonsOnly=true:NoSchedule"]], [false, []])
    )
    orchestrator_version = optional(string, computed, at("orchestratorVersion"), changes_with("/kubernetes_version"))
    os_disk_size_gb = optional(int, computed, at("osDiskSizeGB"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
    os_disk_type = optional(
      string, default("Managed"), one_of("Ephemeral", "Managed"), at("osDiskType"), replace_if("* -> *"),
      because("Azure cannot change it in the nodes of a running pool")
    )
    os_sku = optional(
      string, computed, one_of("AzureLinux", "AzureLinux3", "Ubuntu", "Ubuntu2204", "Ubuntu2404", "Windows2019", "Windows2022"), at("osSKU"),
      replace_unless("Ubuntu -> Ubuntu2204", "Ubuntu -> Ubuntu2404", "Ubuntu2204 -> Ubuntu2404", "Ubuntu2204 -> Ubuntu", "Ubuntu2404 -> Ubuntu",
        "Ubuntu2404 -> Ubuntu2204", "Ubuntu -> AzureLinux", "AzureLinux -> Ubuntu", "AzureLinux -> AzureLinux3", "AzureLinux3 -> AzureLinux",
        "Ubuntu -> AzureLinux3", "AzureLinux3 -> Ubuntu", "Ubuntu2204 -> AzureLinux", "Ubuntu2204 -> AzureLinux3", "-> *"),
      because("Azure cannot change it in the nodes of a running pool")
    )
    pod_subnet_id                = optional(string, at("podSubnetID"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
    proximity_placement_group_id = optional(string, force_new, at("proximityPlacementGroupID"))
    scale_down_mode              = optional(string, default("Delete"), one_of("Deallocate", "Delete"), at("scaleDownMode"))
    snapshot_id = optional(string, at("creationData.sourceResourceId"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
    tags                        = optional(map(string), at("tags"))
    temporary_name_for_rotation = optional(string)
    type                        = optional(string, force_new, default("VirtualMachineScaleSets"), one_of("VirtualMachineScaleSets"), at("type"))
    ultra_ssd_enabled = optional(
      bool, default(false), at("enableUltraSSD"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
    )
    vm_size = optional(string, computed, at("vmSize"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"), same(nocase))
    vnet_subnet_id   = optional(string, at("vnetSubnetID"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
    workload_runtime = optional(string, computed, one_of("KataVmIsolation", "OCIContainer"), at("workloadRuntime"))
    zones            = optional(set(string), at("availabilityZones"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))

    block "kubelet_config" {
      self = optional(list, max(1), at("kubeletConfig"))
      allowed_unsafe_sysctls = optional(
        set(string), at("allowedUnsafeSysctls"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
      container_log_max_size_mb = optional(
        int, at("containerLogMaxSizeMB"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
      cpu_cfs_quota_enabled = optional(
        bool, default(true), at("cpuCfsQuota"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
      cpu_cfs_quota_period = optional(string, at("cpuCfsQuotaPeriod"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
      cpu_manager_policy = optional(
        string, one_of("none", "static"), at("cpuManagerPolicy"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
      image_gc_high_threshold = optional(
        int, range(0, 100), at("imageGcHighThreshold"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
      image_gc_low_threshold = optional(
        int, range(0, 100), at("imageGcLowThreshold"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
      pod_max_pid = optional(int, at("podMaxPids"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
      topology_manager_policy = optional(
        string, one_of("none", "best-effort", "restricted", "single-numa-node"), at("topologyManagerPolicy"), replace_if("* -> *"),
        because("Azure cannot change it in the nodes of a running pool")
      )

      v4 {
        container_log_max_files = optional(
          int, computed, conflicts_with("default_node_pool.0.kubelet_config.0.container_log_max_line"), at("containerLogMaxFiles"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool"), predict("{container_log_max_line}"), changes_with("container_log_max_line")
        )
        container_log_max_line = optional(
          int, computed, conflicts_with("default_node_pool.0.kubelet_config.0.container_log_max_files"), deprecated("It is gone in azurerm 5.0."),
          at("containerLogMaxFiles"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"),
          predict("{container_log_max_files}"), changes_with("container_log_max_files")
        )
      }

      v5 {
        container_log_max_files = optional(
          int, at("containerLogMaxFiles"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
      }
    }

    block "linux_os_config" {
      self              = optional(list, max(1), at("linuxOSConfig"))
      swap_file_size_mb = optional(int, at("swapFileSizeMB"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
      transparent_huge_page_defrag = optional(
        string, one_of("always", "defer", "defer+madvise", "madvise", "never"), at("transparentHugePageDefrag"), replace_if("* -> *"),
        because("Azure cannot change it in the nodes of a running pool")
      )

      block "sysctl_config" {
        self = optional(list, max(1), at("sysctls"), transform("port_range"))
        fs_aio_max_nr = optional(
          int, range(65536, 6553500), at("fsAioMaxNr"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        fs_file_max = optional(
          int, range(8192, 12000500), at("fsFileMax"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        fs_inotify_max_user_watches = optional(
          int, range(781250, 2097152), at("fsInotifyMaxUserWatches"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool")
        )
        fs_nr_open = optional(
          int, range(8192, 20000500), at("fsNrOpen"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        kernel_threads_max = optional(
          int, range(20, 513785), at("kernelThreadsMax"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_core_netdev_max_backlog = optional(
          int, range(1000, 3240000), at("netCoreNetdevMaxBacklog"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_core_optmem_max = optional(
          int, range(20480, 4194304), at("netCoreOptmemMax"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_core_rmem_default = optional(
          int, range(212992, 134217728), at("netCoreRmemDefault"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_core_rmem_max = optional(
          int, range(212992, 134217728), at("netCoreRmemMax"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_core_somaxconn = optional(
          int, range(4096, 3240000), at("netCoreSomaxconn"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_core_wmem_default = optional(
          int, range(212992, 134217728), at("netCoreWmemDefault"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_core_wmem_max = optional(
          int, range(212992, 134217728), at("netCoreWmemMax"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_ip_local_port_range_max = optional(
          int, range(32768, 65535), at("portRangeMax"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"),
          required_with("default_node_pool.0.linux_os_config.0.sysctl_config.0.net_ipv4_ip_local_port_range_min")
        )
        net_ipv4_ip_local_port_range_min = optional(
          int, range(1024, 60999), at("portRangeMin"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"),
          required_with("default_node_pool.0.linux_os_config.0.sysctl_config.0.net_ipv4_ip_local_port_range_max")
        )
        net_ipv4_neigh_default_gc_thresh1 = optional(
          int, range(128, 80000), at("netIpv4NeighDefaultGcThresh1"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_neigh_default_gc_thresh2 = optional(
          int, range(512, 90000), at("netIpv4NeighDefaultGcThresh2"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_neigh_default_gc_thresh3 = optional(
          int, range(1024, 100000), at("netIpv4NeighDefaultGcThresh3"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_tcp_fin_timeout = optional(
          int, range(5, 120), at("netIpv4TcpFinTimeout"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_tcp_keepalive_intvl = optional(
          int, range(10, 90), at("netIpv4TcpkeepaliveIntvl"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_tcp_keepalive_probes = optional(
          int, range(1, 15), at("netIpv4TcpKeepaliveProbes"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_tcp_keepalive_time = optional(
          int, range(30, 432000), at("netIpv4TcpKeepaliveTime"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_tcp_max_syn_backlog = optional(
          int, range(128, 3240000), at("netIpv4TcpMaxSynBacklog"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_tcp_max_tw_buckets = optional(
          int, range(8000, 1440000), at("netIpv4TcpMaxTwBuckets"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        net_ipv4_tcp_tw_reuse = optional(bool, at("netIpv4TcpTwReuse"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
        net_netfilter_nf_conntrack_buckets = optional(
          int, range(65536, 524288), at("netNetfilterNfConntrackBuckets"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool")
        )
        net_netfilter_nf_conntrack_max = optional(
          int, range(131072, 2097152), at("netNetfilterNfConntrackMax"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool")
        )
        vm_max_map_count = optional(
          int, range(65530, 262144), at("vmMaxMapCount"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
        vm_swappiness = optional(int, range(0, 100), at("vmSwappiness"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
        vm_vfs_cache_pressure = optional(
          int, range(0, 100), at("vmVfsCachePressure"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
        )
      }

      v4 {
        transparent_huge_page = optional(
          string, computed, one_of("always", "madvise", "never"), conflicts_with("default_node_pool.0.linux_os_config.0.transparent_huge_page_enabled"),
          at("transparentHugePageEnabled"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"),
          predict("{transparent_huge_page_enabled}"), changes_with("transparent_huge_page_enabled")
        )
        transparent_huge_page_enabled = optional(
          string, computed, one_of("always", "madvise", "never"), conflicts_with("default_node_pool.0.linux_os_config.0.transparent_huge_page"),
          deprecated("It is gone in azurerm 5.0."), at("transparentHugePageEnabled"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool"), predict("{transparent_huge_page}"), changes_with("transparent_huge_page")
        )
      }

      v5 {
        transparent_huge_page = optional(
          string, one_of("always", "madvise", "never"), at("transparentHugePageEnabled"), replace_if("* -> *"),
          because("Azure cannot change it in the nodes of a running pool")
        )
      }
    }

    block "node_network_profile" {
      self                           = optional(list, max(1), at("networkProfile"))
      application_security_group_ids = optional(list(string), at("applicationSecurityGroups"))
      node_public_ip_tags            = optional(map(string), force_new, at("nodePublicIPTags"), pairs("ipTagType", "tag"))

      block "allowed_host_ports" {
        self       = optional(list, at("allowedHostPorts[]"))
        port_end   = optional(int, range(1, 65535), at("portEnd"))
        port_start = optional(int, range(1, 65535), at("portStart"))
        protocol   = optional(string, one_of("TCP", "UDP"), at("protocol"))
      }
    }

    block "upgrade_settings" {
      self                          = optional(list, max(1), at("upgradeSettings"))
      drain_timeout_in_minutes      = optional(int, at("drainTimeoutInMinutes"))
      max_surge                     = required(string, at("maxSurge"), filled("10%"))
      node_soak_duration_in_minutes = optional(int, range(0, 30), at("nodeSoakDurationInMinutes"))
      undrainable_node_behavior     = optional(string, one_of("Cordon", "Schedule"), at("undrainableNodeBehavior"))
    }
  }

  block "http_proxy_config" {
    self        = optional(list, max(1), at("properties.httpProxyConfig"))
    http_proxy  = optional(string, at("httpProxy"))
    https_proxy = optional(string, at("httpsProxy"))
    no_proxy    = optional(set(string), at("noProxy"))
    trusted_ca  = optional(string, sensitive, at("trustedCa"), secret)
  }

  block "identity" {
    self         = optional(list, max(1), at("identity"), unless("type", "None"))
    identity_ids = optional(set(string), at("userAssignedIdentities"), keys)
    principal_id = computed(string, at("principalId"), changes_with("type"))
    tenant_id    = computed(string, at("tenantId"), changes_with("type"))
    type         = required(string, one_of("UserAssigned", "SystemAssigned"), at("type"))
  }

  block "ingress_application_gateway" {
    self                 = optional(list, max(1), at("properties.addonProfiles.ingressApplicationGateway"), switch("enabled"))
    effective_gateway_id = computed(string, at("config.effectiveApplicationGatewayId"))
    gateway_id = optional(
      string, conflicts_with("ingress_application_gateway.0.subnet_cidr", "ingress_application_gateway.0.subnet_id"),
      at_least_one_of("ingress_application_gateway.0.gateway_id", "ingress_application_gateway.0.subnet_cidr", "ingress_application_gateway.0.subnet_id"),
      at("config.applicationGatewayId")
    )
    gateway_name = optional(string, at("config.applicationGatewayName"))
    subnet_cidr = optional(
      string, conflicts_with("ingress_application_gateway.0.gateway_id", "ingress_application_gateway.0.subnet_id"),
      at_least_one_of("ingress_application_gateway.0.gateway_id", "ingress_application_gateway.0.subnet_cidr", "ingress_application_gateway.0.subnet_id"),
      at("config.subnetCIDR")
    )
    subnet_id = optional(
      string, conflicts_with("ingress_application_gateway.0.gateway_id", "ingress_application_gateway.0.subnet_cidr"),
      at_least_one_of("ingress_application_gateway.0.gateway_id", "ingress_application_gateway.0.subnet_cidr", "ingress_application_gateway.0.subnet_id"),
      at("config.subnetId")
    )

    block "ingress_application_gateway_identity" {
      self                      = computed(list, at("identity"))
      client_id                 = computed(string, at("clientId"))
      object_id                 = computed(string, at("objectId"))
      user_assigned_identity_id = computed(string, at("resourceId"))
    }
  }

  block "key_management_service" {
    self                     = optional(list, max(1), at("properties.securityProfile.azureKeyVaultKms"), switch("enabled"))
    key_vault_key_id         = required(string, at("keyId"))
    key_vault_network_access = optional(string, default("Public"), one_of("Private", "Public"), at("keyVaultNetworkAccess"))
  }

  block "key_vault_secrets_provider" {
    self = optional(list, max(1), at("properties.addonProfiles.azureKeyvaultSecretsProvider"), switch("enabled"))
    secret_rotation_enabled = optional(
      bool, default(false),
      at_least_one_of("key_vault_secrets_provider.0.secret_rotation_enabled", "key_vault_secrets_provider.0.secret_rotation_interval"),
      at("config.enableSecretRotation"), text
    )
    secret_rotation_interval = optional(
      string, default("2m"),
      at_least_one_of("key_vault_secrets_provider.0.secret_rotation_enabled", "key_vault_secrets_provider.0.secret_rotation_interval"),
      at("config.rotationPollInterval")
    )

    block "secret_identity" {
      self                      = computed(list, at("identity"))
      client_id                 = computed(string, at("clientId"))
      object_id                 = computed(string, at("objectId"))
      user_assigned_identity_id = computed(string, at("resourceId"))
    }
  }

  block "kubelet_identity" {
    self = optional(list, computed, max(1), at("properties.identityProfile.kubeletidentity"))
    client_id = optional(
      string, computed, force_new, required_with("kubelet_identity.0.object_id", "kubelet_identity.0.user_assigned_identity_id", "identity.0.identity_ids"),
      at("clientId")
    )
    object_id = optional(
      string, computed, force_new, required_with("kubelet_identity.0.client_id", "kubelet_identity.0.user_assigned_identity_id", "identity.0.identity_ids"),
      at("objectId")
    )
    user_assigned_identity_id = optional(
      string, computed, force_new, required_with("kubelet_identity.0.client_id", "kubelet_identity.0.object_id", "identity.0.identity_ids"),
      at("resourceId")
    )
  }

  block "linux_profile" {
    self           = optional(list, max(1), at("properties.linuxProfile"))
    admin_username = required(string, force_new, at("adminUsername"))

    block "ssh_key" {
      self     = required(list, max(1), at("ssh.publicKeys[]"))
      key_data = required(string, force_new, at("keyData"))
    }
  }

  block "maintenance_window" {
    self = optional(list, max(1), child("maintenanceConfigurations/default"))

    block "allowed" {
      self  = optional(set, at_least_one_of("maintenance_window.0.allowed", "maintenance_window.0.not_allowed"), at("properties.timeInWeek[]"))
      day   = required(string, one_of("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"), at("day"))
      hours = required(set(int), min(1), at("hourSlots"))
    }

    block "not_allowed" {
      self  = optional(set, at_least_one_of("maintenance_window.0.allowed", "maintenance_window.0.not_allowed"), at("properties.notAllowedTime[]"))
      end   = required(string, at("end"))
      start = required(string, at("start"))
    }
  }

  block "maintenance_window_auto_upgrade" {
    self         = optional(list, max(1), child("maintenanceConfigurations/aksManagedAutoUpgradeSchedule"), transform("aks_schedule"))
    day_of_month = optional(int, range(0, 31), at("properties.maintenanceWindow.schedule.dayOfMonth"))
    day_of_week = optional(
      string, one_of("Friday", "Monday", "Saturday", "Sunday", "Thursday", "Tuesday", "Wednesday"), at("properties.maintenanceWindow.schedule.dayOfWeek")
    )
    duration = required(int, range(4, 24), at("properties.maintenanceWindow.durationHours"))
    frequency = required(string, one_of("Daily", "Weekly", "RelativeMonthly", "AbsoluteMonthly"), at("properties.maintenanceWindow.schedule.frequency"))
    interval   = required(int, at("properties.maintenanceWindow.schedule.interval"))
    start_date = optional(string, computed, at("properties.maintenanceWindow.startDate"))
    start_time = optional(string, at("properties.maintenanceWindow.startTime"))
    utc_offset = optional(string, at("properties.maintenanceWindow.utcOffset"), filled("+00:00"))
    week_index = optional(string, one_of("First", "Fourth", "Last", "Second", "Third"), at("properties.maintenanceWindow.schedule.weekIndex"))

    block "not_allowed" {
      self  = optional(set, at("properties.maintenanceWindow.notAllowedDates[]"))
      end   = required(string, at("end"))
      start = required(string, at("start"))
    }
  }

  block "maintenance_window_node_os" {
    self         = optional(list, max(1), child("maintenanceConfigurations/aksManagedNodeOSUpgradeSchedule"), transform("aks_schedule"))
    day_of_month = optional(int, range(0, 31), at("properties.maintenanceWindow.schedule.dayOfMonth"))
    day_of_week = optional(
      string, one_of("Friday", "Monday", "Saturday", "Sunday", "Thursday", "Tuesday", "Wednesday"), at("properties.maintenanceWindow.schedule.dayOfWeek")
    )
    duration = required(int, range(4, 24), at("properties.maintenanceWindow.durationHours"))
    frequency = required(string, one_of("Weekly", "RelativeMonthly", "AbsoluteMonthly", "Daily"), at("properties.maintenanceWindow.schedule.frequency"))
    interval   = required(int, at("properties.maintenanceWindow.schedule.interval"))
    start_date = optional(string, computed, at("properties.maintenanceWindow.startDate"))
    start_time = optional(string, at("properties.maintenanceWindow.startTime"))
    utc_offset = optional(string, at("properties.maintenanceWindow.utcOffset"), filled("+00:00"))
    week_index = optional(string, one_of("First", "Fourth", "Last", "Second", "Third"), at("properties.maintenanceWindow.schedule.weekIndex"))

    block "not_allowed" {
      self  = optional(set, at("properties.maintenanceWindow.notAllowedDates[]"))
      end   = required(string, at("end"))
      start = required(string, at("start"))
    }
  }

  block "microsoft_defender" {
    self                       = optional(list, max(1), at("properties.securityProfile.defender"), const("securityMonitoring.enabled", true), filter)
    log_analytics_workspace_id = required(string, at("logAnalyticsWorkspaceResourceId"))
  }

  block "monitor_metrics" {
    self                = optional(list, max(1), at("properties.azureMonitorProfile.metrics"), switch("enabled"))
    annotations_allowed = optional(string, at("kubeStateMetrics.metricAnnotationsAllowList"))
    labels_allowed      = optional(string, at("kubeStateMetrics.metricLabelsAllowlist"))
  }

  block "network_profile" {
    self              = optional(list, computed, force_new, max(1), at("properties.networkProfile"))
    dns_service_ip    = optional(string, computed, force_new, at("dnsServiceIP"))
    ip_versions       = optional(list(string), computed, force_new, items("IPv4", "IPv6"), at("ipFamilies"))
    load_balancer_sku = optional(string, force_new, default("standard"), one_of("basic", "standard"), at("loadBalancerSku"))
    network_data_plane = optional(
      string, default("azure"), one_of("azure", "cilium"), at("networkDataplane"), replace_unless("-> *", "azure -> cilium"),
      because("a cluster's data plane changes in place only from azure to cilium")
    )
    network_mode = optional(string, computed, force_new, one_of("bridge", "transparent"), at("networkMode"))
    network_plugin = required(
      string, one_of("azure", "kubenet", "none"), at("networkPlugin"), replace_unless("kubenet -> azure if network_plugin_mode = overlay"),
      because("a cluster's network plugin changes in place only from kubenet to azure overlay")
    )
    network_plugin_mode = optional(
      string, one_of("overlay"), at("networkPluginMode"), replace_unless("* -> overlay"),
      because("a cluster changes in place to overlay, never away from it")
    )
    network_policy = optional(
      string, computed, one_of("calico", "azure", "cilium"), at("networkPolicy"), filled("none"),
      replace_unless("-> *", "azure -> cilium", "calico -> cilium"), because("a cluster's network policy changes in place only to cilium")
    )
    outbound_type = optional(
      string, default("loadBalancer"), one_of("loadBalancer", "userDefinedRouting", "managedNATGateway", "userAssignedNATGateway", "none"),
      at("outboundType")
    )
    pod_cidr = optional(
      string, computed, at("podCidr"), same(cidr), changes_with("pod_cidrs"), predict("{pod_cidrs.0}"),
      replace_unless("-> *", "* -> wider if network_plugin_mode = overlay"),
      because("the pod range of a cluster can only be widened, and only with overlay")
    )
    pod_cidrs = optional(
      list(string), computed, at("podCidrs"), same(cidr), changes_with("pod_cidr"), replace_unless("-> *", "* -> wider if network_plugin_mode = overlay"),
      because("the pod ranges of a cluster can only be widened, and only with overlay")
    )
    service_cidr  = optional(string, computed, force_new, at("serviceCidr"), same(cidr), predict("{service_cidrs.0}"))
    service_cidrs = optional(list(string), computed, force_new, at("serviceCidrs"), same(cidr))

    block "advanced_networking" {
      self = optional(list, max(1), at("advancedNetworking"), switch("enabled"))
      observability_enabled = optional(
        bool, default(false),
        at_least_one_of("network_profile.0.advanced_networking.0.observability_enabled", "network_profile.0.advanced_networking.0.security_enabled"),
        at("observability.enabled")
      )
      security_enabled = optional(
        bool, default(false),
        at_least_one_of("network_profile.0.advanced_networking.0.observability_enabled", "network_profile.0.advanced_networking.0.security_enabled"),
        at("security.enabled")
      )
    }

    block "load_balancer_profile" {
      self              = optional(list, computed, force_new, max(1), at("loadBalancerProfile"))
      backend_pool_type = optional(string, default("NodeIPConfiguration"), one_of("NodeIPConfiguration", "NodeIP"), at("backendPoolType"))
      effective_outbound_ips = computed(
        set(string), at("effectiveOutboundIPs[].id"), changes_with("managed_outbound_ip_count", "outbound_ip_address_ids", "outbound_ip_prefix_ids")
      )
      idle_timeout_in_minutes = optional(int, default(30), range(4, 100), at("idleTimeoutInMinutes"))
      managed_outbound_ip_count = optional(
        int, computed, range(1, 100),
        conflicts_with("network_profile.0.load_balancer_profile.0.outbound_ip_prefix_ids",
          "network_profile.0.load_balancer_profile.0.outbound_ip_address_ids"),
        at("managedOutboundIPs.count")
      )
      managed_outbound_ipv6_count = optional(
        int, computed, range(1, 100),
        conflicts_with("network_profile.0.load_balancer_profile.0.outbound_ip_prefix_ids",
          "network_profile.0.load_balancer_profile.0.outbound_ip_address_ids"),
        at("managedOutboundIPs.countIPv6")
      )
      outbound_ip_address_ids = optional(
        set(string),
        conflicts_with("network_profile.0.load_balancer_profile.0.managed_outbound_ip_count",
          "network_profile.0.load_balancer_profile.0.outbound_ip_prefix_ids"),
        at("outboundIPs.publicIPs[].id")
      )
      outbound_ip_prefix_ids = optional(
        set(string),
        conflicts_with("network_profile.0.load_balancer_profile.0.managed_outbound_ip_count",
          "network_profile.0.load_balancer_profile.0.outbound_ip_address_ids"),
        at("outboundIPPrefixes.publicIPPrefixes[].id")
      )
      outbound_ports_allocated = optional(int, default(0), range(0, 64000), at("allocatedOutboundPorts"))
    }

    block "nat_gateway_profile" {
      self                      = optional(list, computed, force_new, max(1), at("natGatewayProfile"))
      effective_outbound_ips    = computed(set(string), at("effectiveOutboundIPs[].id"))
      idle_timeout_in_minutes   = optional(int, default(4), range(4, 120), at("idleTimeoutInMinutes"))
      managed_outbound_ip_count = optional(int, computed, range(1, 100), at("managedOutboundIPProfile.count"))
    }
  }

  block "node_provisioning_profile" {
    default_node_pools = optional(
      string, default("Auto"), one_of("Auto", "None"),
      at_least_one_of("node_provisioning_profile.0.mode", "node_provisioning_profile.0.default_node_pools"), at("defaultNodePools")
    )
    mode = optional(
      string, default("Manual"), one_of("Auto", "Manual"),
      at_least_one_of("node_provisioning_profile.0.mode", "node_provisioning_profile.0.default_node_pools"), at("mode")
    )

    v4 {
      self = optional(list, computed, max(1), at("properties.nodeProvisioningProfile"))
    }

    v5 {
      self = required(list, max(1), at("properties.nodeProvisioningProfile"))
    }
  }

  block "oms_agent" {
    self                            = optional(list, max(1), at("properties.addonProfiles.omsagent"), switch("enabled"))
    log_analytics_workspace_id      = required(string, at("config.logAnalyticsWorkspaceResourceID"))
    msi_auth_for_monitoring_enabled = optional(bool, at("config.useAADAuth"), text)

    block "oms_agent_identity" {
      self                      = computed(list, at("identity"))
      client_id                 = computed(string, at("clientId"))
      object_id                 = computed(string, at("objectId"))
      user_assigned_identity_id = computed(string, at("resourceId"))
    }
  }

  block "service_mesh_profile" {
    self                             = optional(list, max(1), at("properties.serviceMeshProfile"), unless("mode", "Disabled"))
    external_ingress_gateway_enabled = optional(bool, at("istio.components.ingressGateways[mode=External].enabled"))
    internal_ingress_gateway_enabled = optional(bool, at("istio.components.ingressGateways[mode=Internal].enabled"))
    mode                             = required(string, one_of("Istio"), at("mode"))
    revisions                        = required(list(string), min(1), max(2), at("istio.revisions"))

    block "certificate_authority" {
      self                   = optional(list, max(1), at("istio.certificateAuthority.plugin"))
      cert_chain_object_name = required(string, at("certChainObjectName"))
      cert_object_name       = required(string, at("certObjectName"))
      key_object_name        = required(string, at("keyObjectName"))
      key_vault_id           = required(string, at("keyVaultId"))
      root_cert_object_name  = required(string, at("rootCertObjectName"))
    }
  }

  block "service_principal" {
    self = optional(list, max(1), exactly_one_of("identity", "service_principal"), at("properties.servicePrincipalProfile"), unless("clientId", "msi"), quiet)
    client_id     = required(string, at("clientId"))
    client_secret = required(string, sensitive, at("secret"), secret)
  }

  block "storage_profile" {
    self                        = optional(list, max(1), at("properties.storageProfile"))
    blob_driver_enabled         = optional(bool, default(false), at("blobCSIDriver.enabled"))
    disk_driver_enabled         = optional(bool, default(true), at("diskCSIDriver.enabled"))
    file_driver_enabled         = optional(bool, default(true), at("fileCSIDriver.enabled"))
    snapshot_controller_enabled = optional(bool, default(true), at("snapshotController.enabled"))
  }

  block "upgrade_override" {
    self                  = optional(list, max(1), at("properties.upgradeSettings.overrideSettings"))
    effective_until       = optional(string, at("until"))
    force_upgrade_enabled = required(bool, at("forceUpgrade"))
  }

  block "web_app_routing" {
    self = optional(list, max(1), at("properties.ingressProfile.webAppRouting"), switch("enabled"))
    default_nginx_controller = optional(
      string, default("AnnotationControlled"), one_of("AnnotationControlled", "Internal", "External", "None"), at("nginx.defaultIngressControllerType")
    )
    dns_zone_ids = required(list(string), at("dnsZoneResourceIds"))

    block "web_app_routing_identity" {
      self                      = computed(list, at("identity"))
      client_id                 = computed(string, at("clientId"))
      object_id                 = computed(string, at("objectId"))
      user_assigned_identity_id = computed(string, at("resourceId"))
    }
  }

  block "windows_profile" {
    self           = optional(list, computed, max(1), at("properties.windowsProfile"))
    admin_password = required(string, sensitive, at("adminPassword"), secret)
    admin_username = required(string, force_new, at("adminUsername"))
    license        = optional(string, one_of("Windows_Server"), at("licenseType"), filled("None"))

    block "gmsa" {
      self        = optional(list, max(1), at("gmsaProfile"), switch("enabled"))
      dns_server  = required(string, at("dnsServer"))
      root_domain = required(string, at("rootDomainName"))
    }
  }

  block "workload_autoscaler_profile" {
    self                            = optional(list, max(1), at("properties.workloadAutoScalerProfile"))
    keda_enabled                    = optional(bool, default(false), at("keda.enabled"))
    vertical_pod_autoscaler_enabled = optional(bool, default(false), at("verticalPodAutoscaler.enabled"))
  }

  v4 {
    oidc_issuer_enabled = optional(
      bool, computed, at("properties.oidcIssuerProfile.enabled"), replace_if("true -> false"),
      because("the OIDC issuer of a cluster cannot be switched off")
    )
  }

  v5 {
    oidc_issuer_enabled = optional(
      bool, default(true), at("properties.oidcIssuerProfile.enabled"), replace_if("true -> false"),
      because("the OIDC issuer of a cluster cannot be switched off")
    )
  }
}
