//! Carries out a plan: a pure scheduler ([`run`]) and the async loop that drives it ([`drive`]).
//!
//! Apply obeys: it never compares desired with live. Each step ([`step`]) evaluates what only now became known, asserts that
//! everything the plan knew comes out equal, writes the intent down, sends the request, and writes the outcome down.

pub mod desired;
pub mod drive;
mod ephemeral;
mod local;
mod provision;
pub mod run;
pub mod shell;
pub mod step;
mod write;

pub use drive::{Applied, Notice, Settings, drive};
pub use run::{Progress, Run};
