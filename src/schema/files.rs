//! The schema files, compiled in, each parsed on first use.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, OnceLock, PoisonError},
};

use super::{
    declare::{Major, ResourceType},
    parse,
};
use crate::base::Mode;

/// One file: the type it declares, and its text.
struct File {
    kind: &'static str,
    mode: Mode,
    text: &'static str,
}

/// What a file declares for either major, once that was asked for.
#[derive(Default)]
struct Parsed {
    v4: OnceLock<Option<Box<ResourceType>>>,
    v5: OnceLock<Option<Box<ResourceType>>>,
}

static PARSED: LazyLock<Vec<Parsed>> = LazyLock::new(|| FILES.iter().map(|_| Parsed::default()).collect());

macro_rules! files {
    ($($dir:literal $mode:ident : $($kind:literal)*;)*) => {
        &[$($(File {
            kind: $kind,
            mode: Mode::$mode,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $dir, "/", $kind, ".hcl")),
        },)*)*]
    };
}

/// Every file of `schemas/`, by folder; a test holds the list and the folders together.
static FILES: &[File] = files! {
    "resource" Managed:
        "azurerm_application_security_group"
        "azurerm_availability_set"
        "azurerm_federated_identity_credential"
        "azurerm_kubernetes_cluster"
        "azurerm_kubernetes_cluster_node_pool"
        "azurerm_lb"
        "azurerm_lb_backend_address_pool"
        "azurerm_lb_backend_address_pool_address"
        "azurerm_lb_nat_rule"
        "azurerm_lb_outbound_rule"
        "azurerm_lb_probe"
        "azurerm_lb_rule"
        "azurerm_linux_virtual_machine"
        "azurerm_log_analytics_workspace"
        "azurerm_managed_disk"
        "azurerm_management_lock"
        "azurerm_marketplace_agreement"
        "azurerm_monitor_diagnostic_setting"
        "azurerm_nat_gateway"
        "azurerm_nat_gateway_public_ip_association"
        "azurerm_network_ddos_protection_plan"
        "azurerm_network_interface"
        "azurerm_network_interface_backend_address_pool_association"
        "azurerm_network_interface_nat_rule_association"
        "azurerm_network_interface_security_group_association"
        "azurerm_network_security_group"
        "azurerm_network_security_rule"
        "azurerm_private_dns_a_record"
        "azurerm_private_dns_zone"
        "azurerm_private_dns_zone_virtual_network_link"
        "azurerm_private_endpoint"
        "azurerm_public_ip"
        "azurerm_public_ip_prefix"
        "azurerm_resource_group"
        "azurerm_role_assignment"
        "azurerm_role_definition"
        "azurerm_route"
        "azurerm_route_table"
        "azurerm_storage_account"
        "azurerm_subnet"
        "azurerm_subnet_nat_gateway_association"
        "azurerm_subnet_network_security_group_association"
        "azurerm_subnet_route_table_association"
        "azurerm_user_assigned_identity"
        "azurerm_virtual_machine"
        "azurerm_virtual_machine_data_disk_attachment"
        "azurerm_virtual_network"
        "azurerm_virtual_network_peering"
        "cloudinit_config"
        "local_file"
        "local_sensitive_file"
        "null_resource"
        "random_bytes"
        "random_id"
        "random_integer"
        "random_password"
        "random_pet"
        "random_shuffle"
        "random_string"
        "random_uuid"
        "random_uuid4"
        "random_uuid7"
        "terraform_data"
        "time_offset"
        "time_rotating"
        "time_sleep"
        "time_static"
        "tls_cert_request"
        "tls_locally_signed_cert"
        "tls_private_key"
        "tls_self_signed_cert";
    "data" Data:
        "azurerm_application_security_group"
        "azurerm_availability_set"
        "azurerm_client_config"
        "azurerm_kubernetes_cluster"
        "azurerm_kubernetes_service_versions"
        "azurerm_lb"
        "azurerm_lb_backend_address_pool"
        "azurerm_log_analytics_workspace"
        "azurerm_marketplace_agreement"
        "azurerm_nat_gateway"
        "azurerm_network_ddos_protection_plan"
        "azurerm_network_interface"
        "azurerm_network_security_group"
        "azurerm_platform_image"
        "azurerm_private_dns_zone"
        "azurerm_public_ip"
        "azurerm_resource_group"
        "azurerm_role_definition"
        "azurerm_route_table"
        "azurerm_subnet"
        "azurerm_subscription"
        "azurerm_user_assigned_identity"
        "azurerm_virtual_network"
        "cloudinit_config"
        "external"
        "http"
        "local_file"
        "local_sensitive_file"
        "null_data_source"
        "template_cloudinit_config"
        "template_file"
        "terraform_remote_state"
        "tls_certificate"
        "tls_public_key";
    "ephemeral" Ephemeral:
        "random_password"
        "tls_private_key"
        "tls_public_key";
};

/// The declaration of a resource type or data source; `None` when there is no such type in that major.
pub fn find(mode: Mode, kind: &str, major: Major) -> Option<&'static ResourceType> {
    let at = FILES.iter().position(|f| f.mode == mode && f.kind == kind)?;
    let (file, parsed) = (FILES.get(at)?, PARSED.get(at)?);
    let cell = match major {
        Major::V4 => &parsed.v4,
        Major::V5 => &parsed.v5,
    };
    // A file that does not parse is a build mistake, which `check_all` reports in the tests.
    cell.get_or_init(|| parse::parse(file.kind, file.mode, major, file.text).ok().flatten().map(Box::new)).as_deref()
}

/// The type as one that is not in Azure: what stands in for its provider makes its objects. Made once for each type.
pub fn stand_in(ty: &'static ResourceType) -> &'static ResourceType {
    static MADE: LazyLock<Mutex<BTreeMap<usize, &'static ResourceType>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    // The types live as long as the program, and so do these: their number is bounded by the list above.
    made.entry(std::ptr::from_ref(ty) as usize).or_insert_with(|| Box::leak(Box::new(ty.stand_in())))
}

/// The names of all types of a mode, in order.
pub fn kinds(mode: Mode) -> Vec<&'static str> {
    FILES.iter().filter(|f| f.mode == mode).map(|f| f.kind).collect()
}

/// What is wrong with the files: one line for each that does not parse.
pub fn check_all() -> Vec<String> {
    let majors = [Major::V4, Major::V5];
    let tried = FILES.iter().flat_map(|f| majors.map(|m| (f, m, parse::parse(f.kind, f.mode, m, f.text))));
    tried.filter_map(|(f, m, result)| result.err().map(|e| format!("{} {m:?}: {e}", f.kind))).collect()
}
