//! Tests of the `schema` room.

mod agree;
mod bicep;
mod inverse;

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
fn the_list_of_files_is_the_folder() {
    for (mode, dir) in [(Mode::Managed, "resource"), (Mode::Data, "data")] {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(dir);
        let found: BTreeSet<String> = std::fs::read_dir(dir)
            .expect("the folder is there")
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
