//! Tests of the `lang` room.
