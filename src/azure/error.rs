//! What can go wrong with Azure: one error type that says which request on which thing was refused, and why.

use std::{fmt, ops::Deref};

use serde_json::Value as Json;

use crate::base::Diagnostic;

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// No credential, or Microsoft Entra or ARM refused it (401).
    Auth,
    /// The caller is known and not allowed to (403).
    Forbidden,
    /// The thing, or what it stands in, does not exist (404).
    NotFound,
    /// Something else holds the thing: another operation, a dependent resource (409).
    Conflict,
    /// `If-Match` or `If-None-Match` did not hold (412).
    Precondition,
    /// Too many requests, for longer than the timeout allowed to wait (429).
    Throttled,
    /// ARM refused the request itself (other 4xx).
    Invalid,
    /// The service failed (5xx).
    Service,
    /// A long-running operation was accepted and failed or was cancelled.
    Operation,
    /// The time allowed for the operation ran out; it may still be running.
    Timeout,
    /// No answer: name resolution, connection, TLS, a broken answer.
    Transport,
    /// The settings do not name what is needed (a subscription, a known cloud).
    Settings,
}

/// One entry of an error's `details`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    pub code: String,
    pub message: String,
    pub target: Option<String>,
}

/// The content of an [`ArmError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: ErrorKind,
    /// The operation and the thing: `PUT /subscriptions/…/virtualNetworks/hub`.
    pub what: String,
    pub status: Option<u16>,
    /// ARM's error code, e.g. `AnotherOperationInProgress`; empty when the answer had none.
    pub code: String,
    pub message: String,
    /// The part of the request the service complains about, e.g. `networkProfile.serviceCIDR`.
    pub target: Option<String>,
    pub details: Vec<Detail>,
    /// `x-ms-correlation-request-id` or `x-ms-request-id`, for a support case.
    pub request_id: Option<String>,
    /// How long the answer asked to wait, in seconds.
    pub retry_after: Option<u64>,
}

/// An error of the ARM client. Boxed, as it travels in the `Err` of every call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmError(pub Box<Fault>);

impl Deref for ArmError {
    type Target = Fault;
    fn deref(&self) -> &Fault {
        &self.0
    }
}

impl std::error::Error for ArmError {}

impl fmt::Display for ArmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        for detail in &self.details {
            write!(f, "; {}", detail.text())?;
        }
        Ok(())
    }
}

impl Detail {
    fn text(&self) -> String {
        match (self.code.as_str(), self.message.as_str()) {
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        }
    }
}

impl ArmError {
    /// An error that no answer stands behind.
    pub fn new(kind: ErrorKind, what: impl Into<String>, message: impl Into<String>) -> ArmError {
        ArmError(Box::new(Fault {
            kind,
            what: what.into(),
            status: None,
            code: String::new(),
            message: message.into(),
            target: None,
            details: Vec::new(),
            request_id: None,
            retry_after: None,
        }))
    }

    /// The error a refusing answer carries, whichever shape its body has.
    pub fn refused(what: impl Into<String>, status: u16, body: &[u8]) -> ArmError {
        let mut error = ArmError::new(kind_of(status), what, "");
        error.0.status = Some(status);
        match serde_json::from_slice::<Json>(body) {
            Ok(json) => error.fill(&json),
            // A proxy or a load balancer in between answers in HTML or plain text.
            Err(_) => error.0.message = plain(body),
        }
        if error.message.is_empty() && error.details.is_empty() {
            error.0.message = format!("The answer was {status} without an explanation.");
        }
        error
    }

    /// The error of an operation that was accepted and did not succeed. `body` is the operation's last answer.
    pub fn failed(what: impl Into<String>, status: &str, body: &Json) -> ArmError {
        let mut error = ArmError::new(ErrorKind::Operation, what, "");
        let nested = body.get("error").or_else(|| body.pointer("/properties/error")).filter(|e| !e.is_null());
        if let Some(nested) = nested {
            error.fill(nested);
        }
        if error.message.is_empty() && error.details.is_empty() {
            error.0.message = format!("The operation ended as {status} without an explanation.");
        }
        error
    }

