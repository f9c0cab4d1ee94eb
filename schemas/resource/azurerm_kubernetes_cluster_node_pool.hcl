# A node pool of an AKS cluster.

type     = "Microsoft.ContainerService/managedClusters/agentPools"
api      = "2025-10-01"
version  = 1
timeouts = { create = "60m", delete = "60m", update = "60m" }
id       = "{kubernetes_cluster_id}/agentPools/{name}"
consts   = { "properties.type" = "VirtualMachineScaleSets" }
readonly = ["properties.eTag", "properties.currentOrchestratorVersion", "properties.nodeImageVersion"]

attributes {
  name                          = required(string, force_new)
  auto_scaling_enabled          = optional(bool, at("properties.enableAutoScaling"))
  capacity_reservation_group_id = optional(string, force_new, at("properties.capacityReservationGroupID"))
  eviction_policy               = optional(string, force_new, one_of("Delete", "Deallocate"), at("properties.scaleSetEvictionPolicy"))
  fips_enabled                  = optional(bool, at("properties.enableFIPS"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
  gpu_driver                    = optional(string, force_new, one_of("Install", "None"), at("properties.gpuProfile.driver"))
  gpu_instance                  = optional(string, force_new, one_of("MIG1g", "MIG2g", "MIG3g", "MIG4g", "MIG7g"), at("properties.gpuInstanceProfile"))
  host_encryption_enabled = optional(
    bool, at("properties.enableEncryptionAtHost"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
  )
  host_group_id = optional(string, force_new, at("properties.hostGroupID"))
  kubelet_disk_type = optional(
    string, computed, one_of("OS", "Temporary"), at("properties.kubeletDiskType"), replace_if("* -> *"),
    because("Azure cannot change it in the nodes of a running pool")
  )
  kubernetes_cluster_id = required(string, force_new)
  max_count             = optional(int, range(0, 1000), at("properties.maxCount"))
  max_pods              = optional(int, computed, at("properties.maxPods"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
  min_count             = optional(int, range(0, 1000), at("properties.minCount"))
  mode                  = optional(string, default("User"), one_of("System", "User"), at("properties.mode"))
  node_count            = optional(int, computed, range(0, 1000), at("properties.count"), predict("{min_count}"), sent_as("1"))
  node_image_version    = computed(string, at("properties.nodeImageVersion"), changes_with("orchestrator_version", "os_sku"))
  node_labels           = optional(map(string), computed, at("properties.nodeLabels"))
  node_public_ip_enabled = optional(
    bool, at("properties.enableNodePublicIP"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
  )
  node_public_ip_prefix_id = optional(string, force_new, required_with("node_public_ip_enabled"), at("properties.nodePublicIPPrefixID"))
  node_taints              = optional(list(string), at("properties.nodeTaints"))
  orchestrator_version     = optional(string, computed, at("properties.orchestratorVersion"))
  os_disk_size_gb = optional(
    int, computed, at("properties.osDiskSizeGB"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
  )
  os_disk_type = optional(
    string, default("Managed"), one_of("Ephemeral", "Managed"), at("properties.osDiskType"), replace_if("* -> *"),
    because("Azure cannot change it in the nodes of a running pool")
  )
  os_sku = optional(
    string, computed, one_of("AzureLinux", "AzureLinux3", "Ubuntu", "Ubuntu2204", "Ubuntu2404", "Windows2019", "Windows2022"), at("properties.osSKU"),
    replace_unless("Ubuntu -> Ubuntu2204", "Ubuntu -> Ubuntu2404", "Ubuntu2204 -> Ubuntu2404", "Ubuntu2204 -> Ubuntu", "Ubuntu2404 -> Ubuntu",
      "Ubuntu2404 -> Ubuntu2204", "Ubuntu -> AzureLinux", "AzureLinux -> Ubuntu", "AzureLinux -> AzureLinux3", "AzureLinux3 -> AzureLinux",
      "Ubuntu -> AzureLinux3", "AzureLinux3 -> Ubuntu", "Ubuntu2204 -> AzureLinux", "Ubuntu2204 -> AzureLinux3", "-> *"),
    because("Azure cannot change it in the nodes of a running pool")
  )
  os_type = optional(string, force_new, default("Linux"), one_of("Linux", "Windows"), at("properties.osType"))
  pod_subnet_id = optional(string, at("properties.podSubnetID"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
  priority                     = optional(string, force_new, default("Regular"), one_of("Regular", "Spot"), at("properties.scaleSetPriority"), omit("Regular"))
  proximity_placement_group_id = optional(string, force_new, at("properties.proximityPlacementGroupID"))
  scale_down_mode              = optional(string, default("Delete"), one_of("Deallocate", "Delete"), at("properties.scaleDownMode"))
  snapshot_id = optional(
    string, at("properties.creationData.sourceResourceId"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
  )
  spot_max_price              = optional(float, force_new, default(-1), at("properties.spotMaxPrice"), omit(-1))
  tags                        = optional(map(string), at("properties.tags"))
  temporary_name_for_rotation = optional(string)
  ultra_ssd_enabled = optional(
    bool, default(false), at("properties.enableUltraSSD"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
  )
  vm_size = optional(
    string, computed, at("properties.vmSize"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"), same(nocase)
  )
  vnet_subnet_id = optional(string, at("properties.vnetSubnetID"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
  workload_runtime = optional(string, one_of("KataVmIsolation", "OCIContainer", "WasmWasi"), at("properties.workloadRuntime"), filled("OCIContainer"))
  zones = optional(set(string), at("properties.availabilityZones"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))

  block "kubelet_config" {
    self = optional(list, max(1), at("properties.kubeletConfig"))
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
        int, computed, conflicts_with("kubelet_config.0.container_log_max_line"), at("containerLogMaxFiles"), replace_if("* -> *"),
        because("Azure cannot change it in the nodes of a running pool"), predict("{container_log_max_line}"), changes_with("container_log_max_line")
      )
      container_log_max_line = optional(
        int, computed, conflicts_with("kubelet_config.0.container_log_max_files"), deprecated("It is gone in azurerm 5.0."), at("containerLogMaxFiles"),
        replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"), predict("{container_log_max_files}"),
        changes_with("container_log_max_files")
      )
    }

    v5 {
      container_log_max_files = optional(
        int, at("containerLogMaxFiles"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
    }
  }

  block "linux_os_config" {
    self              = optional(list, max(1), at("properties.linuxOSConfig"))
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
        int, range(781250, 2097152), at("fsInotifyMaxUserWatches"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
      fs_nr_open = optional(int, range(8192, 20000500), at("fsNrOpen"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"))
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
        required_with("linux_os_config.0.sysctl_config.0.net_ipv4_ip_local_port_range_min")
      )
      net_ipv4_ip_local_port_range_min = optional(
        int, range(1024, 60999), at("portRangeMin"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"),
        required_with("linux_os_config.0.sysctl_config.0.net_ipv4_ip_local_port_range_max")
      )
      net_ipv4_neigh_default_gc_thresh1 = optional(
        int, range(128, 80000), at("netIpv4NeighDefaultGcThresh1"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
      )
      net_ipv4_neigh_default_gc_thresh2 = optional(
        int, range(512, 90000), at("netIpv4NeighDefaultGcThresh2"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool")
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
        string, computed, one_of("always", "madvise", "never"), conflicts_with("linux_os_config.0.transparent_huge_page_enabled"),
        at("transparentHugePageEnabled"), replace_if("* -> *"), because("Azure cannot change it in the nodes of a running pool"),
        predict("{transparent_huge_page_enabled}"), changes_with("transparent_huge_page_enabled")
      )
      transparent_huge_page_enabled = optional(
        string, computed, one_of("always", "madvise", "never"), conflicts_with("linux_os_config.0.transparent_huge_page"),
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
    self                           = optional(list, max(1), at("properties.networkProfile"))
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
    self                          = optional(list, max(1), at("properties.upgradeSettings"))
    drain_timeout_in_minutes      = optional(int, at("drainTimeoutInMinutes"))
    max_surge                     = optional(string, conflicts_with("upgrade_settings.0.max_unavailable"), at("maxSurge"), filled("10%"))
    max_unavailable               = optional(string, conflicts_with("upgrade_settings.0.max_surge"), at("maxUnavailable"), filled("0"))
    node_soak_duration_in_minutes = optional(int, range(0, 30), at("nodeSoakDurationInMinutes"))
    undrainable_node_behavior     = optional(string, one_of("Cordon", "Schedule"), at("undrainableNodeBehavior"))
  }

  block "windows_profile" {
    self                 = optional(list, force_new, max(1), at("properties.windowsProfile"))
    outbound_nat_enabled = optional(bool, force_new, default(true), at("disableOutboundNat"), not)
  }
}
