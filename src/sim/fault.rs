//! Refusals, each in the shape and wording of the service that would give it.
//!
//! Texts follow recorded traffic and Microsoft's documentation; codes are what clients branch on.

use serde_json::{Value as Json, json};

use super::http::Response;

/// A refusal: status, error body, and the headers that go with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub status: u16,
    pub body: Json,
    /// Seconds the client is asked to wait.
    pub retry_after: Option<u32>,
    /// Value of `x-ms-failure-cause`: `gateway` when Resource Manager itself refuses, `service` when the resource provider throttles.
    pub cause: Option<&'static str>,
}

impl Fault {
    /// Refused by Resource Manager before any provider saw it.
    pub fn gateway(status: u16, code: &str, message: impl Into<String>) -> Fault {
        Fault { status, body: json!({ "error": { "code": code, "message": message.into() } }), retry_after: None, cause: Some("gateway") }
    }

    /// Refused by the Network provider, whose errors always carry `details`.
    pub fn network(status: u16, code: &str, message: impl Into<String>) -> Fault {
        Fault { status, body: json!({ "error": { "code": code, "message": message.into(), "details": [] } }), retry_after: None, cause: None }
    }

    /// Refused by a provider with a plain nested error and no details.
    pub fn service(status: u16, code: &str, message: impl Into<String>) -> Fault {
        Fault { status, body: json!({ "error": { "code": code, "message": message.into() } }), retry_after: None, cause: None }
    }

    /// Refused by the Compute provider, which names the offending property.
    pub fn compute(status: u16, code: &str, target: &str, message: impl Into<String>) -> Fault {
        let mut error = json!({ "code": code, "message": message.into() });
        if !target.is_empty() {
            set_target(&mut error, target);
        }
        Fault { status, body: json!({ "error": error }), retry_after: None, cause: None }
    }

    /// Refused by the managed cluster provider: a flat body.
    pub fn aks(status: u16, code: &str, target: &str, message: impl Into<String>) -> Fault {
        let mut body = json!({ "code": code, "details": null, "message": message.into(), "subcode": "" });
        if !target.is_empty() {
            set_target(&mut body, target);
        }
        Fault { status, body, retry_after: None, cause: None }
    }

    /// A flat body of code and message only.
    pub fn flat(status: u16, code: &str, message: impl Into<String>) -> Fault {
        Fault { status, body: json!({ "code": code, "message": message.into() }), retry_after: None, cause: None }
    }

    /// The Network provider's "try again": 429 with the reason in the details.
    pub fn retryable(seconds: u32, code: &str, message: impl Into<String>) -> Fault {
        let details = json!([{ "code": code, "message": message.into() }]);
        let body = json!({ "error": { "code": "RetryableError", "message": "A retryable error occurred.", "details": details } });
        Fault { status: 429, body, retry_after: Some(seconds), cause: Some("service") }
    }

    /// Something this simulator has no model of. Never answered with success.
    pub fn unmodelled(what: impl Into<String>) -> Fault {
        Fault::gateway(400, "NotModelledBySimulator", format!("The simulator does not model {}.", what.into()))
    }

    pub fn group_not_found(group: &str) -> Fault {
        Fault::gateway(404, "ResourceGroupNotFound", format!("Resource group '{group}' could not be found."))
    }

    /// `path` is the type and name, e.g. `Microsoft.Network/virtualNetworks/hub`.
    pub fn resource_not_found(path: &str, group: &str) -> Fault {
        let message =
            format!("The Resource '{path}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
        Fault::gateway(404, "ResourceNotFound", message)
    }

    /// Sets the subcode of a managed cluster refusal.
    pub fn with_subcode(mut self, subcode: &str) -> Fault {
        if let Some(object) = self.body.as_object_mut() {
            object.insert("subcode".to_owned(), Json::from(subcode));
        }
        self
    }

    pub fn code(&self) -> &str {
        let nested = self.body.get("error").and_then(|e| e.get("code"));
        nested.or_else(|| self.body.get("code")).and_then(Json::as_str).unwrap_or("")
    }

    pub fn message(&self) -> &str {
        let nested = self.body.get("error").and_then(|e| e.get("message"));
        nested.or_else(|| self.body.get("message")).and_then(Json::as_str).unwrap_or("")
    }
}

fn set_target(error: &mut Json, target: &str) {
    if let Some(object) = error.as_object_mut() {
        object.insert("target".to_owned(), Json::from(target));
    }
}

impl From<Fault> for Response {
    fn from(fault: Fault) -> Response {
        let flat = fault.body.get("subcode").is_some();
        let mut response = Response::json(fault.status, fault.body);
        if flat {
            response = response.with("content-type", "application/json");
        }
        if let Some(seconds) = fault.retry_after {
            response = response.with("retry-after", seconds.to_string());
        }
        if let Some(cause) = fault.cause {
            response = response.with("x-ms-failure-cause", cause);
        }
        response
    }
}
