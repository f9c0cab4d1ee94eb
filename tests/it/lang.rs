//! Tests of the `lang` room.

pub mod support;

mod load;
