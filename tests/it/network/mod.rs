//! Tests of the `network` room: a model as text in, the report as text out; every figure of Azure's pages; laws.

mod allocate;
mod capacity;
mod laws;
mod overlap;
mod running;
mod settings;
mod special;
pub mod text;
mod vectors;
mod verdicts;
