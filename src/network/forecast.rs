//! When the verdicts fail, if use grows as the blueprint declares.

use super::{
    load::{Load, Part, Sum, Take},
    matching::{closeness, closest},
    model::Model,
    report::{Demand, Failing, Forecast},
    settings::{Day, Growth, Rate},
};

/// As far as is looked ahead: 50 years.
const MONTHS: u32 = 600;
/// As far as each month is told.
const COURSE: u32 = 60;

/// What grows: the load and where it is declared.
pub struct Grows<'a> {
    pub load: &'a Load,
    pub capacity: u64,
    /// What has to stay free; it does not grow.
    pub reserve: u64,
    /// The address of the subnet; of the cluster for a pod range.
    pub address: &'a str,
    /// Figures are nodes, so growth in addresses says nothing.
    pub nodes: bool,
}

/// How one part grows.
#[derive(Clone, Copy, Default)]
struct Pace {
    /// Nodes a month.
    nodes: f64,
    /// What the number of nodes is multiplied by each month.
    factor: f64,
}

/// The forecast of a subnet or a pod range; nothing where no growth is declared for it. Of several declarations the ones that
/// name a thing most closely count. A pool grows in its present nodes; its maximum is raised when they reach it.
pub fn forecast(model: &Model, grows: &Grows<'_>) -> Option<Forecast> {
    let declared = &model.settings.growth;
    let mut used: Vec<&Growth> = Vec::new();
    let whole: Vec<&Growth> = closest(declared, of, grows.address).into_iter().filter(|g| !grows.nodes || matches!(g.rate, Rate::Percent(_))).collect();
    let (mut addresses, mut factor) = (0.0, 1.0);
    for growth in &whole {
        match growth.rate {
            Rate::Addresses(n) => addresses += n,
            Rate::Percent(p) => factor *= 1.0 + p / 100.0,
            Rate::Nodes(_) => continue,
        }
        used.push(growth);
    }
    let paces: Vec<Pace> = grows.load.parts.iter().map(|part| pace(model, part, grows.address, &mut used)).collect();
    if used.is_empty() || grows.load.parts.is_empty() {
        return None;
    }
    let demand = |months: u32| -> Demand {
        let t = f64::from(months);
        let sums = grows.load.parts.iter().zip(&paces).map(|(part, pace)| grown(part, *pace, t));
        let mut sum = sums.fold(Sum::default(), Sum::plus);
        let (rise, times) = (addresses * t, f64::powf(factor, t));
        for n in [&mut sum.now, &mut sum.autoscaled] {
            *n = round_up(*n as f64 * times + rise);
        }
        for n in [&mut sum.surge, &mut sum.beside, &mut sum.temporary] {
            *n = round_up(*n as f64 * times);
        }
        super::headroom::with_reserve(sum.demand(), grows.reserve)
    };
    let first = |pick: fn(Demand) -> u64| {
        let months = first_that(|m| pick(demand(m)) > grows.capacity)?;
        Some(Failing { months, on: model.settings.today.and_then(|day| later(day, months)) })
    };
    let mut course: Vec<Demand> = Vec::new();
    for months in 0..=COURSE {
        let fits = course.last().is_none_or(|d| d.now <= grows.capacity);
        course.extend(fits.then(|| demand(months)));
    }
    used.sort_by_key(|g| g.origin.span);
    used.dedup();
    Some(Forecast {
        rate: used.iter().map(|g| rate(g)).collect::<Vec<_>>().join(" and "),
        now: first(|d| d.now),
        autoscaled: first(|d| d.autoscaled),
        peak: first(|d| d.peak),
        horizon: used.iter().filter_map(|g| g.horizon).max(),
        course,
    })
}

fn of(growth: &Growth) -> Option<&str> {
    growth.of.as_deref()
}

/// How a pool grows: by what names it, its cluster or its subnet, else by what names everything.
fn pace<'m>(model: &'m Model, part: &Part, place: &str, used: &mut Vec<&'m Growth>) -> Pace {
    let mut pace = Pace { nodes: 0.0, factor: 1.0 };
    let Take::Pool(take) = &part.take else { return pace };
    let cluster = model.clusters.get(take.cluster).map_or("", |c| c.origin.address.as_str());
    let close = |growth: &Growth| match (&growth.of, growth.rate) {
        (_, Rate::Addresses(_)) => None,
        (None, Rate::Nodes(_)) => Some(0),
        // Growth of everything by a percentage counts once, for the whole.
        (None, Rate::Percent(_)) => None,
        (Some(of), Rate::Nodes(_)) => [part.origin.address.as_str(), cluster, place].into_iter().filter_map(|a| closeness(of, a)).max(),
        (Some(of), Rate::Percent(_)) if closeness(of, place).is_some() => None,
        (Some(of), Rate::Percent(_)) => [part.origin.address.as_str(), cluster].into_iter().filter_map(|a| closeness(of, a)).max(),
    };
    let best = model.settings.growth.iter().filter_map(close).max();
    for growth in model.settings.growth.iter().filter(|g| best.is_some() && close(g) == best) {
        match growth.rate {
            Rate::Nodes(n) => pace.nodes += n,
            Rate::Percent(p) => pace.factor *= 1.0 + p / 100.0,
            Rate::Addresses(_) => {}
        }
        used.push(growth);
    }
    pace
}

/// What a part takes after so many months.
fn grown(part: &Part, pace: Pace, months: f64) -> Sum {
    let Take::Pool(take) = &part.take else { return part.sum() };
    let f = &take.figures;
    let now = round_up(f.now as f64 * f64::powf(pace.factor, months) + pace.nodes * months).max(f.now);
    take.sum(now, f.most.max(now))
}

/// Rounded up, but not for the dust of floating point.
fn round_up(n: f64) -> u64 {
    (n - 1e-6).ceil().max(0.0) as u64
}

/// The first month in which something holds that goes on holding; nothing when it does not within [`MONTHS`].
fn first_that(holds: impl Fn(u32) -> bool) -> Option<u32> {
    if !holds(MONTHS) {
        return None;
    }
    let (mut low, mut high) = (0, MONTHS);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    Some(low)
}

fn rate(growth: &Growth) -> String {
    let (n, what, each) = match growth.rate {
        Rate::Nodes(n) => (n, if n == 1.0 { " node" } else { " nodes" }, " in each pool"),
        Rate::Addresses(n) => (n, if n == 1.0 { " address" } else { " addresses" }, " in each subnet"),
        Rate::Percent(n) => (n, " %", ""),
    };
    let place = growth.of.as_ref().map_or(each.to_owned(), |of| format!(" in {of}"));
    format!("{n}{what} a month{place}")
}

/// Year and month so many months after a day; nothing for a day or a year that no calendar has.
fn later(day: Day, months: u32) -> Option<(i32, u32)> {
    let date = day.date()?;
    let total = i64::from(date.year()) * 12 + i64::from(u8::from(date.month())) - 1 + i64::from(months);
    Some((i32::try_from(total.div_euclid(12)).ok()?, u32::try_from(total.rem_euclid(12)).ok()? + 1))
}

impl Failing {
    /// `in 7 months (2027-06)`.
    pub fn text(self) -> String {
        let when = match self.months {
            0 => "already".to_owned(),
            1 => "in 1 month".to_owned(),
            n => format!("in {n} months"),
        };
        match self.on {
            Some((year, month)) if self.months > 0 => format!("{when} ({year}-{month:02})"),
            _ => when,
        }
    }
}
