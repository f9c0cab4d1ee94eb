//! The address plan: demand, capacity, overlap, free space, over a plain network model.
//!
//! ```text
//! Model → [form, overlap, cluster, capacity] → Report
//! ```
//!
//! Pure arithmetic: [`check`] takes a [`Model`] and returns a [`Report`]. A check is a file that takes the model (with
//! its indexes) and adds findings; each finding has a stable code, shows both declarations and its arithmetic.
//! [`allocate`] is apart from that: it finds room for new ranges beside those that were given out before.

mod allocate;
mod capacity;
mod cluster;
pub mod demand;
mod form;
mod index;
pub mod live;
mod live_takers;
mod load;
pub mod merge;
pub mod model;
mod overlap;
mod propose;
pub mod report;
pub mod settings;
pub mod space;

pub use allocate::{Busy, Exhausted, allocate, free_blocks};
pub use model::{
    Cidr, Cluster, Given, Known, Limits, Model, NextHop, Origin, Peering, Plugin, Pool, Range, RangeKind, Rotation, Route, RouteTable, Subnet, Taken,
    TakenKind, Usage, Vnet,
};
pub use report::{
    Edit, Failing, Finding, Forecast, Free, Headroom, PodLine, PoolLine, Proposal, Report, SubnetKind, SubnetLine, TakerLine, Unknown, Verdict, VnetLine,
    Waived, Way,
};
pub use settings::{Day, Declared, Settings};

pub use model::Addresses;

use index::Index;

/// Checks the address plan. Unknown values are named in the report; what is certain without them is still checked.
pub fn check(model: &Model) -> Report {
    let index = Index::of(model);
    let mut report = Report::default();
    form::check(model, &index, &mut report);
    overlap::check(model, &index, &mut report);
    cluster::check(model, &index, &mut report);
    capacity::check(model, &index, &mut report);
    report.in_order()
}
