//! The simulator through its handler, its in-process transport and its HTTPS front: requests in, answers out.

mod aks;
mod cloud;
mod compute;
mod front;
mod network;
mod rights;
