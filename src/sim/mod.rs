//! The embedded Azure simulator: a pure handler over a store, in process or over HTTPS.
