//! Words and JSON: held against what Terraform 1.11 said of the same plans and states, and in small examples.

#[path = "render/addresses.rs"]
mod addresses;
#[path = "render/config.rs"]
mod config;
#[path = "render/diagnostics.rs"]
mod diagnostics;
#[path = "render/events.rs"]
mod events;
#[path = "render/maps.rs"]
mod maps;
#[path = "render/plans.rs"]
mod plans;
#[path = "render/recorded.rs"]
mod recorded;
#[path = "render/sarif.rs"]
mod sarif;
#[path = "render/states.rs"]
mod states;
