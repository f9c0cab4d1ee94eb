//! The doors that need no token: cloud metadata, OpenID configuration, instance discovery, and the token endpoint.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::{Millis, Request, Response},
    jsons::text,
    store::{Settings, Store, derive},
};

/// Seconds a token is good for.
const LIFE: i64 = 3599;

/// Answers a request to one of the open doors; `None` for all else.
pub fn answer(store: &Store, request: &Request, now: Millis) -> Option<Response> {
    let base = request.base();
    let segments: Vec<String> = request.path.split('/').filter(|s| !s.is_empty()).map(str::to_ascii_lowercase).collect();
    let tail: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), tail.as_slice()) {
        ("GET", ["metadata", "endpoints"]) => Some(Response::json(200, metadata(request, &base))),
        ("GET", ["metadata", "identity", "oauth2", "token"]) => Some(managed_identity(store, request, now)),
        ("GET", ["common" | "organizations", "discovery", "instance"]) => Some(Response::json(200, discovery(&base))),
        ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"]) => Some(Response::json(200, openid(&base, tenant, "/v2.0"))),
        ("GET", [tenant, ".well-known", "openid-configuration"]) => Some(Response::json(200, openid(&base, tenant, ""))),
        ("GET", [_, "discovery", "keys"] | [_, "discovery", "v2.0", "keys"]) => Some(Response::json(200, json!({ "keys": [] }))),
        ("POST", [tenant, "oauth2", "v2.0", "token"] | [tenant, "oauth2", "token"]) => Some(token(store, request, tenant, now)),
        _ => None,
    }
}

