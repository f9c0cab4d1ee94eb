//! The part of Resource Manager that all types share: reading, writing, deleting, conflicts, preconditions, states.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{
    check, conflict,
    fault::Fault,
    http::{Millis, Request, Response},
    jsons::{self, at, fill, list_mut, set, text},
    model::{Draft, Hold, Model, Style, inline_children, model, up},
    operation::{self, Begin, Operation, Verb, ask_to_wait, begin, under_way},
    place::{Place, group_id},
    store::{Resource, Store, find_child},
};

/// The canonical type of an id.
pub fn kind_of(id: &str) -> String {
    let place = Place::of(id);
    match (&place.namespace, &place.group) {
        (Some(_), _) => place.kind(),
        (None, Some(_)) => "Microsoft.Resources/resourceGroups".to_owned(),
        _ => String::new(),
    }
}

/// One call on one place.
pub struct Call<'a> {
    pub store: &'a mut Store,
    pub request: &'a Request,
    pub now: Millis,
    pub model: &'static Model,
    /// Canonical id of the thing called on.
    pub id: String,
    pub place: Place,
}

impl Call<'_> {
    fn api(&self) -> String {
        self.request.query("api-version").unwrap_or("").to_owned()
    }

    fn group(&self) -> &str {
        self.place.group.as_deref().unwrap_or("")
    }

    fn not_found(&self) -> Fault {
        if let Some(special) = super::quirks::not_found(self.model, &self.id) {
            return special;
        }
        if super::operation::is_inline(self.model) && self.model.style == Style::Network {
            return Fault::network(404, "NotFound", format!("Resource {} not found.", self.id));
        }
        let path = self.id.rsplit_once("/providers/").map_or("", |(_, p)| p);
        Fault::resource_not_found(path, self.group())
    }

    /// The group and the parents must exist before anything else is looked at.
    fn surroundings(&self, verb: &str) -> Result<(), Fault> {
        if self.model.style == Style::Group {
            return Ok(());
        }
        if let Some(group) = group_id(&self.id) {
            let name = self.group();
            let Some(group) = self.store.get(&group) else { return Err(Fault::group_not_found(name)) };
            if verb == "write" && group.states.contains_key("") {
                let message = format!("The resource group '{name}' is in deprovisioning state and cannot perform this operation.");
                return Err(Fault::gateway(409, "ResourceGroupBeingDeleted", message));
            }
        }
        let parent = match self.place.types.len() {
            0 | 1 => self.place.scope.as_str(),
            _ => up(&self.id),
        };
        let top = self.place.types.len() <= 1;
        let inside_resource = !top || parent.to_ascii_lowercase().contains("/providers/");
        if !inside_resource || self.store.exists(parent) || super::quirks::always_there(parent) {
            return Ok(());
        }
        let kinds = self.model.kind.split_once('/').map_or("", |(_, k)| k);
        // Deleting a part of a network resource that is gone itself is answered for the resource. Recorded.
        let part_of_network = verb == "delete" && super::operation::is_inline(self.model) && self.model.style == Style::Network;
        if top || verb == "read" || part_of_network {
            let owner = kind_of(parent);
            let name = parent.rsplit('/').next().unwrap_or("");
            return Err(Fault::resource_not_found(&format!("{owner}/{name}"), self.group()));
        }
        let message = format!("Failed to perform '{verb}' on resource(s) of type '{kinds}', because the parent resource '{parent}' could not be found.");
        Err(Fault::gateway(404, "ParentResourceNotFound", message))
    }

    fn stored(&self) -> Option<&Json> {
        match self.model.hold {
            Hold::Own => self.store.get(&self.id).map(|r| &r.body),
            Hold::Inline(_) | Hold::Flat(_) => self.store.body(&self.id),
        }
    }

    /// `If-Match` and `If-None-Match`, where the type has entity tags.
    fn preconditions(&self) -> Result<(), Fault> {
        if self.request.header("if-match").is_none() && self.request.header("if-none-match").is_none() {
            return Ok(());
        }
        // What a client was shown is what it may ask for.
        let shown = self.stored().and_then(|_| show(self.store, &self.id));
        let held = || self.store.get(&self.id).or_else(|| self.store.owner(&self.id).map(|(r, _)| r)).map(|r| r.etag.as_str());
        let tag = shown.as_ref().and_then(|body| text(body, "etag").or_else(|| text(body, "eTag")).or_else(held));
        check::preconditions(self.request, self.model, &self.id, tag)
    }
}

