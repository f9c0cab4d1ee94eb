//! Recorded conversations, replayed: the client is driven through what Azure really answered. Only where `RAVELIN_TRUTH`
//! names a folder with the recordings.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use azure_core::http::{
    AsyncRawResponse, HttpClient, Request, StatusCode,
    headers::{HeaderName, Headers},
};
use ravelin::{
    azure::{Arm, ArmError, Cloud, ErrorKind, Json, Write, with_token},
    base::ResourceId,
};

/// One recorded exchange.
#[derive(Clone, Debug)]
struct Exchange {
    method: String,
    url: String,
    request: Json,
    status: u16,
    headers: BTreeMap<String, String>,
    body: Json,
}

/// The recorded files: unpacked below `RAVELIN_TRUTH`, or unpacked for this test from the archive in it.
fn recordings() -> Option<(Vec<PathBuf>, Option<tempfile::TempDir>)> {
    let truth = PathBuf::from(std::env::var_os("RAVELIN_TRUTH")?);
    let found = jsonl_below(&truth);
    if !found.is_empty() {
        return Some((found, None));
    }
    let archive = truth.join("recordings.tar.xz");
    let dir = tempfile::tempdir().unwrap();
    let unpacked = std::process::Command::new("tar").arg("xJf").arg(archive).arg("-C").arg(dir.path()).status();
    assert!(unpacked.is_ok_and(|s| s.success()), "the recordings cannot be unpacked");
    Some((jsonl_below(dir.path()), Some(dir)))
}

fn jsonl_below(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            out.extend(jsonl_below(&path));
        } else if path.extension().is_some_and(|e| e == "jsonl") {
            out.push(path);
        }
    }
    out.sort();
    out
}

fn read(path: &Path) -> Vec<Exchange> {
    let mut out = Vec::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let json: Json = serde_json::from_str(line).unwrap();
        let exchange = Exchange {
            method: json["method"].as_str().unwrap().to_owned(),
            url: json["url"].as_str().unwrap().to_owned(),
            request: json["req"].clone(),
            status: json["status"].as_u64().unwrap() as u16,
            headers: json["headers"].as_object().unwrap().iter().filter_map(|(k, v)| Some((k.to_lowercase(), v.as_str()?.to_owned()))).collect(),
            body: json["resp"].clone(),
        };
        let repeat = json["repeat"].as_u64().unwrap_or(1);
        out.extend(std::iter::repeat_n(exchange, repeat as usize));
    }
    out
}

/// Method and URL, so that spelling and order of the query do not matter.
fn key(method: &str, url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut pairs: Vec<String> = query.split('&').map(str::to_lowercase).collect();
    pairs.sort();
    format!("{method} {}?{}", path.to_lowercase(), pairs.join("&"))
}

/// Answers from one point of a recording on, each URL in its recorded order.
#[derive(Debug)]
struct Replay {
    answers: Mutex<BTreeMap<String, VecDeque<Exchange>>>,
    missing: Mutex<Vec<String>>,
}

impl Replay {
    fn from(exchanges: &[Exchange]) -> Arc<Replay> {
        let mut answers: BTreeMap<String, VecDeque<Exchange>> = BTreeMap::new();
        for e in exchanges {
            answers.entry(key(&e.method, &e.url)).or_default().push_back(e.clone());
        }
        Arc::new(Replay { answers: Mutex::new(answers), missing: Mutex::default() })
    }
}

