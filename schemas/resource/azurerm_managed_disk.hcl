# A managed disk.

type     = "Microsoft.Compute/disks"
api      = "2024-03-02"
version  = 1
timeouts = { create = "30m", delete = "30m", update = "30m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Compute/disks/{name}"
readonly = [
  "properties.timeCreated",
  "properties.diskSizeBytes",
  "properties.uniqueId",
  "properties.diskState",
  "properties.shareInfo",
  "managedBy",
  "managedByExtended",
  "properties.propertyUpdatesInProgress",
  "properties.lastOwnershipUpdateTime",
  "properties.LastOwnershipUpdateTime",
  "sku.tier",
]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  create_option = required(
    string, force_new, one_of("Copy", "Empty", "FromImage", "Import", "ImportSecure", "Restore", "Upload"), at("properties.creationData.createOption")
  )
  disk_access_id         = optional(string, at("properties.diskAccessId"))
  disk_encryption_set_id = optional(string, conflicts_with("secure_vm_disk_encryption_set_id"), at("properties.encryption.diskEncryptionSetId"))
  disk_iops_read_only    = optional(int, computed, at("properties.diskIOPSReadOnly"))
  disk_iops_read_write   = optional(int, computed, at("properties.diskIOPSReadWrite"), changes_with("disk_size_gb", "tier"))
  disk_mbps_read_only    = optional(int, computed, at("properties.diskMBpsReadOnly"))
  disk_mbps_read_write   = optional(int, computed, at("properties.diskMBpsReadWrite"), changes_with("disk_size_gb", "tier"))
  edge_zone              = optional(string, force_new, at("extendedLocation"), edge_zone, same(location))
  gallery_image_reference_id = optional(string, force_new, conflicts_with("image_reference_id"), at("properties.creationData.galleryImageReference.id"))
  hyper_v_generation                = optional(string, force_new, one_of("V1", "V2"), at("properties.hyperVGeneration"))
  image_reference_id                = optional(string, force_new, conflicts_with("gallery_image_reference_id"), at("properties.creationData.imageReference.id"))
  logical_sector_size               = optional(int, computed, force_new, one_of("512", "4096"), at("properties.creationData.logicalSectorSize"))
  max_shares                        = optional(int, computed, range(2, 10), at("properties.maxShares"))
  network_access_policy             = optional(string, default("AllowAll"), one_of("AllowAll", "AllowPrivate", "DenyAll"), at("properties.networkAccessPolicy"))
  on_demand_bursting_enabled        = optional(bool, at("properties.burstingEnabled"))
  optimized_frequent_attach_enabled = optional(bool, default(false), at("properties.optimizedForFrequentAttach"))
  os_type                           = optional(string, one_of("Windows", "Linux"), at("properties.osType"))
  performance_plus_enabled          = optional(bool, force_new, default(false), at("properties.creationData.performancePlus"))
  public_network_access_enabled     = optional(bool, default(true), at("properties.publicNetworkAccess"), words("Enabled", "Disabled"))
  secure_vm_disk_encryption_set_id = optional(
    string, force_new, conflicts_with("disk_encryption_set_id"), at("properties.securityProfile.secureVMDiskEncryptionSetId")
  )
  security_type = optional(
    string, force_new,
    one_of("ConfidentialVM_VMGuestStateOnlyEncryptedWithPlatformKey", "ConfidentialVM_DiskEncryptedWithPlatformKey",
      "ConfidentialVM_DiskEncryptedWithCustomerKey"),
    at("properties.securityProfile.securityType"), filled("TrustedLaunch")
  )
  source_resource_id = optional(string, force_new, at("properties.creationData.sourceResourceId"))
  source_uri         = optional(string, computed, force_new, at("properties.creationData.sourceUri"))
  storage_account_id = optional(string, force_new, at("properties.creationData.storageAccountId"))
  storage_account_type = required(
    string, one_of("Standard_LRS", "StandardSSD_ZRS", "Premium_LRS", "PremiumV2_LRS", "Premium_ZRS", "StandardSSD_LRS", "UltraSSD_LRS"), at("sku.name")
  )
  tags                   = optional(map(string), at("tags"))
  tier                   = optional(string, computed, at("properties.tier"), changes_with("disk_size_gb"))
  trusted_launch_enabled = optional(bool, force_new, at("properties.securityProfile.securityType"), words("TrustedLaunch", ""), omit(false))
  upload_size_bytes      = optional(int, force_new, at("properties.creationData.uploadSizeBytes"))
  zone                   = optional(string, force_new, at("zones[0]"))

  block "encryption_settings" {
    self = optional(list, max(1), at("properties.encryptionSettingsCollection"), const("enabled", true), filter)

    block "disk_encryption_key" {
      self            = required(list, max(1), at("encryptionSettings[0].diskEncryptionKey"))
      secret_url      = required(string, at("secretUrl"))
      source_vault_id = required(string, at("sourceVault.id"))
    }

    block "key_encryption_key" {
      self            = optional(list, max(1), at("encryptionSettings[0].keyEncryptionKey"))
      key_url         = required(string, at("keyUrl"))
      source_vault_id = required(string, at("sourceVault.id"))
    }
  }

  v4 {
    disk_size_gb = optional(int, computed, at("properties.diskSizeGB"))
  }

  v5 {
    disk_size_gb = optional(int, computed, range(0, 65536), at("properties.diskSizeGB"))
  }
}
