//! Findings over a plan: one file per rule family.
