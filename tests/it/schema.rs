//! Tests of the `schema` room.

mod agree;
mod bicep;
mod inverse;
mod recorded;
mod wire;

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use ravelin::{
    base::{Mode, Type, Value, json as bjson},
    schema::{Context, Json, Major, ResourceType, Target, check_all, find, kinds},
};
use serde_json::json;

pub(crate) fn context() -> Context {
    Context {
        subscription: "00000000-0000-0000-0000-000000000001".into(),
        tenant: "00000000-0000-0000-0000-000000000002".into(),
        client: Some("00000000-0000-0000-0000-000000000003".into()),
        object: Some("00000000-0000-0000-0000-000000000004".into()),
        seed: "azurerm_x.y".into(),
    }
}

pub(crate) fn resource(kind: &str) -> &'static ResourceType {
    find(Mode::Managed, kind, Major::V5).unwrap_or_else(|| panic!("{kind} is not declared"))
}

/// A configuration of the type's shape from JSON: unset attributes are null, nested blocks lists.
pub(crate) fn config(ty: &ResourceType, json: Json) -> Value {
    let value = bjson::from_json_as(&json, &ty.shape.ty()).expect("the JSON fits the shape");
    unset_blocks(&ty.shape, value)
}

fn unset_blocks(shape: &ravelin::base::Shape, value: Value) -> Value {
    value.map_children(&mut |step, child| {
        let ravelin::base::PathStep::Name(name) = &step else { return child };
        match shape.blocks.get(name) {
            Some(nested) if child.is_null() => match nested.ty() {
                Type::Set(t) => Value::set(*t, vec![]),
                Type::List(t) => Value::list(*t, vec![]),
                _ => child,
            },
            Some(nested) => child.map_children(&mut |_, e| unset_blocks(&nested.shape, e)),
            None => child,
        }
    })
}

#[test]
fn every_file_parses() {
    assert_eq!(check_all(), Vec::<String>::new());
}

