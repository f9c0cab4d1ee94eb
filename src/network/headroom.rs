//! How much more there is room for, in addresses and in nodes, and in words.

use super::{
    load::{Load, Part, Sum, Take, nodes},
    report::{Demand, Headroom},
};

/// What is counted: addresses of a subnet, or nodes of a pod range.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Addresses,
    Nodes,
}

/// The headroom of a load against a capacity; `reserve` has to stay free besides. `ceiling` bounds the nodes further.
pub fn headroom(load: &Load, capacity: u64, reserve: u64, ceiling: Option<u64>, unit: Unit) -> Headroom {
    let sum = load.sum();
    let demand = with_reserve(sum.demand(), reserve);
    let addresses = i64::try_from(i128::from(capacity) - i128::from(demand.most())).unwrap_or(i64::MAX);
    let left = capacity.saturating_sub(demand.autoscaled);
    let upgrade = sum.upgrade();
    let widest = load.pools().filter_map(|p| Some((each(p)?, p))).filter(|(each, _)| *each > 0).max_by_key(|(each, _)| *each);
    let more = widest.map(|(each, part)| {
        let fits =
            |extra: u64| with_reserve(load.sum_of(|p| if std::ptr::eq(p, part) { grown(p, extra) } else { p.sum() }).demand(), reserve).most() <= capacity;
        let bound = (capacity / each).min(ceiling.unwrap_or(u64::MAX));
        last_that(fits, bound)
    });
    let mut room = Headroom { addresses, nodes: more, upgrade, left, text: String::new() };
    room.text = text(load, &room, demand, capacity, unit);
    room
}

pub fn with_reserve(demand: Demand, reserve: u64) -> Demand {
    Demand { now: demand.now.saturating_add(reserve), autoscaled: demand.autoscaled.saturating_add(reserve), peak: demand.peak.saturating_add(reserve) }
}

fn each(part: &Part) -> Option<u64> {
    match &part.take {
        Take::Pool(take) => Some(take.each),
        _ => None,
    }
}

fn grown(part: &Part, extra: u64) -> Sum {
    match &part.take {
        Take::Pool(take) => take.sum(take.figures.now.saturating_add(extra), take.figures.most.saturating_add(extra)),
        _ => part.sum(),
    }
}

/// The largest number up to a bound for which something holds that stops holding once; 0 when it never does.
fn last_that(holds: impl Fn(u64) -> bool, bound: u64) -> u64 {
    let (mut low, mut high) = (0, bound);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if holds(middle) { low = middle } else { high = middle - 1 }
    }
    low
}

fn text(load: &Load, room: &Headroom, demand: Demand, capacity: u64, unit: Unit) -> String {
    let count = |n: u64| match unit {
        Unit::Nodes => nodes(n),
        Unit::Addresses if n == 1 => "1 address".to_owned(),
        Unit::Addresses => format!("{n} addresses"),
    };
    if load.parts.is_empty() {
        return String::new();
    }
    let rotates = load.sum().surge < room.upgrade;
    let next = match room.upgrade {
        0 => String::new(),
        n => format!("; {} needs {n}, {} are free", if rotates { "the rotation" } else { "the next upgrade" }, room.left),
    };
    let most = demand.most();
    match (room.nodes, most <= capacity) {
        (Some(0), true) => format!("survives no more nodes{next}"),
        (Some(1), true) => format!("survives 1 more node{next}"),
        (Some(n), true) => format!("survives {n} more nodes{next}"),
        (None, true) => format!("{} free", count(capacity - most)),
        (_, false) => {
            let (short, when) = match () {
                () if demand.now > capacity => (demand.now - capacity, "now"),
                () if demand.autoscaled > capacity => (demand.autoscaled - capacity, "at the autoscaler's maximum"),
                () => (demand.peak.saturating_sub(capacity), "at the peak"),
            };
            format!("short of {} {when}{next}", count(short))
        }
    }
}
