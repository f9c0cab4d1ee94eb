//! Long-running operations as they really behave: where to look for the end, and what an answer there means. Pure decisions.

use std::time::Duration;

use azure_core::http::Method;
use serde_json::Value as Json;

/// Where the end of an accepted request shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Track {
    /// It is over: the answer is the outcome.
    Finished,
    /// At the URL of `Azure-AsyncOperation`, as a status body.
    Operation(String),
    /// At the URL of `Location`: 202 until it is over.
    Location(String),
    /// In the resource itself: its `provisioningState`, or its absence after a DELETE.
    State,
}

/// Reads an accepting answer (2xx).
///
/// A `Location` on 200 or 201 is not an operation: user-assigned identities send a relative one on a finished 201,
/// Log Analytics one beside the body that shows the state.
pub(super) fn track(method: Method, status: u16, operation: Option<&str>, location: Option<&str>, body: &Json) -> Track {
    if let Some(url) = operation {
        return Track::Operation(url.to_owned());
    }
    match (status, location) {
        (202, Some(url)) => Track::Location(url.to_owned()),
        (202, None) if method == Method::Post => Track::Finished,
        (202, None) => Track::State,
        _ if method != Method::Delete && state(body).is_some_and(|s| outcome_of_state(s).is_none()) => Track::State,
        _ => Track::Finished,
    }
}

/// A resource's `properties.provisioningState`.
pub(super) fn state(body: &Json) -> Option<&str> {
    body.pointer("/properties/provisioningState").and_then(Json::as_str).filter(|s| !s.is_empty())
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeded,
    Failed,
}

/// How a `provisioningState` ended; `None` while it is changing. The set is open, and services that say `Enabled` or
/// `Ready` when they are done exist: what is under way is `Accepted`, `InProgress` or ends in "ing".
pub(super) fn outcome_of_state(state: &str) -> Option<Outcome> {
    let lower = state.to_ascii_lowercase();
    match lower.as_str() {
        "failed" | "canceled" | "cancelled" => Some(Outcome::Failed),
        "accepted" | "inprogress" | "notstarted" | "notspecified" => None,
        s if s.ends_with("ing") => None,
        _ => Some(Outcome::Succeeded),
    }
}

/// What a poll of an operation URL showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Still running, in the service's own words.
    Running(String),
    Succeeded,
    /// Ended as `Failed` or `Canceled`.
    Failed(String),
}

/// Reads an answer (2xx) of an `Azure-AsyncOperation` URL.
///
/// `status` is an open set of words: only Succeeded, Failed and Canceled end it. An `error` beside any other status is
/// passing (AKS reports NotLatestOperation or EtagMismatch in between and then succeeds).
pub(super) fn read_operation(status: u16, body: &Json) -> Seen {
    let word = body.get("status").and_then(Json::as_str).or_else(|| state(body));
    match word {
        Some(word) => match word.to_ascii_lowercase().as_str() {
            "succeeded" => Seen::Succeeded,
            "failed" | "canceled" | "cancelled" => Seen::Failed(word.to_owned()),
            _ => Seen::Running(word.to_owned()),
        },
        None if status == 202 => Seen::Running("InProgress".to_owned()),
        None => Seen::Succeeded,
    }
}

/// Reads an answer (2xx) of a `Location` URL: 202 means running; a body that is the resource may still be changing.
pub(super) fn read_location(status: u16, body: &Json) -> Seen {
    let word = body.get("status").and_then(Json::as_str).or_else(|| state(body));
    match (status, word) {
        (202, word) => Seen::Running(word.unwrap_or("InProgress").to_owned()),
        (_, Some(word)) => match outcome_of_state(word) {
            None => Seen::Running(word.to_owned()),
            Some(Outcome::Succeeded) => Seen::Succeeded,
            Some(Outcome::Failed) => Seen::Failed(word.to_owned()),
        },
        (_, None) => Seen::Succeeded,
    }
}

/// The wait before poll number `poll` (from 0) when the service names none. AKS never does and takes minutes; network
/// operations mostly take a second or two.
pub(super) fn pause(namespace: &str, poll: usize) -> Duration {
    let steps: &[u64] = match namespace.to_ascii_lowercase().as_str() {
        "microsoft.containerservice" | "microsoft.compute" => &[10],
        "microsoft.network" => &[1, 2, 3, 3, 5, 5, 10],
        _ => &[2, 3, 5, 5, 10],
    };
    Duration::from_secs(steps.get(poll).or(steps.last()).copied().unwrap_or(10))
}
