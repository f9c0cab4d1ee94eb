//! What all pipelines share, for ARM, for tokens and for metadata: the transport, the retry, and no second try where trust is missing.

use std::sync::Arc;

use azure_core::{
    Error,
    error::ErrorKind,
    http::{
        ClientOptions, Context, HttpClient, Request, RetryOptions, Transport,
        policies::{Policy, PolicyResult},
    },
};

use super::retry::Backoff;

/// Options of a pipeline that ends in the given transport.
pub(super) fn options(http: Arc<dyn HttpClient>, backoff: Backoff) -> ClientOptions {
    ClientOptions {
        per_try_policies: vec![Arc::new(Trust)],
        retry: RetryOptions::custom(Arc::new(backoff)),
        transport: Some(Transport::new(http)),
        ..ClientOptions::default()
    }
}

/// A certificate we do not trust stays untrusted: trying again only makes the user wait.
#[derive(Debug)]
struct Trust;

#[async_trait::async_trait]
impl Policy for Trust {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let Some((transport, rest)) = next.split_first() else {
            return Err(Error::with_message(ErrorKind::Other, "the pipeline has no transport"));
        };
        transport.send(ctx, request, rest).await.map_err(|error| {
            // The TLS library's own words; its error type is buried in an I/O error that does not show it.
            if super::client::explain(&error).contains("invalid peer certificate") {
                const HELP: &str = "the server's certificate is not trusted (SSL_CERT_FILE can name the certificate authority to trust)";
                return Error::with_error(ErrorKind::Other, error, HELP);
            }
            error
        })
    }
}
