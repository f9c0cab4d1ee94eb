//! The doors: tokens, metadata, authentication, the in-process transport, the HTTPS server, the store's file.
#![allow(clippy::disallowed_methods)]

use std::{path::Path, sync::Arc};

use azure_core::http::{Method, Request as CoreRequest, Url};
use expect_test::expect;
use ravelin::sim::{Request, Simulator, handle, serve};
use serde_json::{Value as Json, json};

use super::cloud::{Cloud, S, check, net};

const NOW: i64 = 1_790_000_000_000;

#[test]
fn the_open_doors_need_no_token() {
    let mut cloud = Cloud::new();
    let mut bare = Request::new("GET", "https://localhost:8443//metadata/endpoints?api-version=2022-09-01", None);
    bare.headers.remove("authorization");
    let metadata = handle(&mut cloud.store, &bare, cloud.now).body.unwrap_or_default();
    check(format!("{} {}", metadata["resourceManager"], metadata["authentication"]["tenant"]), expect![[r#""https://localhost:8443/" "common""#]]);
    let form = json!({ "grant_type": "client_credentials", "client_id": "x", "client_secret": "y", "scope": "https://localhost:8443/.default" });
    let mut request = Request::new("POST", "https://localhost:8443/22222222-2222-4222-8222-222222222222/oauth2/v2.0/token", Some(form));
    request.headers.remove("authorization");
    let token = handle(&mut cloud.store, &request, cloud.now).body.unwrap_or_default();
    let payload = token["access_token"].as_str().and_then(|t| t.split('.').nth(1).map(str::to_owned)).unwrap_or_default();
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap_or_default();
    let claims: Json = serde_json::from_slice(&claims).unwrap_or_default();
    check(format!("{} {}", claims["appid"], claims["tid"]), expect![[r#""x" "GUID""#]]);
    let mut request = Request::new("GET", &format!("{S}/resourcegroups?api-version=2021-04-01"), None);
    request.headers.remove("authorization");
    let refused = handle(&mut cloud.store, &request, cloud.now);
    check(
        format!("{} {}", refused.status, refused.body.unwrap_or_default()),
        expect![[r#"401 {"error":{"code":"AuthenticationFailed","message":"Authentication failed. The 'Authorization' header is missing."}}"#]],
    );
}

#[test]
fn requests_can_be_spoilt() {
    let mut cloud = Cloud::new();
    cloud.store.script = serde_json::from_value(json!({ "faults": [
        { "method": "PUT", "path": "/routeTables/", "times": 1, "status": 503, "code": "ServerBusy", "message": "Try later.", "retry_after": 5 },
        { "method": "PUT", "path": "/routeTables/", "times": 1, "status": 0, "code": "InternalExecutionError", "message": "Broken inside." }
    ] }))
    .expect("a script");
    let path = net("routeTables/rt");
    let body = || Some(json!({ "location": "westeurope" }));
    let mut found = cloud.verdict("PUT", &path, body()) + "\n";
    let accepted = cloud.ask("PUT", &path, body());
    cloud.wait();
    let poll = Request::new("GET", &accepted.headers["azure-asyncoperation"], None);
    found += &format!("{}\n", handle(&mut cloud.store, &poll, cloud.now).body.unwrap_or_default());
    found += &format!("{}\n", cloud.verdict("GET", &path, None));
    found += &format!("{}\n", cloud.verdict("PUT", &path, body()));
    check(
        found,
        expect![[r#"
        503 ServerBusy: Try later.
        {"error":{"code":"InternalExecutionError","details":[],"message":"Broken inside."},"status":"Failed"}
        200 Failed
        200 Succeeded
    "#]],
    );
    cloud.store.settings.requests_per_second = 1;
    cloud.get(&path);
    check(
        cloud.verdict("GET", &path, None),
        expect!["429 429: Request is temporarily throttled because subscription GUID has issued too many requests. Retry after 2 seconds."],
    );
}

/// A pipeline's request, answered in process.
async fn send(sim: &Simulator, method: Method, path: &str, body: Option<Json>) -> (u16, Json) {
    let url = Url::parse(&format!("https://management.azure.com{path}?api-version=2025-01-01")).expect("a URL");
    let mut request = CoreRequest::new(url, method);
    request.insert_header("authorization", "Bearer x");
    if let Some(body) = body {
        request.set_body(body.to_string());
    }
    let http = Arc::clone(&sim.http());
    let response = http.execute_request(&request).await.expect("an answer");
    let (status, _, body) = response.deconstruct();
    let bytes = body.collect().await.expect("a body");
    (u16::from(status), serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test(start_paused = true)]
async fn the_store_outlives_the_process() {
    let room = tempfile::tempdir().expect("a folder");
    let file = room.path().join(".ravelin/sim.json");
    let hub = net("virtualNetworks/hub");
    let body = json!({ "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] } } });
    {
        let sim = Simulator::open(Some(&file), NOW).expect("a simulator");
        send(&sim, Method::Put, &format!("{S}/resourceGroups/rg"), Some(json!({ "location": "westeurope" }))).await;
        assert_eq!(send(&sim, Method::Put, &hub, Some(body)).await.0, 201);
        assert_eq!(send(&sim, Method::Get, &hub, None).await.1["properties"]["provisioningState"], "Updating");
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert_eq!(send(&sim, Method::Get, &hub, None).await.1["properties"]["provisioningState"], "Succeeded");
    }
    // The next run begins at an earlier wall clock: time goes on from where it was.
    let sim = Simulator::open(Some(&file), NOW - 1_000_000).expect("a simulator");
    assert!(sim.now() >= NOW);
    sim.drift(&hub, &["tags.owner=\"me\"", "properties.enableDdosProtection=true"]).expect("an edit");
    let shown = send(&sim, Method::Get, &hub, None).await.1;
    check(format!("{} {}", shown["tags"], shown["properties"]["enableDdosProtection"]), expect![[r#"{"owner":"me"} true"#]]);
    assert!(sim.drift(&net("virtualNetworks/none"), &["tags.a=1"]).is_err());
    sim.vanish(&hub).expect("it was there");
    assert_eq!(send(&sim, Method::Get, &hub, None).await.0, 404);
    sim.reset().expect("a new store");
    assert!(sim.list().is_empty());
    std::fs::write(&file, "{").expect("a broken file");
    let error = Simulator::open(Some(&file), NOW).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(error.contains("is not a simulator store"), "{error}");
}

#[tokio::test]
async fn the_same_answers_come_over_https() {
    let room = tempfile::tempdir().expect("a folder");
    let sim = Simulator::open(None, NOW).expect("a simulator").hurried(1000);
    let (tell, hear) = tokio::sync::oneshot::channel();
    let folder = room.path().to_owned();
    let server = tokio::spawn(async move {
        serve(sim, "127.0.0.1:0".parse().expect("an address"), &folder, |bound, ca: &Path| {
            let pem = std::fs::read(ca).expect("the authority");
            tell.send((bound, pem)).expect("a listener");
        })
        .await
    });
    let (bound, pem) = hear.await.expect("a server");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let authority = reqwest::Certificate::from_pem(&pem).expect("a certificate");
    let client = reqwest::Client::builder().tls_certs_only([authority]).build().expect("a client");
    let base = format!("https://localhost:{}", bound.port());
    let group = format!("{base}{S}/resourceGroups/rg?api-version=2021-04-01");
    let made = client.put(&group).bearer_auth("x").body(r#"{"location":"westeurope"}"#).send().await.expect("an answer");
    assert_eq!(made.status().as_u16(), 201);
    let network = format!("{base}{}?api-version=2025-01-01", net("virtualNetworks/hub"));
    let made = client
        .put(&network)
        .bearer_auth("x")
        .body(r#"{"location":"westeurope","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]}}}"#)
        .send()
        .await
        .expect("an answer");
    assert_eq!(made.status().as_u16(), 201);
    // The operation's address is on the server the client talks to, and a hurried server says so in milliseconds.
    assert!(made.headers()["azure-asyncoperation"].to_str().is_ok_and(|u| u.starts_with(&base)));
    assert_eq!(made.headers()["retry-after-ms"], "10");
    server.abort();
}
