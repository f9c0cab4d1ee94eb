//! What Ravelin believes exists: events, state as their fold, the v4 file format, and where it is kept.
//!
//! [`model`] holds the nouns, [`event`] what may happen to them, [`v4`] Terraform's file format, [`store`] the
//! backends and the journal. Only `store` touches files; everything else is a function of its arguments.

pub mod event;
mod gojson;
pub mod model;
mod object;
mod paths;
pub mod store;
pub mod v4;

pub use event::{Action, Entry, Event, Intent, Outcome, fold, pending, replay};
pub use model::{Instance, Mark, OutputValue, State};
pub use v4::StateError;
