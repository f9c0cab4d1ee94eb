//! Edge: the real network, as an `HttpClient` over TLS with the system's roots.

use std::{sync::Arc, time::Duration};

use azure_core::http::HttpClient;

use super::error::{ArmError, ErrorKind};

/// The transport to real endpoints. Trusts the system's certificate store, or the file in `SSL_CERT_FILE` instead of it;
/// goes through the proxy that `HTTPS_PROXY` and `NO_PROXY` name. Errors: no root certificate at all, an unusable proxy.
pub fn http() -> Result<Arc<dyn HttpClient>, ArmError> {
    // The TLS library wants its cryptography chosen once per process. Another part of the program may have done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(20))
        .read_timeout(Duration::from_secs(60))
        // ARM does not redirect; a redirect would carry the token elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|e| ArmError::new(ErrorKind::Transport, "preparing the connection to Azure", causes(&e)))?;
    Ok(Arc::new(client))
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}
