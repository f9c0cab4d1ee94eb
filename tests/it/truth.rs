//! Tests of the `truth` room.
