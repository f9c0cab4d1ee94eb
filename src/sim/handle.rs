//! The handler: request in, answer out. It looks at the clock only through its argument.

use super::{
    engine::{self, Call},
    fault::Fault,
    front,
    http::{Millis, Request, Response},
    model::{model, namespace},
    operation,
    place::Place,
    store::Store,
    tenant,
};

/// Answers one request at one moment. Pure: the same store, request and moment give the same answer and the same store.
pub fn handle(store: &mut Store, request: &Request, now: Millis) -> Response {
    let now = now.max(store.clock);
    store.clock = now;
    operation::settle(store, now);
    store.counter += 1;
    let (seed, counter) = (store.seed.clone(), store.counter);
    if let Some(response) = store.script.refuse(request, &seed, counter) {
        return stamp(store, request, response);
    }
    if let Some(response) = front::answer(store, request, now) {
        return response;
    }
    if let Err(refused) = front::admit(request, &store.settings) {
        return refused;
    }
    store.api = request.query("api-version").unwrap_or("").to_owned();
    if let Some(fault) = store.throttle(request, now) {
        return stamp(store, request, fault.into());
    }
    let response = route(store, request, now).unwrap_or_else(Response::from);
    stamp(store, request, response)
}

/// Headers that Resource Manager adds to every answer.
fn stamp(store: &mut Store, request: &Request, mut response: Response) -> Response {
    let guid = store.guid();
    for (name, value) in [("x-ms-request-id", guid.as_str()), ("x-ms-correlation-request-id", guid.as_str()), ("cache-control", "no-cache")] {
        response.headers.insert(name.to_owned(), value.to_owned());
    }
    if let Some(id) = request.header("x-ms-client-request-id") {
        response.headers.insert("x-ms-client-request-id".to_owned(), id.to_owned());
    }
    if response.status < 400 {
        let (name, left) = match request.method.as_str() {
            "GET" | "HEAD" => ("x-ms-ratelimit-remaining-subscription-global-reads", "16499"),
            "DELETE" => ("x-ms-ratelimit-remaining-subscription-global-deletes", "11999"),
            _ => ("x-ms-ratelimit-remaining-subscription-global-writes", "11999"),
        };
        response.headers.insert(name.to_owned(), left.to_owned());
    }
    if request.method == "HEAD" {
        response.body = None;
        response.headers.remove("content-type");
    }
    response
}

fn route(store: &mut Store, request: &Request, now: Millis) -> Result<Response, Fault> {
    let place = Place::of(&request.path);
    if let Some(subscription) = &place.subscription
        && uuid::Uuid::parse_str(subscription).is_err()
    {
        return Err(Fault::gateway(400, "InvalidSubscriptionId", format!("The provided subscription identifier '{subscription}' is malformed or invalid.")));
    }
    if is_poll(&place) {
        return operation::poll(store, request, &place, now);
    }
    if request.query("api-version").is_none_or(str::is_empty) && place.segments.len() > 1 {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(Fault::gateway(400, "MissingApiVersionParameter", message));
    }
    if let Some(answer) = tenant::answer(store, request, &place, now) {
        return answer;
    }
    let Some(namespace) = &place.namespace else {
        return Err(Fault::gateway(404, "NotFound", format!("No HTTP resource was found that matches the request URI '{}'.", request.path)));
    };
    if self::namespace(namespace).is_none() {
        return Err(Fault::unmodelled(format!("the resource provider '{namespace}'")));
    }
    typed(store, request, place, now)
}

/// A poll of an operation: `…/operations/{guid}` and its relatives.
fn is_poll(place: &Place) -> bool {
    let kind = place.segments.iter().rev().nth(1).map(|s| s.to_ascii_lowercase()).unwrap_or_default();
    let polled = [
        "operations",
        "operationresults",
        "operationstatuses",
        "diskoperations",
        "asyncoperations",
        "privatednsoperationstatuses",
        "privatednsoperationresults",
    ];
    polled.contains(&kind.as_str()) && place.segments.len() > 3
}

/// A request on a resource, a collection or an action.
fn typed(store: &mut Store, request: &Request, place: Place, now: Millis) -> Result<Response, Fault> {
    if let Some(answer) = super::special(store, request, &place, now) {
        return answer;
    }
    if place.is_resource() {
        let Some(model) = model(&place.kind()) else { return Err(unknown_type(&place)) };
        let id = place.id(store);
        let mut call = Call { store, request, now, model, id, place };
        return match request.method.as_str() {
            "GET" | "HEAD" => engine::read(&mut call),
            "PUT" => engine::write(&mut call),
            "PATCH" => engine::patch(&mut call),
            "DELETE" => engine::delete(&mut call),
            other => Err(not_allowed(other, &call.id)),
        };
    }
    if request.method == "GET"
        && let Some(model) = model(&place.kind())
    {
        return engine::list(store, request, &place, model);
    }
    // What is left is an action: the last segment, on the resource before it.
    let action = place.types.last().cloned().unwrap_or_default();
    let owner = place.owner();
    let Some(model) = model(&owner.kind()).filter(|_| owner.is_resource()) else { return Err(unknown_type(&place)) };
    let id = owner.id(store);
    let mut call = Call { store, request, now, model, id, place: owner };
    engine::act(&mut call, &action)
}

fn unknown_type(place: &Place) -> Fault {
    Fault::unmodelled(format!("the resource type '{}'", place.kind()))
}

fn not_allowed(method: &str, id: &str) -> Fault {
    Fault::gateway(405, "HttpMethodNotSupported", format!("The HTTP method '{method}' is not supported at scope '{id}'."))
}