#[test]
#[allow(clippy::disallowed_methods)]
fn the_list_of_files_is_the_folder() {
    for (mode, dir) in [(Mode::Managed, "resource"), (Mode::Data, "data"), (Mode::Ephemeral, "ephemeral")] {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(dir);
        let found: BTreeSet<String> = std::fs::read_dir(dir)
            .into_iter()
            .flatten()
            .map(|e| e.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        let listed: BTreeSet<String> = kinds(mode).into_iter().map(str::to_owned).collect();
        assert_eq!(found, listed);
    }
}

fn check_body(kind: &str, attributes: Json, expected: Expect) {
    let ty = resource(kind);
    let planned = ty.planned(&config(ty, attributes), None, &context());
    let target = match ty.target(&planned, &context()) {
        Some(Target::Own { id }) => format!("PUT {id}"),
        Some(Target::Part { owner, place, id, .. }) => format!("part of {owner} at {:?}\nid {id}", place.steps),
        other => format!("{other:?}"),
    };
    let body = ty.build(&planned, &context()).expect("the body builds");
    expected.assert_eq(&format!("{target}\n{}\n", serde_json::to_string_pretty(&body).expect("JSON")));
}

#[test]
fn subnet_body() {
    check_body(
        "azurerm_subnet",
        json!({
            "name": "nodes", "resource_group_name": "rg", "virtual_network_name": "hub", "address_prefixes": ["10.0.0.0/24"],
            "delegation": [{"name": "d", "service_delegation": [{"name": "Microsoft.ContainerInstance/containerGroups"}]}],
        }),
        expect![[r#"
            PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes
            {
              "properties": {
                "addressPrefixes": [
                  "10.0.0.0/24"
                ],
                "defaultOutboundAccess": true,
                "delegations": [
                  {
                    "name": "d",
                    "properties": {
                      "serviceName": "Microsoft.ContainerInstance/containerGroups"
                    }
                  }
                ],
                "privateEndpointNetworkPolicies": "Disabled",
                "privateLinkServiceNetworkPolicies": "Enabled"
              }
            }
        "#]],
    );
    check_body(
        "azurerm_subnet_route_table_association",
        json!({"subnet_id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes", "route_table_id": "/rt"}),
        expect![[r#"
            part of /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes at [Member("properties"), Member("routeTable")]
            id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes
            {
              "id": "/rt"
            }
        "#]],
    );
}

/// Replacements between two configurations of a type, the first as if it were applied.
fn check_replacements(kind: &str, before: Json, after: Json, expected: Expect) {
    let ty = resource(kind);
    let prior = ty.planned(&config(ty, before), None, &context());
    let planned = ty.planned(&config(ty, after), Some(&prior), &context());
    let found = ty.replacements(&prior, &planned);
    let lines: Vec<String> = found.iter().map(|(path, why)| format!("{}: {why}", ravelin::base::value::show_path(path))).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn replacement_follows_the_schema() {
    let vnet = |location: &str, space: &str| json!({"name": "hub", "resource_group_name": "rg", "location": location, "address_space": [space]});
    check_replacements("azurerm_virtual_network", vnet("West Europe", "10.0.0.0/16"), vnet("westeurope", "10.0.0.0/15"), expect![[""]]);
    check_replacements(
        "azurerm_virtual_network",
        vnet("westeurope", "10.0.0.0/16"),
        vnet("northeurope", "10.0.0.0/16"),
        expect!["location: location cannot be changed in place"],
    );
}

#[test]
fn replacement_of_a_cluster_depends_on_the_change() {
    let cluster = |plugin: &str, mode: Option<&str>, policy: &str, pods: &str| {
        json!({
            "name": "aks", "resource_group_name": "rg", "location": "westeurope", "dns_prefix": "aks",
            "identity": [{"type": "SystemAssigned"}], "node_provisioning_profile": [{}],
            "default_node_pool": [{"name": "system", "vm_size": "Standard_D4s_v5", "node_count": 3}],
            "network_profile": [{"network_plugin": plugin, "network_plugin_mode": mode, "network_policy": policy, "pod_cidr": pods}],
        })
    };
    let overlay = || cluster("azure", Some("overlay"), "azure", "10.244.0.0/16");
    check_replacements(
        "azurerm_kubernetes_cluster",
        cluster("kubenet", None, "calico", "10.244.0.0/16"),
        overlay(),
        expect!["network_profile[0].network_policy: a cluster's network policy changes in place only to cilium"],
    );
    check_replacements(
        "azurerm_kubernetes_cluster",
        overlay(),
        cluster("azure", None, "azure", "10.244.0.0/16"),
        expect!["network_profile[0].network_plugin_mode: a cluster changes in place to overlay, never away from it"],
    );
    check_replacements("azurerm_kubernetes_cluster", overlay(), cluster("azure", Some("overlay"), "cilium", "10.244.0.0/15"), expect![[""]]);
    check_replacements(
        "azurerm_kubernetes_cluster",
        overlay(),
        cluster("azure", Some("overlay"), "calico", "10.240.0.0/16"),
        expect![[r#"
        network_profile[0].network_policy: a cluster's network policy changes in place only to cilium
        network_profile[0].pod_cidr: the pod range of a cluster can only be widened, and only with overlay"#]],
    );
}

fn check_problems(kind: &str, attributes: Json, expected: Expect) {
    let ty = resource(kind);
    let found = ty.validate(&config(ty, attributes));
    let line =
        |p: &ravelin::schema::Problem| format!("{} [{}] {}{}\n", p.summary, p.code, p.detail, p.hint.as_ref().map(|h| format!(" {h}")).unwrap_or_default());
    expected.assert_eq(&found.iter().map(line).collect::<String>());
}

#[test]
fn problems_name_the_place_and_the_remedy() {
    check_problems(
        "azurerm_network_security_rule",
        json!({
            "name": "r", "resource_group_name": "rg", "network_security_group_name": "nsg", "priority": 99, "direction": "inbound", "access": "Allow",
            "protocol": "TCP", "source_port_range": "*", "source_port_ranges": ["1", "2"], "destination_port_range": "443", "source_address_prefix": "*",
        }),
        expect![[r#"
            Attribute missing [missing-alternative] Exactly one of destination_address_prefix, destination_address_prefixes, destination_application_security_group_ids must be set in azurerm_network_security_rule; none is.
            Value not allowed [value-not-allowed] direction must be one of "Inbound", "Outbound"; it is "inbound". Did you mean "Inbound"?
            Value out of range [out-of-range] priority must be from 100 to 4096; it is 99.
            Value not allowed [value-not-allowed] protocol must be one of "*", "Tcp", "Udp", "Icmp", "Ah", "Esp"; it is "TCP". Did you mean "Tcp"?
            Attributes exclude each other [conflicting-attributes] source_port_range and source_port_ranges exclude each other in azurerm_network_security_rule; set one of them.
            Attributes exclude each other [conflicting-attributes] source_port_ranges and source_port_range exclude each other in azurerm_network_security_rule; set one of them.
        "#]],
    );
    check_problems(
        "azurerm_role_assignment",
        json!({"scope": "/subscriptions/s", "principal_id": "p", "role_definition_name": "Netwrok Contributor"}),
        expect![[r#"
            Unknown role [unknown-role] role_definition_name is "Netwrok Contributor", which is no built-in role that is known here. For another role set role_definition_id; data "azurerm_role_definition" finds it by name. Did you mean "Network Contributor"?
        "#]],
    );
    check_problems(
        "azurerm_storage_account",
        json!({
            "name": "sa", "resource_group_name": "rg", "location": "westeurope", "account_tier": "Standard", "account_replication_type": "LRS",
            "blob_properties": [{"versioning_enabled": true}],
        }),
        expect![[r#"
            Attribute not supported [unsupported-attribute] blob_properties blocks of azurerm_storage_account are not modelled yet, so they would have no effect; remove them.
        "#]],
    );
}

#[test]
fn an_update_keeps_what_is_not_modelled_and_takes_back_what_was_ours() {
    let ty = resource("azurerm_route_table");
    let table = |routes: Json| json!({"name": "rt", "resource_group_name": "rg", "location": "westeurope", "route": routes});
    let route =
        |name: &str, hop: &str| json!({"name": name, "address_prefix": "0.0.0.0/0", "next_hop_type": "VirtualAppliance", "next_hop_in_ip_address": hop});
    let body = |routes: Json| {
        let planned = ty.planned(&config(ty, table(routes)), None, &context());
        ty.build(&planned, &context()).expect("the body builds")
    };
    let live = json!({
        "id": "/x", "name": "rt", "type": "Microsoft.Network/routeTables", "etag": "W/\"1\"", "location": "westeurope", "tags": {"by": "hand"},
        "properties": {
            "provisioningState": "Succeeded", "resourceGuid": "g", "disablePeeringRoute": "None", "subnets": [{"id": "/s"}],
            "routes": [
                {"name": "Default", "etag": "W/\"1\"", "properties": {"provisioningState": "Succeeded", "addressPrefix": "0.0.0.0/0", "hasBgpOverride": false}},
                {"name": "gone", "properties": {"addressPrefix": "10.0.0.0/8"}},
                {"name": "foreign", "properties": {"addressPrefix": "10.9.0.0/16"}},
            ],
        },
    });
    let over = ty.overlay(&live, &body(json!([route("default", "10.0.0.5")])), Some(&body(json!([route("default", "10.0.0.4"), route("gone", "10.0.0.4")]))));
    expect![[r#"
        {
          "location": "westeurope",
          "properties": {
            "disableBgpRoutePropagation": false,
            "disablePeeringRoute": "None",
            "routes": [
              {
                "name": "default",
                "properties": {
                  "addressPrefix": "0.0.0.0/0",
                  "hasBgpOverride": false,
                  "nextHopIpAddress": "10.0.0.5",
                  "nextHopType": "VirtualAppliance"
                }
              },
              {
                "name": "foreign",
                "properties": {
                  "addressPrefix": "10.9.0.0/16"
                }
              }
            ]
          },
          "tags": {
            "by": "hand"
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&over).expect("JSON"));
}

#[test]
fn a_part_goes_into_a_body_that_was_built_and_out_of_one_that_was_read() {
    let ty = resource("azurerm_network_interface_backend_address_pool_association");
    let value = ty.planned(
        &config(ty, json!({"network_interface_id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic", "ip_configuration_name": "ip", "backend_address_pool_id": "/lb/pools/a"})),
        None,
        &context(),
    );
    let Some(Target::Part { place, id, .. }) = ty.target(&value, &context()) else { panic!("it is a part") };
    let mut owner = json!({"properties": {"ipConfigurations": [{"name": "other"}, {"name": "IP", "properties": {"primary": true}}]}});
    place.set(&mut owner, ty.build(&value, &context()).expect("the part builds"));
    let with = owner.to_string();
    let read = ty.read(&id, place.get(&owner).expect("the part is there"), None, &context());
    place.remove(&mut owner);
    expect![[r#"
        {"properties":{"ipConfigurations":[{"name":"other"},{"name":"IP","properties":{"loadBalancerBackendAddressPools":[{"id":"/lb/pools/a"}],"primary":true}}]}}
        {"properties":{"ipConfigurations":[{"name":"other"},{"name":"IP","properties":{"loadBalancerBackendAddressPools":[],"primary":true}}]}}
        /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic/ipConfigurations/ip|/lb/pools/a
        { backend_address_pool_id = "/lb/pools/a", id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic/ipConfigurations/ip|/lb/pools/a", ip_configuration_name = "ip", network_interface_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic" }"#]].assert_eq(&format!("{with}\n{owner}\n{id}\n{read}"));
}

#[test]
fn ids_are_predicted_and_understood() {
    let show = |kind: &str, attributes: Json| {
        let ty = resource(kind);
        let planned = ty.planned(&config(ty, attributes), None, &context());
        let id = planned.get("id").and_then(Value::as_str).unwrap_or("(unknown)").to_owned();
        let known: Vec<String> = ty
            .from_id(&id)
            .and_then(|v| v.entries().map(|e| e.iter().filter(|(k, v)| *k != "id" && v.as_str().is_some()).map(|(k, v)| format!("{k} = {v}")).collect()))
            .unwrap_or_default();
        format!("{id}\n  {}\n", known.join(", "))
    };
    let zone = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io";
    let out = [
        show("azurerm_subnet", json!({"name": "a", "resource_group_name": "rg", "virtual_network_name": "hub", "address_prefixes": ["10.0.0.0/24"]})),
        show("azurerm_private_dns_zone_virtual_network_link", json!({"name": "hub", "private_dns_zone_id": zone, "virtual_network_id": "/v"})),
        show(
            "azurerm_role_assignment",
            json!({"scope": "/subscriptions/s/resourceGroups/rg", "principal_id": "p", "role_definition_name": "Network Contributor"}),
        ),
        show("azurerm_monitor_diagnostic_setting", json!({"name": "audit", "target_resource_id": zone, "log_analytics_workspace_id": "/w"})),
        show("azurerm_marketplace_agreement", json!({"publisher": "fortinet", "offer": "fortinet_fortigate-vm_v5", "plan": "fortinet_fg-vm_payg_2023"})),
        show(
            "azurerm_lb_rule",
            json!({"name": "ha", "loadbalancer_id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/ilb", "protocol": "All", "frontend_port": 0, "backend_port": 0, "frontend_ip_configuration_name": "fe"}),
        ),
    ];
    expect![[r#"
        /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/a
          name = "a", resource_group_name = "rg", virtual_network_name = "hub"
        /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io/virtualNetworkLinks/hub
          name = "hub", private_dns_zone_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io"
        /subscriptions/s/resourceGroups/rg/providers/Microsoft.Authorization/roleAssignments/acfd9fe7-6bb0-5187-96ee-43c065600427
          name = "acfd9fe7-6bb0-5187-96ee-43c065600427", scope = "/subscriptions/s/resourceGroups/rg"
        /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io|audit
          name = "audit", target_resource_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io"
        /subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.MarketplaceOrdering/agreements/fortinet/offers/fortinet_fortigate-vm_v5/plans/fortinet_fg-vm_payg_2023
          offer = "fortinet_fortigate-vm_v5", plan = "fortinet_fg-vm_payg_2023", publisher = "fortinet"
        /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/ilb/loadBalancingRules/ha
          loadbalancer_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/ilb", name = "ha"
    "#]].assert_eq(&out.concat());
}
