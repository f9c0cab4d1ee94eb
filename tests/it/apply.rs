//! Applies: what survives crashes, failures and interruptions.

mod crash;
