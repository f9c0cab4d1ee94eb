//! Settings, clouds and credentials: what is read, which way is taken, and what is said when it is refused.

use std::{ffi::OsStr, io, process::Output, sync::Arc};

use azure_identity::Executor;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use expect_test::{Expect, expect};
use ravelin::{
    azure::{Cloud, Settings, connect_with, find_cloud, from_metadata, settings},
    base::{Type, Value},
};

use super::script::Script;

fn token() -> String {
    let payload = r#"{"tid":"tenant-of-token","appid":"client-of-token","oid":"object-of-token","exp":4102444800}"#;
    format!("e30.{}.", URL_SAFE_NO_PAD.encode(payload))
}

/// `az`, as a fixed answer: exit code, output, complaint.
#[derive(Debug)]
struct Az(i32, String, String);

#[async_trait::async_trait]
impl Executor for Az {
    async fn run(&self, _: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let asked = args.last().map(|a| a.to_string_lossy().into_owned()).unwrap_or_default();
        let stdout = match asked.contains("account show") {
            true => r#"{"id":"subscription-of-az"}"#.to_owned(),
            false => self.1.clone(),
        };
        let status = std::os::unix::process::ExitStatusExt::from_raw(self.0 << 8);
        Ok(Output { status, stdout: stdout.into_bytes(), stderr: self.2.clone().into_bytes() })
    }
}

fn env<'a>(vars: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned())
}

fn from_env(vars: &[(&str, &str)]) -> Settings {
    settings(&Value::null(Type::Any), &env(vars))
}

async fn login(vars: &[(&str, &str)], script: &str, az: Az, expect: Expect) {
    let script = Script::new(&script.replace("$TOKEN", &token()));
    let result = connect_with(&from_env(vars), script.clone(), Arc::new(az)).await;
    let end = match result {
        Ok(arm) => format!("{:?}", arm.context()),
        Err(error) => format!("{:?} {}: {}\n{}", error.kind, error.what, error.message, ways(&error.details)),
    };
    expect.assert_eq(&format!("{}{end}\n", script.transcript()));
}

fn ways(details: &[ravelin::azure::Detail]) -> String {
    details.iter().map(|d| format!("  {}: {}", d.code, d.message)).collect::<Vec<_>>().join("\n")
}

fn no_az() -> Az {
    Az(127, String::new(), "az: not found".into())
}

#[test]
fn the_provider_block_wins_over_arm_and_arm_over_azure() {
    let provider = Value::object_of([("client_id", Value::string("block")), ("use_cli", Value::bool(false)), ("tenant_id", Value::string(""))]);
    let vars = [
        ("ARM_CLIENT_ID", "arm"),
        ("AZURE_CLIENT_ID", "azure"),
        ("ARM_SUBSCRIPTION_ID", "arm"),
        ("AZURE_SUBSCRIPTION_ID", "azure"),
        ("AZURE_TENANT_ID", "azure"),
        ("ARM_USE_CLI", "true"),
        ("ARM_USE_MSI", "1"),
        ("ARM_USE_OIDC", "nonsense"),
        ("ARM_CLIENT_SECRET", ""),
    ];
    let s = settings(&provider, &env(&vars));
    expect![[r#"client Some("block"), subscription Some("arm"), tenant Some("azure"), secret None, cli false, msi true, oidc false"#]].assert_eq(&format!(
        "client {:?}, subscription {:?}, tenant {:?}, secret {:?}, cli {}, msi {}, oidc {}",
        s.client_id, s.subscription_id, s.tenant_id, s.client_secret, s.use_cli, s.use_msi, s.use_oidc
    ));
}

#[test]
fn secrets_are_not_printed() {
    let s = from_env(&[("ARM_CLIENT_SECRET", "hush"), ("ARM_OIDC_TOKEN", "hush")]);
    assert!(!format!("{s:?}").contains("hush"));
}

