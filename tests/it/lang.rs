//! Tests of the `lang` room.

mod support;

mod load;
mod oracle;
