//! Desired + prior + live → Plan: pure data that says what will be done, in which order, and why.

pub mod data;

pub use data::*;
