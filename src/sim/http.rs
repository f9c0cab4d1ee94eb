//! Requests and answers as plain data: what the handler takes and gives, whichever transport carried them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// Milliseconds since the Unix epoch, in simulated time.
pub type Millis = i64;

/// One HTTP request. Header names are lower-case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Upper-case, e.g. `PUT`.
    pub method: String,
    /// Without the query; percent-encoding is undone segment by segment by the reader.
    pub path: String,
    /// Decoded names and values, in order.
    pub query: Vec<(String, String)>,
    pub headers: BTreeMap<String, String>,
    /// The JSON body, or the fields of a form post as an object of strings.
    pub body: Option<Json>,
}

/// One HTTP answer. Header names are lower-case.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Option<Json>,
}

impl Request {
    /// A request from a method and a URL or path, with an `Authorization` header so that it is let in.
    pub fn new(method: &str, url: &str, body: Option<Json>) -> Request {
        let (host, rest) = match url.strip_prefix("https://") {
            Some(tail) => {
                let cut = tail.find('/').unwrap_or(tail.len());
                (tail.get(..cut).unwrap_or(tail), tail.get(cut..).unwrap_or(""))
            }
            None => ("management.azure.com", url),
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let headers = [("host", host), ("authorization", "Bearer simulated")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        Request { method: method.to_owned(), path: path.to_owned(), query: parse_query(query), headers: headers.into(), body }
    }

    /// A query parameter, its name compared without case.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Where the client believes it is talking to: `https://host[:port]`, without a slash at the end.
    pub fn base(&self) -> String {
        format!("https://{}", self.header("host").unwrap_or("management.azure.com"))
    }
}

impl Response {
    pub fn json(status: u16, body: Json) -> Response {
        let headers = [("content-type".to_owned(), "application/json; charset=utf-8".to_owned())];
        Response { status, headers: headers.into(), body: Some(body) }
    }

    pub fn empty(status: u16) -> Response {
        Response { status, headers: BTreeMap::new(), body: None }
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Response {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    /// A list answer as ARM wraps it.
    pub fn list(items: Vec<Json>) -> Response {
        Response::json(200, json!({ "value": items }))
    }
}

/// The pairs of a query string or of a form body, percent-decoded.
pub fn parse_query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (k, v) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&k.replace('+', " ")), decode(&v.replace('+', " ")))
        })
        .collect()
}

/// Undoes percent-encoding; a stray `%` stays as it is.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).and_then(|h| u8::from_str_radix(h, 16).ok());
        match hex {
            Some(value) if byte == b'%' => {
                out.push(value);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