/// GET and HEAD of one resource.
pub fn read(call: &mut Call) -> Result<Response, Fault> {
    call.surroundings("read")?;
    let Some(body) = show(call.store, &call.id) else { return Err(call.not_found()) };
    let mut response = Response::json(200, body);
    if call.model.kind == "Microsoft.Compute/virtualMachines" {
        super::compute::machine::expand(call.store, &call.id, call.request, call.now, &mut response);
    }
    let tag_shown = call.model.etagged || (call.model.style == Style::Compute && call.request.query("$expand").is_none());
    if tag_shown && let Some(tag) = response.body.as_ref().and_then(|b| text(b, "etag")).map(str::to_owned) {
        response = response.with("etag", tag);
    }
    Ok(aks_content(call.model, response))
}

/// Managed cluster answers come without a charset.
fn aks_content(model: &Model, response: Response) -> Response {
    if model.style == Style::Aks || model.kind.starts_with("Microsoft.ContainerService/") {
        response.with("content-type", "application/json")
    } else {
        response
    }
}

/// GET of a collection: of a parent, a group, or the whole subscription.
pub fn list(store: &mut Store, request: &Request, place: &Place, model: &'static Model) -> Result<Response, Fault> {
    if let Some(group) = &place.group {
        let id = group_id(&place.scope).unwrap_or_default();
        if store.get(&id).is_none() {
            return Err(Fault::group_not_found(group));
        }
    }
    let owner = place.owner();
    if model.hold != Hold::Own {
        let parent = owner.id(store);
        return list_inline(store, request, model, &parent);
    }
    let scope = if owner.types.is_empty() { owner.scope.clone() } else { owner.id(store) };
    if !owner.types.is_empty() && !store.exists(&scope) {
        let kind = kind_of(&scope);
        let name = scope.rsplit('/').next().unwrap_or("");
        return Err(Fault::resource_not_found(&format!("{kind}/{name}"), place.group.as_deref().unwrap_or("")));
    }
    let prefix = format!("{scope}/").to_ascii_lowercase();
    let ids: Vec<String> = store
        .under(&scope)
        .filter(|r| r.kind.eq_ignore_ascii_case(model.kind))
        .filter(|r| super::quirks::listed_at(model, r, &prefix))
        .map(|r| r.id.clone())
        .collect();
    let items = ids.iter().filter_map(|id| show(store, id)).collect();
    super::paging::answer(request, items).map(|r| aks_content(model, r))
}

fn list_inline(store: &mut Store, request: &Request, model: &'static Model, parent: &str) -> Result<Response, Fault> {
    let Some(body) = show(store, parent) else {
        let kinds = model.kind.split_once('/').map_or("", |(_, k)| k);
        let message = format!("Failed to perform 'read' on resource(s) of type '{kinds}', because the parent resource '{parent}' could not be found.");
        return Err(Fault::gateway(404, "ParentResourceNotFound", message));
    };
    let items = match model.hold {
        Hold::Inline(array) => jsons::list(&body, &format!("properties.{array}")).to_vec(),
        Hold::Flat(array) => jsons::list(&body, &format!("properties.{array}")).iter().map(|e| lift(model, parent, e)).collect(),
        Hold::Own => Vec::new(),
    };
    super::paging::answer(request, items).map(|r| aks_content(model, r))
}

