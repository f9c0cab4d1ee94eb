//! Long-running operations: begun by a write, polled by the client, ended by the clock.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::{Millis, Request, Response},
    jsons,
    model::{Hold, Model, Style, model},
    moment,
    place::Place,
    store::Store,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    Put,
    Delete,
    Action,
}

/// Work under way on a resource or on an inline child of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub guid: String,
    pub style: Style,
    pub verb: Verb,
    /// The thing written: id of the resource or of the child.
    pub target: String,
    /// Id of the top-level resource that is busy meanwhile.
    pub holder: String,
    /// Path below the holder, lower-case; empty for the holder itself.
    pub part: String,
    /// E.g. `PutSubnetOperation`.
    pub label: String,
    pub location: String,
    /// The api-version of the operation's URL.
    pub api: String,
    pub begun: Millis,
    pub ends: Millis,
    pub ended: bool,
    /// The error it ends with; null when it succeeds.
    #[serde(default)]
    pub error: Json,
}

impl Operation {
    fn subscription(&self) -> &str {
        super::store::segment_after(&self.target, "subscriptions").unwrap_or("")
    }

    /// URL to poll for the status.
    pub fn status_url(&self, base: &str) -> String {
        let (s, l, g, api) = (self.subscription(), &self.location, &self.guid, &self.api);
        let provider = format!("{base}/subscriptions/{s}/providers");
        match self.style {
            Style::Compute => format!("{provider}/Microsoft.Compute/locations/{l}/operations/{g}?p={g}&api-version={api}"),
            Style::Disk => format!("{provider}/Microsoft.Compute/locations/{l}/DiskOperations/{g}?p={g}&api-version={api}"),
            Style::Aks => format!("{provider}/Microsoft.ContainerService/locations/{l}/operations/{g}?api-version=2016-03-30"),
            Style::Workspace => format!("{provider}/Microsoft.OperationalInsights/locations/{l}/operationstatuses/{g}?api-version=2015-11-01-preview"),
            Style::PrivateDns => {
                let group = super::store::segment_after(&self.target, "resourceGroups").unwrap_or("");
                format!("{base}/subscriptions/{s}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsOperationStatuses/{g}?api-version={api}")
            }
            _ => format!("{provider}/Microsoft.Network/locations/{l}/operations/{g}?api-version={api}"),
        }
    }

    /// URL to poll for the result.
    pub fn result_url(&self, base: &str) -> String {
        let (s, l, g, api) = (self.subscription(), &self.location, &self.guid, &self.api);
        let provider = format!("{base}/subscriptions/{s}/providers");
        match self.style {
            Style::Compute => format!("{provider}/Microsoft.Compute/locations/{l}/operations/{g}?p={g}&monitor=true&api-version={api}"),
            Style::Disk => format!("{provider}/Microsoft.Compute/locations/{l}/DiskOperations/{g}?p={g}&monitor=true&api-version={api}"),
            Style::Aks => format!("{provider}/Microsoft.ContainerService/locations/{l}/operationresults/{g}?api-version=2016-03-30"),
            Style::Group => format!("{base}/subscriptions/{s}/operationresults/{g}?api-version={api}"),
            Style::Storage => format!("{provider}/Microsoft.Storage/locations/{l}/asyncoperations/{g}?monitor=true&api-version={api}"),
            Style::Workspace if self.verb == Verb::Put => format!("{base}{}/operationresults/{g}?api-version={api}", self.target),
            Style::PrivateDns => {
                let group = super::store::segment_after(&self.target, "resourceGroups").unwrap_or("");
                format!("{base}/subscriptions/{s}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsOperationResults/{g}?api-version={api}")
            }
            _ => format!("{provider}/Microsoft.Network/locations/{l}/operationResults/{g}?api-version={api}"),
        }
    }

    /// The body of a status poll, as the provider words it.
    fn status_body(&self, now: Millis) -> Json {
        let status = match (self.ended, self.error.is_null()) {
            (false, _) => "InProgress",
            (true, true) => "Succeeded",
            (true, false) => "Failed",
        };
        let mut body = json!({ "status": status });
        if matches!(self.style, Style::Compute | Style::Disk | Style::Aks | Style::Workspace) {
            jsons::set(&mut body, "name", self.guid.as_str());
            jsons::set(&mut body, "startTime", moment::rfc3339(self.begun));
            if self.ended {
                jsons::set(&mut body, "endTime", moment::rfc3339(self.ends.min(now)));
            }
        }
        if self.style == Style::Workspace {
            let s = self.subscription();
            if self.ended {
                jsons::set(&mut body, "properties", json!({}));
            }
            let id = format!("/subscriptions/{s}/providers/Microsoft.OperationalInsights/locations/{}/operationstatuses/{}", self.location, self.guid);
            jsons::set(&mut body, "id", id);
        }
        if self.ended && !self.error.is_null() {
            let mut error = self.error.clone();
            if self.style == Style::Network {
                jsons::fill(&mut error, "details", json!([]));
            }
            jsons::set(&mut body, "error", error);
        }
        body
    }
}

