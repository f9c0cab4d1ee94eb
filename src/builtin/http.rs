//! The data source `http`: one request, repeated when that was asked for, and what was answered.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    HttpAnswer, HttpRequest, Outcome, Outside,
    fields::{flag, int, is_set, text, text_map, with},
};
use crate::base::{Diagnostic, Type, Value};

/// What the shape cannot say.
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(url) = text(config, "url")
        && !(url.starts_with("http://") || url.starts_with("https://"))
    {
        found.push(Diagnostic::error("http-url", "Invalid URL", format!("The url {url:?} must begin with http:// or https://.")));
    }
    if is_set(config, "ca_cert_pem") && flag(config, "insecure").is_some() {
        let detail = "Attribute \"insecure\" cannot be specified when \"ca_cert_pem\" is specified".to_owned();
        found.push(Diagnostic::error("conflicting-attributes", "Invalid Attribute Combination", detail));
    }
    found
}

/// # Errors
/// When nobody answers.
pub async fn data(config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let url = text(config, "url").unwrap_or_default();
    let milliseconds = |value: &Value, name: &str| int(value, name).and_then(|n| u64::try_from(n).ok()).map(Duration::from_millis);
    let request = HttpRequest {
        method: text(config, "method").filter(|m| !m.is_empty()).unwrap_or("GET").to_owned(),
        url: url.to_owned(),
        headers: text_map(config, "request_headers").into_iter().collect(),
        body: text(config, "request_body").map(|b| b.as_bytes().to_vec()),
        timeout: milliseconds(config, "request_timeout_ms").filter(|t| !t.is_zero()),
        ca_pem: text(config, "ca_cert_pem").map(str::to_owned),
        insecure: flag(config, "insecure").unwrap_or(false),
    };
    let retry = config.get("retry").and_then(|r| r.elements().map_or(Some(r), <[Value]>::first)).filter(|r| !r.is_null());
    let attempts = retry.and_then(|r| int(r, "attempts")).unwrap_or(0).max(0);
    let least = retry.and_then(|r| milliseconds(r, "min_delay_ms")).unwrap_or(Duration::from_secs(1));
    let most = retry.and_then(|r| milliseconds(r, "max_delay_ms")).unwrap_or(Duration::from_secs(30));
    let mut tried = 0;
    let answer = loop {
        let answer = outside.http(&request).await;
        if tried >= attempts || !again(&answer) {
            break answer;
        }
        outside.sleep(pause(answer.as_ref().ok(), tried, least, most)).await;
        tried += 1;
    };
    let answer = answer.map_err(|why| {
        let giving_up = if attempts > 0 { format!(", giving up after {} attempts", tried + 1) } else { String::new() };
        Diagnostic::error("http-failed", "Error making request", format!("Error making request: {} {url:?}{giving_up}: {why}.", request.method))
    })?;
    Ok(answered(config, url, &answer))
}

/// Failures of the line and of the server are worth another try, as are requests that were too many.
fn again(answer: &Result<HttpAnswer, String>) -> bool {
    answer.as_ref().map_or(true, |a| a.status == 429 || a.status == 0 || (a.status >= 500 && a.status != 501))
}

/// Twice as long each time, within the bounds; a server that says when to come again is obeyed.
fn pause(answer: Option<&HttpAnswer>, tried: i64, least: Duration, most: Duration) -> Duration {
    if let Some(answer) = answer.filter(|a| a.status == 429 || a.status == 503) {
        let said = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after")).and_then(|(_, v)| v.trim().parse().ok());
        if let Some(seconds) = said {
            return Duration::from_secs(seconds);
        }
    }
    let factor = u32::try_from(tried).ok().and_then(|n| 2u32.checked_pow(n)).unwrap_or(u32::MAX);
    least.saturating_mul(factor).min(most)
}

fn answered(config: &Value, url: &str, answer: &HttpAnswer) -> Value {
    let mut headers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, value) in &answer.headers {
        headers.entry(canonical(name)).or_default().push(value);
    }
    let headers = headers.into_iter().map(|(name, values)| (name, Value::string(values.join(", ")))).collect();
    let body = Value::string(String::from_utf8_lossy(&answer.body));
    with(
        config,
        [
            ("id", Value::string(url)),
            ("status_code", Value::number(answer.status)),
            ("response_headers", Value::map(Type::String, headers)),
            ("response_body", body.clone()),
            ("body", body),
            ("response_body_base64", Value::string(STANDARD.encode(&answer.body))),
        ],
    )
}

/// A header's name as Go writes it: `content-type` is `Content-Type`.
fn canonical(name: &str) -> String {
    let capital = |part: &str| {
        let mut chars = part.chars();
        chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + &chars.as_str().to_ascii_lowercase())
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}
