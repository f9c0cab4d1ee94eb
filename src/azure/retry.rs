//! When a refused request is worth sending again, and how long to wait before: pure decisions.

use std::time::Duration;

use azure_core::{
    http::{
        Method, StatusCode,
        headers::{HeaderName, Headers, RETRY_AFTER, RETRY_AFTER_MS, X_MS_RETRY_AFTER_MS},
        policies::{RetryHeaders, RetryPolicy},
    },
    time::parse_rfc7231,
};

use super::error::{ArmError, ErrorKind};

/// The retry inside the pipeline: broken connections and 5xx, 1, 2, 4 and 8 seconds apart. No jitter, so that a run can be repeated.
///
/// 429 is not among the statuses: it is handled where the deadline of the operation is known.
#[derive(Debug)]
pub(super) struct Backoff {
    headers: RetryHeaders,
    statuses: Vec<StatusCode>,
}

const TRIES: u32 = 4;

impl Backoff {
    /// For requests that may be sent twice without harm.
    pub(super) fn idempotent() -> Backoff {
        Backoff::on(vec![
            StatusCode::RequestTimeout,
            StatusCode::InternalServerError,
            StatusCode::BadGateway,
            StatusCode::ServiceUnavailable,
            StatusCode::GatewayTimeout,
        ])
    }

    /// For requests that must not arrive twice: only where the service says that it did not start.
    pub(super) fn once() -> Backoff {
        Backoff::on(vec![StatusCode::ServiceUnavailable])
    }

    /// For token requests, where nothing else handles 429.
    pub(super) fn tokens() -> Backoff {
        let mut backoff = Backoff::idempotent();
        backoff.statuses.push(StatusCode::TooManyRequests);
        backoff
    }

    fn on(statuses: Vec<StatusCode>) -> Backoff {
        Backoff { headers: RetryHeaders { retry_headers: vec![X_MS_RETRY_AFTER_MS, RETRY_AFTER_MS, RETRY_AFTER] }, statuses }
    }
}

impl RetryPolicy for Backoff {
    fn is_expired(&self, _: azure_core::time::Duration, count: u32) -> bool {
        count >= TRIES
    }

    fn retry_headers(&self) -> Option<&RetryHeaders> {
        Some(&self.headers)
    }

    fn retry_status_codes(&self) -> &[StatusCode] {
        &self.statuses
    }

    fn sleep_duration(&self, count: u32) -> azure_core::time::Duration {
        azure_core::time::Duration::seconds(1 << count.saturating_sub(1).min(4))
    }
}

/// What `Retry-After` and its relatives ask for. A date is taken relative to the answer's own `Date`, so no clock is needed.
pub(super) fn retry_after(headers: &Headers) -> Option<Duration> {
    for name in [X_MS_RETRY_AFTER_MS, RETRY_AFTER_MS] {
        if let Some(ms) = headers.get_optional_str(&name).and_then(|v| v.trim().parse().ok()) {
            return Some(Duration::from_millis(ms));
        }
    }
    let value = headers.get_optional_str(&RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = parse_rfc7231(value).ok()?;
    let now = parse_rfc7231(headers.get_optional_str(&HeaderName::from_static("date"))?).ok()?;
    Some(Duration::try_from(until - now).unwrap_or_default())
}

/// Why a request may be repeated: how long it stays worth trying, and the waits between tries in seconds (the last one repeats).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Again {
    /// Counted from the first try; the deadline of the operation holds besides.
    pub window: Duration,
    pub waits: &'static [u64],
    pub why: &'static str,
}

impl Again {
    /// The wait before the next try; `attempt` counts from 0.
    pub(super) fn wait(&self, attempt: usize, asked: Option<u64>) -> Duration {
        let own = self.waits.get(attempt).or(self.waits.last()).copied().unwrap_or(10);
        Duration::from_secs(asked.unwrap_or(own))
    }
}

const MINUTE: u64 = 60;

const fn again(minutes: u64, waits: &'static [u64], why: &'static str) -> Option<Again> {
    Some(Again { window: Duration::from_secs(minutes * MINUTE), waits, why })
}

/// Whether a refused or failed request is worth repeating.
///
/// Sources: recorded answers (AnotherOperationInProgress, RetryableError, PrincipalNotFound, InUse…CannotBeDeleted) and the
/// AKS error reference (OperationNotAllowed, VirtualNetworkNotInSucceededState, AKSOperationPreempted, missing permissions
/// of a cluster identity whose role assignment has not spread yet).
pub(super) fn verdict(method: Method, error: &ArmError) -> Option<Again> {
    const ALWAYS: u64 = 24 * 60;
    let throttled = if error.kind == ErrorKind::Throttled { again(ALWAYS, &[2, 4, 8, 15, 30], "too many requests") } else { None };
    if method == Method::Get || method == Method::Head {
        return throttled;
    }
    let any = |codes: &[&str]| codes.iter().any(|c| error.has_code(c));
    // The telling code stands in the details of a `RetryableError`, so the general one comes second.
    if any(&["ReferencedResourceNotProvisioned", "VirtualNetworkNotInSucceededState"]) {
        return again(ALWAYS, &[3, 5, 10, 15], "a resource it refers to is still being changed");
    }
    if any(&["AnotherOperationInProgress", "RetryableErrorDueToAnotherOperation", "CanceledAndSupersededDueToAnotherOperation", "RetryableError"]) {
        return again(ALWAYS, &[2, 4, 8, 15], "another operation is in progress");
    }
    if any(&["AKSOperationPreempted", "EtagMismatch"]) || (any(&["OperationNotAllowed", "Conflict", "OperationPreempted"]) && in_progress(error)) {
        return again(ALWAYS, &[10, 20, 30], "another operation is in progress");
    }
    if any(&["PrincipalNotFound"]) && method == Method::Put {
        return again(10, &[5, 10], "the new identity is not known everywhere yet");
    }
    if any(&["CustomRouteTableMissingPermission", "CustomRouteTableWithInsufficientPermission", "ResourceMissingPermissionError"]) && method == Method::Put {
        return again(10, &[15, 30], "the role assignment has not taken effect yet");
    }
    if method == Method::Delete && error.codes().any(in_use) {
        return again(10, &[5, 10, 15, 30], "it is still in use");
    }
    throttled
}

/// Whether the message speaks of an operation that will end. `OperationNotAllowed` and `Conflict` are also used for
/// quotas and forbidden changes, which no waiting helps.
fn in_progress(error: &ArmError) -> bool {
    let message = error.message.to_ascii_lowercase();
    ["another operation", "another agentpool operation", "another managedcluster operation", "is in progress", "in-progress", "preempted"]
        .iter()
        .any(|words| message.contains(words))
}

/// `InUseSubnetCannotBeDeleted`, `NicInUse`, `PublicIPAddressCannotBeDeleted`, `InUseRouteTableCannotBeDeleted` and their like.
fn in_use(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    code.starts_with("inuse") || code.ends_with("inuse") || (code.ends_with("cannotbedeleted") && code != "cannotbedeleted")
}
