//! The network model of plans: a blueprint in, the model as text out; with what lives in Azure around it.

mod around;
mod live;
mod plans;
pub mod words;