#[tokio::test(start_paused = true)]
async fn client_secret_logs_in_and_the_token_says_who() {
    login(
        &[("ARM_CLIENT_ID", "c"), ("ARM_CLIENT_SECRET", "s"), ("ARM_TENANT_ID", "t"), ("ARM_SUBSCRIPTION_ID", "sub")],
        r#"
POST //login.microsoftonline.com/t/oauth2/v2.0/token
  200 {"token_type":"Bearer","expires_in":3599,"access_token":"$TOKEN"}
"#,
        no_az(),
        expect![[r#"
            0.0    POST //login.microsoftonline.com/t/oauth2/v2.0/token client_id=c&client_secret=s&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default
            Identity { subscription: "sub", tenant: "tenant-of-token", client: "client-of-token", object: "object-of-token" }
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_secret_is_not_followed_by_a_guess() {
    login(
        &[("ARM_CLIENT_ID", "c"), ("ARM_CLIENT_SECRET", "s"), ("ARM_TENANT_ID", "t"), ("ARM_SUBSCRIPTION_ID", "sub")],
        r#"
POST //login.microsoftonline.com/t/oauth2/v2.0/token
  401 {"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.","error_codes":[7000215]}
"#,
        Az(0, String::new(), String::new()),
        expect![[r#"
            0.0    POST //login.microsoftonline.com/t/oauth2/v2.0/token client_id=c&client_secret=s&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default
            Auth getting an access token for https://management.azure.com: The client secret was refused.
              client certificate: not tried, as client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) is not set
              client secret: AADSTS7000215: Invalid client secret provided.
              workload identity: not tried, as use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true
              OIDC token: not tried, as use_oidc (ARM_USE_OIDC) is not true
              managed identity: not tried, as use_msi (ARM_USE_MSI) is not true
              Azure CLI: not tried, as the client secret comes first
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn nothing_configured_names_every_way() {
    login(
        &[("ARM_USE_CLI", "false")],
        "",
        no_az(),
        expect![[r#"
        Auth getting an access token for https://management.azure.com: No credential is configured.
          client certificate: not tried, as client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) is not set
          client secret: not tried, as client_secret (ARM_CLIENT_SECRET) is not set
          workload identity: not tried, as use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true
          OIDC token: not tried, as use_oidc (ARM_USE_OIDC) is not true
          managed identity: not tried, as use_msi (ARM_USE_MSI) is not true
          Azure CLI: not tried, as use_cli (ARM_USE_CLI) is false
    "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn incomplete_and_unsupported_ways_say_so() {
    login(
        &[("ARM_CLIENT_SECRET", "s"), ("ARM_TENANT_ID", "t")],
        "",
        no_az(),
        expect![[r#"
            Auth getting an access token for https://management.azure.com: The client secret cannot be used.
              client certificate: not tried, as client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) is not set
              client secret: client_id (ARM_CLIENT_ID) is not set
              workload identity: not tried, as use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true
              OIDC token: not tried, as use_oidc (ARM_USE_OIDC) is not true
              managed identity: not tried, as use_msi (ARM_USE_MSI) is not true
              Azure CLI: not tried, as the client secret comes first
        "#]],
    )
    .await;
    login(&[("ARM_CLIENT_CERTIFICATE_PATH", "c.pfx")], "", no_az(), expect![[r#"
        Auth getting an access token for https://management.azure.com: The client certificate cannot be used.
          client certificate: client certificates are not supported; use a client secret, OIDC, a managed identity or the Azure CLI, or unset client_certificate_path
          client secret: not tried, as client_secret (ARM_CLIENT_SECRET) is not set
          workload identity: not tried, as use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true
          OIDC token: not tried, as use_oidc (ARM_USE_OIDC) is not true
          managed identity: not tried, as use_msi (ARM_USE_MSI) is not true
          Azure CLI: not tried, as the client certificate comes first
    "#]]).await;
    login(
        &[("ARM_USE_OIDC", "true"), ("ARM_CLIENT_ID", "c"), ("ARM_TENANT_ID", "t")],
        "",
        no_az(),
        expect![[r#"
            Auth getting an access token for https://management.azure.com: The OIDC token cannot be used.
              client certificate: not tried, as client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) is not set
              client secret: not tried, as client_secret (ARM_CLIENT_SECRET) is not set
              workload identity: not tried, as use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true
              OIDC token: none of oidc_token, oidc_token_file_path, and oidc_request_url with oidc_request_token is set
              managed identity: not tried, as use_msi (ARM_USE_MSI) is not true
              Azure CLI: not tried, as the OIDC token comes first
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_azure_cli_brings_token_and_subscription() {
    let answer = format!(r#"{{"accessToken":"{}","expires_on":4102444800,"tokenType":"Bearer"}}"#, token());
    login(
        &[],
        "",
        Az(0, answer, String::new()),
        expect![[r#"
        Identity { subscription: "subscription-of-az", tenant: "tenant-of-token", client: "client-of-token", object: "object-of-token" }
    "#]],
    )
    .await;
    login(
        &[],
        "",
        Az(1, String::new(), "ERROR: Please run 'az login' to setup account.\n".into()),
        expect![[r#"
            Auth getting an access token for https://management.azure.com: The Azure CLI gave no token.
              client certificate: not tried, as client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) is not set
              client secret: not tried, as client_secret (ARM_CLIENT_SECRET) is not set
              workload identity: not tried, as use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true
              OIDC token: not tried, as use_oidc (ARM_USE_OIDC) is not true
              managed identity: not tried, as use_msi (ARM_USE_MSI) is not true
              Azure CLI: ERROR: Please run 'az login' to setup account.
        "#]],
    )
    .await;
    login(
        &[],
        "",
        no_az(),
        expect![[r#"
            Auth getting an access token for https://management.azure.com: The Azure CLI gave no token.
              client certificate: not tried, as client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) is not set
              client secret: not tried, as client_secret (ARM_CLIENT_SECRET) is not set
              workload identity: not tried, as use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true
              OIDC token: not tried, as use_oidc (ARM_USE_OIDC) is not true
              managed identity: not tried, as use_msi (ARM_USE_MSI) is not true
              Azure CLI: az not found on PATH
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_run_exchanges_its_identity_token() {
    login(
        &[
            ("ARM_USE_OIDC", "true"),
            ("ARM_CLIENT_ID", "c"),
            ("ARM_TENANT_ID", "t"),
            ("ARM_SUBSCRIPTION_ID", "sub"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://run.example/token?x=1"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "run-token"),
        ],
        r#"
GET //run.example/token
  200 {"value":"assertion-of-the-run"}
POST //login.microsoftonline.com/t/oauth2/v2.0/token
  200 {"token_type":"Bearer","expires_in":3599,"access_token":"$TOKEN"}
"#,
        no_az(),
        expect![[r#"
            0.0    GET //run.example/token?x=1&audience=api%3A%2F%2FAzureADTokenExchange
            0.0    POST //login.microsoftonline.com/t/oauth2/v2.0/token client_assertion=assertion-of-the-run&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_id=c&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default
            Identity { subscription: "sub", tenant: "tenant-of-token", client: "client-of-token", object: "object-of-token" }
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_pod_uses_the_token_it_is_given() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "projected-token").unwrap();
    let path = file.path().to_string_lossy().into_owned();
    login(
        &[("AZURE_FEDERATED_TOKEN_FILE", &path), ("AZURE_CLIENT_ID", "c"), ("AZURE_TENANT_ID", "t"), ("ARM_SUBSCRIPTION_ID", "sub")],
        r#"
POST //login.microsoftonline.com/t/oauth2/v2.0/token
  200 {"token_type":"Bearer","expires_in":3599,"access_token":"$TOKEN"}
"#,
        no_az(),
        expect![[r#"
            0.0    POST //login.microsoftonline.com/t/oauth2/v2.0/token client_assertion=projected-token&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_id=c&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default
            Identity { subscription: "sub", tenant: "tenant-of-token", client: "client-of-token", object: "object-of-token" }
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_local_azure_is_found_by_its_metadata() {
    login(
        &[
            ("ARM_METADATA_HOSTNAME", "localhost:8443"),
            ("ARM_CLIENT_ID", "c"),
            ("ARM_CLIENT_SECRET", "s"),
            ("ARM_TENANT_ID", "t"),
            ("ARM_SUBSCRIPTION_ID", "sub"),
        ],
        r#"
GET //localhost/metadata/endpoints?api-version=2022-09-01
  200 {"name":"Local","authentication":{"loginEndpoint":"https://localhost:8443","audiences":["https://localhost:8443/","https://localhost:8443"],"tenant":"common","identityProvider":"AAD"},"resourceManager":"https://localhost:8443/"}
POST //localhost/t/oauth2/v2.0/token
  200 {"token_type":"Bearer","expires_in":3599,"access_token":"$TOKEN"}
"#,
        no_az(),
        expect![[r#"
            0.0    GET //localhost/metadata/endpoints?api-version=2022-09-01
            0.0    POST //localhost/t/oauth2/v2.0/token client_id=c&client_secret=s&grant_type=client_credentials&scope=https%3A%2F%2Flocalhost%3A8443%2F.default
            Identity { subscription: "sub", tenant: "tenant-of-token", client: "client-of-token", object: "object-of-token" }
        "#]],
    )
    .await;
    login(
        &[("ARM_METADATA_HOSTNAME", "localhost:8443")],
        "GET //localhost/metadata/endpoints\n  500\n",
        no_az(),
        expect![[r#"
            0.0    GET //localhost/metadata/endpoints?api-version=2022-09-01
            1.0    GET //localhost/metadata/endpoints?api-version=2022-09-01
            3.0    GET //localhost/metadata/endpoints?api-version=2022-09-01
            7.0    GET //localhost/metadata/endpoints?api-version=2022-09-01
            15.0   GET //localhost/metadata/endpoints?api-version=2022-09-01
            Service GET https://localhost:8443/metadata/endpoints?api-version=2022-09-01: The answer was 500 without an explanation.

        "#]],
    )
    .await;
}

#[test]
fn metadata_comes_as_a_list_or_an_object() {
    let list = r#"[
      {"name":"AzureCloud","resourceManager":"https://management.azure.com/","authentication":{"loginEndpoint":"https://login.microsoftonline.com","audiences":["https://management.core.windows.net/","https://management.azure.com/"]}},
      {"name":"AzureUSGovernment","resourceManager":"https://management.usgovcloudapi.net","authentication":{"loginEndpoint":"https://login.microsoftonline.us","audiences":["https://management.core.usgovcloudapi.net","https://management.usgovcloudapi.net"]}}
    ]"#;
    let list = serde_json::from_str(list).unwrap();
    let mut out = String::new();
    for (host, environment) in [("management.azure.com", None), ("management.azure.com", Some("usgovernment")), ("management.usgovcloudapi.net", None)] {
        out += &format!("{host} {environment:?}: {:?}\n", from_metadata(&list, host, environment).unwrap());
    }
    for bad in ["[]", "{}", r#"{"resourceManager":"https://x"}"#, "1"] {
        out += &format!("{}\n", from_metadata(&serde_json::from_str(bad).unwrap(), "h", None).unwrap_err());
    }
    expect![[r#"
        management.azure.com None: Cloud { name: "AzureCloud", resource_manager: "https://management.azure.com", authority: "https://login.microsoftonline.com", audience: "https://management.azure.com" }
        management.azure.com Some("usgovernment"): Cloud { name: "AzureUSGovernment", resource_manager: "https://management.usgovcloudapi.net", authority: "https://login.microsoftonline.us", audience: "https://management.usgovcloudapi.net" }
        management.usgovcloudapi.net None: Cloud { name: "AzureUSGovernment", resource_manager: "https://management.usgovcloudapi.net", authority: "https://login.microsoftonline.us", audience: "https://management.usgovcloudapi.net" }
        GET https://h/metadata/endpoints?api-version=2022-09-01: The cloud metadata is not usable: the list is empty.
        GET https://h/metadata/endpoints?api-version=2022-09-01: The cloud metadata is not usable: resourceManager is missing.
        GET https://h/metadata/endpoints?api-version=2022-09-01: The cloud metadata is not usable: authentication.loginEndpoint is missing.
        GET https://h/metadata/endpoints?api-version=2022-09-01: The cloud metadata is not usable: neither an object nor a list.
    "#]].assert_eq(&out);
}

#[tokio::test(start_paused = true)]
async fn clouds_by_name_and_single_endpoints_by_override() {
    let script = Script::new("");
    let mut out = String::new();
    for vars in [
        &[][..],
        &[("ARM_ENVIRONMENT", "usgovernment")],
        &[("AZURE_ENVIRONMENT", "AzureChinaCloud")],
        &[("ARM_ENVIRONMENT", "german")],
        &[("ARM_RESOURCE_MANAGER_ENDPOINT", "https://arm.local/"), ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", "https://login.local/")],
    ] {
        let cloud = find_cloud(&from_env(vars), script.clone()).await;
        out += &match cloud {
            Ok(cloud) => format!("{cloud:?} {}\n", cloud.scope()),
            Err(error) => format!("{error}\n"),
        };
    }
    assert_eq!(Cloud::named("Public").unwrap(), Cloud::public());
    expect![[r#"
        Cloud { name: "AzureCloud", resource_manager: "https://management.azure.com", authority: "https://login.microsoftonline.com", audience: "https://management.azure.com" } https://management.azure.com/.default
        Cloud { name: "AzureUSGovernment", resource_manager: "https://management.usgovcloudapi.net", authority: "https://login.microsoftonline.us", audience: "https://management.usgovcloudapi.net" } https://management.usgovcloudapi.net/.default
        Cloud { name: "AzureChinaCloud", resource_manager: "https://management.chinacloudapi.cn", authority: "https://login.chinacloudapi.cn", audience: "https://management.chinacloudapi.cn" } https://management.chinacloudapi.cn/.default
        choosing the Azure environment: "german" is not an Azure environment: public, usgovernment and china are known; any other needs metadata_host.
        Cloud { name: "AzureCloud", resource_manager: "https://arm.local", authority: "https://login.local", audience: "https://arm.local" } https://arm.local/.default
    "#]].assert_eq(&out);
}
