//! Applies: the schedule, and what survives crashes, failures and interruptions.

mod crash;
mod failure;
mod schedule;
