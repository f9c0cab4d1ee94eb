//! What the blueprint's `address_plan` block declares beyond the resources: pools, growth, reserve, ceilings, waivers.

use crate::base::Span;

use super::model::{Cidr, Origin};

/// The declarations of `address_plan`, without those that are ranges ([`super::Range`]) or limits ([`super::Limits`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub pools: Vec<AddressPool>,
    pub growth: Vec<Growth>,
    pub reserves: Vec<Reserve>,
    pub ceilings: Vec<Ceiling>,
    pub thresholds: Thresholds,
    pub waivers: Vec<Waiver>,
    /// The day of the check, `2026-11-23`: waivers end by it, forecasts begin at it. Without it neither is judged.
    pub today: Option<Day>,
}

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// Ranges that new networks are taken from.
#[derive(Clone, Debug, PartialEq)]
pub struct AddressPool {
    pub name: String,
    pub origin: Origin,
    pub cidrs: Vec<Cidr>,
}

/// How fast something grows. `of` is the address of a pool, cluster or subnet, or a pattern with `*`; nothing: all.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    pub origin: Origin,
    pub of: Option<String>,
    pub rate: Rate,
    /// Months that the plan has to last; shorter is a finding.
    pub horizon: Option<u32>,
}

/// Growth in a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// Nodes of each pool.
    Nodes(f64),
    /// Addresses of each subnet.
    Addresses(f64),
    /// Per cent of what is used, compounded.
    Percent(f64),
}

/// Addresses of a subnet that are to stay free for what no blueprint declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Reserve {
    pub origin: Origin,
    /// Address of a subnet, or a pattern with `*`; nothing: every subnet.
    pub of: Option<String>,
    pub addresses: u64,
    pub percent: u32,
    pub why: Option<String>,
}

/// The most nodes of a cluster whose nodes come and go by themselves (node auto-provisioning), which has no bound of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Ceiling {
    pub origin: Origin,
    pub of: String,
    pub nodes: u32,
}

/// When little room is left, though everything fits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// Per cent in use, at the peak.
    pub warning: Option<u32>,
    pub error: Option<u32>,
}

/// A finding that is accepted for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    pub origin: Origin,
    pub code: String,
    /// Address that the finding is at, or a pattern with `*`; nothing: wherever it is.
    pub of: Option<String>,
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Day,
    pub expires_span: Option<Span>,
}
