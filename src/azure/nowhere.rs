//! A client for blueprints without anything in Azure: nobody signs in, and no request is ever sent.

use std::sync::Arc;

use azure_core::http::{AsyncRawResponse, HttpClient, Request};

use super::{Arm, Cloud, connect::FixedToken, identity::Identity};

/// Refuses to send.
#[derive(Debug)]
struct Nowhere;

#[async_trait::async_trait]
impl HttpClient for Nowhere {
    async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
        Err(azure_core::Error::with_message(azure_core::error::ErrorKind::Other, "nobody is signed in, as the blueprint had nothing in Azure"))
    }
}

/// A client that is signed in nowhere and refuses every request.
pub fn nowhere() -> Arm {
    Arm::new(Cloud::public(), Identity::default(), Arc::new(FixedToken(String::new().into())), Arc::new(Nowhere), "nowhere")
}