/// PUT of one resource.
pub fn write(call: &mut Call) -> Result<Response, Fault> {
    call.surroundings("write")?;
    let request = call.request.body.clone().unwrap_or(Json::Null);
    if !request.is_object() {
        let message = "The request content was invalid and could not be deserialized: the body is not a JSON object.";
        return Err(Fault::gateway(400, "InvalidRequestContent", message));
    }
    let old = call.stored().map(|b| if let Hold::Flat(_) = call.model.hold { lift(call.model, up(&call.id), b) } else { b.clone() });
    call.preconditions()?;
    check::location(call.model, &call.id, old.as_ref(), &request)?;
    check::members(call.model, &request, &call.api())?;
    conflict::busy(call.store, call.model, &call.id, "Put", call.request)?;
    super::locks::allow_write(call.store, &call.id)?;
    conflict::references(call.store, call.model, &call.id, &request)?;
    let api = call.api();
    let draft = Draft { id: &call.id, kind: call.model, request: &request, old: old.as_ref(), api: &api, now: call.now };
    let body = (call.model.build)(call.store, &draft)?;
    let quick = (call.model.quick)(old.as_ref(), &body);
    accept(call, body, old.is_some(), quick, &api)
}

/// PATCH: tags everywhere; other members merge where the model allows a PUT of the result.
pub fn patch(call: &mut Call) -> Result<Response, Fault> {
    call.surroundings("write")?;
    let Some(old) = call.stored().cloned() else { return Err(call.not_found()) };
    let change = call.request.body.clone().unwrap_or(json!({}));
    let mut merged = old.clone();
    merge(&mut merged, &change);
    if !call.model.tracked && at(&change, "properties").is_none() {
        return Err(Fault::gateway(405, "MethodNotAllowed", format!("PATCH is not supported for {}.", call.model.kind)));
    }
    call.preconditions()?;
    check::members(call.model, &change, &call.api())?;
    conflict::busy(call.store, call.model, &call.id, "Patch", call.request)?;
    super::locks::allow_write(call.store, &call.id)?;
    conflict::references(call.store, call.model, &call.id, &merged)?;
    let api = call.api();
    let draft = Draft { id: &call.id, kind: call.model, request: &merged, old: Some(&old), api: &api, now: call.now };
    let body = (call.model.build)(call.store, &draft)?;
    let quick = (call.model.quick)(Some(&old), &body);
    accept(call, body, true, quick, &api)
}

/// RFC 7396 merge; tags are replaced as a whole, as Resource Manager does.
fn merge(into: &mut Json, change: &Json) {
    let Json::Object(change) = change else { return };
    for (name, value) in change {
        match value {
            Json::Null => jsons::remove(into, name),
            Json::Object(_) if name != "tags" && at(into, name).is_some_and(Json::is_object) => {
                if let Some(inner) = jsons::at_mut(into, name) {
                    merge(inner, value);
                }
            }
            _ => set(into, name, value.clone()),
        }
    }
}

/// Stores an accepted write, begins its operation and answers.
fn accept(call: &mut Call, body: Json, existed: bool, quick: bool, api: &str) -> Result<Response, Fault> {
    let model = call.model;
    let timing = model.timing;
    let error = spoiled(call);
    let sync = model.style == Style::Sync;
    let done_at_once = if existed { quick || timing.update == 0 } else { timing.create == 0 };
    let instant = done_at_once && error.is_null();
    keep_body(call, body);
    (model.accepted)(call.store, &call.id, call.now);
    if sync {
        (model.finished)(call.store, &call.id, call.now);
        return Ok(answer_write(call, existed, None, false));
    }
    let duration = match (instant, existed) {
        (true, _) => 0,
        (false, true) => timing.update.max(1),
        (false, false) => timing.create.max(1),
    };
    let label = format!("Put{}Operation", model.label);
    let target = call.id.clone();
    let operation = begin(call.store, Begin { model, verb: Verb::Put, target: &target, duration, api, label, error }, call.now);
    if duration == 0 {
        operation::settle(call.store, call.now);
    } else {
        let state = super::quirks::first_state(call.store, model, &call.id, existed);
        if let Some(resource) = call.store.get_mut(&operation.holder) {
            resource.states.insert(operation.part.clone(), state);
        }
    }
    Ok(answer_write(call, existed, Some(&operation), duration > 0))
}