    /// All codes: its own first, then those of its details, which often say more than the `RetryableError` around them.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.code.as_str()).chain(self.details.iter().map(|d| d.code.as_str())).filter(|c| !c.is_empty())
    }

    /// Operation, status, code and message, without the details.
    fn headline(&self) -> String {
        let (what, code, message) = (&self.what, &self.code, &self.message);
        match (self.status, code.is_empty()) {
            (Some(status), false) => format!("{what}: {status} {code}: {message}"),
            (Some(status), true) => format!("{what}: {status}: {message}"),
            (None, false) => format!("{what}: {code}: {message}"),
            (None, true) => format!("{what}: {message}"),
        }
    }

    /// Whether this code is the error's own or one of its details'.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes().any(|c| c.eq_ignore_ascii_case(code))
    }

    /// The same error under another description of what was being done.
    pub fn during(mut self, what: impl Into<String>) -> ArmError {
        self.0.what = what.into();
        self
    }

    /// Reads the body shapes that Azure's services use: `{"error":{…}}` (ARM, Network, Compute), flat (ContainerService),
    /// capitalised (older services) and Microsoft Entra's `error`/`error_description`.
    fn fill(&mut self, json: &Json) {
        let inner = match get(json, "error") {
            Some(Json::String(code)) => {
                self.0.code = code.clone();
                self.0.message = text(json, "error_description").unwrap_or_default();
                return;
            }
            Some(inner @ Json::Object(_)) => inner,
            _ => match get(json, "odata.error") {
                Some(inner) => inner,
                None => json,
            },
        };
        self.0.code = text(inner, "code").unwrap_or_default();
        self.0.message = text(inner, "message").or_else(|| get(inner, "message").and_then(|m| text(m, "value"))).unwrap_or_default();
        self.0.target = text(inner, "target");
        // Some services put a whole error object, as text, into the message.
        if let Ok(nested @ Json::Object(_)) = serde_json::from_str::<Json>(&self.message)
            && (get(&nested, "error").is_some() || get(&nested, "message").is_some())
        {
            self.0.details.clear();
            self.fill(&nested);
        }
        collect_details(inner, &mut self.0.details, 0);
        if self.code.is_empty()
            && self.message.is_empty()
            && let Some(text) = json.as_str()
        {
            self.0.message = text.to_owned();
        }
    }

    /// The error as a diagnostic: a constant summary per kind, the rest in the detail.
    pub fn diagnostic(&self) -> Diagnostic {
        let (code, summary, hint) = match self.kind {
            ErrorKind::Auth => ("azure-auth", "No access to Azure", None),
            ErrorKind::Forbidden => (
                "azure-forbidden",
                "Not allowed by Azure",
                Some("Ask for a role that grants this action at this scope; a new role assignment can take some minutes to take effect."),
            ),
            ErrorKind::NotFound => ("azure-not-found", "Not found in Azure", None),
            ErrorKind::Conflict => ("azure-conflict", "Conflict in Azure", None),
            ErrorKind::Precondition => {
                ("azure-precondition", "Changed in Azure since it was read", Some("Plan again: someone else created or changed it in the meantime."))
            }
            ErrorKind::Throttled => ("azure-throttled", "Too many requests to Azure", None),
            ErrorKind::Invalid => ("azure-invalid", "Azure refused the request", None),
            ErrorKind::Service => ("azure-service", "Azure failed", None),
            ErrorKind::Operation => ("azure-operation", "An operation in Azure failed", None),
            ErrorKind::Timeout => ("azure-timeout", "Azure did not finish in time", Some("The operation may still be running; plan again to see its outcome.")),
            ErrorKind::Transport => ("azure-transport", "No answer from Azure", None),
            ErrorKind::Settings => ("azure-settings", "Azure settings incomplete", None),
        };
        let mut detail = capital(&self.headline());
        for d in &self.details {
            detail.push_str(&format!("\n  - {}", d.text()));
        }
        if let Some(target) = &self.target {
            detail.push_str(&format!("\nTarget: {target}"));
        }
        if let Some(id) = &self.request_id {
            detail.push_str(&format!("\nRequest id: {id}"));
        }
        let diagnostic = Diagnostic::error(code, summary, detail);
        match self.remedy().or(hint) {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        }
    }
}

/// The text as the beginning of a sentence.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}

impl Fault {
    /// What to do about a refusal whose code says more than its status. Codes as Resource Manager documents them.
    fn remedy(&self) -> Option<&'static str> {
        match self.code.as_str() {
            "RequestDisallowedByPolicy" => Some("An Azure Policy forbids it: change what it objects to, or ask its owner for an exemption."),
            "ScopeLocked" => Some("A management lock forbids it: have the lock removed, and run again."),
            _ => None,
        }
    }
}

fn kind_of(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::Auth,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        412 => ErrorKind::Precondition,
        429 => ErrorKind::Throttled,
        500..=599 => ErrorKind::Service,
        _ => ErrorKind::Invalid,
    }
}

/// A member by name, also where the service capitalises it.
fn get<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    let object = json.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v)).filter(|v| !v.is_null())
}

fn text(json: &Json, name: &str) -> Option<String> {
    match get(json, name)? {
        Json::String(s) => Some(s.clone()),
        Json::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// Gathers `details` depth first; nesting beyond four levels has not been seen and is cut.
fn collect_details(json: &Json, into: &mut Vec<Detail>, depth: usize) {
    let Some(Json::Array(items)) = get(json, "details") else { return };
    for item in items {
        if let Json::String(message) = item {
            into.push(Detail { message: message.clone(), ..Detail::default() });
            continue;
        }
        let detail = Detail { code: text(item, "code").unwrap_or_default(), message: text(item, "message").unwrap_or_default(), target: text(item, "target") };
        if detail != Detail::default() {
            into.push(detail);
        }
        if depth < 4 {
            collect_details(item, into, depth + 1);
        }
    }
}

/// The start of a body that is not JSON, on one line and without markup.
fn plain(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut out = String::new();
    let mut tag = false;
    for c in text.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => {
                tag = false;
                out.push(' ');
            }
            c if !tag => out.push(c),
            _ => {}
        }
    }
    let line = out.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
