//! The ARM client: credentials, requests, paging, polling, retry, budget, bulk reads.
//!
//! Everything goes through `azure_core`'s pipeline down to one `HttpClient`, which is the real network ([`http`]) or the
//! simulator. [`connect`] makes an [`Arm`] from [`Settings`]; `operation` and `retry` hold what is known about ARM's
//! behaviour as pure decisions; `write` and `bulk` loop over them. All waiting goes by tokio's clock.

mod blob;
mod bulk;
mod client;
mod cloud;
mod connect;
mod credential;
pub mod env;
mod error;
mod identity;
mod nowhere;
mod operation;
mod pipeline;
mod retry;
mod scopes;
mod settings;
mod traffic;
mod transport;
mod wire;
mod write;

/// JSON as ARM speaks it.
pub type Json = serde_json::Value;

pub use azure_core::http::HttpClient;
pub use blob::read_blob;
pub use bulk::{Inventory, Live, Want};
pub use client::Arm;
pub use cloud::{Cloud, from_metadata, metadata_url};
pub use connect::{FixedToken, connect, connect_with, find_cloud, with_token};
pub use error::{ArmError, Detail, ErrorKind, Fault};
pub use identity::{Identity, claims};
pub use nowhere::nowhere;
pub use settings::{Settings, settings};
pub use traffic::Requests;
pub use transport::http;
pub use wire::{Availability, EffectiveRoute, Outbound, SubnetUsage, Upgrades, lost};
pub use write::{Progress, Write};
