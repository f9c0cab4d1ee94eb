//! Microsoft.MarketplaceOrdering: the terms of a marketplace image, accepted once per subscription and plan.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::{Millis, Request, Response},
    jsons::{flag, set, text},
    moment,
    place::Place,
    store::{Resource, Store, derive},
};

const KIND: &str = "Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements";

/// Publisher, offer and plan.
struct Plan<'a>(&'a str, &'a str, &'a str);

/// Answers both spellings of an agreement: `offerTypes/…/agreements/current` and `agreements/…/plans/…[/sign|/cancel]`.
pub fn special(store: &mut Store, request: &Request, place: &Place, now: Millis) -> Option<Result<Response, Fault>> {
    if !place.namespace.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("Microsoft.MarketplaceOrdering")) {
        return None;
    }
    let subscription = place.subscription.clone()?;
    let lower = place.lower();
    let kinds: Vec<&str> = lower.iter().skip(4).map(String::as_str).collect();
    let spelled: Vec<&str> = place.segments.iter().skip(4).map(String::as_str).collect();
    let plan = match (kinds.as_slice(), spelled.as_slice()) {
        (["offertypes", _, "publishers", _, "offers", _, "plans", _, "agreements", "current"], [_, _, _, p, _, o, _, n, ..]) => Plan(p, o, n),
        (["agreements", _, "offers", _, "plans", _, ..], [_, p, _, o, _, n, ..]) => Plan(p, o, n),
        _ => return Some(Err(Fault::unmodelled(format!("'{}'", request.path)))),
    };
    let accepted = match (request.method.as_str(), kinds.last().copied()) {
        ("GET", _) => return Some(Ok(Response::json(200, show(store, &subscription, &plan, now)))),
        ("PUT", Some("current")) => request.body.as_ref().is_some_and(|b| flag(b, "properties.accepted")),
        ("POST", Some("sign")) => true,
        ("POST", Some("cancel")) => false,
        (method, _) => return Some(Err(Fault::unmodelled(format!("{method} of '{}'", request.path)))),
    };
    if let Some(body) = request.body.as_ref()
        && request.method == "PUT"
        && ![("publisher", plan.0), ("product", plan.1), ("plan", plan.2)]
            .iter()
            .all(|(m, v)| text(body, &format!("properties.{m}")).is_some_and(|t| t.eq_ignore_ascii_case(v)))
    {
        return Some(Err(Fault::service(400, "BadRequest", "The agreement's publisher, product and plan must be those of its address.")));
    }
    keep(store, &subscription, &plan, accepted, now);
    Some(Ok(Response::json(200, show(store, &subscription, &plan, now))))
}

fn id(subscription: &str, plan: &Plan) -> String {
    let Plan(publisher, offer, name) = plan;
    format!(
        "/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/VirtualMachine/publishers/{publisher}/offers/{offer}/plans/{name}/agreements/current"
    )
}

fn keep(store: &mut Store, subscription: &str, plan: &Plan, accepted: bool, now: Millis) {
    let id = id(subscription, plan);
    let mut body = terms(store, &id, plan, now);
    set(&mut body, "properties.accepted", accepted);
    let etag = store.etag();
    store.insert(Resource { id, kind: KIND.to_owned(), body, etag, states: BTreeMap::new(), hidden: Json::Null, created: now, changed: now });
}

fn show(store: &Store, subscription: &str, plan: &Plan, now: Millis) -> Json {
    let id = id(subscription, plan);
    store.get(&id).map_or_else(|| terms(store, &id, plan, now), |r| r.body.clone())
}

/// The terms of a plan, not accepted.
fn terms(store: &Store, id: &str, plan: &Plan, now: Millis) -> Json {
    let Plan(publisher, offer, name) = plan;
    let word = derive(&store.seed, id).replace('-', "").to_ascii_uppercase();
    let by = json!({
        "createdBy": super::OBJECT, "createdByType": "ManagedIdentity", "createdAt": moment::rfc3339(now),
        "lastModifiedBy": super::OBJECT, "lastModifiedByType": "ManagedIdentity", "lastModifiedAt": moment::rfc3339(now)
    });
    json!({
        "id": id, "name": name, "type": "Microsoft.MarketplaceOrdering/offertypes",
        "properties": {
            "publisher": publisher, "product": offer, "plan": name,
            "licenseTextLink": format!("https://storeordersprodsn.blob.core.windows.net/legalterms/{word}.txt"),
            "privacyPolicyLink": format!("https://www.{publisher}.com/privacy"),
            "marketplaceTermsLink": format!("https://storeordersprodsn.blob.core.windows.net/marketplaceterms/{word}.txt"),
            "retrieveDatetime": moment::rfc3339(now), "signature": word, "accepted": false
        },
        "systemData": by
    })
}

/// Whether the terms of a plan were accepted in a subscription.
pub fn accepted(store: &Store, subscription: &str, publisher: &str, offer: &str, name: &str) -> bool {
    store.get(&id(subscription, &Plan(publisher, offer, name))).is_some_and(|r| flag(&r.body, "properties.accepted"))
}