/// Refuses what comes without a token. Any token is believed: there is nothing to protect.
pub fn admit(request: &Request, settings: &Settings) -> Result<(), Response> {
    let authorization = request.header("authorization").unwrap_or("");
    let scheme = authorization.get(..7).unwrap_or("");
    if scheme.eq_ignore_ascii_case("bearer ") && authorization.len() > 7 {
        return Ok(());
    }
    let refused = Fault::service(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
    let challenge = format!(
        "Bearer authorization_uri=\"{}/{}\", error=\"invalid_token\", error_description=\"The authentication failed because of missing 'Authorization' header.\"",
        request.base(),
        settings.tenant
    );
    Err(Response::from(refused).with("www-authenticate", challenge))
}

/// The endpoints of this cloud, for `az cloud register` and for the providers' metadata host.
fn metadata(request: &Request, base: &str) -> Json {
    let cloud = json!({
        "name": "RavelinSim",
        "portal": base,
        "authentication": {
            "loginEndpoint": base, "audiences": [format!("{base}/"), base], "tenant": "common", "identityProvider": "AAD"
        },
        "media": base,
        "graphAudience": format!("{base}/graph/"),
        "graph": format!("{base}/graph/"),
        "suffixes": {
            "azureDataLakeStoreFileSystem": "datalake.localhost", "acrLoginServer": "azurecr.localhost",
            "sqlServerHostname": ".database.localhost", "azureDataLakeAnalyticsCatalogAndJob": "analytics.localhost",
            "keyVaultDns": "vault.localhost", "storage": "core.localhost", "mhsmDns": "managedhsm.localhost",
            "mysqlServerEndpoint": ".mysql.localhost", "postgresqlServerEndpoint": ".postgres.localhost",
            "azureFrontDoorEndpointSuffix": "azurefd.localhost", "storageSyncEndpointSuffix": "afs.localhost",
            "mariadbServerEndpoint": ".mariadb.localhost", "synapseAnalytics": "synapse.localhost", "attestationEndpoint": ".attest.localhost"
        },
        "batch": base,
        "resourceManager": format!("{base}/"),
        "vmImageAliasDoc": base,
        "activeDirectoryDataLake": base,
        "sqlManagement": base,
        "microsoftGraphResourceId": format!("{base}/msgraph/"),
        "appInsightsResourceId": base,
        "appInsightsTelemetryChannelResourceId": base,
        "attestationResourceId": base,
        "synapseAnalyticsResourceId": base,
        "logAnalyticsResourceId": base,
        "ossrDbmsResourceId": base,
        "gallery": base
    });
    // Versions before 2022-09-01 answer a list of clouds.
    if request.query("api-version").is_some_and(|v| v < "2022-09-01") { json!([cloud]) } else { cloud }
}

fn openid(base: &str, tenant: &str, version: &str) -> Json {
    json!({
        "token_endpoint": format!("{base}/{tenant}/oauth2{version}/token"),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2{version}/authorize"),
        "device_authorization_endpoint": format!("{base}/{tenant}/oauth2{version}/devicecode"),
        "issuer": format!("{base}/{tenant}{version}"),
        "jwks_uri": format!("{base}/{tenant}/discovery{version}/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "tenant_region_scope": null
    })
}

fn discovery(base: &str) -> Json {
    let host = base.trim_start_matches("https://");
    json!({
        "tenant_discovery_endpoint": format!("{base}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }]
    })
}

/// Any client is given a token; a form without a grant type is refused as Entra refuses it.
fn token(store: &Store, request: &Request, tenant: &str, now: Millis) -> Response {
    let form = request.body.clone().unwrap_or(Json::Null);
    let Some(grant) = text(&form, "grant_type") else {
        return refused("AADSTS900144: The request body must contain the following parameter: 'grant_type'.");
    };
    if !matches!(grant, "client_credentials" | "refresh_token" | "password" | "authorization_code" | "urn:ietf:params:oauth:grant-type:jwt-bearer") {
        return refused(&format!("AADSTS70003: The app requested an unsupported grant type '{grant}'."));
    }
    let client = text(&form, "client_id").unwrap_or(super::CLIENT).to_owned();
    if grant == "client_credentials" && text(&form, "client_secret").is_none() && text(&form, "client_assertion").is_none() {
        return refused("AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.");
    }
    let tenant = if uuid::Uuid::parse_str(tenant).is_ok() { tenant.to_owned() } else { store.settings.tenant.clone() };
    let audience = text(&form, "scope").map(|s| s.trim_end_matches("/.default").to_owned());
    let audience = audience.or_else(|| text(&form, "resource").map(str::to_owned)).unwrap_or_else(|| request.base());
    let access = jwt(store, &tenant, &client, &audience, now);
    let mut body = json!({ "token_type": "Bearer", "expires_in": LIFE, "ext_expires_in": LIFE, "access_token": access });
    if text(&form, "client_info").is_some() {
        let info = json!({ "uid": super::OBJECT, "utid": tenant }).to_string();
        super::jsons::set(&mut body, "client_info", URL_SAFE_NO_PAD.encode(info));
    }
    Response::json(200, body)
}

/// The instance metadata service's token door, for managed identity.
fn managed_identity(store: &Store, request: &Request, now: Millis) -> Response {
    if request.header("metadata") != Some("true") {
        return Response::json(400, json!({ "error": "invalid_request", "error_description": "Required metadata header not specified" }));
    }
    let resource = request.query("resource").unwrap_or("https://management.azure.com/");
    let client = request.query("client_id").unwrap_or(super::CLIENT);
    let access = jwt(store, &store.settings.tenant, client, resource, now);
    let expires = (now / 1000 + LIFE).to_string();
    Response::json(
        200,
        json!({ "access_token": access, "client_id": client, "expires_in": LIFE.to_string(), "expires_on": expires, "resource": resource, "token_type": "Bearer" }),
    )
}

fn refused(description: &str) -> Response {
    Response::json(400, json!({ "error": "invalid_request", "error_description": description, "error_codes": [900144] }))
}

/// An unsigned token with the claims that clients read: tenant, object, application and expiry.
pub fn jwt(store: &Store, tenant: &str, client: &str, audience: &str, now: Millis) -> String {
    let object = if client == super::CLIENT { super::OBJECT.to_owned() } else { derive("principal", client) };
    let (at, host) = (now / 1000, "https://sts.windows.net");
    let claims = json!({
        "aud": audience, "iss": format!("{host}/{tenant}/"), "iat": at, "nbf": at, "exp": at + LIFE,
        "appid": client, "appidacr": "1", "idtyp": "app", "oid": object, "sub": object, "tid": tenant, "ver": "1.0",
        "uti": derive(&store.seed, &format!("token {client} {at}"))
    });
    let header = json!({ "typ": "JWT", "alg": "none" });
    format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()), URL_SAFE_NO_PAD.encode("simulated"))
}
