//! The one test binary: a module per room, text in, text out.

// The fence around effects is for what ships.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

mod agree;
mod agreement;
mod apply;
mod azure;
mod base;
mod builtin;
mod cli;
mod graph;
mod guard;
mod lang;
mod network;
mod plan;
mod readme;
mod render;
mod schema;
mod sim;
mod state;
mod tidy;
mod truth;