/// The error a fault injection gives to this write's operation.
fn spoiled(call: &mut Call) -> Json {
    let (seed, counter) = (call.store.seed.clone(), call.store.counter);
    call.store.script.spoil(call.request, &seed, counter).unwrap_or(Json::Null)
}

/// Stores a body. What a model put under `#hidden` is kept apart and never shown.
fn keep_body(call: &mut Call, mut body: Json) {
    let hidden = body.as_object_mut().and_then(|o| o.remove("#hidden"));
    let etag = call.store.etag();
    let now = call.now;
    match call.model.hold {
        Hold::Own => match call.store.get_mut(&call.id) {
            Some(resource) => {
                resource.body = body;
                resource.etag = etag;
                resource.changed = now;
                resource.hidden = hidden.unwrap_or_else(|| std::mem::take(&mut resource.hidden));
            }
            None => {
                let hidden = hidden.unwrap_or(Json::Null);
                let kind = call.model.kind.to_owned();
                let resource = Resource { id: call.id.clone(), kind, body, etag, states: BTreeMap::new(), hidden, created: now, changed: now };
                call.store.insert(resource);
            }
        },
        Hold::Inline(array) | Hold::Flat(array) => {
            let flat = matches!(call.model.hold, Hold::Flat(_));
            let element = if flat { lower(&body) } else { body };
            let Some(resource) = call.store.get_mut(up(&call.id)) else { return };
            resource.etag = etag;
            resource.changed = now;
            let name = text(&element, "name").unwrap_or("").to_owned();
            let Some(items) = list_mut(&mut resource.body, &format!("properties.{array}")) else { return };
            match items.iter_mut().find(|i| text(i, "name").is_some_and(|n| n.eq_ignore_ascii_case(&name))) {
                Some(slot) => *slot = element,
                None => items.push(element),
            }
        }
    }
}

fn answer_write(call: &mut Call, existed: bool, operation: Option<&Operation>, running: bool) -> Response {
    let body = show(call.store, &call.id).unwrap_or(Json::Null);
    let base = call.request.base();
    let status = super::quirks::status_of_write(call.model, existed);
    let mut response = Response::json(status, body);
    if let Some(relative) = super::quirks::location_of_sync(call.model, &call.id, existed) {
        response = response.with("location", relative);
    }
    let Some(operation) = operation else { return aks_content(call.model, response) };
    response = response.with("azure-asyncoperation", operation.status_url(&base));
    if call.model.style == Style::Compute
        && let Some(tag) = response.body.as_ref().and_then(|b| text(b, "etag")).map(str::to_owned)
    {
        response = response.with("etag", tag);
    }
    match call.model.style {
        Style::Network | Style::Compute => response = response.with("azure-asyncnotification", "Enabled"),
        Style::Disk | Style::Storage => {
            response.status = 202;
            response = response.with("location", operation.result_url(&base));
        }
        Style::PrivateDns => {
            response = response.with("location", operation.result_url(&base));
            response.status = 202;
            response.body = Some(json!({}));
        }
        Style::Workspace if existed => response = response.with("location", operation.result_url(&base)),
        Style::Workspace => response = response.with("location", format!("{base}{}?api-version={}", call.id, operation.api)),
        _ => {}
    }
    if call.model.style == Style::Storage {
        response.headers.remove("azure-asyncoperation");
        response.body = None;
    }
    if super::quirks::no_operation_shown(call.model, running) {
        response.headers.remove("azure-asyncoperation");
        response.headers.remove("azure-asyncnotification");
        return response;
    }
    let wait = if running { call.model.timing.wait } else { 0 };
    let hurried = running && call.store.settings.hurry > 1;
    if wait > 0 || hurried {
        response = ask_to_wait(call.store, response, wait);
    }
    aks_content(call.model, response)
}

