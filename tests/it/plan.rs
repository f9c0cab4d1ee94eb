//! Plans: blueprint, state and a simulated Azure in; changes, steps and their order out.

mod blocks;
pub mod order;
pub mod outside;
mod replace;
pub mod world;
