//! Tests of the `azure` room: conversations with ARM, in as a script, out as a transcript.

mod blob;
mod bulk;
mod errors;
mod login;
mod operations;
mod reads;
mod recorded;
mod script;
mod transport;
mod wire;
