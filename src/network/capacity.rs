//! Checks of capacity: what nodes and pods take of each subnet, now, at the autoscaler's maximum and at the peak of an upgrade;
//! with the sums, the room that is left, and the smallest range that would do.

use crate::base::{Prefix, Severity};

use super::{
    demand::{BATCH, VNET_ADDRESSES, usable, usable_blocks},
    forecast::{Grows, forecast},
    form::at,
    headroom::{Unit, headroom, with_reserve},
    index::Index,
    load::{Load, Loads, Role, Take, loads},
    matching::closest,
    model::{Cidr, Known, Model, Origin, Subnet, Vnet},
    propose::Rooms,
    report::{Demand, Finding, Forecast, Report, SubnetLine, TakerLine, Verdict, VnetLine},
    settings::Reserve,
    special, ways,
};

pub fn check(model: &Model, index: &Index<'_>, rooms: &mut Rooms<'_>, report: &mut Report) {
    let loads = loads(model, index, report);
    for (v, vnet) in model.vnets.iter().enumerate() {
        let peak = check_vnet(model, (v, vnet), index, &loads, rooms, report);
        if peak > VNET_ADDRESSES {
            let detail = format!("VNet {:?} would have to give out {peak} addresses at the peak; Azure allows {VNET_ADDRESSES} in one VNet.", vnet.name);
            report.find(Finding::new("IP-VNET-LIMIT", Severity::Error, "VNet exceeds a limit of Azure", detail, &vnet.origin));
        }
        report.vnets.push(VnetLine {
            name: vnet.name.clone(),
            origin: vnet.origin.clone(),
            spaces: vnet.spaces.iter().filter_map(Cidr::prefix).collect(),
            free: rooms.free.get(v).cloned().unwrap_or_default(),
            peak,
        });
    }
}

/// The subnets of a VNet; gives what they take together at the peak.
fn check_vnet(model: &Model, (v, vnet): (usize, &Vnet), index: &Index<'_>, loads: &Loads, rooms: &mut Rooms<'_>, report: &mut Report) -> u64 {
    let none = Load::default();
    let mut peak = 0u64;
    for (s, subnet) in vnet.subnets.iter().enumerate() {
        let load = loads.at(v, s).unwrap_or(&none);
        peak = peak.saturating_add(load.sum().demand().most());
        let before = report.findings.len();
        special::check(index, vnet, subnet, load, report);
        for finding in report.findings.iter_mut().skip(before).filter(|f| f.summary == special::SUMMARY_SMALL) {
            finding.proposal = Some(rooms.subnet(v, subnet, special::wanted(subnet, load), subnet.live));
        }
        // With a prefix that is not known, or with IPv6 alone, there is no capacity to compare with.
        let known = subnet.prefixes.iter().all(|c| c.prefix().is_some());
        let prefixes: Vec<Prefix> = subnet.ranges(false).collect();
        if known && !prefixes.is_empty() {
            let ask = Ask { model, v, vnet, subnet, load, prefixes, blocks: load.has(Role::Blocks), reserves: reserves(model, subnet) };
            ask.check(rooms, report);
        }
    }
    peak
}

/// The declared reserves of a subnet.
fn reserves<'m>(model: &'m Model, subnet: &Subnet) -> Vec<&'m Reserve> {
    closest(&model.settings.reserves, |r| r.of.as_deref(), &subnet.origin.address)
}

/// One subnet and what is asked of it.
pub struct Ask<'a> {
    pub model: &'a Model,
    pub v: usize,
    pub vnet: &'a Vnet,
    pub subnet: &'a Subnet,
    pub load: &'a Load,
    /// Its IPv4 prefixes.
    pub prefixes: Vec<Prefix>,
    /// Pods get blocks of 16, so that not every address counts.
    pub blocks: bool,
    reserves: Vec<&'a Reserve>,
}

