//! Which credential the settings ask for, and why the others are out.

use std::{path::PathBuf, sync::Arc};

use azure_core::{
    cloud::{CloudConfiguration, CustomConfiguration},
    credentials::{Secret, TokenCredential},
    error::ErrorKind as CoreKind,
    http::{ClientMethodOptions, ClientOptions, Context, HttpClient, Method, Pipeline, Request, Url, headers::AUTHORIZATION},
};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions, ClientAssertion, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions, Executor, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use super::{cloud::Cloud, env, pipeline, retry::Backoff, settings::Settings};

/// The ways to prove who one is, in the order they are considered (azurerm's).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Certificate,
    Secret,
    WorkloadIdentity,
    Oidc,
    ManagedIdentity,
    Cli,
}

impl Way {
    pub(super) const ALL: [Way; 6] = [Way::Certificate, Way::Secret, Way::WorkloadIdentity, Way::Oidc, Way::ManagedIdentity, Way::Cli];

    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Certificate => "client certificate",
            Way::Secret => "client secret",
            Way::WorkloadIdentity => "workload identity",
            Way::Oidc => "OIDC token",
            Way::ManagedIdentity => "managed identity",
            Way::Cli => "Azure CLI",
        }
    }

    /// Why the settings do not ask for this way; `None` when they do.
    pub(super) fn not_asked(self, s: &Settings) -> Option<&'static str> {
        let asked = match self {
            Way::Certificate => s.client_certificate.is_some() || s.client_certificate_path.is_some(),
            Way::Secret => s.client_secret.is_some() || s.client_secret_file_path.is_some(),
            Way::WorkloadIdentity => s.use_aks_workload_identity.unwrap_or(s.federated_token_file.is_some()),
            Way::Oidc => s.use_oidc,
            Way::ManagedIdentity => s.use_msi,
            Way::Cli => s.use_cli,
        };
        let why = match self {
            Way::Certificate => "client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) is not set",
            Way::Secret => "client_secret (ARM_CLIENT_SECRET) is not set",
            Way::WorkloadIdentity => "use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true",
            Way::Oidc => "use_oidc (ARM_USE_OIDC) is not true",
            Way::ManagedIdentity => "use_msi (ARM_USE_MSI) is not true",
            Way::Cli => "use_cli (ARM_USE_CLI) is false",
        };
        if asked { None } else { Some(why) }
    }
}

/// What a credential is built with.
pub(super) struct Means<'a> {
    pub settings: &'a Settings,
    pub cloud: &'a Cloud,
    pub http: Arc<dyn HttpClient>,
    /// Runs `az`.
    pub executor: Arc<dyn Executor>,
}

/// Builds the credential for a way that is asked for. Errors: what is missing or unusable, in words.
pub(super) fn build(way: Way, means: &Means<'_>) -> Result<Arc<dyn TokenCredential>, String> {
    let s = means.settings;
    match way {
        Way::Certificate => {
            Err("client certificates are not supported; use a client secret, OIDC, a managed identity or the Azure CLI, or unset client_certificate_path"
                .into())
        }
        Way::Secret => {
            let secret = given_or_file(&s.client_secret, &s.client_secret_file_path, "client_secret")?;
            let (tenant, client) = principal(s)?;
            let options = ClientSecretCredentialOptions { client_options: means.options() };
            Ok(ClientSecretCredential::new(&tenant, client, Secret::new(secret), Some(options)).map_err(words)?)
        }
        Way::WorkloadIdentity => {
            let (tenant, client) = principal(s)?;
            let file = s.federated_token_file.clone().ok_or("AZURE_FEDERATED_TOKEN_FILE is not set: is the pod labelled azure.workload.identity/use?")?;
            let options = WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions { client_options: means.options() },
                client_id: Some(client),
                tenant_id: Some(tenant),
                token_file_path: Some(PathBuf::from(file)),
            };
            Ok(WorkloadIdentityCredential::new(Some(options)).map_err(words)?)
        }
        Way::Oidc => oidc(means),
        Way::ManagedIdentity => {
            let user_assigned_id = client_id(s)?.map(UserAssignedId::ClientId);
            let options = ManagedIdentityCredentialOptions { user_assigned_id, client_options: means.options() };
            Ok(ManagedIdentityCredential::new(Some(options)).map_err(words)?)
        }
        Way::Cli => {
            // `az` refuses both at once; the tenant decides more.
            let subscription = if s.tenant_id.is_some() { None } else { s.subscription_id.clone() };
            let options = AzureCliCredentialOptions { subscription, tenant_id: s.tenant_id.clone(), executor: Some(means.executor.clone()) };
            Ok(AzureCliCredential::new(Some(options)).map_err(words)?)
        }
    }
}

