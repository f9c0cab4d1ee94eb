//! YAML, as `yamlencode` writes it and `yamldecode` reads it.
use super::Function;
pub(super) const FUNCTIONS: &[Function] = &[];
