//! Reading one blob, as states of other configurations are kept in: with a shared access signature, or signed in as for all else.

use std::sync::Arc;

use azure_core::http::{
    Context, HttpClient, Method, Pipeline, PipelineSendOptions, Request, Url,
    headers::{AUTHORIZATION, HeaderName},
};

use super::{
    client::explain,
    cloud::Cloud,
    connect,
    error::{ArmError, ErrorKind},
    pipeline,
    retry::Backoff,
    settings::Settings,
};

/// The protocol version that requests name; bearer tokens need one from 2017-11-09 on.
const VERSION: &str = "2021-12-02";

/// A blob's content; `None` when it, its container or its account does not exist.
///
/// # Errors
/// `Auth` without a credential, `Settings` for names that make no address, `Transport`, and refusals.
pub async fn read_blob(
    settings: &Settings, http: Arc<dyn HttpClient>, account: &str, container: &str, key: &str, signature: Option<&str>,
) -> Result<Option<Vec<u8>>, ArmError> {
    let cloud = connect::find_cloud(settings, http.clone()).await?;
    let path: Vec<String> = key.split('/').map(|part| part.replace('%', "%25").replace('?', "%3F").replace('#', "%23").replace(' ', "%20")).collect();
    let mut address = format!("https://{account}.blob.{}/{container}/{}", suffix(&cloud), path.join("/"));
    let what = format!("GET {address}");
    if let Some(signature) = signature {
        address.push_str(&format!("?{}", signature.trim_start_matches('?')));
    }
    let url = Url::parse(&address).map_err(|e| ArmError::new(ErrorKind::Settings, what.clone(), format!("The names make no address: {e}.")))?;
    let mut request = Request::new(url, Method::Get);
    request.insert_header(HeaderName::from_static("x-ms-version"), VERSION);
    if signature.is_none() {
        let token = connect::token(settings, &cloud, http.clone(), "https://storage.azure.com/.default").await?;
        request.insert_header(AUTHORIZATION, format!("Bearer {}", token.token.secret()));
    }
    let options = pipeline::options(http, Backoff::tokens());
    let pipeline = Pipeline::new(option_env!("CARGO_PKG_NAME"), option_env!("CARGO_PKG_VERSION"), options, Vec::new(), Vec::new(), None);
    let send = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
    let response =
        pipeline.send(&Context::new(), &mut request, Some(send)).await.map_err(|e| ArmError::new(ErrorKind::Transport, what.clone(), explain(&e)))?;
    match u16::from(response.status()) {
        404 => Ok(None),
        status if status >= 400 => Err(ArmError::refused(what, status, response.body())),
        _ => Ok(Some(response.body().to_vec())),
    }
}

/// The domain under which a cloud's storage accounts have their names.
fn suffix(cloud: &Cloud) -> &'static str {
    match cloud.name.as_str() {
        "AzureUSGovernment" => "core.usgovcloudapi.net",
        "AzureChinaCloud" => "core.chinacloudapi.cn",
        _ => "core.windows.net",
    }
}
