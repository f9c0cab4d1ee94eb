//! Ravelin plans, proves and applies Azure landing zones that run AKS behind Fortinet.
//!
//! A blueprint is Terraform's language with azurerm's resource types. It flows through the rooms below, top to bottom:
//!
//! ```text
//! text → syntax → Blueprint → Desired → (live Inventory, prior State) → Plan → [network, guard findings] → Events → State
//! ```
//!
//! Each stage is a function from plain data to new plain data and changes no earlier one; `cli::planning` and `cli::apply`
//! read like that line. A room uses only the rooms that ARCHITECTURE.md gives it (a test holds it to that), and effects
//! live in files whose header says "edge".

// What everyone speaks in: text and spans, diagnostics, addresses, ARM ids, values, types, shapes, prefixes.
pub mod base;

// Text becomes a blueprint, and a blueprint's expressions become values.
pub mod lang;

// Resource types are data: what attributes there are, and where each stands in an ARM body.
pub mod schema;

// What the small providers compute that have no platform behind them.
pub mod builtin;

// What comes before what.
pub mod graph;

// What is believed to exist, as the fold of what happened; kept where a crash cannot lose it.
pub mod state;

// Desired against prior and live: what will be done, in which order, and why.
pub mod plan;

// Whether the addresses suffice: arithmetic over a plain model.
pub mod network;

// What speaks against a plan.
pub mod guard;

// The way to Azure…
pub mod azure;

// …and an Azure to rehearse with.
pub mod sim;

// A plan carried out, step by step.
pub mod apply;

// All of it told, in words and in JSON.
pub mod render;

// The commands.
pub mod cli;
