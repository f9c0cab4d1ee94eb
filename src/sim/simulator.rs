//! The in-process transport (edge): answers `azure_core`'s `HttpClient` from a store, after a little simulated latency.
//!
//! Time is the store's last time plus what has passed on tokio's clock since, so paused tokio time drives it.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use azure_core::http::{AsyncRawResponse, Body, HttpClient, StatusCode, headers::Headers};
use serde_json::Value as Json;

use super::{
    edit, engine,
    handle::handle,
    http::{Millis, Request, Response, parse_query},
    jsons,
    store::{Settings, Store},
    store_file,
};

/// Milliseconds a read and a write take before they are answered, at Azure's pace.
const READ: u64 = 40;
const WRITE: u64 = 120;

/// Why the simulator cannot run. Says which operation on which thing.
#[derive(Debug)]
pub enum SimError {
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file is not a store of this version.
    Format {
        path: PathBuf,
        reason: String,
    },
    /// The HTTPS front could not be set up.
    Serve {
        what: String,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An edit names something that is not there.
    NoSuch {
        id: String,
    },
    /// An edit cannot be understood or made.
    Edit {
        text: String,
        reason: String,
    },
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SimError::Read { path, .. } => write!(f, "cannot read the simulator's store {}", path.display()),
            SimError::Write { path, .. } => write!(f, "cannot write the simulator's store {}", path.display()),
            SimError::Format { path, reason } => write!(f, "{} is not a simulator store: {reason}", path.display()),
            SimError::Serve { what, .. } => write!(f, "cannot {what}"),
            SimError::NoSuch { id } => write!(f, "the simulator has no resource {id}"),
            SimError::Edit { text, reason } => write!(f, "the edit {text:?} cannot be made: {reason}"),
        }
    }
}

impl std::error::Error for SimError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SimError::Read { source, .. } | SimError::Write { source, .. } => Some(source),
            SimError::Serve { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

/// The simulated cloud, shared by whoever talks to it.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
}

struct Inner {
    store: Mutex<Store>,
    /// Where the store is kept; `None` for one that lives only in memory.
    path: Option<PathBuf>,
    started: tokio::time::Instant,
    /// Store time at `started`.
    base: Millis,
    /// Count of changes and size in bytes when the store was last written.
    written: Mutex<(u64, usize)>,
}

impl Inner {
    /// A small store is written after each change; a large one only now and then, so that its size does not slow every request,
    /// and once more when the simulator is dropped.
    fn due(&self, changes: u64) -> bool {
        const SMALL: usize = 512 * 1024;
        let (written, size) = *self.written.lock().unwrap_or_else(PoisonError::into_inner);
        size < SMALL || changes.saturating_sub(written) > (size / (16 * 1024)) as u64
    }

    fn keep(&self, store: &Store) -> Result<(), SimError> {
        let Some(path) = &self.path else { return Ok(()) };
        let size = store_file::save(path, store)?;
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = (store.changes, size);
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let (written, _) = *self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if store.changes != written {
            // Nobody is left to be told; the next run starts from what was written before.
            let _ = self.keep(&store);
        }
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Opens the store at a path, or a new one when nothing is there yet; `None` keeps it in memory.
    /// `wall_now_ms` is the present in milliseconds since 1970; a store that was left later than that goes on from where it was.
    pub fn open(path: Option<&Path>, wall_now_ms: i64) -> Result<Simulator, SimError> {
        let found = path.map(store_file::load).transpose()?.flatten();
        let store = found.unwrap_or_else(|| Store::new("ravelin", wall_now_ms));
        let base = store.clock.max(wall_now_ms);
        let inner = Inner { store: Mutex::new(store), path: path.map(Path::to_owned), started: tokio::time::Instant::now(), base, written: Mutex::new((0, 0)) };
        Ok(Simulator { inner: Arc::new(inner) })
    }

    /// The same simulator with operations that take this many times less than in Azure. 1 is Azure's own pace.
    pub fn hurried(self, factor: u32) -> Simulator {
        self.store().settings.hurry = factor.max(1);
        self
    }

    /// Changes how the subscription behaves.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.store().settings);
    }

    /// The transport for `azure_core` pipelines.
    pub fn http(&self) -> Arc<dyn HttpClient> {
        Arc::new(self.clone())
    }

    /// The store, locked. A panic elsewhere cannot leave it half-written, so a poisoned lock is still good.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.inner.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present in simulated time.
    pub fn now(&self) -> Millis {
        let passed = self.inner.started.elapsed().as_millis();
        self.inner.base.saturating_add(Millis::try_from(passed).unwrap_or(Millis::MAX))
    }

    /// Answers one request at the present, and keeps the store on disk when it changed.
    pub fn answer(&self, request: &Request) -> Result<Response, SimError> {
        let now = self.now();
        let mut store = self.store();
        let before = store.changes;
        let response = handle(&mut store, request, now);
        // A read changes the store too when an operation ended meanwhile.
        if store.changes != before && self.inner.due(store.changes) {
            self.keep(&store)?;
        }
        Ok(response)
    }

    fn keep(&self, store: &Store) -> Result<(), SimError> {
        self.inner.keep(store)
    }

    /// Writes the store to its file.
    pub fn save(&self) -> Result<(), SimError> {
        let store = self.store();
        self.keep(&store)
    }

