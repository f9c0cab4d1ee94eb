# A Linux virtual machine.

type     = "Microsoft.Compute/virtualMachines"
api      = "2025-04-01"
timeouts = { create = "45m", delete = "45m", update = "45m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Compute/virtualMachines/{name}"
readonly = ["properties.instanceView", "properties.vmId", "properties.timeCreated", "resources", "identity.principalId", "identity.tenantId", "managedBy"]

attributes {
  name                       = required(string, force_new)
  resource_group_name        = required(string, force_new)
  location                   = required(string, force_new, at("location"))
  admin_password             = optional(string, force_new, sensitive, conflicts_with("os_managed_disk_id"), at("properties.osProfile.adminPassword"), secret)
  admin_username             = optional(string, force_new, exactly_one_of("admin_username", "os_managed_disk_id"), at("properties.osProfile.adminUsername"))
  allow_extension_operations = optional(bool, computed, at("properties.osProfile.allowExtensionOperations"), predict("true"))
  availability_set_id = optional(
    string, force_new, conflicts_with("capacity_reservation_group_id", "virtual_machine_scale_set_id", "zone"), at("properties.availabilitySet.id")
  )
  bypass_platform_safety_checks_on_user_schedule_enabled = optional(
    bool, default(false), conflicts_with("os_managed_disk_id"),
    at("properties.osProfile.linuxConfiguration.patchSettings.automaticByPlatformSettings.bypassPlatformSafetyChecksOnUserSchedule"), omit(false)
  )
  capacity_reservation_group_id = optional(
    string, conflicts_with("availability_set_id", "proximity_placement_group_id"), at("properties.capacityReservation.capacityReservationGroup.id")
  )
  computer_name = optional(string, computed, force_new, conflicts_with("os_managed_disk_id"), at("properties.osProfile.computerName"), predict("{name}"))
  custom_data             = optional(string, force_new, sensitive, conflicts_with("os_managed_disk_id"), at("properties.osProfile.customData"), secret)
  dedicated_host_group_id = optional(string, conflicts_with("dedicated_host_id"), at("properties.hostGroup.id"))
  dedicated_host_id       = optional(string, conflicts_with("dedicated_host_group_id"), at("properties.host.id"))
  disable_password_authentication = optional(
    bool, computed, force_new, at("properties.osProfile.linuxConfiguration.disablePasswordAuthentication"), predict("true")
  )
  disk_controller_type       = optional(string, computed, one_of("NVMe", "SCSI"), at("properties.storageProfile.diskControllerType"))
  edge_zone                  = optional(string, force_new, at("extendedLocation"), edge_zone, same(location))
  encryption_at_host_enabled = optional(bool, at("properties.securityProfile.encryptionAtHost"))
  eviction_policy            = optional(string, force_new, one_of("Deallocate", "Delete"), at("properties.evictionPolicy"))
  extensions_time_budget     = optional(string, default("PT1H30M"), at("properties.extensionsTimeBudget"))
  license_type = optional(
    string,
    one_of("RHEL_BYOS", "RHEL_BASE", "RHEL_EUS", "RHEL_SAPAPPS", "RHEL_SAPHA", "RHEL_BASESAPAPPS", "RHEL_BASESAPHA", "SLES_BYOS", "SLES_SAP", "SLES_HPC",
      "UBUNTU_PRO"),
    at("properties.licenseType")
  )
  max_bid_price         = optional(float, default(-1), at("properties.billingProfile.maxPrice"), omit(-1))
  network_interface_ids = required(list(string), min(1), at("properties.networkProfile.networkInterfaces"), primary_first)
  os_managed_disk_id = optional(string, computed, force_new, exactly_one_of("os_managed_disk_id", "source_image_id", "source_image_reference"), unsupported)
  patch_assessment_mode = optional(
    string, computed, one_of("AutomaticByPlatform", "ImageDefault"), conflicts_with("os_managed_disk_id"),
    at("properties.osProfile.linuxConfiguration.patchSettings.assessmentMode"), predict("ImageDefault")
  )
  patch_mode = optional(
    string, computed, one_of("AutomaticByPlatform", "ImageDefault"), conflicts_with("os_managed_disk_id"),
    at("properties.osProfile.linuxConfiguration.patchSettings.patchMode"), predict("ImageDefault")
  )
  platform_fault_domain = optional(int, force_new, default(-1), required_with("virtual_machine_scale_set_id"), at("properties.platformFaultDomain"), omit(-1))
  priority             = optional(string, force_new, default("Regular"), one_of("Regular", "Spot"), at("properties.priority"))
  private_ip_address   = computed(string)
  private_ip_addresses = computed(list(string))
  provision_vm_agent = optional(
    bool, computed, force_new, conflicts_with("os_managed_disk_id"), at("properties.osProfile.linuxConfiguration.provisionVMAgent"), predict("true")
  )
  proximity_placement_group_id = optional(string, conflicts_with("capacity_reservation_group_id"), at("properties.proximityPlacementGroup.id"))
  public_ip_address            = computed(string)
  public_ip_addresses          = computed(list(string))
  reboot_setting = optional(
    string, one_of("Always", "IfRequired", "Never"), conflicts_with("os_managed_disk_id"),
    at("properties.osProfile.linuxConfiguration.patchSettings.automaticByPlatformSettings.rebootSetting")
  )
  secure_boot_enabled = optional(
    bool, force_new, at("properties.securityProfile.uefiSettings.secureBootEnabled"), implies("properties.securityProfile.securityType", "TrustedLaunch")
  )
  size = required(string, at("properties.hardwareProfile.vmSize"), same(nocase))
  source_image_id = optional(
    string, force_new, exactly_one_of("os_managed_disk_id", "source_image_id", "source_image_reference"), at("properties.storageProfile.imageReference.id")
  )
  tags                         = optional(map(string), at("tags"))
  user_data                    = optional(string, at("properties.userData"), secret)
  virtual_machine_id           = computed(string, at("properties.vmId"))
  virtual_machine_scale_set_id = optional(string, conflicts_with("availability_set_id"), at("properties.virtualMachineScaleSet.id"))
  vtpm_enabled = optional(
    bool, force_new, at("properties.securityProfile.uefiSettings.vTpmEnabled"), implies("properties.securityProfile.securityType", "TrustedLaunch")
  )
  zone = optional(string, force_new, at("zones[0]"))

  block "additional_capabilities" {
    self                = optional(list, max(1), at("properties.additionalCapabilities"))
    hibernation_enabled = optional(bool, default(false), at("hibernationEnabled"))
    ultra_ssd_enabled   = optional(bool, default(false), at("ultraSSDEnabled"))
  }

  block "admin_ssh_key" {
    self       = optional(set, force_new, conflicts_with("os_managed_disk_id"), at("properties.osProfile.linuxConfiguration.ssh.publicKeys[]"))
    public_key = required(string, force_new, at("keyData"))
    username   = required(string, force_new, at("path"), ref("/home/{}/.ssh/authorized_keys"))
  }

  block "boot_diagnostics" {
    self                = optional(list, max(1), at("properties.diagnosticsProfile.bootDiagnostics"), const("enabled", true), filter)
    storage_account_uri = optional(string, at("storageUri"))
  }

  block "gallery_application" {
    self = optional(list, max(100), conflicts_with("os_managed_disk_id"), at("properties.applicationProfile.galleryApplications[]"), key("version_id"))
    automatic_upgrade_enabled                   = optional(bool, default(false), at("enableAutomaticUpgrade"))
    configuration_blob_uri                      = optional(string, at("configurationReference"))
    order                                       = optional(int, default(0), range(0, 2147483647), at("order"))
    tag                                         = optional(string, at("tags"))
    treat_failure_as_deployment_failure_enabled = optional(bool, default(false), at("treatFailureAsDeploymentFailure"))
    version_id                                  = required(string, at("packageReferenceId"))
  }

  block "identity" {
    self         = optional(list, max(1), at("identity"), unless("type", "None"))
    identity_ids = optional(set(string), at("userAssignedIdentities"), keys)
    principal_id = computed(string, at("principalId"), changes_with("type"))
    tenant_id    = computed(string, at("tenantId"), changes_with("type"))
    type         = required(string, one_of("UserAssigned", "SystemAssigned", "SystemAssigned, UserAssigned"), at("type"))
  }

  block "os_disk" {
    self = required(
      list, max(1), at("properties.storageProfile.osDisk"), const("createOption", "FromImage"), const("osType", "Linux"), const("deleteOption", "Delete")
    )
    name                   = optional(string, computed, force_new, conflicts_with("os_managed_disk_id"), at("name"))
    caching                = required(string, one_of("None", "ReadOnly", "ReadWrite"), at("caching"))
    disk_encryption_set_id = optional(string, conflicts_with("os_disk.0.secure_vm_disk_encryption_set_id"), at("managedDisk.diskEncryptionSet.id"))
    disk_size_gb           = optional(int, computed, range(0, 4095), at("diskSizeGB"))
    id                     = computed(string, at("managedDisk.id"))
    secure_vm_disk_encryption_set_id = optional(
      string, force_new, conflicts_with("os_disk.0.disk_encryption_set_id"), at("managedDisk.securityProfile.diskEncryptionSet.id")
    )
    security_encryption_type = optional(
      string, force_new, one_of("VMGuestStateOnly", "DiskWithVMGuestState"), at("managedDisk.securityProfile.securityEncryptionType")
    )
    storage_account_type = optional(
      string, computed, force_new, one_of("Premium_LRS", "Standard_LRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Premium_ZRS"),
      exactly_one_of("os_managed_disk_id", "os_disk.0.storage_account_type"), at("managedDisk.storageAccountType")
    )
    write_accelerator_enabled = optional(bool, default(false), at("writeAcceleratorEnabled"))

    block "diff_disk_settings" {
      self      = optional(list, force_new, max(1), conflicts_with("os_managed_disk_id"), at("diffDiskSettings"))
      option    = required(string, force_new, one_of("Local"), at("option"))
      placement = optional(string, force_new, default("CacheDisk"), one_of("CacheDisk", "ResourceDisk", "NvmeDisk"), at("placement"))
    }
  }

  block "os_image_notification" {
    self    = optional(list, max(1), at("properties.scheduledEventsProfile.osImageNotificationProfile"), const("enable", true), filter)
    timeout = optional(string, default("PT15M"), one_of("PT15M"), at("notBeforeTimeout"))
  }

  block "plan" {
    self      = optional(list, force_new, max(1), at("plan"))
    name      = required(string, force_new, at("name"))
    product   = required(string, force_new, at("product"))
    publisher = required(string, force_new, at("publisher"))
  }

  block "secret" {
    self         = optional(list, at("properties.osProfile.secrets[]"))
    key_vault_id = required(string, at("sourceVault.id"))

    block "certificate" {
      self = required(set, min(1), at("vaultCertificates[]"))
      url  = required(string, at("certificateUrl"))
    }
  }

  block "source_image_reference" {
    self = optional(
      list, force_new, max(1), exactly_one_of("os_managed_disk_id", "source_image_id", "source_image_reference"),
      at("properties.storageProfile.imageReference")
    )
    offer     = required(string, force_new, at("offer"))
    publisher = required(string, force_new, at("publisher"))
    sku       = required(string, force_new, at("sku"))
    version   = required(string, force_new, at("version"))
  }

  block "termination_notification" {
    self    = optional(list, computed, max(1), at("properties.scheduledEventsProfile.terminateNotificationProfile"))
    enabled = required(bool, at("enable"))
    timeout = optional(string, default("PT5M"), at("notBeforeTimeout"))
  }

  v4 {
    vm_agent_platform_updates_enabled = optional(
      bool, computed, deprecated("It is gone in azurerm 5.0."), at("properties.osProfile.linuxConfiguration.enableVMAgentPlatformUpdates")
    )
  }

  v5 {
    vm_agent_platform_updates_enabled = computed(bool, at("properties.osProfile.linuxConfiguration.enableVMAgentPlatformUpdates"))
  }
}
