//! Plans: blueprint, state and a simulated Azure in; changes, steps and their order out.

mod order;
pub mod world;
