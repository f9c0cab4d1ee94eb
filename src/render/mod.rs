//! Words, JSON and pictures from a plan.
