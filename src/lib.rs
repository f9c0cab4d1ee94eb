//! Ravelin plans, proves and applies Azure landing zones that run AKS behind Fortinet.
//!
//! The pipeline, and the rooms in reading order:
//!
//! ```text
//! text → syntax → Blueprint → Desired → (live Inventory, prior State) → Plan → [network, guard findings] → Events → State
//! ```

pub mod apply;
pub mod azure;
pub mod base;
pub mod cli;
pub mod graph;
pub mod guard;
pub mod lang;
pub mod network;
pub mod plan;
pub mod render;
pub mod schema;
pub mod sim;
pub mod state;