impl Ask<'_> {
    /// Addresses that a prefix can give out.
    pub fn room(&self, prefix: Prefix) -> u64 {
        if self.blocks { usable_blocks(prefix) * BATCH } else { usable(prefix) }
    }

    pub fn capacity(&self) -> u64 {
        self.prefixes.iter().map(|p| self.room(*p)).fold(0, u64::saturating_add)
    }

    /// Addresses that are declared to stay free, of so many.
    pub fn reserve(&self, capacity: u64) -> u64 {
        self.reserves.iter().map(|r| r.addresses.saturating_add(share(r, capacity))).fold(0, u64::saturating_add)
    }

    pub fn demand(&self, load: &Load, capacity: u64) -> Demand {
        with_reserve(load.sum().demand(), self.reserve(capacity))
    }

    /// Whether a load passes all three verdicts and stays below the thresholds.
    pub fn passes(&self, load: &Load, capacity: u64) -> bool {
        self.demand(load, capacity).most() <= capacity && over(self.model, load.sum().demand().peak, capacity).is_none()
    }

    /// The longest prefix length that passes.
    fn smallest(&self) -> Option<u8> {
        let of = |len: u8| Prefix { v6: false, base: 0, len };
        (1..=special::longest(self.subnet, self.load)).rev().find(|len| self.passes(self.load, self.room(of(*len))))
    }

    /// Something lives in the subnet, so that its prefixes cannot be changed any more.
    pub fn lives(&self) -> bool {
        let running = |c: usize| self.model.clusters.get(c).is_some_and(|c| c.live);
        self.subnet.live && (self.load.takes().any(|t| running(t.cluster)) || self.subnet.usage.is_some_and(|u| u.used > 0))
    }

    fn check(&self, rooms: &mut Rooms<'_>, report: &mut Report) {
        let capacity = self.capacity();
        let reserve = self.reserve(capacity);
        let demand = self.demand(self.load, capacity);
        let verdict = demand.verdict(capacity, !self.load.incomplete);
        let arithmetic = self.sums(capacity, demand);
        let grows = Grows { load: self.load, capacity, reserve, address: &self.subnet.origin.address, nodes: false };
        let forecast = forecast(self.model, &grows);
        if let Some(finding) = self.finding(verdict, demand, capacity).or_else(|| self.nearly_full(capacity)) {
            report.find(self.complete(Finding { arithmetic: arithmetic.clone(), ..finding }, verdict, rooms));
        }
        let what = format!("Subnet {:?} of VNet {:?}", self.subnet.name, self.vnet.name);
        report.findings.extend(forecast.as_ref().and_then(|f| too_soon(f, &what, &self.origin())));
        report.subnets.push(SubnetLine {
            vnet: self.vnet.name.clone(),
            subnet: self.subnet.name.clone(),
            origin: self.subnet.origin.clone(),
            kind: special::kind(self.subnet, self.load),
            prefixes: self.prefixes.clone(),
            usable: capacity,
            demand,
            free: i64::try_from(i128::from(capacity) - i128::from(demand.now)).unwrap_or(i64::MAX),
            verdict,
            arithmetic,
            takers: self.load.parts.iter().map(|p| TakerLine { name: p.name.clone(), origin: p.origin.clone(), demand: p.sum().demand() }).collect(),
            live_use: self.live_use(),
            headroom: headroom(self.load, capacity, reserve, None, Unit::Addresses),
            forecast,
            faults: Vec::new(),
        });
    }

    fn origin(&self) -> Origin {
        self.subnet.prefixes.first().map_or_else(|| self.subnet.origin.clone(), |c| at(&self.subnet.origin, c))
    }

    /// The finding of a verdict that fails, without its sums.
    fn finding(&self, verdict: Verdict, demand: Demand, capacity: u64) -> Option<Finding> {
        let (code, severity, summary) = named(self, verdict)?;
        let list: Vec<String> = self.prefixes.iter().map(Prefix::to_string).collect();
        let place = format!("Subnet {:?} ({}) of VNet {:?} can give out {capacity} addresses", self.subnet.name, list.join(", "), self.vnet.name);
        let mut detail = format!("{place}; {}.", needs(takers(self.load), verdict, self.load, demand, capacity));
        let mut severity = severity;
        if verdict == Verdict::FailsPeak && falls_back(self.model, self.load, &|load| self.demand(load, capacity).most() <= capacity) {
            severity = Severity::Warning;
            detail.push_str(FALLS_BACK);
        }
        Some(Finding::new(code, severity, summary, detail, &self.origin()))
    }

    /// Everything fits, but more of it is in use than the declared thresholds allow.
    fn nearly_full(&self, capacity: u64) -> Option<Finding> {
        let peak = self.load.sum().demand().peak;
        let (severity, limit) = over(self.model, peak, capacity)?;
        let detail = format!(
            "Subnet {:?} of VNet {:?} has {peak} of its {capacity} addresses in use at the peak ({} %); the address plan allows less than {limit} %.",
            self.subnet.name,
            self.vnet.name,
            percent(peak, capacity)
        );
        Some(Finding::new("IP-THRESHOLD", severity, "Subnet is nearly full", detail, &self.origin()))
    }

    /// The finding with a range that would do, the ways out of what runs, and everybody concerned.
    fn complete(&self, mut finding: Finding, verdict: Verdict, rooms: &mut Rooms<'_>) -> Finding {
        let lives = self.lives();
        let proposal = self.smallest().map(|len| rooms.subnet(self.v, self.subnet, len, lives));
        if proposal.as_ref().is_some_and(|p| p.place.is_none()) {
            let free = rooms.free.get(self.v).map(super::report::Free::text).unwrap_or_default();
            finding.detail.push_str(&format!(" In the VNet {free}"));
            finding.detail.push_str(&match rooms.largest(self.v, self.subnet, lives) {
                Some(len) if !lives => format!("; with the subnet's own range, the largest is a /{len}."),
                _ => ".".to_owned(),
            });
        }
        if lives {
            finding.ways = ways::subnet(self, verdict, proposal.as_ref(), rooms);
        }
        finding.proposal = proposal;
        for part in self.load.pools() {
            finding = finding.also(&part.origin, &part.name);
        }
        self.reserves.iter().fold(finding, |f, r| f.also(&r.origin, "the reserve is declared here"))
    }

    /// What Azure says is in use, where it can be believed.
    fn live_use(&self) -> Option<u64> {
        let usage = self.subnet.usage.filter(|_| self.subnet.delegations.is_empty())?;
        u64::try_from(usage.used).ok()
    }

    fn sums(&self, capacity: u64, demand: Demand) -> Vec<String> {
        let mut lines: Vec<String> = self
            .prefixes
            .iter()
            .map(|p| match self.blocks {
                true => format!("{p}: {} blocks of 16 less the first and the last = {} blocks", p.size() / u128::from(BATCH), usable_blocks(*p)),
                false => format!("{p}: {} addresses less 5 that Azure keeps = {}", p.size(), usable(*p)),
            })
            .collect();
        lines.extend(self.load.parts.iter().map(|p| p.line.clone()));
        lines.extend(self.reserves.iter().map(|r| reserve_line(r, capacity)));
        match self.subnet.usage {
            Some(u) if u.used < 0 => lines.push("Azure does not say what is in use in a gateway's subnet".to_owned()),
            Some(_) if !self.subnet.delegations.is_empty() => {
                lines.push("Azure says that 0 are in use, as it does of every delegated subnet: that does not count".to_owned());
            }
            Some(u) => lines.push(format!("Azure says that {} of {} are in use today", u.used, u.limit)),
            None => {}
        }
        if !self.load.parts.is_empty() || !self.reserves.is_empty() {
            let compare = |n: u64| format!("{n} {} {capacity}", if n <= capacity { "≤" } else { ">" });
            lines.push(format!("now {}; at maximum {}; at peak {}", compare(demand.now), compare(demand.autoscaled), compare(demand.peak)));
        }
        lines
    }
}