/// DELETE of one resource.
pub fn delete(call: &mut Call) -> Result<Response, Fault> {
    call.surroundings("delete")?;
    let Some(_) = call.stored() else { return super::quirks::delete_absent(call.model, || call.not_found()) };
    call.preconditions()?;
    super::locks::allow_delete(call.store, &call.id)?;
    let model = call.model;
    let again = under_way(call.store, &call.id).find(|o| o.verb == Verb::Delete && o.target.eq_ignore_ascii_case(&call.id)).cloned();
    if let Some(operation) = again {
        return Ok(answer_delete(call, &operation));
    }
    conflict::busy(call.store, model, &call.id, "Delete", call.request)?;
    nested_remain(call)?;
    if let Some(fault) = (model.keep)(call.store, &call.id) {
        return Err(fault);
    }
    let api = call.api();
    if model.style == Style::Sync || (model.style == Style::Workspace) {
        let shown = show(call.store, &call.id);
        erase(call.store, model, &call.id.clone(), call.now);
        return Ok(super::quirks::answer_sync_delete(model, shown));
    }
    let error = spoiled(call);
    let target = call.id.clone();
    let label = format!("Delete{}Operation", model.label);
    let duration = model.timing.delete.max(1);
    let operation = begin(call.store, Begin { model, verb: Verb::Delete, target: &target, duration, api: &api, label, error }, call.now);
    if let Some(resource) = call.store.get_mut(&operation.holder) {
        resource.states.insert(operation.part.clone(), "Deleting".to_owned());
    }
    Ok(answer_delete(call, &operation))
}

fn answer_delete(call: &Call, operation: &Operation) -> Response {
    let base = call.request.base();
    let mut response = Response::empty(202).with("location", operation.result_url(&base));
    match call.model.style {
        Style::Group | Style::Storage => {}
        Style::Network | Style::Compute => {
            response = response.with("azure-asyncoperation", operation.status_url(&base)).with("azure-asyncnotification", "Enabled");
        }
        _ => response = response.with("azure-asyncoperation", operation.status_url(&base)),
    }
    let wait = call.model.timing.wait_delete;
    if wait > 0 || call.store.settings.hurry > 1 { ask_to_wait(call.store, response, wait) } else { response }
}

/// Resource Manager refuses to delete what still has nested resources that must be deleted by themselves.
fn nested_remain(call: &Call) -> Result<(), Fault> {
    if !super::quirks::blocks_on_nested(call.model) {
        return Ok(());
    }
    let nested: Vec<String> = call.store.under(&call.id).filter_map(|r| r.id.rsplit_once("/providers/").map(|(_, p)| format!("'{p}'"))).collect();
    if nested.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: {}. Please delete all nested resources before deleting this resource.",
        nested.join(", ")
    );
    Err(Fault::gateway(409, "CannotDeleteResource", message))
}

/// Removes a resource or an inline child, with everything below it.
pub fn erase(store: &mut Store, model: &'static Model, id: &str, now: Millis) {
    match model.hold {
        Hold::Own => {
            let below: Vec<String> = store.under(id).map(|r| r.id.clone()).collect();
            for inner in below.iter().rev() {
                let kind = store.get(inner).map(|r| r.kind.clone()).unwrap_or_default();
                if let (Some(resource), Some(model)) = (store.remove(inner), self::model(&kind)) {
                    (model.removed)(store, &resource.body, now);
                }
            }
            if let Some(resource) = store.remove(id) {
                (model.removed)(store, &resource.body, now);
            }
        }
        Hold::Inline(array) | Hold::Flat(array) => {
            let Some(name) = id.rsplit('/').next() else { return };
            let etag = store.etag();
            let Some(resource) = store.get_mut(up(id)) else { return };
            resource.etag = etag;
            let Some(items) = list_mut(&mut resource.body, &format!("properties.{array}")) else { return };
            let at = items.iter().position(|i| text(i, "name").is_some_and(|n| n.eq_ignore_ascii_case(name)));
            let element = at.map(|i| items.remove(i));
            if let Some(element) = element {
                (model.removed)(store, &element, now);
            }
        }
    }
}

