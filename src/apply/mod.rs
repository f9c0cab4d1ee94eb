//! Carries out a plan: a pure scheduler and the async loop that drives it.
