//! The client itself: requests through `azure_core`'s pipeline, reads, and lists page by page.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use azure_core::{
    Bytes,
    credentials::TokenCredential,
    error::ErrorKind as CoreKind,
    http::{
        Context, HttpClient, Method, Pipeline, PipelineSendOptions, Request, Url,
        headers::{ACCEPT, CLIENT_REQUEST_ID, CONTENT_TYPE, HeaderName, Headers},
        policies::auth::BearerTokenAuthorizationPolicy,
    },
};
use serde_json::Value as Json;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    cloud::Cloud,
    error::{ArmError, ErrorKind},
    identity::Identity,
    pipeline,
    retry::{self, Backoff},
    traffic::{Class, Gate, Requests, Traffic, subscription},
    write::Progress,
};
use crate::base::ResourceId;

/// A connection to Azure Resource Manager as one identity. Shared by reference; every method may run many times at once.
#[derive(Debug)]
pub struct Arm {
    cloud: Cloud,
    identity: Identity,
    /// For requests that may be sent twice without harm.
    idempotent: Pipeline,
    /// For actions, and for creations that must not meet themselves.
    once: Pipeline,
    traffic: Arc<Traffic>,
    seed: Uuid,
    calls: AtomicU64,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: Bytes,
}

impl Answer {
    pub(super) fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get_optional_str(&HeaderName::from_static(name)).filter(|v| !v.is_empty())
    }

    /// The body as JSON; null when it is empty or is none.
    pub(super) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }

    /// The body, which must be JSON. Errors: anything else, as from a proxy in between.
    fn strict(&self, what: &str) -> Result<Json, ArmError> {
        serde_json::from_slice(&self.body).map_err(|e| ArmError::new(ErrorKind::Transport, what, format!("The answer is not JSON: {e}.")))
    }
}

/// One request to be.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub method: Method,
    pub url: Url,
    pub body: Option<&'a Json>,
    pub headers: Vec<(HeaderName, String)>,
    /// For error messages: `PUT /subscriptions/…`.
    pub what: String,
    /// Not to be sent again when it is unclear whether it arrived.
    pub once: bool,
}

impl<'a> Ask<'a> {
    pub(super) fn new(method: Method, url: Url, what: String) -> Ask<'a> {
        Ask { method, url, body: None, headers: Vec::new(), what, once: matches!(method, Method::Post | Method::Patch) }
    }
}

/// How long a read puts up with throttling.
pub(super) const READ_PATIENCE: Duration = Duration::from_secs(300);
/// More pages than any list has.
const MAX_PAGES: usize = 10_000;

impl Arm {
    /// A client for a cloud, an identity and a credential that are already known; [`super::connect`] finds them out.
    pub fn new(cloud: Cloud, identity: Identity, credential: Arc<dyn TokenCredential>, http: Arc<dyn HttpClient>, seed: &str) -> Arm {
        let traffic = Arc::new(Traffic::default());
        let auth = Arc::new(BearerTokenAuthorizationPolicy::new(credential, [cloud.scope()]));
        let build = |backoff: Backoff, once: bool| {
            let options = pipeline::options(http.clone(), backoff);
            let gate = Arc::new(Gate { traffic: traffic.clone(), once });
            Pipeline::new(option_env!("CARGO_PKG_NAME"), option_env!("CARGO_PKG_VERSION"), options, Vec::new(), vec![auth.clone(), gate], None)
        };
        let (idempotent, once) = (build(Backoff::idempotent(), false), build(Backoff::once(), true));
        Arm { cloud, identity, idempotent, once, traffic, seed: Uuid::new_v5(&Uuid::NAMESPACE_OID, seed.as_bytes()), calls: AtomicU64::new(0) }
    }

    /// Who the client acts as, and in which subscription.
    pub fn context(&self) -> &Identity {
        &self.identity
    }

    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Number of requests sent to ARM so far: every try and every poll; token requests not among them.
    pub fn requests(&self) -> u64 {
        self.traffic.sent().total()
    }

    /// The same, by class.
    pub fn traffic(&self) -> Requests {
        self.traffic.sent()
    }

