//! Tests of the `azure` room.
