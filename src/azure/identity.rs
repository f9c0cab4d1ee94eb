//! Who the client acts as: what the access token says about itself.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value as Json;

/// The subscription worked in and the identity the token was issued to. A field is empty when the token does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub subscription: String,
    pub tenant: String,
    /// Application (client) id.
    pub client: String,
    /// Object id of the user or service principal.
    pub object: String,
}

/// Reads the claims `tid`, `appid` (or `azp`) and `oid` of a JWT, without verifying it: only ARM can, and does.
/// A token that is no JWT gives empty fields.
pub fn claims(token: &str) -> Identity {
    let payload = token.split('.').nth(1).unwrap_or_default().trim_end_matches('=');
    let json = URL_SAFE_NO_PAD.decode(payload).ok().and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok()).unwrap_or(Json::Null);
    let claim = |names: &[&str]| names.iter().find_map(|n| json.get(n).and_then(Json::as_str)).unwrap_or_default().to_owned();
    Identity { subscription: String::new(), tenant: claim(&["tid"]), client: claim(&["appid", "azp"]), object: claim(&["oid"]) }
}
