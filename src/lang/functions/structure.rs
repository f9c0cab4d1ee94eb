//! Functions: structure.
use super::Function;
pub(super) const FUNCTIONS: &[Function] = &[];
