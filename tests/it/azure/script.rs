//! A scripted Azure: answers requests from a text and writes down what was asked, and when.
//!
//! A script names requests at the margin and their answers, in order, below them; the last answer repeats:
//!
//! ```text
//! PUT /subscriptions/s/resourceGroups/g
//!   429 retry-after=2 {"error":{"code":"429","message":"slow down"}}
//!   201 {"id":"/subscriptions/s/resourceGroups/g"}
//! ```
//!
//! The answer `broken` is a connection lost after sending, `unreachable` one that never came about. A request with a
//! query in the script answers only that query.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use azure_core::{
    error::ErrorKind,
    http::{
        AsyncRawResponse, Body, HttpClient, Request, StatusCode,
        headers::{HeaderName, Headers},
    },
};
use ravelin::azure::{Arm, ArmError, Cloud, Progress, with_token};
use tokio::time::Instant;

pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";

#[derive(Debug)]
pub struct Script {
    answers: Mutex<BTreeMap<String, Vec<String>>>,
    pub log: Mutex<String>,
    started: Instant,
    /// Headers to write down.
    show: &'static [&'static str],
}

impl Script {
    pub fn new(text: &str) -> Arc<Script> {
        Script::showing(text, &["if-match", "if-none-match"])
    }

    pub fn showing(text: &str, show: &'static [&'static str]) -> Arc<Script> {
        let text = text.replace("$S", &format!("/subscriptions/{SUBSCRIPTION}"));
        let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines().filter(|l| !l.trim().is_empty()) {
            if line.starts_with(' ') {
                answers.entry(current.clone()).or_default().push(line.trim().to_owned());
            } else {
                current = line.trim().to_owned();
            }
        }
        Arc::new(Script { answers: Mutex::new(answers), log: Mutex::new(String::new()), started: Instant::now(), show })
    }

    pub fn note(&self, line: &str) {
        let line = line.replace(&format!("/subscriptions/{SUBSCRIPTION}"), "$S");
        let seconds = self.started.elapsed().as_secs_f64();
        writeln!(self.log.lock().unwrap(), "{seconds:<6.1} {line}").unwrap();
    }

    pub fn transcript(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    fn answer(&self, method: &str, path: &str, query: &str) -> String {
        let mut answers = self.answers.lock().unwrap();
        let exact = format!("{method} {path}?{query}");
        let plain = format!("{method} {path}");
        let key = answers.keys().find(|k| k.eq_ignore_ascii_case(&exact)).or_else(|| answers.keys().find(|k| k.eq_ignore_ascii_case(&plain))).cloned();
        match key.and_then(|k| answers.get_mut(&k)) {
            Some(queue) if queue.len() > 1 => queue.remove(0),
            Some(queue) => queue[0].clone(),
            None => r#"404 {"error":{"code":"NotScripted","message":"The script has no answer for this."}}"#.to_owned(),
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Script {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let url = request.url();
        let host = match url.host_str() {
            Some("management.azure.com") | None => String::new(),
            Some(host) => format!("//{host}"),
        };
        let path = format!("{host}{}", url.path());
        let mut line = format!("{} {path}{}", request.method(), url.query().map(|q| format!("?{q}")).unwrap_or_default());
        for name in self.show {
            if let Some(value) = request.headers().get_optional_str(&HeaderName::from_static(name)) {
                write!(line, " {name}={value}").unwrap();
            }
        }
        if let Body::Bytes(bytes) = request.body()
            && !bytes.is_empty()
        {
            write!(line, " {}", String::from_utf8_lossy(bytes)).unwrap();
        }
        self.note(&line);
        let answer = self.answer(request.method().as_ref(), &path, url.query().unwrap_or(""));
        match answer.as_str() {
            "broken" => return Err(azure_core::Error::with_message(ErrorKind::Io, "connection reset by peer")),
            "unreachable" => return Err(azure_core::Error::with_message(ErrorKind::Connection, "connection refused")),
            _ => {}
        }
        Ok(parse_answer(&answer))
    }
}

/// `STATUS name=value … {body}`. A header's value ends at a space; `_` in it stands for one.
fn parse_answer(text: &str) -> AsyncRawResponse {
    let (head, body) = match text.find(['{', '[', '<']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut words = head.split_whitespace();
    let status: u16 = words.next().unwrap().parse().unwrap();
    let mut headers = Headers::new();
    for word in words {
        let (name, value) = word.split_once('=').unwrap();
        headers.insert(name.to_owned(), value.replace('_', " "));
    }
    AsyncRawResponse::from_bytes(StatusCode::from(status), headers, body.to_owned().into_bytes())
}

/// A client that talks to the script.
pub fn arm(script: &Arc<Script>) -> Arm {
    with_token(Cloud::public(), SUBSCRIPTION, "token", script.clone(), "test")
}

/// Writes progress into the transcript.
pub fn progress(script: &Arc<Script>) -> impl Fn(Progress) + use<> {
    let script = script.clone();
    move |p| {
        script.note(&match p {
            Progress::Accepted { operation_url } => format!("  accepted: {}", operation_url.replace("https://management.azure.com", "")),
            Progress::Status(status) => format!("  status: {status}"),
            Progress::Waiting { why, delay, .. } => format!("  waiting {}s: {why}", delay.as_secs()),
        })
    }
}

/// The transcript with the outcome at its end.
pub fn outcome<T: std::fmt::Display>(script: &Script, result: Result<T, ArmError>) -> String {
    let end = match result {
        Ok(value) => format!("ok {value}"),
        Err(error) => format!("{:?} {error}", error.kind),
    };
    script.note(&end);
    script.transcript()
}
