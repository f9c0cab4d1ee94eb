//! The Azure simulator: a subscription in memory that answers as Resource Manager, Entra and the resource providers do.
//!
//! [`handle::handle`] is the whole of it: store, request and moment in, answer out. Around it stand two fronts: the
//! in-process transport ([`Simulator`]) and the HTTPS server ([`serve`]). What it does not model it refuses with the
//! code `NotModelledBySimulator`; it never answers success to something it did not understand.
//!
//! Reading order: `http`, `place`, `model`, `engine`, `operation`, then the families.

pub mod aks;
pub mod authorization;
pub mod check;
pub mod compute;
pub mod conflict;
pub mod edit;
pub mod engine;
pub mod fault;
pub mod front;
pub mod groups;
pub mod handle;
pub mod http;
pub mod identities;
pub mod identity;
pub mod insights;
pub mod jsons;
pub mod locks;
pub mod marketplace;
pub mod model;
pub mod moment;
pub mod network;
pub mod operation;
pub mod paging;
pub mod place;
pub mod quirks;
pub mod refs;
pub mod script;
pub mod serve;
pub mod simulator;
pub mod storage;
pub mod store;
pub mod store_file;
pub mod tenant;
pub mod throttle;

pub use handle::handle;
pub use http::{Millis, Request, Response};
pub use serve::serve;
pub use simulator::{SimError, Simulator};
pub use store::{Settings, Store};

use fault::Fault;
use model::Model;
use place::Place;

/// The simulated subscription, unless a path names another.
pub const SUBSCRIPTION: &str = "11111111-1111-4111-8111-111111111111";
/// The simulated tenant.
pub const TENANT: &str = "22222222-2222-4222-8222-222222222222";
/// The application that in-process clients sign in as.
pub const CLIENT: &str = "33333333-3333-4333-8333-333333333333";
/// Its object in the directory.
pub const OBJECT: &str = "44444444-4444-4444-8444-444444444444";

/// Every resource type the simulator models.
pub const FAMILIES: &[&[Model]] = &[
    groups::MODELS,
    network::MODELS,
    network::networks::MODELS,
    network::subnets::MODELS,
    network::rules::MODELS,
    network::public::MODELS,
    network::balancer::MODELS,
    network::interface::MODELS,
    network::private_dns::MODELS,
    network::private_endpoint::MODELS,
    identity::MODELS,
    authorization::MODELS,
    insights::MODELS,
    compute::MODELS,
    compute::machine::MODELS,
    compute::disks::MODELS,
    storage::MODELS,
    aks::cluster::MODELS,
];

/// Paths of providers that are not plain resources; `None` when the path is a plain one.
fn special(store: &mut Store, request: &Request, place: &Place, now: Millis) -> Option<Result<Response, Fault>> {
    network::special(store, request, place)
        .or_else(|| compute::special(store, request, place))
        .or_else(|| aks::special(store, request, place))
        .or_else(|| authorization::special(store, request, place))
        .or_else(|| insights::special(store, request, place))
        .or_else(|| marketplace::special(store, request, place, now))
}
