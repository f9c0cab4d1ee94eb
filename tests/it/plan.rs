//! Plans: blueprint, state and a simulated Azure in; changes, steps and their order out.

pub mod order;
pub mod world;
