//! Applies: the schedule, and what survives crashes, failures and interruptions.

mod again;
mod crash;
mod failure;
mod local;
mod schedule;