/// The body of a resource or inline child as a GET shows it.
pub fn show(store: &Store, id: &str) -> Option<Json> {
    if let Some(resource) = store.get(id) {
        return Some(show_resource(store, resource));
    }
    let (resource, path) = store.owner(id)?;
    let shown = show_resource(store, resource);
    let child = find_child(&shown, &path)?;
    match model(&kind_of(id)) {
        Some(m) if matches!(m.hold, Hold::Flat(_)) => Some(lift(m, &resource.id, child)),
        _ => Some(child.clone()),
    }
}

fn show_resource(store: &Store, resource: &Resource) -> Json {
    let mut body = resource.body.clone();
    let Some(model) = model(&resource.kind) else { return body };
    if model.etagged {
        set(&mut body, "etag", resource.etag.as_str());
    }
    if model.stated {
        let own = resource.states.get("").map(String::as_str);
        let inner = if own.is_none() && model.style == Style::Network && resource.busy() { Some("Updating") } else { None };
        fill_state(&mut body, own.or(inner).unwrap_or("Succeeded"));
        paint_children(&mut body, model, resource, own);
    }
    (model.adorn)(store, &mut body, resource);
    super::quirks::drop_newer(&resource.kind, &store.api, &mut body);
    body
}

fn fill_state(body: &mut Json, state: &str) {
    set(body, "properties.provisioningState", state);
}

/// Gives every inline child its state and, with the Network provider, the entity tag of its holder.
fn paint_children(body: &mut Json, model: &Model, resource: &Resource, own: Option<&str>) {
    for (child, array) in inline_children(model.kind) {
        let Some(items) = jsons::at_mut(body, &format!("properties.{array}")).and_then(Json::as_array_mut) else { continue };
        let segment = child.kind.rsplit('/').next().unwrap_or("");
        for item in items {
            let name = text(item, "name").unwrap_or("");
            let part = format!("{segment}/{name}").to_ascii_lowercase();
            let state = resource.states.get(&part).map(String::as_str).or(own).unwrap_or("Succeeded");
            if matches!(child.hold, Hold::Flat(_)) {
                set(item, "provisioningState", state);
            } else {
                fill_state(item, state);
                if child.etagged {
                    set(item, "etag", resource.etag.as_str());
                    stamp_inner(item, &resource.etag);
                }
            }
        }
    }
}

/// Parts of an inline child that are not resources of their own (a subnet's delegations) share tag and are always settled.
fn stamp_inner(item: &mut Json, etag: &str) {
    let Some(properties) = jsons::at_mut(item, "properties").and_then(Json::as_object_mut) else { return };
    for value in properties.values_mut() {
        for part in value.as_array_mut().into_iter().flatten() {
            if at(part, "id").is_some() && at(part, "name").is_some() && at(part, "properties").is_some() {
                set(part, "etag", etag);
                fill(part, "properties.provisioningState", "Succeeded");
            }
        }
    }
}

/// A flat element as the child resource shows it.
pub fn lift(model: &Model, parent: &str, element: &Json) -> Json {
    let name = text(element, "name").unwrap_or("");
    let segment = model.kind.rsplit('/').next().unwrap_or("");
    let mut properties = element.clone();
    jsons::remove(&mut properties, "name");
    // A pool by itself does not show empty maps that the cluster's list shows.
    for member in ["nodeLabels", "tags"] {
        if at(&properties, member).and_then(Json::as_object).is_some_and(serde_json::Map::is_empty) {
            jsons::remove(&mut properties, member);
        }
    }
    json!({ "id": format!("{parent}/{segment}/{name}"), "name": name, "type": model.shown, "properties": properties })
}

/// The inverse of [`lift`].
pub fn lower(body: &Json) -> Json {
    let mut element = at(body, "properties").cloned().unwrap_or(json!({}));
    set(&mut element, "name", text(body, "name").unwrap_or(""));
    element
}

/// POST of an action on a resource.
pub fn act(call: &mut Call, action: &str) -> Result<Response, Fault> {
    call.surroundings("action")?;
    if call.stored().is_none() {
        return Err(call.not_found());
    }
    let answer = (call.model.action)(call.store, &call.id, action, call.request, call.now);
    answer.unwrap_or_else(|| Err(Fault::unmodelled(format!("the action '{action}' of {}", call.model.kind))))
}
