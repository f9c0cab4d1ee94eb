//! Checks of pod ranges: the nodes of a cluster against what its pod range has blocks for, against the routes of its route
//! table, and against what one cluster can have.

use crate::base::{Prefix, Severity};

use super::{
    capacity::{FALLS_BACK, falls_back, over, percent, rotates, too_soon},
    cluster::{Declared, pod_ranges},
    demand::{CLUSTER_NODES, TABLE_ROUTES, pod_cidr_for, pod_cidr_nodes},
    forecast::{Grows, forecast},
    headroom::{Unit, headroom},
    index::Index,
    load::{Load, cluster_load},
    model::{Cluster, Known, Model, Plugin},
    propose::Rooms,
    report::{Demand, Edit, Finding, PodLine, Proposal, Report, Verdict},
    ways,
};

pub fn check(model: &Model, index: &Index<'_>, rooms: &mut Rooms<'_>, report: &mut Report) {
    for (c, cluster) in model.clusters.iter().enumerate() {
        let load = cluster_load(model, c, cluster);
        let routes = (cluster.plugin == Known::Is(Plugin::Kubenet)).then(|| user_routes(cluster, index));
        limits(cluster, load.sum().demand(), routes, report);
        for range in &pod_ranges(cluster) {
            let ask = Ask { model, cluster, range, load: &load, room: pod_cidr_nodes(range.prefix), routes };
            ask.check(rooms, report);
        }
    }
}

/// Routes of the tables of a cluster's subnets that are not its nodes'; of the longest table.
fn user_routes(cluster: &Cluster, index: &Index<'_>) -> u64 {
    let subnets = cluster.pools.iter().filter_map(|p| index.subnet(p.node_subnet.as_ref()?.get()?));
    let tables = subnets.filter_map(|(_, s)| index.table(s.route_table.as_ref()?.get()?));
    tables.map(|t| t.routes.len() as u64).max().unwrap_or(0)
}

/// What one cluster can have. Sources: AKS quotas; Azure limits on routes.
fn limits(cluster: &Cluster, demand: Demand, routes: Option<u64>, report: &mut Report) {
    let (limit, why) = match routes {
        Some(0) => (TABLE_ROUTES, format!("each node of a kubenet cluster needs a route, and a route table holds {TABLE_ROUTES}")),
        Some(n) => (
            TABLE_ROUTES.saturating_sub(n),
            format!("each node of a kubenet cluster needs a route, and a route table holds {TABLE_ROUTES}, of which {n} are declared"),
        ),
        None => (CLUSTER_NODES, format!("AKS allows {CLUSTER_NODES} in one cluster")),
    };
    if demand.peak > limit {
        let detail = format!("Cluster {:?} can have {} nodes at the peak of an upgrade; {why}.", cluster.name, demand.peak);
        report.find(Finding::new("IP-CLUSTER-LIMIT", Severity::Error, "Cluster has too many nodes", detail, &cluster.origin));
    }
}

/// One pod range and the nodes that it is for.
pub struct Ask<'a> {
    pub model: &'a Model,
    pub cluster: &'a Cluster,
    pub range: &'a Declared,
    pub load: &'a Load,
    /// Nodes that it has blocks for.
    pub room: u64,
    /// Declared routes of a kubenet cluster's route table.
    routes: Option<u64>,
}