    /// The resource, or `None` when it, its parent or its resource group does not exist.
    pub async fn get(&self, id: &ResourceId, api: &str) -> Result<Option<Json>, ArmError> {
        let ask = Ask::new(Method::Get, self.url(id.as_str(), api)?, format!("GET {id}"));
        match self.read(&ask).await {
            Ok(answer) if answer.status == 204 => Ok(None),
            Ok(answer) => answer.strict(&ask.what).map(Some),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the resource exists, by a HEAD request (resource groups, deployments and few others answer it).
    pub async fn head(&self, id: &ResourceId, api: &str) -> Result<bool, ArmError> {
        let ask = Ask::new(Method::Head, self.url(id.as_str(), api)?, format!("HEAD {id}"));
        match self.read(&ask).await {
            Ok(_) => Ok(true),
            Err(error) if error.status == Some(404) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// All items of a list, over all its pages. `path_and_query` starts with a slash and names its api-version.
    /// Errors: `NotFound` when the scope does not exist.
    pub async fn list(&self, path_and_query: &str) -> Result<Vec<Json>, ArmError> {
        let what = format!("GET {}", path_and_query.split('?').next().unwrap_or(path_and_query));
        let mut next = Some(self.resolve(path_and_query, &what)?);
        let (mut items, mut visited) = (Vec::new(), BTreeSet::new());
        while let Some(url) = next.take() {
            if !visited.insert(url.to_string()) || visited.len() > MAX_PAGES {
                return Err(ArmError::new(ErrorKind::Transport, what, "The list's next page leads back to a page already read."));
            }
            let answer = self.read(&Ask::new(Method::Get, url.clone(), what.clone())).await?;
            if answer.status == 204 {
                break;
            }
            let mut page = answer.strict(&what)?;
            next = self.next_page(&url, &page, &what)?;
            match page.get_mut("value").map(Json::take).unwrap_or(page) {
                Json::Array(values) => items.extend(values),
                Json::Null => {}
                _ => return Err(ArmError::new(ErrorKind::Transport, what, "The answer is not a list.")),
            }
        }
        Ok(items)
    }

    /// The JSON that a path and query answer. Errors: any refusal, absence included.
    pub(super) async fn fetch_json(&self, path_and_query: &str) -> Result<Json, ArmError> {
        let what = format!("GET {}", path_and_query.split('?').next().unwrap_or(path_and_query));
        let url = self.resolve(path_and_query, &what)?;
        self.read(&Ask::new(Method::Get, url, what.clone())).await?.strict(&what)
    }

    /// The URL of the next page: `nextLink` as it is, or the same URL with the continuation token of the body.
    fn next_page(&self, current: &Url, page: &Json, what: &str) -> Result<Option<Url>, ArmError> {
        let text = |name: &str| page.get(name).and_then(Json::as_str).filter(|s| !s.is_empty());
        if let Some(link) = ["nextLink", "@nextLink", "@odata.nextLink", "odata.nextLink"].into_iter().find_map(text) {
            return self.resolve(link, what).map(Some);
        }
        let Some(token) = ["$skipToken", "skipToken"].into_iter().find_map(text) else { return Ok(None) };
        let mut url = current.clone();
        let rest: Vec<(String, String)> = url.query_pairs().filter(|(k, _)| !k.eq_ignore_ascii_case("$skipToken")).map(|(k, v)| (k.into(), v.into())).collect();
        url.query_pairs_mut().clear().extend_pairs(rest).append_pair("$skipToken", token);
        Ok(Some(url))
    }

    /// A read: repeated while it is throttled. Statuses from 400 are errors.
    pub(super) async fn read(&self, ask: &Ask<'_>) -> Result<Answer, ArmError> {
        self.call(ask, Instant::now() + READ_PATIENCE, &|_| {}).await
    }

    /// Sends a request and repeats it while what stands in its way is known to pass and the deadline allows the wait.
    pub(super) async fn call(&self, ask: &Ask<'_>, deadline: Instant, progress: &dyn Fn(Progress)) -> Result<Answer, ArmError> {
        let started = Instant::now();
        let mut attempt = 0;
        loop {
            let error = match self.exchange(ask).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(again) = retry::verdict(ask.method, &error) else { return Err(error) };
            let delay = again.wait(attempt, error.retry_after);
            let now = Instant::now();
            if now + delay > deadline || now + delay > started + again.window {
                return Err(error);
            }
            progress(Progress::Waiting { why: again.why.to_owned(), error: Some(error.to_string()), delay });
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    /// One request through the pipeline. A refused token is renewed once: it may have been withdrawn before its time.
    async fn exchange(&self, ask: &Ask<'_>) -> Result<Answer, ArmError> {
        let first = self.send(ask).await?;
        let answer = if first.status == 401 { self.send(ask).await? } else { first };
        if answer.status < 400 {
            return Ok(answer);
        }
        let mut error = ArmError::refused(ask.what.clone(), answer.status, &answer.body);
        let asked = retry::retry_after(&answer.headers);
        error.0.retry_after = asked.map(|d| d.as_secs().max(u64::from(!d.is_zero())));
        error.0.request_id = ["x-ms-correlation-request-id", "x-ms-request-id", "x-ms-requestid"].into_iter().find_map(|n| answer.header(n)).map(str::to_owned);
        if answer.status == 429 && is_front_door(&error) {
            let closed = asked.unwrap_or(Duration::from_secs(2));
            self.traffic.learn(&subscription(ask.url.path()), Class::of(ask.method), None, Some(closed));
        }
        Err(error)
    }

    async fn send(&self, ask: &Ask<'_>) -> Result<Answer, ArmError> {
        let mut request = Request::new(ask.url.clone(), ask.method);
        request.insert_header(ACCEPT, "application/json");
        request.insert_header(CLIENT_REQUEST_ID, self.next_request_id());
        if let Some(body) = ask.body {
            request.insert_header(CONTENT_TYPE, "application/json");
            request.set_body(body.to_string());
        }
        for (name, value) in &ask.headers {
            request.insert_header(name.clone(), value.clone());
        }
        let pipeline = if ask.once { &self.once } else { &self.idempotent };
        let options = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
        let response = pipeline.send(&Context::new(), &mut request, Some(options)).await.map_err(|e| broken(&ask.what, &e))?;
        let (status, headers, body) = response.deconstruct();
        Ok(Answer { status: u16::from(status), headers, body: body.into() })
    }

    /// `x-ms-client-request-id`: the seed and a counter, so that the same run sends the same ids.
    fn next_request_id(&self) -> String {
        let n = self.calls.fetch_add(1, Ordering::Relaxed);
        Uuid::new_v5(&self.seed, &n.to_be_bytes()).to_string()
    }

    /// The URL of a path of this cloud's ARM under an api-version. The path is a resource id, with or without an action.
    pub(super) fn url(&self, path: &str, api: &str) -> Result<Url, ArmError> {
        let text = format!("{}{}?api-version={api}", self.cloud.resource_manager.trim_end_matches('/'), escape(path));
        Url::parse(&text).map_err(|e| ArmError::new(ErrorKind::Settings, format!("a request for {path}"), format!("{text:?} is not a URL: {e}.")))
    }

    /// An absolute URL for what a header, a `nextLink` or a caller gives, which may be relative.
    pub(super) fn resolve(&self, link: &str, what: &str) -> Result<Url, ArmError> {
        let base = format!("{}/", self.cloud.resource_manager.trim_end_matches('/'));
        Url::parse(&base).and_then(|base| base.join(link)).map_err(|e| ArmError::new(ErrorKind::Transport, what, format!("{link:?} is not a URL: {e}.")))
    }
}

/// Whether a 404 says that the thing is not there, rather than that the request makes no sense.
pub(super) fn is_absent(error: &ArmError) -> bool {
    let code = error.code.to_ascii_lowercase();
    error.status == Some(404) && (code.is_empty() || code.ends_with("notfound") && code != "subscriptionnotfound")
}

/// Whether a 429 comes from ARM's own limits, which then hold for every request of the class, and not from one busy resource.
fn is_front_door(error: &ArmError) -> bool {
    ["429", "TooManyRequests", "SubscriptionRequestsThrottled", "RequestsThrottled", "TenantRequestsThrottled", "ResourceRequestsThrottled"]
        .iter()
        .any(|c| error.code.eq_ignore_ascii_case(c))
}

/// The error of a request that got no answer.
fn broken(what: &str, error: &azure_core::Error) -> ArmError {
    let kind = if *error.kind() == CoreKind::Credential { ErrorKind::Auth } else { ErrorKind::Transport };
    ArmError::new(kind, what, explain(error))
}

/// The telling parts of an error's chain, outermost first, each once: the pipeline and the HTTP client wrap the cause in
/// sentences that say nothing about it.
pub(super) fn explain(error: &azure_core::Error) -> String {
    const HOLLOW: [&str; 5] =
        ["retry policy expired", "non-transport error occurred", "failed to execute `reqwest`", "error sending request for url", "client error (Connect)"];
    let mut parts: Vec<String> = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(e) = next {
        let text = e.to_string();
        let text = text.split("\nTo troubleshoot, visit").next().unwrap_or_default();
        // `ClientSecretCredential authentication failed. …`: who failed is said elsewhere, in the user's words.
        let text = text.split_once("Credential authentication failed.").map_or(text, |(_, rest)| rest).trim().to_owned();
        if !text.is_empty() && !HOLLOW.iter().any(|h| text.starts_with(h)) && !parts.iter().any(|p| p.contains(&text)) {
            parts.push(text);
        }
        next = e.source();
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}

/// Keeps a path as ARM writes it and escapes what would end it or break it.
fn escape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        match b {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'/'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'!'
            | b'$'
            | b'&'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b';'
            | b'='
            | b':'
            | b'@' => out.push(char::from(b)),
            _ => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}
