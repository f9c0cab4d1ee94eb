//! From settings to a client: find the cloud, prove who we are, learn the subscription.

use std::{ffi::OsStr, sync::Arc};

use azure_core::{
    credentials::{AccessToken, TokenCredential},
    http::{Context, HttpClient, Method, Pipeline, PipelineSendOptions, Request, Url},
};
use azure_identity::Executor;
use serde_json::Value as Json;

use super::{
    client::{Arm, explain},
    cloud::{self, Cloud},
    credential::{self, Means, Way},
    error::{ArmError, Detail, ErrorKind},
    identity::{self, Identity},
    pipeline,
    retry::Backoff,
    settings::Settings,
};

/// A client for the settings. Gets a first access token, so that a refused credential shows here and not in the middle of a plan.
///
/// The first way the settings ask for is the one used; it is not followed by a second guess when it is refused, as that
/// would act as somebody else. Errors: `Auth` with each way and why it was not used or failed; `Settings`; `Transport`.
pub async fn connect(settings: &Settings, http: Arc<dyn HttpClient>) -> Result<Arm, ArmError> {
    connect_with(settings, http, azure_identity::new_executor()).await
}

/// The same, with the runner of `az` given.
pub async fn connect_with(settings: &Settings, http: Arc<dyn HttpClient>, executor: Arc<dyn Executor>) -> Result<Arm, ArmError> {
    let cloud = find_cloud(settings, http.clone()).await?;
    let means = Means { settings, cloud: &cloud, http: http.clone(), executor: executor.clone() };
    let (way, credential, token) = authenticate(&means, &cloud.scope()).await?;
    let mut identity = identity::claims(token.token.secret());
    identity.subscription = match (&settings.subscription_id, way) {
        (Some(subscription), _) => subscription.clone(),
        (None, Way::Cli) => cli_subscription(executor.as_ref()).await?,
        (None, _) => return Err(no_subscription("Set subscription_id in the provider block, or ARM_SUBSCRIPTION_ID.")),
    };
    let fill = |field: &mut String, setting: &Option<String>| {
        if field.is_empty() {
            *field = setting.clone().unwrap_or_default();
        }
    };
    fill(&mut identity.tenant, &settings.tenant_id);
    fill(&mut identity.client, &settings.client_id);
    let seed = if settings.seed.is_empty() { token.token.secret() } else { &settings.seed };
    Ok(Arm::new(cloud.clone(), identity, credential, http, seed))
}

/// The cloud of the settings: described by its metadata host, or one of the known ones, with single endpoints overridden.
pub async fn find_cloud(settings: &Settings, http: Arc<dyn HttpClient>) -> Result<Cloud, ArmError> {
    let mut cloud = match &settings.metadata_host {
        Some(host) => read_metadata(host, settings.environment.as_deref(), http).await?,
        None => Cloud::named(settings.environment.as_deref().unwrap_or(""))?,
    };
    if let Some(manager) = &settings.resource_manager {
        cloud.resource_manager = manager.trim_end_matches('/').to_owned();
        cloud.audience = cloud.resource_manager.clone();
    }
    if let Some(audience) = &settings.audience {
        cloud.audience = audience.trim_end_matches('/').to_owned();
    }
    if let Some(authority) = &settings.authority {
        cloud.authority = authority.trim_end_matches('/').to_owned();
    }
    Ok(cloud)
}

async fn read_metadata(host: &str, environment: Option<&str>, http: Arc<dyn HttpClient>) -> Result<Cloud, ArmError> {
    let address = cloud::metadata_url(host);
    let what = format!("GET {address}");
    let url = Url::parse(&address).map_err(|e| ArmError::new(ErrorKind::Settings, what.clone(), format!("metadata_host {host:?} makes no URL: {e}.")))?;
    let options = pipeline::options(http, Backoff::tokens());
    let pipeline = Pipeline::new(option_env!("CARGO_PKG_NAME"), option_env!("CARGO_PKG_VERSION"), options, Vec::new(), Vec::new(), None);
    let send = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
    let response = pipeline
        .send(&Context::new(), &mut Request::new(url, Method::Get), Some(send))
        .await
        .map_err(|e| ArmError::new(ErrorKind::Transport, what.clone(), explain(&e)))?;
    let status = u16::from(response.status());
    if status >= 400 {
        return Err(ArmError::refused(what, status, response.body()));
    }
    let answer: Json =
        serde_json::from_slice(response.body()).map_err(|e| ArmError::new(ErrorKind::Transport, what, format!("The answer is not JSON: {e}.")))?;
    cloud::from_metadata(&answer, host, environment)
}

