//! Plans: blueprint, state and a simulated Azure in; changes, steps and their order out.

mod blocks;
pub mod order;
mod replace;
pub mod world;