    /// Forgets everything, as a new subscription; settings stay.
    pub fn reset(&self) -> Result<(), SimError> {
        let mut store = self.store();
        let settings = store.settings.clone();
        *store = Store::new(&store.seed.clone(), store.clock);
        store.settings = settings;
        self.keep(&store)
    }

    /// Changes a live resource behind the tool's back; the form of an edit is told in [`edit`].
    pub fn drift(&self, id: &str, edits: &[&str]) -> Result<(), SimError> {
        let mut store = self.store();
        let etag = store.etag();
        for edit in edits {
            let target = find_mut(&mut store, id).ok_or_else(|| SimError::NoSuch { id: id.to_owned() })?;
            edit::make(target, edit).map_err(|reason| SimError::Edit { text: (*edit).to_owned(), reason })?;
        }
        let holder = store.get(id).map(|r| r.id.clone()).or_else(|| store.owner(id).map(|(r, _)| r.id.clone()));
        if let Some(resource) = holder.and_then(|h| store.get_mut(&h)) {
            resource.etag = etag;
        }
        self.keep(&store)
    }

    /// Deletes a live resource behind the tool's back, with everything below it and no questions asked.
    pub fn vanish(&self, id: &str) -> Result<(), SimError> {
        let now = self.now();
        let mut store = self.store();
        if !store.exists(id) {
            return Err(SimError::NoSuch { id: id.to_owned() });
        }
        if let Some(model) = super::model::model(&engine::kind_of(id)) {
            engine::erase(&mut store, model, id, now);
        }
        self.keep(&store)
    }

    /// Puts a body as it is, without checks: for tests and for setting a scene.
    pub fn put_raw(&self, id: &str, body: Json) -> Result<(), SimError> {
        let now = self.now();
        let mut store = self.store();
        store.put_raw(id, body, now);
        self.keep(&store)
    }

    /// Ids and types of all resources, in the order of their ids.
    pub fn list(&self) -> Vec<(String, String)> {
        self.store().resources.values().map(|r| (r.id.clone(), r.kind.clone())).collect()
    }

    /// The body of a resource or inline child, as a GET would show it.
    pub fn show(&self, id: &str) -> Option<Json> {
        engine::show(&self.store(), id)
    }
}

/// The stored body of a resource or of an inline child.
fn find_mut<'a>(store: &'a mut Store, id: &str) -> Option<&'a mut Json> {
    if store.get(id).is_some() {
        return store.get_mut(id).map(|r| &mut r.body);
    }
    let (holder, path) = store.owner(id).map(|(r, path)| (r.id.clone(), path))?;
    let mut here = &mut store.get_mut(&holder)?.body;
    let segments: Vec<&str> = path.split('/').collect();
    for pair in segments.chunks(2) {
        let [array, name] = pair else { return None };
        let items = jsons::at_mut(here, &format!("properties.{array}"))?.as_array_mut()?;
        here = items.iter_mut().find(|i| jsons::text(i, "name").is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
    }
    Some(here)
}

#[async_trait::async_trait]
impl HttpClient for Simulator {
    async fn execute_request(&self, request: &azure_core::http::Request) -> azure_core::Result<AsyncRawResponse> {
        let plain = plain_request(request)?;
        let latency = if matches!(plain.method.as_str(), "GET" | "HEAD") { READ } else { WRITE };
        let hurry = u64::from(self.store().settings.hurry.max(1));
        let latency = Duration::from_micros(latency * 1000 / hurry);
        tokio::time::sleep(latency / 2).await;
        let response = self.answer(&plain).map_err(|e| azure_core::Error::with_error(azure_core::error::ErrorKind::Io, e, "the simulator failed"))?;
        tokio::time::sleep(latency / 2).await;
        let mut headers = Headers::new();
        for (name, value) in response.headers {
            headers.insert(name, value);
        }
        let body = response.body.map(|b| b.to_string()).unwrap_or_default();
        Ok(AsyncRawResponse::from_bytes(StatusCode::from(response.status), headers, body.into_bytes()))
    }
}

fn plain_request(request: &azure_core::http::Request) -> azure_core::Result<Request> {
    let url = request.url();
    let mut headers: BTreeMap<String, String> = request.headers().iter().map(|(k, v)| (k.as_str().to_ascii_lowercase(), v.as_str().to_owned())).collect();
    let host = url.host_str().unwrap_or("management.azure.com");
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    headers.insert("host".to_owned(), host);
    let Body::Bytes(bytes) = request.body() else {
        return Err(azure_core::Error::with_message(azure_core::error::ErrorKind::Io, "the simulator takes no streamed bodies"));
    };
    let form = headers.get("content-type").is_some_and(|c| c.contains("form-urlencoded"));
    let method = request.method().as_str().to_owned();
    let query = parse_query(url.query().unwrap_or(""));
    Ok(Request { method, path: url.path().to_owned(), query, headers, body: read_body(bytes, form) })
}

/// A JSON body, or the fields of a form. What is neither is given on as text, so that it is refused as a body of the wrong shape.
pub fn read_body(bytes: &[u8], form: bool) -> Option<Json> {
    if bytes.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(bytes);
    if form {
        return Some(Json::Object(parse_query(&text).into_iter().map(|(k, v)| (k, Json::from(v))).collect()));
    }
    Some(serde_json::from_str(&text).unwrap_or_else(|_| Json::from(text.into_owned())))
}