/// The share of a capacity that a reserve keeps, rounded up.
fn share(reserve: &Reserve, capacity: u64) -> u64 {
    (u128::from(capacity) * u128::from(reserve.percent)).div_ceil(100).try_into().unwrap_or(u64::MAX)
}

fn reserve_line(reserve: &Reserve, capacity: u64) -> String {
    let share = share(reserve, capacity);
    let sum = match (reserve.addresses, reserve.percent) {
        (n, 0) => n.to_string(),
        (0, p) => format!("{p} % of {capacity} = {share}"),
        (n, p) => format!("{n} + {p} % of {capacity} = {}", n.saturating_add(share)),
    };
    let why = reserve.why.as_ref().map_or(String::new(), |w| format!(" ({w})"));
    format!("reserve{why}: {sum}")
}

/// Per cent, rounded down.
pub fn percent(part: u64, whole: u64) -> u64 {
    (u128::from(part) * 100).checked_div(u128::from(whole)).and_then(|p| u64::try_from(p).ok()).unwrap_or(0)
}

/// The threshold that a peak reaches, and how bad that is.
pub fn over(model: &Model, peak: u64, capacity: u64) -> Option<(Severity, u32)> {
    let reaches = |limit: &u32| peak > 0 && u128::from(peak) * 100 >= u128::from(*limit) * u128::from(capacity);
    let thresholds = &model.settings.thresholds;
    let error = thresholds.error.filter(reaches).map(|l| (Severity::Error, l));
    error.or_else(|| thresholds.warning.filter(reaches).map(|l| (Severity::Warning, l)))
}

pub const FALLS_BACK: &str = " Kubernetes 1.35 and later then upgrades with one more node at a time, or with none where nodes may be missing; for that there is room, so the upgrade is slow, not stuck.";

/// Whether an upgrade that lacks room for its surge goes on with a smaller one. Source: AKS rolling upgrade page,
/// Kubernetes 1.35 and later. What this plan rotates has no such way out.
pub fn falls_back(model: &Model, load: &Load, fits: &dyn Fn(&Load) -> bool) -> bool {
    let sum = load.sum();
    let modern = |c: usize| model.clusters.get(c).is_some_and(|c| matches!(c.version, Known::Is(Some(v)) if v >= (1, 35)));
    let smaller = load.with(|take| {
        take.figures.surge = super::demand::Surge::Nodes(u32::from(!take.figures.can_shrink));
        take.figures.blue_green = false;
    });
    sum.beside == 0 && sum.temporary == 0 && load.takes().next().is_some() && load.takes().all(|t| modern(t.cluster) && !t.figures.blue_green) && fits(&smaller)
}

