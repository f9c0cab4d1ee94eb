//! Microsoft.ContainerService: managed clusters, node pools, maintenance windows.

pub mod actions;
pub mod cluster;
pub mod immutable;
pub mod nodes;
pub mod platform;
pub mod pools;
pub mod room;
pub mod subnets;
pub mod validate;
pub mod versions;

pub use actions::special;
pub use nodes::{is_given, node_addresses, node_configs};

use super::{jsons::text, store::Store};

/// The state an update puts a cluster or pool in: a change of size makes it `Scaling`, a change of version `Upgrading`.
pub fn state_of_update(store: &Store, id: &str) -> String {
    let hidden = store.get(id).or_else(|| store.owner(id).map(|(r, _)| r)).map(|r| &r.hidden);
    hidden.and_then(|h| text(h, "next_state")).unwrap_or("Updating").to_owned()
}
