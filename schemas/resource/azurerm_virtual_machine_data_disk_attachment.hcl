# A managed disk attached to a virtual machine.

type     = "Microsoft.Compute/virtualMachines"
api      = "2025-04-01"
timeouts = { create = "30m", delete = "30m", update = "30m" }
locks    = ["{managed_disk_id}"]

part {
  owner = "{virtual_machine_id}"
  at    = "properties.storageProfile.dataDisks[managedDisk.id={managed_disk_id}]"
  id    = "{virtual_machine_id}/dataDisks/{managed_disk_id:name}"
}

attributes {
  caching                   = required(string, one_of("None", "ReadOnly", "ReadWrite"), at("caching"))
  create_option             = optional(string, force_new, default("Attach"), one_of("Attach", "Empty"), at("createOption"))
  lun                       = required(int, force_new, at("lun"))
  managed_disk_id           = required(string, force_new, at("managedDisk.id"))
  virtual_machine_id        = required(string, force_new)
  write_accelerator_enabled = optional(bool, default(false), at("writeAcceleratorEnabled"))
}