/// Milliseconds of an operation at the store's pace.
pub fn paced(store: &Store, duration: Millis) -> Millis {
    duration / Millis::from(store.settings.hurry.max(1))
}

/// Adds the wait Azure asks for, at the store's pace. HTTP has whole seconds; a hurried store adds milliseconds in
/// `retry-after-ms`, which Azure's SDKs read first.
pub fn ask_to_wait(store: &Store, response: Response, seconds: u32) -> Response {
    let hurry = store.settings.hurry.max(1);
    if hurry == 1 {
        return if seconds == 0 { response } else { response.with("retry-after", seconds.to_string()) };
    }
    let milliseconds = (u64::from(seconds.max(10)) * 1000 / u64::from(hurry)).max(1);
    response.with("retry-after", seconds.div_ceil(hurry).max(1).to_string()).with("retry-after-ms", milliseconds.to_string())
}

/// Begins an operation on a target. An operation without duration ends at once.
pub struct Begin<'a> {
    pub model: &'static Model,
    pub verb: Verb,
    pub target: &'a str,
    pub duration: Millis,
    pub api: &'a str,
    pub label: String,
    pub error: Json,
}

pub fn begin(store: &mut Store, begin: Begin, now: Millis) -> Operation {
    let guid = store.guid();
    let holder = store.get(begin.target).map(|r| (r.id.clone(), String::new()));
    let holder = holder.or_else(|| store.owner(begin.target).map(|(r, part)| (r.id.clone(), part.to_ascii_lowercase())));
    let (holder, part) = holder.unwrap_or_else(|| (begin.target.to_owned(), String::new()));
    let location = store.get(&holder).map(|r| r.location().to_owned()).unwrap_or_default();
    let operation = Operation {
        guid: guid.clone(),
        style: begin.model.style,
        verb: begin.verb,
        target: begin.target.to_owned(),
        holder,
        part,
        label: begin.label,
        location,
        api: begin.api.to_owned(),
        begun: now,
        ends: now + paced(store, begin.duration),
        ended: false,
        error: begin.error,
    };
    store.operations.insert(guid.clone(), operation.clone());
    store.changes += 1;
    forget_old(store, now);
    operation
}

/// Begins the operation of a POST and answers it: 202 with both URLs.
pub fn start_action(store: &mut Store, kind: &str, target: &str, request: &Request, duration: Millis, now: Millis) -> Response {
    let Some(model) = model(kind) else { return Response::empty(202) };
    let api = request.query("api-version").unwrap_or("").to_owned();
    let action = request.path.rsplit('/').next().unwrap_or("").to_owned();
    let begin_action = Begin { model, verb: Verb::Action, target, duration, api: &api, label: format!("{action}{}", model.label), error: Json::Null };
    let operation = begin(store, begin_action, now);
    let base = request.base();
    let mut response = Response::empty(202).with("azure-asyncoperation", operation.status_url(&base)).with("location", operation.result_url(&base));
    if model.style == Style::Compute {
        response = response.with("azure-asyncnotification", "Enabled");
    }
    if store.settings.hurry > 1 { ask_to_wait(store, response, 0) } else { response }
}

/// Azure forgets operations after a while; so does the store, so that its file stays small.
fn forget_old(store: &mut Store, now: Millis) {
    const KEPT: usize = 500;
    if store.operations.len() > KEPT {
        store.operations.retain(|_, o| !o.ended || now - o.ends < 3_600_000);
    }
    if store.operations.len() > KEPT {
        let mut ended: Vec<(Millis, String)> = store.operations.values().filter(|o| o.ended).map(|o| (o.ends, o.guid.clone())).collect();
        ended.sort();
        let surplus = store.operations.len() - KEPT;
        for (_, guid) in ended.into_iter().take(surplus) {
            store.operations.remove(&guid);
        }
    }
}