#[async_trait::async_trait]
impl HttpClient for Replay {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let key = key(request.method().as_ref(), request.url().as_str());
        let mut answers = self.answers.lock().unwrap();
        let exchange = match answers.get_mut(&key) {
            Some(queue) if queue.len() > 1 => queue.pop_front(),
            Some(queue) => queue.front().cloned(),
            None => None,
        };
        let Some(e) = exchange else {
            self.missing.lock().unwrap().push(key);
            return Ok(AsyncRawResponse::from_bytes(StatusCode::NotFound, Headers::new(), r#"{"error":{"code":"NotFound","message":"not recorded"}}"#));
        };
        let mut headers = Headers::new();
        for (name, value) in e.headers.iter().filter(|(n, _)| *n != "content-length") {
            headers.insert(HeaderName::from(name.clone()), value.clone());
        }
        let body = match &e.body {
            Json::Null => String::new(),
            Json::String(s) => s.clone(),
            json => json.to_string(),
        };
        Ok(AsyncRawResponse::from_bytes(StatusCode::from(e.status), headers, body))
    }
}

/// The resource and api-version of a recorded URL; `None` for actions, provider calls and the like.
fn target(url: &str) -> Option<(ResourceId, String)> {
    let (path, query) = url.strip_prefix("https://management.azure.com")?.split_once('?')?;
    let api = query.split('&').find_map(|p| p.strip_prefix("api-version="))?;
    let id = ResourceId::parse(path)?;
    let segments = path.split('/').count() - 1;
    // Types and names alternate after the provider: an odd rest names a collection or an action.
    let whole = match path.to_lowercase().rfind("/providers/") {
        Some(at) => path[at..].split('/').skip(3).count() % 2 == 0,
        None => segments == 4,
    };
    whole.then(|| (id, api.to_owned()))
}

#[derive(Debug, Default)]
struct Tally {
    agreed: usize,
    failed_alike: usize,
    /// The recording stops before the outcome shows.
    open: usize,
    wrong: Vec<String>,
}

/// Replays one recorded write through the client and compares the outcome with what the recording shows.
async fn replay(name: &str, exchanges: &[Exchange], at: usize, tally: &mut Tally) {
    let Some(first) = exchanges.get(at) else { return };
    let Some((id, api)) = target(&first.url) else { return };
    let replay = Replay::from(&exchanges[at..]);
    let client: Arm = with_token(Cloud::public(), "s", "token", replay.clone(), name);
    let hours = Duration::from_secs(4 * 3600);
    let options = Write { timeout: hours, ..Write::default() };
    let result: Result<(), ArmError> = match first.method.as_str() {
        "PUT" => client.put(&id, &api, &first.request, &options, &|_| {}).await.map(|body| assert!(body.is_object(), "{name} {at}: {body}")),
        "DELETE" => client.delete(&id, &api, hours, &|_| {}).await,
        _ => return,
    };
    let same: Vec<&Exchange> = exchanges[at..].iter().filter(|e| key(&e.method, &e.url) == key(&first.method, &first.url)).collect();
    let accepted = same.iter().any(|e| e.status < 300 || (first.method == "DELETE" && e.status == 404));
    let codes: Vec<String> = exchanges[at..].iter().flat_map(|e| codes_of(&e.body)).collect();
    match result {
        Ok(()) if accepted => tally.agreed += 1,
        Err(error) if error.status == Some(first.status) && first.status >= 400 => tally.failed_alike += 1,
        Err(error) if error.kind == ErrorKind::Operation && codes.contains(&error.code) => tally.failed_alike += 1,
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Timeout) && !replay.missing.lock().unwrap().is_empty() => {
            tally.open += 1;
            let _ = error;
        }
        // The recording ends while the resource is still changing or not yet gone.
        Err(error) if error.kind == ErrorKind::Timeout => tally.open += 1,
        other => tally.wrong.push(format!("{name} {at} {} {}: {other:?}", first.method, first.status)),
    }
}

fn codes_of(body: &Json) -> Vec<String> {
    match body {
        Json::Object(map) => map.get("code").and_then(Json::as_str).map(str::to_owned).into_iter().chain(map.values().flat_map(codes_of)).collect(),
        Json::Array(items) => items.iter().flat_map(codes_of).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn every_recorded_write_ends_as_it_did() {
    let Some((files, _keep)) = recordings() else { return };
    let mut tally = Tally::default();
    for file in &files {
        let exchanges = read(file);
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        for at in 0..exchanges.len() {
            if matches!(exchanges[at].method.as_str(), "PUT" | "DELETE") {
                replay(&name, &exchanges, at, &mut tally).await;
            }
        }
    }
    println!("{} agreed, {} failed alike, {} open", tally.agreed, tally.failed_alike, tally.open);
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.agreed > 300, "only {} writes could be compared", tally.agreed);
}

#[tokio::test(start_paused = true)]
async fn every_recorded_list_is_read_to_its_end() {
    let Some((files, _keep)) = recordings() else { return };
    let mut lists = 0;
    for file in &files {
        let exchanges = read(file);
        for (at, e) in exchanges.iter().enumerate() {
            if e.method != "GET" || e.status != 200 || !e.body["value"].is_array() {
                continue;
            }
            let replay = Replay::from(&exchanges[at..]);
            let client = with_token(Cloud::public(), "s", "token", replay.clone(), "lists");
            let path = e.url.replace("https://management.azure.com", "");
            let first = e.body["value"].as_array().map_or(0, Vec::len);
            match client.list(&path).await {
                Ok(items) => assert!(items.len() >= first, "{} {at}", file.display()),
                // A next page that was not recorded.
                Err(error) => assert!(!replay.missing.lock().unwrap().is_empty(), "{} {at}: {error}", file.display()),
            }
            lists += 1;
        }
    }
    assert!(lists > 50, "only {lists} lists");
}

#[test]
fn every_recorded_error_body_is_understood() {
    let Some(truth) = std::env::var_os("RAVELIN_TRUTH") else { return };
    let path = PathBuf::from(truth).join("error-bodies.json");
    let Ok(text) = fs::read_to_string(path) else { return };
    let entries: Vec<Json> = serde_json::from_str(&text).unwrap();
    for e in &entries {
        let status = e["status"].as_u64().unwrap() as u16;
        let code = e["code"].as_str().unwrap();
        let error = match status {
            200..300 => ArmError::failed("GET", "Failed", &e["body"]),
            _ => ArmError::refused("GET", status, e["body"].to_string().as_bytes()),
        };
        assert!(error.has_code(code), "{code}: {error}");
        assert!(!error.message.is_empty(), "{code}: {error:?}");
    }
    assert!(entries.len() > 20);
}
