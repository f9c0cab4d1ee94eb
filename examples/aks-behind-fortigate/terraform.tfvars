# For a demonstration only. These passwords are published with this example, and the group does not exist. Before anything
# real is deployed delete this file and give the values by environment (TF_VAR_fortigate_admin_password, …) or by a variable
# file that is kept out of version control; terraform.tfvars.example shows all of them.
admin_group_object_ids   = ["00000000-0000-0000-0000-00000000a001"]
fortigate_admin_password = "Demo.Only.Not.Secret.1"
fortigate_ha_password    = "Demo.Heartbeat.Not.Secret.2"
fortiweb_admin_password  = "Demo.Only.Not.Secret.3"
