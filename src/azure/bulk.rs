//! Reading many resources in few requests: which lists and which GETs answer a set of wishes, then the reading itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::{StreamExt, stream};
use serde_json::{Value as Json, json};

use super::{
    client::{Arm, is_absent},
    error::{ArmError, ErrorKind},
    scopes::{self, Inline, Listing},
};
use crate::base::ResourceId;

/// A resource to be read, and the api-version its body is wanted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    pub id: ResourceId,
    pub api: String,
}

/// What was found under an id.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    pub api: String,
    /// The resource, or `None` when it does not exist.
    pub body: Option<Json>,
}

/// Live state by id. Ids compare without case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    pub found: BTreeMap<ResourceId, Live>,
}

impl Inventory {
    /// What is known of an id: `None` when it was not asked for, `Some(None)` when it does not exist.
    pub fn get(&self, id: &ResourceId) -> Option<Option<&Json>> {
        self.found.get(id).map(|live| live.body.as_ref())
    }
}

/// How many reads are under way at once.
const AT_ONCE: usize = 16;
/// A subscription's list drags in strangers and may run over several pages: it is taken when it replaces more than this many requests.
const SUBSCRIPTION_COST: usize = 2;

/// One request (or one paged list) of a bulk read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fetch {
    Get {
        id: ResourceId,
        api: String,
    },
    /// `path` is the collection; `covers` are the resources it is read for.
    List {
        path: String,
        api: String,
        covers: Vec<ResourceId>,
    },
}

/// A resource that is read itself, for its own sake or for the children in its body.
#[derive(Debug, Default)]
struct Root {
    wanted: bool,
    inside: BTreeSet<ResourceId>,
}

/// Everything of one api-version, with where each wish is answered.
struct Wishes {
    roots: BTreeMap<(String, ResourceId), Root>,
}

impl Wishes {
    fn of(wants: &[Want]) -> Wishes {
        let mut roots: BTreeMap<(String, ResourceId), Root> = BTreeMap::new();
        for want in wants {
            let held = want.id.kind().is_some_and(|k| scopes::holder(&k).is_some());
            match want.id.parent().filter(|_| held) {
                Some(parent) => {
                    roots.entry((want.api.clone(), parent)).or_default().inside.insert(want.id.clone());
                }
                None => roots.entry((want.api.clone(), want.id.clone())).or_default().wanted = true,
            }
        }
        Wishes { roots }
    }
}

/// The cheapest set of requests for the wishes, as far as counts tell.
///
/// Per type and api-version: a GET for each resource, one list per resource group (or parent), or one list for the
/// subscription. Equal cost goes to the narrower reading.
pub(super) fn fetches(wants: &[Want]) -> Vec<Fetch> {
    let wishes = Wishes::of(wants);
    let mut families: BTreeMap<(String, String, String), Vec<&ResourceId>> = BTreeMap::new();
    for (api, id) in wishes.roots.keys() {
        let kind = id.kind().unwrap_or_default().to_ascii_lowercase();
        let subscription = id.subscription().unwrap_or_default().to_ascii_lowercase();
        families.entry((subscription, kind, api.clone())).or_default().push(id);
    }
    let mut out = Vec::new();
    for ((_, kind, api), ids) in families {
        match scopes::listing(&kind) {
            Some(listing) => out.extend(family(listing, &api, &ids)),
            None => out.extend(ids.iter().map(|id| Fetch::Get { id: (*id).clone(), api: api.clone() })),
        }
    }
    // A resource read only for one child inside it is better answered by that child.
    for fetch in &mut out {
        if let Fetch::Get { id, api } = fetch
            && let Some(root) = wishes.roots.get(&(api.clone(), id.clone()))
            && !root.wanted
            && root.inside.len() == 1
            && let Some(child) = root.inside.first()
        {
            *id = child.clone();
        }
    }
    out
}

/// The reading of one type under one subscription.
fn family(listing: &Listing, api: &str, ids: &[&ResourceId]) -> Vec<Fetch> {
    let by_subscription = subscription_list(listing, api, ids);
    let narrow = narrow(listing, api, ids);
    match by_subscription {
        Some(list) if narrow.len() > SUBSCRIPTION_COST => vec![list],
        _ => narrow,
    }
}

/// Lists per group or parent where two or more share one, GETs for the rest.
fn narrow(listing: &Listing, api: &str, ids: &[&ResourceId]) -> Vec<Fetch> {
    // Spellings of one group meet in lower case; the first of them is the one asked for.
    let mut by_place: BTreeMap<Option<String>, (Option<String>, Vec<ResourceId>)> = BTreeMap::new();
    for id in ids {
        let place = place(listing, id);
        let entry = by_place.entry(place.as_ref().map(|p| p.to_ascii_lowercase())).or_insert_with(|| (place, Vec::new()));
        entry.1.push((*id).clone());
    }
    let mut out = Vec::new();
    for (place, members) in by_place.into_values() {
        match place {
            Some(path) if members.len() > 1 => out.push(Fetch::List { path, api: api.to_owned(), covers: members }),
            _ => out.extend(members.into_iter().map(|id| Fetch::Get { id, api: api.to_owned() })),
        }
    }
    out
}

/// The narrowest collection an id is listed in.
fn place(listing: &Listing, id: &ResourceId) -> Option<String> {
    if listing.parent {
        let kind = listing.kind.rsplit('/').next()?;
        return Some(format!("{}/{kind}", id.parent()?));
    }
    if !listing.group {
        return None;
    }
    let scope = ResourceId::group_scope(id.subscription()?, id.group()?);
    Some(format!("{scope}/providers/{}", listing.kind))
}