/// A warning that the plan does not last as long as is declared.
pub fn too_soon(forecast: &Forecast, what: &str, origin: &Origin) -> Option<Finding> {
    let horizon = forecast.horizon?;
    let verdicts = [
        (forecast.now, "will be too small for what is in it"),
        (forecast.autoscaled, "will be too small at the autoscaler's maximum"),
        (forecast.peak, "will leave no room for an upgrade"),
    ];
    let (failing, how) = verdicts.into_iter().filter_map(|(f, how)| Some((f?, how))).min_by_key(|(f, _)| f.months)?;
    // What fails today is told as such.
    if failing.months == 0 || failing.months >= horizon {
        return None;
    }
    let detail = format!("{what} {how} {}, growing by {}; the plan has to last {horizon} months.", failing.text(), forecast.rate);
    let mut finding = Finding::new("IP-FORECAST", Severity::Warning, "Room does not last", detail, origin);
    finding.arithmetic = verdicts.into_iter().filter_map(|(f, how)| Some(format!("{how}: {}", f?.text()))).collect();
    Some(finding)
}

/// Code, severity and summary of a verdict that fails.
fn named(ask: &Ask<'_>, verdict: Verdict) -> Option<(&'static str, Severity, &'static str)> {
    let (load, limits) = (ask.load, &ask.model.limits);
    let pods = load.has(Role::Pods) || load.has(Role::Blocks);
    let (capacity, summary) = match (load.has(Role::Nodes), pods) {
        (true, _) => ("IP-NODE-CAPACITY", "Subnet is too small for its nodes"),
        (false, true) => ("IP-POD-CAPACITY", "Subnet is too small for its pods"),
        (false, false) => ("IP-SUBNET-CAPACITY", "Subnet is too small for what is in it"),
    };
    match verdict {
        Verdict::Fits | Verdict::Unknown => None,
        Verdict::FailsNow => Some((capacity, limits.now, summary)),
        Verdict::FailsAutoscaled => Some((capacity, limits.autoscaled, "Subnet is too small at the autoscaler's maximum")),
        Verdict::FailsPeak if rotates(load) => Some(("IP-UPGRADE-HEADROOM", limits.peak, "Subnet leaves no room for a rotation")),
        Verdict::FailsPeak => Some(("IP-UPGRADE-HEADROOM", limits.peak, "Subnet leaves no room for an upgrade")),
    }
}

/// Whether the peak comes from what this plan rotates, not from an upgrade.
pub fn rotates(load: &Load) -> bool {
    let sum = load.sum();
    sum.upgrade() > sum.surge
}

/// Who takes addresses, for the sentence that says how many.
fn takers(load: &Load) -> String {
    let mut names: Vec<&str> = load.pools().map(|p| p.name.as_str()).collect();
    names.dedup();
    match names.as_slice() {
        [] => "what is in it".to_owned(),
        names if names.len() > 4 => format!("{} and {} more pools", names.iter().take(3).copied().collect::<Vec<_>>().join(", "), names.len() - 3),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `pool "user" needs 310 now, 59 more than there are`, and what it needs later when that is more.
fn needs(who: String, verdict: Verdict, load: &Load, demand: Demand, capacity: u64) -> String {
    let verb = if who.contains(" and ") { "need" } else { "needs" };
    let (need, when) = match verdict {
        Verdict::FailsNow => (demand.now, "now"),
        Verdict::FailsAutoscaled => (demand.autoscaled, "at the autoscaler's maximum"),
        _ => {
            let (left, extra) = (capacity.saturating_sub(demand.autoscaled), demand.peak.saturating_sub(demand.autoscaled));
            let what = if rotates(load) { "the rotation that this plan makes" } else { "the next upgrade" };
            return format!("{who} {verb} {} at most, but {what} needs {extra} more and {left} are left", demand.autoscaled);
        }
    };
    let mut text = format!("{who} {verb} {need} {when}, {} more than there are", need.saturating_sub(capacity));
    let peak = if rotates(load) { "while this plan rotates" } else { "at the peak of an upgrade" };
    let later: Vec<String> = [(demand.autoscaled, "at the autoscaler's maximum"), (demand.peak, peak)]
        .into_iter()
        .scan(need, |before, (n, when)| Some((n > std::mem::replace(before, n)).then(|| format!("{n} {when}"))))
        .flatten()
        .collect();
    if !later.is_empty() {
        text.push_str(&format!(" (and {})", later.join(", ")));
    }
    text
}

/// Whether all pools of a load give one address to each node, so that a second prefix of the subnet helps.
pub fn one_address_each(load: &Load) -> bool {
    load.parts.iter().all(|p| match &p.take {
        Take::Pool(take) => p.role == Role::Nodes && take.each <= 1,
        _ => true,
    })
}
