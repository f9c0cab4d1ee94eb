//! The address plan: demand, capacity, overlap, free space, over a plain network model.
//!
//! ```text
//! Model → [form, overlap, cluster, limits, capacity, pods] → waivers → Report
//! ```
//!
//! Pure arithmetic: [`check`] takes a [`Model`] and returns a [`Report`]. A check is a file that takes the model (with
//! its indexes) and adds findings; each finding has a stable code, shows both declarations and its arithmetic.
//! [`allocate`] is apart from that: it finds room for new ranges beside those that were given out before.

mod allocate;
mod capacity;
mod cluster;
pub mod demand;
mod figures;
mod forecast;
mod form;
mod headroom;
mod index;
mod limits;
pub mod live;
mod live_takers;
mod load;
mod matching;
pub mod merge;
pub mod model;
mod overlap;
mod pods;
mod propose;
pub mod report;
mod routed;
pub mod settings;
pub mod space;
mod special;
pub mod stack;
mod waive;
mod ways;

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
use propose::Rooms;

/// Checks the address plan. Unknown values are named in the report; what is certain without them is still checked.
pub fn check(model: &Model) -> Report {
    let index = Index::of(model);
    let mut report = Report { unknowns: model.unknowns.clone(), ..Report::default() };
    let mut rooms = Rooms::of(&index);
    report.pools = rooms.pool_lines();
    form::check(model, &index, &mut report);
    overlap::check(model, &index, &mut rooms, &mut report);
    cluster::check(model, &index, &mut rooms, &mut report);
    limits::check(model, &index, &mut report);
    capacity::check(model, &index, &mut rooms, &mut report);
    pods::check(model, &index, &mut rooms, &mut report);
    waive::apply(model, &mut report);
    report.in_order()
}
