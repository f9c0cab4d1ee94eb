//! What the blueprint's `address_plan` block declares beyond the resources: pools, growth, reserve, ceilings, waivers.

use std::{collections::HashSet, fmt};

use serde::{Deserialize, Serialize};
use time::{Date, macros::format_description};

use crate::base::{Ledger, Prefix, Span};

use super::model::{Cidr, Limits, Model, Origin, Range};

/// Everything that `address_plan` declares.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(default)]
pub struct Declared {
    /// On-premises and reserved ranges.
    pub ranges: Vec<Range>,
    pub limits: Limits,
    pub settings: Settings,
    pub stacks: Vec<Stack>,
}

/// Another blueprint folder whose networks count too.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Stack {
    pub name: String,
    pub origin: Origin,
    /// As written: relative to the folder that declares it.
    pub path: String,
    pub path_span: Option<Span>,
}

impl Declared {
    /// Puts the declarations into a model of what is declared and what lives. `kept` are the ranges that were given out, `today` is the day that waivers are judged by.
    pub fn into_model(self, model: &mut Model, kept: &Ledger, today: Option<Day>) {
        let networks = model.vnets.iter().flat_map(|v| v.spaces.iter().chain(v.subnets.iter().flat_map(|s| &s.prefixes)));
        let there: HashSet<Prefix> = networks.filter_map(Cidr::prefix).collect();
        let kept = kept.entries().iter().map(|e| e.prefix).filter(|p| !there.contains(p)).collect();
        model.ranges.extend(self.ranges);
        model.limits = self.limits;
        model.settings = Settings { today, kept, ..self.settings };
    }
}

/// The declarations of `address_plan`, without those that are ranges ([`super::Range`]) or limits ([`super::Limits`]).
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub pools: Vec<AddressPool>,
    pub growth: Vec<Growth>,
    pub reserves: Vec<Reserve>,
    pub ceilings: Vec<Ceiling>,
    pub thresholds: Thresholds,
    pub waivers: Vec<Waiver>,
    /// Ranges that `cidr::allocate` keeps for keys whose networks are not there (yet, any more): no place for anything else.
    #[serde(skip)]
    pub kept: Vec<Prefix>,
    /// The day of the check, `2026-11-23`: waivers end by it, forecasts begin at it. Without it neither is judged.
    pub today: Option<Day>,
}

/// Days since 1970-01-01.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// From `2027-01-31`, or a longer text that begins so; `None` for days that no calendar has.
    pub fn parse(text: &str) -> Option<Day> {
        let date = text.get(..10).filter(|_| text.len() == 10 || text[10..].starts_with('T'))?;
        let date = Date::parse(date, format_description!("[year]-[month]-[day]")).ok()?;
        Some(Day(date.to_julian_day() - UNIX_EPOCH))
    }
}

impl Day {
    /// The day in the calendar, where it has it.
    pub fn date(self) -> Option<Date> {
        self.0.checked_add(UNIX_EPOCH).and_then(|d| Date::from_julian_day(d).ok())
    }
}

/// 1970-01-01 as a Julian day.
const UNIX_EPOCH: i32 = 2_440_588;

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()),
            None => write!(f, "day {}", self.0),
        }
    }
}

/// Whether a pattern such as `module.spoke[*].azurerm_subnet.nodes` means an address. `*` stands for any text; a resource
/// stands for its instances too, and a module for everything in it.
pub fn covers(pattern: &str, address: &str) -> bool {
    let mut starts = vec![0];
    let pieces: Vec<&str> = pattern.split('*').collect();
    for (i, piece) in pieces.iter().enumerate() {
        let ends = |from: usize| -> Vec<usize> {
            let rest = address.get(from..).unwrap_or("");
            match i {
                0 => rest.starts_with(piece).then_some(piece.len()).into_iter().collect(),
                _ => rest.match_indices(piece).map(|(at, _)| from + at + piece.len()).collect(),
            }
        };
        // After a star the earliest match leaves the most room, but the end has to be a whole name: so all of them are kept.
        let mut next: Vec<usize> = starts.iter().take(if i == 0 { 1 } else { usize::MAX }).flat_map(|s| ends(*s)).collect();
        next.sort_unstable();
        next.dedup();
        if i > 0 && piece.is_empty() && i + 1 == pieces.len() {
            return !starts.is_empty();
        }
        starts = next;
    }
    starts.iter().any(|end| matches!(address.as_bytes().get(*end), None | Some(b'[' | b'.')))
}

/// The codes of all findings, as waivers name them.
pub const CODES: &[&str] = &[
    "IP-CLUSTER-LIMIT",
    "IP-DELEGATED",
    "IP-DNS",
    "IP-DUAL-STACK",
    "IP-DUPLICATE",
    "IP-FORBIDDEN",
    "IP-FORECAST",
    "IP-FORM",
    "IP-MAX-PODS",
    "IP-MULTI-PREFIX",
    "IP-NAME",
    "IP-NIC-LIMIT",
    "IP-NODE-CAPACITY",
    "IP-OUTSIDE",
    "IP-OVERLAP",
    "IP-POD-CAPACITY",
    "IP-POD-SUBNET",
    "IP-PODCIDR-CAPACITY",
    "IP-POOL-VNET",
    "IP-PUBLIC",
    "IP-RESERVED",
    "IP-ROUTE-LIMIT",
    "IP-SERVICE",
    "IP-SPECIAL-SUBNET",
    "IP-STATIC-WASTE",
    "IP-SUBNET-CAPACITY",
    "IP-SUBNET-SIZE",
    "IP-SURGE",
    "IP-THRESHOLD",
    "IP-UPGRADE-HEADROOM",
    "IP-VNET-LIMIT",
];

/// Ranges that new networks are taken from.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct AddressPool {
    pub name: String,
    pub origin: Origin,
    pub cidrs: Vec<Cidr>,
}

/// How fast something grows. `of` is the address of a pool, cluster or subnet, or a pattern with `*`; nothing: all.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Growth {
    pub origin: Origin,
    pub of: Option<String>,
    pub rate: Rate,
    /// Months that the plan has to last; shorter is a finding.
    pub horizon: Option<u32>,
}

/// Growth in a month.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// Nodes of each pool.
    Nodes(f64),
    /// Addresses of each subnet.
    Addresses(f64),
    /// Per cent of what is used, compounded.
    Percent(f64),
}

/// Addresses of a subnet that are to stay free for what no blueprint declares.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Reserve {
    pub origin: Origin,
    /// Address of a subnet, or a pattern with `*`; nothing: every subnet.
    pub of: Option<String>,
    pub addresses: u64,
    pub percent: u32,
    pub why: Option<String>,
}

/// The most nodes that come and go by themselves in a cluster (node auto-provisioning), besides its pools: there is no bound of
/// its own.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Ceiling {
    pub origin: Origin,
    pub of: String,
    pub nodes: u32,
}

/// When little room is left, though everything fits.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// Per cent in use, at the peak.
    pub warning: Option<u32>,
    pub error: Option<u32>,
}

/// A finding that is accepted for a while.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
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