impl Means<'_> {
    /// Token requests go over the same transport as all others, to the cloud's own authority.
    fn options(&self) -> ClientOptions {
        let mut custom = CustomConfiguration::default();
        custom.authority_host = self.cloud.authority.clone();
        ClientOptions { cloud: Some(Arc::new(CloudConfiguration::Custom(custom))), ..pipeline::options(self.http.clone(), Backoff::tokens()) }
    }
}

fn words(error: azure_core::Error) -> String {
    super::client::explain(&error)
}

fn given_or_file(given: &Option<String>, file: &Option<String>, name: &str) -> Result<String, String> {
    match (given, file) {
        (Some(value), _) => Ok(value.clone()),
        (None, Some(path)) => env::read_secret(path).map_err(|e| format!("{name}_file_path: {e}")),
        (None, None) => Err(format!("{name} is not set")),
    }
}

fn client_id(s: &Settings) -> Result<Option<String>, String> {
    match (&s.client_id, &s.client_id_file_path) {
        (None, None) => Ok(None),
        (given, file) => given_or_file(given, file, "client_id").map(Some),
    }
}

/// Tenant and client id of a service principal.
fn principal(s: &Settings) -> Result<(String, String), String> {
    let tenant = s.tenant_id.clone().ok_or("tenant_id (ARM_TENANT_ID) is not set")?;
    let client = client_id(s)?.ok_or("client_id (ARM_CLIENT_ID) is not set")?;
    Ok((tenant, client))
}

/// A token of another issuer exchanged for one of Microsoft Entra: given, in a file, or asked of the pipeline run.
fn oidc(means: &Means<'_>) -> Result<Arc<dyn TokenCredential>, String> {
    let s = means.settings;
    let (tenant, client) = principal(s)?;
    let options = || ClientAssertionCredentialOptions { client_options: means.options() };
    if let (Some(connection), Some(token)) = (&s.ado_pipeline_service_connection_id, &s.oidc_request_token) {
        let options = AzurePipelinesCredentialOptions { credential_options: options() };
        return Ok(AzurePipelinesCredential::new(tenant, client, connection, token.clone(), Some(options)).map_err(words)?);
    }
    let assertion = match (&s.oidc_token, &s.oidc_token_file_path, &s.oidc_request_url, &s.oidc_request_token) {
        (Some(token), ..) => Assertion::Given(Secret::new(token.clone())),
        (None, Some(path), ..) => {
            env::read_secret(path).map_err(|e| format!("oidc_token_file_path: {e}"))?;
            Assertion::File(path.clone())
        }
        (None, None, Some(url), Some(token)) => {
            let url = Url::parse(url).map_err(|e| format!("oidc_request_url: {url:?} is not a URL: {e}"))?;
            let pipeline = Pipeline::new(None, None, means.options(), Vec::new(), Vec::new(), None);
            Assertion::Run { url, token: Secret::new(token.clone()), pipeline }
        }
        _ => return Err("none of oidc_token, oidc_token_file_path, and oidc_request_url with oidc_request_token is set".into()),
    };
    Ok(ClientAssertionCredential::new(tenant, client, assertion, Some(options())).map_err(words)?)
}

/// Where the assertion comes from, each time one is needed: tokens of other issuers are short-lived.
#[derive(Debug)]
enum Assertion {
    Given(Secret),
    File(String),
    /// A pipeline run (GitHub Actions) answers its identity token at this URL.
    Run {
        url: Url,
        token: Secret,
        pipeline: Pipeline,
    },
}

/// The audience Microsoft Entra expects in a federated token. Source: workload identity federation, Microsoft Learn.
const EXCHANGE_AUDIENCE: &str = "api://AzureADTokenExchange";

#[async_trait::async_trait]
impl ClientAssertion for Assertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let refused = |why: String| azure_core::Error::with_message(CoreKind::Credential, why);
        match self {
            Assertion::Given(token) => Ok(token.secret().to_owned()),
            Assertion::File(path) => env::read_secret(path).map_err(refused),
            Assertion::Run { url, token, pipeline } => {
                let mut url = url.clone();
                url.query_pairs_mut().append_pair("audience", EXCHANGE_AUDIENCE);
                let mut request = Request::new(url, Method::Get);
                request.insert_header(AUTHORIZATION, format!("Bearer {}", token.secret()));
                let response = pipeline.send(&Context::new(), &mut request, None).await?;
                let body: serde_json::Value = response.into_body().json()?;
                let value = body.get("value").and_then(serde_json::Value::as_str);
                value.map(str::to_owned).ok_or_else(|| refused("the pipeline run answered without an identity token".into()))
            }
        }
    }
}
