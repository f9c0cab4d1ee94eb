//! Which Azure: the public cloud, a national one, or whatever a metadata endpoint describes.

use serde_json::Value as Json;

use super::error::{ArmError, ErrorKind};

/// The endpoints of one Azure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// `AzureCloud`, `AzureUSGovernment`, `AzureChinaCloud`, or the name the metadata gives.
    pub name: String,
    /// Base of ARM requests, without a trailing slash: `https://management.azure.com`.
    pub resource_manager: String,
    /// Base of Microsoft Entra, without a trailing slash: `https://login.microsoftonline.com`.
    pub authority: String,
    /// What tokens are asked for, without a trailing slash; the scope is this with `/.default`.
    pub audience: String,
}

/// The metadata request's api-version; azurerm and the Azure CLI use the same.
const METADATA_API: &str = "2022-09-01";

impl Cloud {
    fn known(name: &str, manager: &str, authority: &str) -> Cloud {
        Cloud { name: name.into(), resource_manager: manager.into(), authority: authority.into(), audience: manager.into() }
    }

    pub fn public() -> Cloud {
        Cloud::known("AzureCloud", "https://management.azure.com", "https://login.microsoftonline.com")
    }

    pub fn us_government() -> Cloud {
        Cloud::known("AzureUSGovernment", "https://management.usgovcloudapi.net", "https://login.microsoftonline.us")
    }

    pub fn china() -> Cloud {
        Cloud::known("AzureChinaCloud", "https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn")
    }

    /// The cloud that azurerm's `environment` or the Azure CLI's cloud name means. Errors: an unknown name.
    pub fn named(name: &str) -> Result<Cloud, ArmError> {
        match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "" | "public" | "azurecloud" | "azurepublic" | "azurepubliccloud" => Ok(Cloud::public()),
            "usgovernment" | "azureusgovernment" | "azureusgovernmentcloud" | "usgovernmentl4" | "usgovernmentl5" => Ok(Cloud::us_government()),
            "china" | "azurechina" | "azurechinacloud" => Ok(Cloud::china()),
            _ => Err(ArmError::new(
                ErrorKind::Settings,
                "choosing the Azure environment",
                format!("{name:?} is not an Azure environment: public, usgovernment and china are known; any other needs metadata_host."),
            )),
        }
    }

    /// The scope of token requests.
    pub fn scope(&self) -> String {
        format!("{}/.default", self.audience.trim_end_matches('/'))
    }
}

/// Where a metadata host describes its clouds. `host` is `name[:port]`, or a URL.
pub fn metadata_url(host: &str) -> String {
    let host = host.trim_end_matches('/');
    let base = if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
    format!("{base}/metadata/endpoints?api-version={METADATA_API}")
}

/// The cloud a metadata answer describes. Azure answers a list of clouds, a single endpoint (Azure Stack, the simulator)
/// answers one object. From a list, the entry called `environment` is taken, else the one whose manager is the host, else the first.
pub fn from_metadata(answer: &Json, host: &str, environment: Option<&str>) -> Result<Cloud, ArmError> {
    let what = || format!("GET {}", metadata_url(host));
    let bad = |why: &str| ArmError::new(ErrorKind::Settings, what(), format!("The cloud metadata is not usable: {why}."));
    let entry = match answer {
        Json::Array(entries) => {
            let wanted = environment.and_then(|e| Cloud::named(e).ok()).map(|c| c.name);
            let by_name = |e: &&Json| {
                let name = e.get("name").and_then(Json::as_str).unwrap_or_default();
                wanted.as_deref().or(environment).is_some_and(|w| w.eq_ignore_ascii_case(name))
            };
            let by_host = |e: &&Json| e.get("resourceManager").and_then(Json::as_str).is_some_and(|m| bare(m) == bare(host));
            entries.iter().find(by_name).or_else(|| entries.iter().find(by_host)).or(entries.first()).ok_or_else(|| bad("the list is empty"))?
        }
        Json::Object(_) => answer,
        _ => return Err(bad("neither an object nor a list")),
    };
    let field = |path: &str| entry.pointer(path).and_then(Json::as_str).map(|s| s.trim_end_matches('/').to_owned()).filter(|s| !s.is_empty());
    let manager = field("/resourceManager").ok_or_else(|| bad("resourceManager is missing"))?;
    let authority = field("/authentication/loginEndpoint").ok_or_else(|| bad("authentication.loginEndpoint is missing"))?;
    let audiences: Vec<&str> = entry.pointer("/authentication/audiences").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    // The public cloud lists the classic audience first; ARM's own URL is preferred when it is offered.
    let audience = audiences.iter().find(|a| bare(a) == bare(&manager)).or(audiences.first()).map(|a| a.trim_end_matches('/').to_owned());
    let name = field("/name").unwrap_or_else(|| bare(host));
    Ok(Cloud { name, audience: audience.unwrap_or_else(|| manager.clone()), resource_manager: manager, authority })
}

/// Host and port of a URL or a bare host, in lower case.
fn bare(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or("").to_ascii_lowercase()
}
