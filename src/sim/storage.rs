//! Microsoft.Storage: accounts, as far as diagnostics and boot logs need them.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::Response,
    jsons::{at, fill, filled, flag, set, text},
    model::{Draft, Model, PLAIN, Style, Timing},
    moment,
    store::{Store, derive},
};

pub const MODELS: &[Model] = &[Model {
    kind: "Microsoft.Storage/storageAccounts",
    shown: "Microsoft.Storage/storageAccounts",
    style: Style::Storage,
    label: "StorageAccount",
    timing: Timing { create: 17_000, update: 0, delete: 0, wait: 17, wait_delete: 0 },
    build,
    action: |store, id, action, _, now| match action.to_ascii_lowercase().as_str() {
        "listkeys" => {
            let key = |n: &str| {
                let value = STANDARD.encode(derive(&store.seed, &format!("{id} {n}")).repeat(2).get(..64).unwrap_or(""));
                json!({ "creationTime": moment::rfc3339(now), "keyName": n, "value": value, "permissions": "FULL" })
            };
            Some(Ok(Response::json(200, json!({ "keys": [key("key1"), key("key2")] }))))
        }
        _ => None,
    },
    ..PLAIN
}];

fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let (request, name) = (draft.request, draft.name());
    let good = (3..=24).contains(&name.len()) && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !good {
        let message = format!(
            "{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only."
        );
        return Err(Fault::service(400, "AccountNameInvalid", message));
    }
    let taken = store.of_kind("Microsoft.Storage/storageAccounts").any(|r| r.name() == name && !r.id.eq_ignore_ascii_case(draft.id));
    if taken {
        return Err(Fault::service(409, "StorageAccountAlreadyTaken", format!("The storage account named {name} is already taken.")));
    }
    let mut body = draft.frame(&["identity", "extendedLocation"]);
    fill(&mut body, "tags", json!({}));
    let Some(sku) = filled(request, "sku.name").or_else(|| draft.old.and_then(|o| text(o, "sku.name"))) else {
        return Err(Fault::service(400, "InvalidRequestPropertyValue", "The storage account needs a sku."));
    };
    set(&mut body, "sku", json!({ "name": sku, "tier": sku.split('_').next().unwrap_or("Standard") }));
    set(&mut body, "kind", filled(request, "kind").unwrap_or("StorageV2"));
    let location = text(&body, "location").unwrap_or("").to_owned();
    let created = draft.keep("properties.creationTime", || Json::from(moment::rfc3339(draft.now)));
    let mut properties = at(request, "properties").cloned().unwrap_or(json!({}));
    let on = |path: &str, default: bool| at(request, &format!("properties.{path}")).map_or(default, |_| flag(request, &format!("properties.{path}")));
    for (member, value) in [
        ("keyCreationTime", json!({ "key1": created, "key2": created })),
        ("privateEndpointConnections", json!([])),
        ("minimumTlsVersion", json!("TLS1_2")),
        ("accessTier", json!("Hot")),
        ("networkAcls", json!({ "bypass": "AzureServices", "virtualNetworkRules": [], "ipRules": [], "defaultAction": "Allow" })),
        (
            "encryption",
            json!({ "services": { "file": { "keyType": "Account", "enabled": true }, "blob": { "keyType": "Account", "enabled": true } }, "keySource": "Microsoft.Storage" }),
        ),
    ] {
        fill(&mut properties, member, value);
    }
    set(&mut properties, "allowBlobPublicAccess", on("allowBlobPublicAccess", false));
    set(&mut properties, "supportsHttpsTrafficOnly", on("supportsHttpsTrafficOnly", true));
    set(&mut properties, "creationTime", created);
    let endpoint = |service: &str| format!("https://{name}.{service}.core.windows.net/");
    set(
        &mut properties,
        "primaryEndpoints",
        json!({ "dfs": endpoint("dfs"), "web": endpoint("web"), "blob": endpoint("blob"), "queue": endpoint("queue"), "table": endpoint("table"), "file": endpoint("file") }),
    );
    set(&mut properties, "primaryLocation", location);
    set(&mut properties, "statusOfPrimary", "available");
    set(&mut body, "properties", properties);
    Ok(body)
}
