//! Faults to inject: which requests to refuse, how often, and with what.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{
    http::{Request, Response},
    store::derive,
};

/// The faults a store is told to produce.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Script {
    #[serde(default)]
    pub faults: Vec<Injection>,
}

/// One kind of fault. The first that matches a request answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Injection {
    /// `PUT`, `GET`, …; empty for any.
    #[serde(default)]
    pub method: String,
    /// A part of the path, compared without case; empty for any.
    #[serde(default)]
    pub path: String,
    /// Matching requests let through first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it refuses; absent for all.
    #[serde(default)]
    pub times: Option<u32>,
    /// Refuse only one request in this many, chosen from the store's seed; 0 or 1 for each.
    #[serde(default)]
    pub one_in: u32,
    /// Status of the answer. 0: the write is accepted and its operation then fails with the code and message.
    pub status: u16,
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub retry_after: Option<u32>,
}

impl Script {
    /// The answer to a request that a fault refuses.
    pub fn refuse(&mut self, request: &Request, seed: &str, counter: u64) -> Option<Response> {
        let fault = self.take(request, seed, counter, false)?;
        // Entra's refusals have a shape of their own.
        let body = match request.path.ends_with("/oauth2/v2.0/token") {
            true => json!({ "error": fault.code, "error_description": fault.message }),
            false => json!({ "error": { "code": fault.code, "message": fault.message } }),
        };
        let mut response = Response::json(fault.status, body);
        if let Some(seconds) = fault.retry_after {
            response = response.with("retry-after", seconds.to_string());
        }
        Some(response)
    }

    /// The error an accepted write shall end with.
    pub fn spoil(&mut self, request: &Request, seed: &str, counter: u64) -> Option<Json> {
        let fault = self.take(request, seed, counter, true)?;
        Some(json!({ "code": fault.code, "message": fault.message }))
    }

    fn take(&mut self, request: &Request, seed: &str, counter: u64, accepted: bool) -> Option<Injection> {
        let path = request.path.to_ascii_lowercase();
        for fault in &mut self.faults {
            let fits = (fault.status == 0) == accepted
                && (fault.method.is_empty() || fault.method.eq_ignore_ascii_case(&request.method))
                && path.contains(&fault.path.to_ascii_lowercase())
                && fault.times != Some(0);
            if !fits {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if fault.one_in > 1 && !drawn(seed, counter, fault.one_in) {
                continue;
            }
            fault.times = fault.times.map(|t| t - 1);
            return Some(fault.clone());
        }
        None
    }
}

/// A draw that depends on the seed and the counter only.
fn drawn(seed: &str, counter: u64, one_in: u32) -> bool {
    let guid = derive(seed, &format!("fault {counter}"));
    let number = guid.get(..8).and_then(|h| u32::from_str_radix(h, 16).ok()).unwrap_or(1);
    number % one_in == 0
}