/// Ends every operation whose time has come, in order.
pub fn settle(store: &mut Store, now: Millis) {
    loop {
        let due = store.operations.values().filter(|o| !o.ended && o.ends <= now).map(|o| (o.ends, o.begun, o.guid.clone())).min();
        let Some((ends, _, guid)) = due else { return };
        end(store, &guid, ends);
    }
}

/// Operations not yet ended on a resource or on anything inside it.
pub fn under_way<'a>(store: &'a Store, holder: &'a str) -> impl Iterator<Item = &'a Operation> + use<'a> {
    store.operations.values().filter(move |o| !o.ended && o.holder.eq_ignore_ascii_case(holder))
}

fn end(store: &mut Store, guid: &str, now: Millis) {
    let Some(operation) = store.operations.get_mut(guid) else { return };
    operation.ended = true;
    let operation = operation.clone();
    store.changes += 1;
    let kind = super::engine::kind_of(&operation.target);
    let Some(model) = model(&kind) else { return };
    let failed = !operation.error.is_null();
    let still = under_way(store, &operation.holder).any(|o| o.part == operation.part);
    let etag = store.etag();
    if let Some(resource) = store.get_mut(&operation.holder) {
        resource.etag = etag;
        resource.changed = now;
        if !still {
            resource.states.remove(&operation.part);
        }
        if failed {
            resource.states.insert(operation.part.clone(), "Failed".to_owned());
        }
    }
    if failed {
        return;
    }
    match operation.verb {
        Verb::Put | Verb::Action => (model.finished)(store, &operation.target, now),
        Verb::Delete => super::engine::erase(store, model, &operation.target, now),
    }
}

/// Answers a poll, whichever URL form it uses.
pub fn poll(store: &Store, request: &Request, place: &Place, now: Millis) -> Result<Response, Fault> {
    let guid = place.segments.last().map(|s| s.to_ascii_lowercase()).unwrap_or_default();
    let Some(operation) = store.operations.get(&guid) else {
        return Err(Fault::gateway(404, "OperationNotFound", format!("The operation '{guid}' could not be found.")));
    };
    let kind = place.segments.iter().rev().nth(1).map(|s| s.to_ascii_lowercase()).unwrap_or_default();
    let wants_result = kind.ends_with("operationresults") || kind == "asyncoperations" || request.query("monitor").is_some();
    if wants_result { Ok(result(store, request, operation)) } else { Ok(status(store, operation, now)) }
}

fn status(store: &Store, operation: &Operation, now: Millis) -> Response {
    let mut body = operation.status_body(now);
    if operation.style == Style::Disk && operation.verb == Verb::Put && operation.ended && operation.error.is_null() {
        let disk = super::engine::show(store, &operation.target).unwrap_or(Json::Null);
        jsons::set(&mut body, "properties.output", disk);
    }
    let mut response = Response::json(200, body);
    if operation.style == Style::Aks {
        response = response.with("content-type", "application/json");
    }
    let wait = if operation.style == Style::Compute { 10 } else { 0 };
    if operation.ended { response } else { ask_to_wait(store, response, wait) }
}

fn result(store: &Store, request: &Request, operation: &Operation) -> Response {
    let base = request.base();
    let signposts = |response: Response| match operation.style {
        Style::Network => {
            let response = response.with("azure-asyncnotification", "Enabled").with("location", operation.result_url(&base));
            response.with("azure-asyncoperation", operation.status_url(&base)).with("content-type", "application/json; charset=utf-8")
        }
        Style::Aks => response.with("location", operation.result_url(&base)).with("content-type", "application/json"),
        _ => response,
    };
    if !operation.ended {
        let wait = if operation.style == Style::Group { 15 } else { 10 };
        let response = signposts(Response::empty(202)).with("location", operation.result_url(&base));
        return ask_to_wait(store, response, wait);
    }
    if !operation.error.is_null() {
        return Response::json(409, json!({ "error": operation.error }));
    }
    match (operation.verb, operation.style) {
        (Verb::Put, _) => super::engine::show(store, &operation.target).map_or(Response::empty(204), |b| Response::json(200, b)),
        (_, Style::Group | Style::Compute | Style::Disk | Style::Storage) => Response::empty(200),
        _ => signposts(Response::empty(204)),
    }
}

/// Whether a model's resources are held inside another.
pub fn is_inline(model: &Model) -> bool {
    model.hold != Hold::Own
}