fn subscription_list(listing: &Listing, api: &str, ids: &[&ResourceId]) -> Option<Fetch> {
    if !listing.subscription {
        return None;
    }
    let subscription = ids.first()?.subscription()?;
    let path = match listing.kind {
        "Microsoft.Resources/resourceGroups" => format!("/subscriptions/{subscription}/resourcegroups"),
        kind => format!("/subscriptions/{subscription}/providers/{kind}"),
    };
    Some(Fetch::List { path, api: api.to_owned(), covers: ids.iter().map(|id| (*id).clone()).collect() })
}

/// The next narrower reading of a list that was refused: the groups of a subscription, then the resources themselves.
fn narrower(path: &str, api: &str, covers: &[ResourceId]) -> Vec<Fetch> {
    let ids: Vec<&ResourceId> = covers.iter().collect();
    let kind = covers.first().and_then(ResourceId::kind).unwrap_or_default();
    if let Some(listing) = scopes::listing(&kind)
        && !path.to_ascii_lowercase().contains("/resourcegroups/")
    {
        return narrow(listing, api, &ids);
    }
    covers.iter().map(|id| Fetch::Get { id: id.clone(), api: api.to_owned() }).collect()
}

/// Bodies read so far; `None` for what was looked for and is not there.
type Bodies = HashMap<(String, ResourceId), Option<Json>>;

impl Arm {
    /// Reads many resources in as few requests as their number, types and places allow.
    /// Errors: the first refusal that no narrower reading gets around.
    pub async fn read_all(&self, wants: &[Want]) -> Result<Inventory, ArmError> {
        let mut todo = fetches(wants);
        let mut bodies = Bodies::new();
        while !todo.is_empty() {
            // `buffered` keeps the order, so that the first of several errors is always the same one.
            let mut done = stream::iter(std::mem::take(&mut todo).into_iter().map(|fetch| self.fetch(fetch))).buffered(AT_ONCE);
            let mut again = Vec::new();
            while let Some(outcome) = done.next().await {
                match outcome? {
                    Fetched::Bodies(api, found) => bodies.extend(found.into_iter().map(|(id, body)| ((api.clone(), id), body))),
                    Fetched::Narrower(fetches) => again.extend(fetches),
                }
            }
            drop(done);
            todo = again;
        }
        Ok(collect(wants, bodies))
    }

    async fn fetch(&self, fetch: Fetch) -> Result<Fetched, ArmError> {
        let (path, api, covers) = match fetch {
            Fetch::Get { id, api } => {
                let body = self.get(&id, &api).await?;
                return Ok(Fetched::Bodies(api, vec![(id, body)]));
            }
            Fetch::List { path, api, covers } => (path, api, covers),
        };
        match self.list(&format!("{path}?api-version={api}")).await {
            Ok(items) => {
                let mut by_id: HashMap<ResourceId, Json> = items.into_iter().filter_map(|item| Some((item_id(&item)?, item))).collect();
                let found = covers.into_iter().map(|id| (by_id.remove(&id), id)).map(|(body, id)| (id, body)).collect();
                Ok(Fetched::Bodies(api, found))
            }
            // The group (or parent) does not exist, so nothing in it does.
            Err(error) if is_absent(&error) => Ok(Fetched::Bodies(api, covers.into_iter().map(|id| (id, None)).collect())),
            // Not allowed to list there, or the type is not listed there after all: read more narrowly.
            Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::Invalid | ErrorKind::NotFound) => {
                Ok(Fetched::Narrower(narrower(&path, &api, &covers)))
            }
            Err(error) => Err(error),
        }
    }
}

enum Fetched {
    Bodies(String, Vec<(ResourceId, Option<Json>)>),
    Narrower(Vec<Fetch>),
}

fn item_id(item: &Json) -> Option<ResourceId> {
    ResourceId::parse(item.get("id")?.as_str()?)
}

/// Picks each wish out of what was read: its own body, or its place inside its parent's.
fn collect(wants: &[Want], bodies: Bodies) -> Inventory {
    let mut inside: HashMap<(String, ResourceId), HashMap<ResourceId, Json>> = HashMap::new();
    let mut found = BTreeMap::new();
    for want in wants {
        let key = (want.api.clone(), want.id.clone());
        let body = match bodies.get(&key) {
            Some(body) => body.clone(),
            None => {
                let holder = want.id.kind().and_then(|k| scopes::holder(&k));
                let (Some(holder), Some(parent)) = (holder, want.id.parent()) else { continue };
                let Some(body) = bodies.get(&(want.api.clone(), parent.clone())) else { continue };
                // Children are indexed once per parent and field: a VNet can hold thousands.
                let index = inside
                    .entry((holder.field.to_owned() + &want.api, parent.clone()))
                    .or_insert_with(|| body.as_ref().map(|b| children(b, &parent, holder)).unwrap_or_default());
                index.get(&want.id).cloned()
            }
        };
        found.insert(want.id.clone(), Live { api: want.api.clone(), body });
    }
    Inventory { found }
}

/// The children inside a parent's body, each as its own GET would answer it.
fn children(body: &Json, parent: &ResourceId, holder: &Inline) -> HashMap<ResourceId, Json> {
    let items = body.pointer(&format!("/properties/{}", holder.field)).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let resource = |item: &Json| {
        if !holder.flat {
            return Some((item_id(item)?, item.clone()));
        }
        let mut properties = item.as_object()?.clone();
        let name = properties.remove("name")?.as_str()?.to_owned();
        let id = parent.child(holder.kind, &name);
        let kind = id.kind().unwrap_or_default();
        let body = json!({ "id": id.as_str(), "name": name, "type": kind, "properties": properties });
        Some((id, body))
    };
    items.iter().filter_map(resource).collect()
}
