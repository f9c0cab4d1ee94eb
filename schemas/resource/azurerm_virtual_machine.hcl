# A virtual machine in azurerm's older form, which many FortiGate templates use.

type     = "Microsoft.Compute/virtualMachines"
api      = "2025-04-01"
timeouts = { create = "60m", delete = "60m", update = "60m" }
id       = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Compute/virtualMachines/{name}"
readonly = ["properties.instanceView", "properties.vmId", "properties.timeCreated", "resources", "identity.principalId", "identity.tenantId", "managedBy"]

attributes {
  name                             = required(string, force_new)
  resource_group_name              = required(string, force_new)
  location                         = required(string, force_new, at("location"))
  availability_set_id              = optional(string, computed, force_new, conflicts_with("zones"), at("properties.availabilitySet.id"))
  delete_data_disks_on_termination = optional(bool, default(false))
  delete_os_disk_on_termination    = optional(bool, default(false))
  license_type                     = optional(string, computed, one_of("Windows_Client", "Windows_Server"), at("properties.licenseType"))
  network_interface_ids            = required(list(string), at("properties.networkProfile.networkInterfaces"), primary_first)
  primary_network_interface_id     = optional(string, unsupported)
  proximity_placement_group_id     = optional(string, force_new, at("properties.proximityPlacementGroup.id"))
  tags                             = optional(map(string), at("tags"))
  vm_size                          = required(string, at("properties.hardwareProfile.vmSize"), same(nocase))
  zones                            = optional(list(string), force_new, max(1), at("zones"))

  block "additional_capabilities" {
    self              = optional(list, max(1), at("properties.additionalCapabilities"))
    ultra_ssd_enabled = required(bool, force_new, at("ultraSSDEnabled"))
  }

  block "boot_diagnostics" {
    self        = optional(list, max(1), at("properties.diagnosticsProfile.bootDiagnostics"))
    enabled     = required(bool, at("enabled"))
    storage_uri = required(string, at("storageUri"))
  }

  block "identity" {
    self         = optional(list, max(1), at("identity"), unless("type", "None"))
    identity_ids = optional(set(string), at("userAssignedIdentities"), keys)
    principal_id = computed(string, at("principalId"), changes_with("type"))
    tenant_id    = computed(string, at("tenantId"), changes_with("type"))
    type         = required(string, one_of("UserAssigned", "SystemAssigned", "SystemAssigned, UserAssigned"), at("type"))
  }

  block "os_profile" {
    self           = optional(set, max(1), at("properties.osProfile"))
    admin_password = optional(string, sensitive, at("adminPassword"), secret)
    admin_username = required(string, at("adminUsername"))
    computer_name  = required(string, force_new, at("computerName"))
    custom_data    = optional(string, computed, force_new, at("customData"), base64, secret)
  }

  block "os_profile_linux_config" {
    self                            = optional(set, max(1), conflicts_with("os_profile_windows_config"), at("properties.osProfile.linuxConfiguration"))
    disable_password_authentication = required(bool, at("disablePasswordAuthentication"))

    block "ssh_keys" {
      self     = optional(list, at("ssh.publicKeys[]"))
      key_data = required(string, at("keyData"))
      path     = required(string, at("path"))
    }
  }

  block "os_profile_secrets" {
    self            = optional(list, at("properties.osProfile.secrets[]"))
    source_vault_id = required(string, at("sourceVault.id"))

    block "vault_certificates" {
      self              = optional(list, at("vaultCertificates[]"))
      certificate_store = optional(string, at("certificateStore"))
      certificate_url   = required(string, at("certificateUrl"))
    }
  }

  block "os_profile_windows_config" {
    self                      = optional(set, max(1), conflicts_with("os_profile_linux_config"), at("properties.osProfile.windowsConfiguration"))
    enable_automatic_upgrades = optional(bool, default(false), at("enableAutomaticUpdates"))
    provision_vm_agent        = optional(bool, default(false), at("provisionVMAgent"))
    timezone                  = optional(string, force_new, at("timeZone"), same(nocase))

    block "additional_unattend_config" {
      self         = optional(list, at("additionalUnattendContent[]"))
      component    = required(string, one_of("Microsoft-Windows-Shell-Setup"), at("componentName"))
      content      = required(string, sensitive, at("content"), secret)
      pass         = required(string, one_of("oobeSystem"), at("passName"), table(["oobeSystem", "OobeSystem"]))
      setting_name = required(string, one_of("AutoLogon", "FirstLogonCommands"), at("settingName"))
    }

    block "winrm" {
      self            = optional(list, at("winRM.listeners[]"))
      certificate_url = optional(string, at("certificateUrl"))
      protocol        = required(string, one_of("HTTP", "HTTPS"), at("protocol"), table(["HTTP", "Http"], ["HTTPS", "Https"]))
    }
  }

  block "plan" {
    self      = optional(list, max(1), at("plan"))
    name      = required(string, at("name"))
    product   = required(string, at("product"))
    publisher = required(string, at("publisher"))
  }

  block "storage_data_disk" {
    self            = optional(list, computed, at("properties.storageProfile.dataDisks[]"))
    name            = required(string, at("name"))
    caching         = optional(string, computed, at("caching"), same(nocase))
    create_option   = required(string, at("createOption"), same(nocase))
    lun             = required(int, at("lun"))
    managed_disk_id = optional(string, computed, at("managedDisk.id"))
    managed_disk_type = optional(
      string, computed, one_of("Premium_LRS", "Standard_LRS", "StandardSSD_LRS", "UltraSSD_LRS"), at("managedDisk.storageAccountType")
    )
    vhd_uri                   = optional(string, at("vhd.uri"))
    write_accelerator_enabled = optional(bool, default(false), at("writeAcceleratorEnabled"))

    v4 {
      disk_size_gb = optional(int, computed, at("diskSizeGB"))
    }

    v5 {
      disk_size_gb = optional(int, computed, range(0, 32767), at("diskSizeGB"))
    }
  }

  block "storage_image_reference" {
    self      = optional(set, computed, force_new, max(1), at("properties.storageProfile.imageReference"))
    id        = optional(string, force_new, at("id"))
    offer     = optional(string, force_new, at("offer"))
    publisher = optional(string, force_new, at("publisher"))
    sku       = optional(string, force_new, at("sku"))
    version   = optional(string, computed, force_new, at("version"))
  }

  block "storage_os_disk" {
    self            = required(list, max(1), at("properties.storageProfile.osDisk"))
    name            = required(string, at("name"))
    caching         = optional(string, computed, at("caching"), same(nocase))
    create_option   = required(string, at("createOption"), same(nocase))
    image_uri       = optional(string, at("image.uri"))
    managed_disk_id = optional(string, computed, force_new, conflicts_with("storage_os_disk.0.vhd_uri"), at("managedDisk.id"))
    managed_disk_type = optional(
      string, computed, one_of("Premium_LRS", "Standard_LRS", "StandardSSD_LRS"), conflicts_with("storage_os_disk.0.vhd_uri"),
      at("managedDisk.storageAccountType")
    )
    os_type                   = optional(string, computed, one_of("Linux", "Windows"), at("osType"))
    vhd_uri                   = optional(string, force_new, conflicts_with("storage_os_disk.0.managed_disk_id", "storage_os_disk.0.managed_disk_type"), at("vhd.uri"))
    write_accelerator_enabled = optional(bool, default(false), at("writeAcceleratorEnabled"))

    v4 {
      disk_size_gb = optional(int, computed, at("diskSizeGB"))
    }

    v5 {
      disk_size_gb = optional(int, computed, range(0, 32767), at("diskSizeGB"))
    }
  }
}
