//! What the provider block and the environment say about how to reach Azure.

use crate::base::{Kind, Value};

/// How to reach Azure and as whom. The names are azurerm's; unset is `None`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pub subscription_id: Option<String>,
    pub tenant_id: Option<String>,
    pub client_id: Option<String>,
    pub client_id_file_path: Option<String>,
    pub client_secret: Option<String>,
    pub client_secret_file_path: Option<String>,
    /// A PKCS#12 bundle in base64.
    pub client_certificate: Option<String>,
    pub client_certificate_path: Option<String>,
    pub oidc_token: Option<String>,
    pub oidc_token_file_path: Option<String>,
    /// The bearer token and URL with which a pipeline run (GitHub, Azure DevOps) asks for its identity token.
    pub oidc_request_token: Option<String>,
    pub oidc_request_url: Option<String>,
    pub ado_pipeline_service_connection_id: Option<String>,
    /// The projected service account token of a pod with workload identity.
    pub federated_token_file: Option<String>,
    pub use_oidc: bool,
    pub use_msi: bool,
    pub use_cli: bool,
    /// `None`: when the pod's environment offers it.
    pub use_aks_workload_identity: Option<bool>,
    /// `public`, `usgovernment` or `china`.
    pub environment: Option<String>,
    /// Where to read the cloud's endpoints, as `host[:port]`.
    pub metadata_host: Option<String>,
    /// Overrides of single endpoints, as azapi reads them.
    pub resource_manager: Option<String>,
    pub audience: Option<String>,
    pub authority: Option<String>,
    /// Mixed into the client request ids, so that two runs do not share any. Empty: derived from the access token.
    pub seed: String,
}

/// Never prints a secret.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("subscription_id", &self.subscription_id)
            .field("tenant_id", &self.tenant_id)
            .field("client_id", &self.client_id)
            .field("environment", &self.environment)
            .field("metadata_host", &self.metadata_host)
            .finish_non_exhaustive()
    }
}

/// Reads settings as azurerm does: the provider block first, then `ARM_*`, then `AZURE_*`. `provider` is the block's
/// evaluated attributes, or null. Attributes that are null, empty or unknown count as not given.
pub fn settings(provider: &Value, env: &dyn Fn(&str) -> Option<String>) -> Settings {
    let attr = |name: &str| -> Option<String> {
        match &provider.entries()?.get(name)?.kind {
            Kind::String(s) if !s.is_empty() => Some(s.to_string()),
            Kind::Bool(b) => Some(b.to_string()),
            _ => None,
        }
    };
    let first = |name: &str, vars: &[&str]| attr(name).or_else(|| vars.iter().find_map(|v| env(v).filter(|s| !s.is_empty())));
    let flag = |name: &str, var: &str| first(name, &[var]).and_then(|v| truth(&v));
    let file = env("AZURE_FEDERATED_TOKEN_FILE").filter(|s| !s.is_empty());
    Settings {
        subscription_id: first("subscription_id", &["ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"]),
        tenant_id: first("tenant_id", &["ARM_TENANT_ID", "AZURE_TENANT_ID"]),
        client_id: first("client_id", &["ARM_CLIENT_ID", "AZURE_CLIENT_ID"]),
        client_id_file_path: first("client_id_file_path", &["ARM_CLIENT_ID_FILE_PATH"]),
        client_secret: first("client_secret", &["ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"]),
        client_secret_file_path: first("client_secret_file_path", &["ARM_CLIENT_SECRET_FILE_PATH"]),
        client_certificate: first("client_certificate", &["ARM_CLIENT_CERTIFICATE"]),
        client_certificate_path: first("client_certificate_path", &["ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"]),
        oidc_token: first("oidc_token", &["ARM_OIDC_TOKEN"]),
        oidc_token_file_path: first("oidc_token_file_path", &["ARM_OIDC_TOKEN_FILE_PATH"]),
        oidc_request_token: first("oidc_request_token", &["ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"]),
        oidc_request_url: first("oidc_request_url", &["ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"]),
        ado_pipeline_service_connection_id: first(
            "ado_pipeline_service_connection_id",
            &["ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"],
        ),
        federated_token_file: file,
        use_oidc: flag("use_oidc", "ARM_USE_OIDC").unwrap_or(false),
        use_msi: flag("use_msi", "ARM_USE_MSI").unwrap_or(false),
        use_cli: flag("use_cli", "ARM_USE_CLI").unwrap_or(true),
        use_aks_workload_identity: flag("use_aks_workload_identity", "ARM_USE_AKS_WORKLOAD_IDENTITY"),
        environment: first("environment", &["ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"]),
        metadata_host: first("metadata_host", &["ARM_METADATA_HOSTNAME", "ARM_METADATA_HOST"]),
        resource_manager: first("endpoint", &["ARM_RESOURCE_MANAGER_ENDPOINT"]),
        audience: first("audience", &["ARM_RESOURCE_MANAGER_AUDIENCE"]),
        authority: first("authority", &["ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", "AZURE_AUTHORITY_HOST"]),
        seed: String::new(),
    }
}

/// Go's `strconv.ParseBool`, which is what reads these variables in azurerm.
fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