impl Ask<'_> {
    pub fn passes(&self, load: &Load, room: u64) -> bool {
        let demand = load.sum().demand();
        demand.most() <= room && over(self.model, demand.peak, room).is_none()
    }

    /// The longest prefix length that passes.
    pub fn smallest(&self) -> u8 {
        let v6 = self.range.prefix.v6;
        let first = pod_cidr_for(self.load.sum().demand().most(), v6);
        (0..=first).rev().find(|len| self.passes(self.load, pod_cidr_nodes(Prefix { v6, base: 0, len: *len }))).unwrap_or(0)
    }

    fn check(&self, rooms: &mut Rooms<'_>, report: &mut Report) {
        let Ask { model, cluster, range, load, room, .. } = *self;
        let demand = load.sum().demand();
        let verdict = demand.verdict(room, !load.incomplete);
        let arithmetic = self.sums(demand);
        let forecast = forecast(model, &Grows { load, capacity: room, reserve: 0, address: &cluster.origin.address, nodes: true });
        if let Some(finding) = self.finding(verdict, demand).or_else(|| self.nearly_full(demand)) {
            let mut finding = Finding { arithmetic: arithmetic.clone(), ..finding };
            let place = rooms.pod_range(cluster, range.prefix, self.smallest(), cluster.live);
            let proposal = Proposal { len: self.smallest(), place, pool: None, edits: self.edits(place) };
            if cluster.live {
                finding.ways = ways::pod_range(self, verdict, &proposal, rooms);
            }
            finding.proposal = Some(proposal);
            report.find(cluster.pools.iter().fold(finding, |f, p| f.also(&p.origin, format!("pool {:?}", p.name))));
        }
        let what = format!("The pod range {} of cluster {:?}", range.text, cluster.name);
        report.findings.extend(forecast.as_ref().and_then(|f| too_soon(f, &what, &range.origin)));
        let ceiling = self.routes.map(|n| TABLE_ROUTES.saturating_sub(n).saturating_sub(demand.peak));
        report.pod_cidrs.push(PodLine {
            cluster: cluster.name.clone(),
            origin: range.origin.clone(),
            prefix: range.prefix,
            nodes: room,
            demand,
            verdict,
            arithmetic,
            headroom: headroom(load, room, 0, ceiling, Unit::Nodes),
            forecast,
            faults: Vec::new(),
        });
    }

    fn sums(&self, demand: Demand) -> Vec<String> {
        let (prefix, room) = (self.range.prefix, self.room);
        let mut lines = vec![format!("{prefix}: one {} for each node = {room} nodes", if prefix.v6 { "/80" } else { "/24" })];
        lines.extend(self.load.parts.iter().map(|p| p.line.clone()));
        let compare = |n: u64| format!("{n} {} {room}", if n <= room { "≤" } else { ">" });
        lines.push(format!("nodes now {}; at maximum {}; at peak {}", compare(demand.now), compare(demand.autoscaled), compare(demand.peak)));
        lines
    }

    fn finding(&self, verdict: Verdict, demand: Demand) -> Option<Finding> {
        let limits = &self.model.limits;
        let (code, mut severity, summary) = match verdict {
            Verdict::Fits | Verdict::Unknown => return None,
            Verdict::FailsNow => ("IP-PODCIDR-CAPACITY", limits.now, "Pod range is too small for the nodes"),
            Verdict::FailsAutoscaled => ("IP-PODCIDR-CAPACITY", limits.autoscaled, "Pod range is too small at the autoscaler's maximum"),
            Verdict::FailsPeak if rotates(self.load) => ("IP-UPGRADE-HEADROOM", limits.peak, "Pod range leaves no room for a rotation"),
            Verdict::FailsPeak => ("IP-UPGRADE-HEADROOM", limits.peak, "Pod range leaves no room for an upgrade"),
        };
        let during = if rotates(self.load) { "while this plan rotates" } else { "during an upgrade" };
        let mut detail = format!(
            "The pod range {} of cluster {:?} has room for {} nodes; the cluster has {} now, {} at the autoscaler's maximum and {} {during}.",
            self.range.text, self.cluster.name, self.room, demand.now, demand.autoscaled, demand.peak
        );
        if verdict == Verdict::FailsPeak && falls_back(self.model, self.load, &|load| load.sum().demand().most() <= self.room) {
            severity = Severity::Warning;
            detail.push_str(FALLS_BACK);
        }
        Some(Finding::new(code, severity, summary, detail, &self.range.origin))
    }

    fn nearly_full(&self, demand: Demand) -> Option<Finding> {
        let (severity, limit) = over(self.model, demand.peak, self.room)?;
        let detail = format!(
            "The pod range {} of cluster {:?} has blocks for {} nodes, of which {} are in use at the peak ({} %); the address plan allows less than {limit} %.",
            self.range.text,
            self.cluster.name,
            self.room,
            demand.peak,
            percent(demand.peak, self.room)
        );
        Some(Finding::new("IP-THRESHOLD", severity, "Pod range is nearly full", detail, &self.range.origin))
    }

    /// The change of the cluster's pod range. Azure takes a larger one for a running cluster only where it grows in place.
    fn edits(&self, place: Option<Prefix>) -> Vec<Edit> {
        let Some(place) = place.filter(|_| !self.cluster.live) else { return Vec::new() };
        vec![pod_edit(self.cluster, self.range, place)]
    }
}

/// A change of one pod range of a cluster.
pub fn pod_edit(cluster: &Cluster, range: &Declared, place: Prefix) -> Edit {
    let ranges = pod_ranges(cluster);
    let texts = |new: Option<Prefix>| ranges.iter().map(|r| new.filter(|_| r.prefix == range.prefix).unwrap_or(r.prefix).to_string()).collect::<Vec<_>>();
    let list = ranges.len() > 1;
    let old = if cluster.pod_cidrs.is_empty() { Vec::new() } else { texts(None) };
    let attribute = if list { "network_profile.pod_cidrs" } else { "network_profile.pod_cidr" };
    Edit { origin: range.origin.clone(), attribute, old, new: texts(Some(place)), list }
}
