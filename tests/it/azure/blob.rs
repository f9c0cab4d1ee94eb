//! One blob, as the states of other configurations are read.

use expect_test::{Expect, expect};
use ravelin::{
    azure::{read_blob, settings},
    base::{Type, Value},
};

use super::script::Script;

async fn check(key: &str, signature: Option<&str>, script: &str, expect: Expect) {
    let script = Script::showing(script, &["x-ms-version", "authorization"]);
    let vars = |name: &str| match name {
        "ARM_CLIENT_SECRET" => Some("s".to_owned()),
        "ARM_CLIENT_ID" | "ARM_TENANT_ID" => Some("00000000-0000-0000-0000-00000000000a".to_owned()),
        _ => None,
    };
    let read = read_blob(&settings(&Value::null(Type::Any), &vars), script.clone(), "account", "tfstate", key, signature).await;
    let end = match read {
        Ok(found) => format!("{:?}", found.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) => format!("{:?}: {}", error.kind, error.message),
    };
    expect.assert_eq(&format!("{}{end}\n", script.transcript()));
}

#[tokio::test(start_paused = true)]
async fn a_signature_goes_in_the_address_and_a_token_in_the_header() {
    let blob = "GET //account.blob.core.windows.net/tfstate/hub%20net/a.tfstateenv:prod\n  200 {\"version\":4}\n";
    check(
        "hub net/a.tfstateenv:prod",
        Some("?sv=1&sig=x"),
        blob,
        expect![[r#"
        0.0    GET //account.blob.core.windows.net/tfstate/hub%20net/a.tfstateenv:prod?sv=1&sig=x x-ms-version=2021-12-02
        Some("{\"version\":4}")
    "#]],
    )
    .await;
    let token = "POST //login.microsoftonline.com/00000000-0000-0000-0000-00000000000a/oauth2/v2.0/token\n  200 {\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t\"}\n";
    let signed_in = format!("{token}GET //account.blob.core.windows.net/tfstate/a.tfstate\n  200 {{\"version\":4}}\n");
    check("a.tfstate", None, &signed_in, expect![[r#"
        0.0    POST //login.microsoftonline.com/00000000-0000-0000-0000-00000000000a/oauth2/v2.0/token client_id=00000000-0000-0000-0000-00000000000a&client_secret=s&grant_type=client_credentials&scope=https%3A%2F%2Fstorage.azure.com%2F.default
        0.0    GET //account.blob.core.windows.net/tfstate/a.tfstate x-ms-version=2021-12-02 authorization=Bearer t
        Some("{\"version\":4}")
    "#]]).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_no_error_and_what_is_refused_is() {
    let gone = "GET //account.blob.core.windows.net/tfstate/a\n  404 {}\n";
    check(
        "a",
        Some("sig=x"),
        gone,
        expect![[r#"
        0.0    GET //account.blob.core.windows.net/tfstate/a?sig=x x-ms-version=2021-12-02
        None
    "#]],
    )
    .await;
    let refused =
        "GET //account.blob.core.windows.net/tfstate/a\n  403 {\"error\":{\"code\":\"AuthorizationPermissionMismatch\",\"message\":\"not permitted\"}}\n";
    check(
        "a",
        Some("sig=x"),
        refused,
        expect![[r#"
        0.0    GET //account.blob.core.windows.net/tfstate/a?sig=x x-ms-version=2021-12-02
        Forbidden: not permitted
    "#]],
    )
    .await;
}
