//! Lists come in pages: `$top` asks for a size, `$skiptoken` for the next page.

use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::{Request, Response},
};

/// Items of a page when the client does not say. Providers differ between 100 and 1,000; clients must follow `nextLink`.
pub const PAGE: usize = 200;

/// One page of a list, with `nextLink` when there is more.
pub fn answer(request: &Request, items: Vec<Json>) -> Result<Response, Fault> {
    let number = |name: &str| request.query(name).map(str::parse::<usize>);
    let size = match number("$top") {
        Some(Ok(n)) if n > 0 => n.min(1000),
        Some(_) => return Err(Fault::gateway(400, "InvalidTopValue", "The value of $top must be a whole number above 0.")),
        None => PAGE,
    };
    let from = match number("$skiptoken") {
        Some(Ok(n)) => n,
        Some(Err(_)) => return Err(Fault::gateway(400, "InvalidSkipToken", "The $skiptoken is not one this service gave out.")),
        None => 0,
    };
    let total = items.len();
    let page: Vec<Json> = items.into_iter().skip(from).take(size).collect();
    let next = from + page.len();
    let mut body = json!({ "value": page });
    if next < total {
        let mut query: Vec<String> =
            request.query.iter().filter(|(k, _)| !k.eq_ignore_ascii_case("$skiptoken")).map(|(k, v)| format!("{k}={}", encode(v))).collect();
        query.push(format!("$skiptoken={next}"));
        super::jsons::set(&mut body, "nextLink", format!("{}{}?{}", request.base(), request.path, query.join("&")));
    }
    Ok(Response::json(200, body))
}

/// Percent-encodes what a query value may not hold.
pub fn encode(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() || b"-._~,:".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