/// A token for another service than ARM, with the same credential.
pub(super) async fn token(settings: &Settings, cloud: &Cloud, http: Arc<dyn HttpClient>, scope: &str) -> Result<AccessToken, ArmError> {
    let means = Means { settings, cloud, http, executor: azure_identity::new_executor() };
    Ok(authenticate(&means, scope).await?.2)
}

/// The first way the settings ask for, with its first token.
async fn authenticate(means: &Means<'_>, scope: &str) -> Result<(Way, Arc<dyn TokenCredential>, AccessToken), ArmError> {
    let Some(way) = Way::ALL.into_iter().find(|w| w.not_asked(means.settings).is_none()) else {
        return Err(no_token(means, None, "No credential is configured.".to_owned(), ""));
    };
    let name = way.name();
    let credential = credential::build(way, means).map_err(|why| no_token(means, Some(way), format!("The {name} cannot be used."), &why))?;
    match credential.get_token(&[scope], None).await {
        Ok(token) => Ok((way, credential, token)),
        Err(error) => {
            let message = if was_answered(&error) { format!("The {name} was refused.") } else { format!("The {name} gave no token.") };
            Err(no_token(means, Some(way), message, &explain(&error)))
        }
    }
}

/// Whether an identity service answered, and refused.
fn was_answered(error: &azure_core::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = next {
        if e.downcast_ref::<azure_core::Error>().is_some_and(|e| e.http_status().is_some()) {
            return true;
        }
        next = e.source();
    }
    false
}

/// One detail per way: why it failed, or why it was not tried.
fn no_token(means: &Means<'_>, tried: Option<Way>, message: String, why: &str) -> ArmError {
    let what = format!("getting an access token for {}", means.cloud.audience);
    let mut error = ArmError::new(ErrorKind::Auth, what, message);
    for way in Way::ALL {
        let message = match way.not_asked(means.settings) {
            _ if tried == Some(way) => one_line(why),
            Some(reason) => format!("not tried, as {reason}"),
            None => format!("not tried, as the {} comes first", tried.map_or("", Way::name)),
        };
        error.0.details.push(Detail { code: way.name().to_owned(), message, target: None });
    }
    error
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn no_subscription(message: &str) -> ArmError {
    ArmError::new(ErrorKind::Settings, "choosing the subscription", message)
}

/// The subscription `az` is set to.
async fn cli_subscription(executor: &dyn Executor) -> Result<String, ArmError> {
    const HELP: &str = "Set subscription_id in the provider block or ARM_SUBSCRIPTION_ID, or run az account set.";
    let (program, switch) = if cfg!(windows) { ("cmd", "/C") } else { ("/bin/sh", "-c") };
    let output = executor
        .run(OsStr::new(program), &[OsStr::new(switch), OsStr::new("az account show -o json")])
        .await
        .map_err(|e| no_subscription(&format!("az account show cannot be run: {e}. {HELP}")))?;
    if !output.status.success() {
        return Err(no_subscription(&format!("az account show failed: {} {HELP}", one_line(&String::from_utf8_lossy(&output.stderr)))));
    }
    let account: Json = serde_json::from_slice(&output.stdout).unwrap_or(Json::Null);
    match account.get("id").and_then(Json::as_str) {
        Some(id) if !id.is_empty() => Ok(id.to_owned()),
        _ => Err(no_subscription(&format!("az account show names no subscription. {HELP}"))),
    }
}

/// A credential that is one token, for the simulator and for tools that already hold one. It never renews.
#[derive(Debug)]
pub struct FixedToken(pub azure_core::credentials::Secret);

#[async_trait::async_trait]
impl TokenCredential for FixedToken {
    async fn get_token(&self, _: &[&str], _: Option<azure_core::credentials::TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        // Far in the future: whoever gave the token answers for it.
        let never = azure_core::time::OffsetDateTime::from_unix_timestamp(253_402_300_799).unwrap_or(azure_core::time::OffsetDateTime::UNIX_EPOCH);
        Ok(AccessToken::new(self.0.clone(), never))
    }
}

/// A client that holds a token already. The identity is what the token says.
pub fn with_token(cloud: Cloud, subscription: &str, token: &str, http: Arc<dyn HttpClient>, seed: &str) -> Arm {
    let identity = Identity { subscription: subscription.to_owned(), ..identity::claims(token) };
    let credential = Arc::new(FixedToken(token.to_owned().into()));
    Arm::new(cloud, identity, credential, http, seed)
}
