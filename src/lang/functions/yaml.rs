//! Functions: yaml.
use super::Function;
pub(super) const FUNCTIONS: &[Function] = &[];
