//! The address plan as JSON: one document of stable form for `ip … -json`, and its part of a plan's JSON. See docs/ip.md.

use serde_json::{Map, Value as J, json};

use crate::{
    base::{Severity, Sources},
    network::{Cidr, Edit, Failing, Finding, Forecast, Given, Headroom, Known, Origin, PodLine, Proposal, RangeKind, Report, TakerLine, Way},
};

use super::{
    diagnostics_json::range,
    ip_standing::{Remarks, Standing},
    ip_text::places,
    ip_view::{Peer, SubnetView, View, VnetView},
};

/// Grows with what is added; the number before the point only when something is taken away or means something else.
pub const FORMAT: &str = "1.0";

/// Everything, as `ip show -json` prints it.
pub fn view_json(view: &View, sources: &Sources) -> J {
    let (errors, warnings) = view.counts();
    let model = view.model;
    json!({
        "format_version": FORMAT,
        "date": model.settings.today.map(|d| d.to_string()),
        "summary": {
            "vnets": view.vnets.len(),
            "subnets": view.vnets.iter().map(|v| v.subnets.len()).sum::<usize>(),
            "clusters": view.clusters.len(),
            "errors": errors,
            "warnings": warnings,
            "unknowns": view.report.unknowns.len(),
        },
        "vnets": view.vnets.iter().map(|v| vnet(view, v, sources)).collect::<Vec<_>>(),
        "clusters": view.clusters.iter().map(|c| {
            let dns = match &c.cluster.dns_service_ip {
                Some(Known::Is(ip)) => json!(ip.to_string()),
                _ => J::Null,
            };
            let mut out = at(&c.cluster.origin, sources);
            out.insert("name".into(), json!(c.cluster.name));
            out.insert("live".into(), json!(c.cluster.live));
            out.insert("pod_ranges".into(), c.pods.iter().map(|l| pods(l, Standing::of_pods(l, &view.remarks), sources)).collect());
            out.insert("service_ranges".into(), prefixes(&c.cluster.service_cidrs));
            out.insert("dns_service_ip".into(), dns);
            J::Object(out)
        }).collect::<Vec<_>>(),
        "ranges": model.ranges.iter().map(|r| {
            let mut out = at(&r.origin, sources);
            out.insert("name".into(), json!(r.name));
            out.insert("kind".into(), json!(if r.kind == RangeKind::OnPremises { "on-premises" } else { "reserved" }));
            out.insert("prefix".into(), json!(r.cidr.prefix().map(|p| p.to_string())));
            J::Object(out)
        }).collect::<Vec<_>>(),
        "pools": view.report.pools.iter().map(|p| {
            let mut out = at(&p.origin, sources);
            out.insert("name".into(), json!(p.name));
            out.insert("prefixes".into(), p.ranges.iter().map(|p| json!(p.to_string())).collect());
            out.insert("free".into(), free(p.free.addresses.into(), &p.free.blocks));
            J::Object(out)
        }).collect::<Vec<_>>(),
        "findings": findings(view.report, sources),
        "unknowns": unknowns(view.report, sources),
    })
}

/// The part of a plan's JSON that is Ravelin's own: readers of Terraform's plans pass it by.
pub fn plan_part(report: &Report, sources: &Sources) -> J {
    let remarks = Remarks::of(report);
    let subnets = report.subnets.iter().map(|l| {
        let mut out = at(&l.origin, sources);
        out.insert("vnet".into(), json!(l.vnet));
        out.insert("subnet".into(), json!(l.subnet));
        out.extend(line(l, Standing::of_subnet(l, &remarks)));
        J::Object(out)
    });
    json!({
        "format_version": FORMAT,
        "findings": findings(report, sources),
        "addresses": {
            "subnets": subnets.collect::<Vec<_>>(),
            "pod_ranges": report.pod_cidrs.iter().map(|l| pods(l, Standing::of_pods(l, &remarks), sources)).collect::<Vec<_>>(),
        },
        "unknowns": unknowns(report, sources),
    })
}

pub fn findings(report: &Report, sources: &Sources) -> J {
    report.findings.iter().map(|f| finding(f, sources)).collect()
}

fn unknowns(report: &Report, sources: &Sources) -> J {
    let each = report.unknowns.iter().map(|u| {
        let mut out = at(&u.origin, sources);
        out.insert("what".into(), json!(u.what));
        J::Object(out)
    });
    each.collect()
}

/// One finding with its sums and what can be done.
pub fn finding(f: &Finding, sources: &Sources) -> J {
    let mut out = at(&f.origin, sources);
    out.insert("code".into(), json!(f.code));
    out.insert("severity".into(), json!(if f.severity == Severity::Error { "error" } else { "warning" }));
    out.insert("summary".into(), json!(f.summary));
    out.insert("detail".into(), json!(f.detail));
    out.insert("arithmetic".into(), json!(f.arithmetic));
    let related = f.related.iter().map(|(origin, what)| {
        let mut out = at(origin, sources);
        out.insert("what".into(), json!(what));
        J::Object(out)
    });
    out.insert("related".into(), related.collect());
    out.insert("proposal".into(), f.proposal.as_ref().map_or(J::Null, |p| proposal(p, sources)));
    out.insert("ways_out".into(), f.ways.iter().map(|w| way(w, sources)).collect());
    let waived = f.waived.as_ref().map(|w| json!({ "reason": w.reason, "expires": w.expires.to_string() }));
    out.insert("waived".into(), waived.unwrap_or(J::Null));
    J::Object(out)
}

pub fn proposal(p: &Proposal, sources: &Sources) -> J {
    json!({
        "length": p.len,
        "place": p.place.map(|p| p.to_string()),
        "pool": p.pool,
        "edits": p.edits.iter().map(|e| edit(e, sources)).collect::<Vec<_>>(),
    })
}

fn way(w: &Way, sources: &Sources) -> J {
    json!({ "code": w.code, "what": w.what, "cost": w.cost, "edits": w.edits.iter().map(|e| edit(e, sources)).collect::<Vec<_>>() })
}

fn edit(e: &Edit, sources: &Sources) -> J {
    let mut out = at(&e.origin, sources);
    out.insert("attribute".into(), json!(e.attribute));
    let value = |v: &[String]| if e.list { json!(v) } else { v.first().map_or(J::Null, |v| json!(v)) };
    out.insert("old".into(), value(&e.old));
    out.insert("new".into(), value(&e.new));
    J::Object(out)
}

/// The address of a thing, and where it is declared.
fn at(origin: &Origin, sources: &Sources) -> Map<String, J> {
    let place = origin.span.map_or(J::Null, |span| range(span, sources));
    Map::from_iter([("address".to_owned(), json!(origin.address)), ("range".to_owned(), place)])
}

fn vnet(view: &View, v: &VnetView, sources: &Sources) -> J {
    let mut out = at(&v.vnet.origin, sources);
    out.insert("name".into(), json!(v.vnet.name));
    out.insert("id".into(), json!(v.vnet.id.as_str()));
    out.insert("live".into(), json!(v.vnet.live));
    out.insert("prefixes".into(), prefixes(&v.vnet.spaces));
    out.insert("unknown".into(), json!(v.unknown));
    let size = v.spaces.iter().filter(|s| !s.prefix.v6).map(super::ip_view::SpaceView::free_size).sum();
    out.insert("free".into(), free(size, &v.free()));
    let peer = |p: &Peer| match p {
        Peer::Here(i) => json!({ "name": view.vnets.get(*i).map(|v| &v.vnet.name), "id": view.vnets.get(*i).map(|v| v.vnet.id.as_str()) }),
        Peer::Elsewhere(name) => json!({ "name": name }),
        Peer::Unknown(name) => json!({ "unknown": name }),
    };
    out.insert("peerings".into(), v.peers.iter().map(peer).collect());
    out.insert("subnets".into(), v.subnets.iter().map(|s| subnet(s, sources)).collect());
    J::Object(out)
}

fn free(addresses: u128, blocks: &[crate::base::Prefix]) -> J {
    json!({
        "addresses": u64::try_from(addresses).unwrap_or(u64::MAX),
        "largest": blocks.iter().filter(|b| !b.v6).min_by_key(|b| b.len).map(ToString::to_string),
        "blocks": blocks.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn prefixes(cidrs: &[Cidr]) -> J {
    cidrs
        .iter()
        .filter_map(|c| match &c.given {
            Given::Unknown(_) => None,
            _ => c.prefix().map(|p| json!(p.to_string())),
        })
        .collect()
}

fn subnet(s: &SubnetView, sources: &Sources) -> J {
    let mut out = at(&s.subnet.origin, sources);
    out.insert("name".into(), json!(s.subnet.name));
    out.insert("id".into(), json!(s.subnet.id.as_str()));
    out.insert("live".into(), json!(s.subnet.live));
    out.insert("planned".into(), json!(s.planned));
    out.insert("unknown".into(), json!(s.unknown));
    out.insert("prefixes".into(), s.prefixes.iter().map(|p| json!(p.to_string())).collect());
    out.insert("standing".into(), json!(s.standing.code()));
    out.insert("stands".into(), json!(s.standing.words()));
    if let Some(l) = s.line {
        out.extend(line(l, s.standing));
    }
    J::Object(out)
}

/// What the check says of a subnet.
fn line(l: &crate::network::SubnetLine, standing: Standing) -> Map<String, J> {
    let mut out = Map::new();
    out.insert("kind".into(), json!(l.kind));
    out.insert("prefixes".into(), l.prefixes.iter().map(|p| json!(p.to_string())).collect());
    out.insert("usable".into(), json!(l.usable));
    out.insert("demand".into(), json!(l.demand));
    out.insert("free".into(), json!(l.free));
    out.insert("verdict".into(), json!(l.verdict));
    out.insert("standing".into(), json!(standing.code()));
    out.insert("live_use".into(), json!(l.live_use));
    out.insert("takers".into(), l.takers.iter().map(taker).collect());
    out.insert("arithmetic".into(), json!(l.arithmetic));
    out.insert("headroom".into(), headroom(&l.headroom));
    out.insert("forecast".into(), l.forecast.as_ref().map_or(J::Null, forecast));
    out.insert("faults".into(), json!(l.faults));
    out
}

fn taker(t: &TakerLine) -> J {
    json!({ "name": t.name, "address": t.origin.address, "demand": t.demand })
}

fn pods(l: &PodLine, standing: Standing, sources: &Sources) -> J {
    let mut out = at(&l.origin, sources);
    out.insert("cluster".into(), json!(l.cluster));
    out.insert("prefix".into(), json!(l.prefix.to_string()));
    out.insert("nodes".into(), json!(l.nodes));
    out.insert("demand".into(), json!(l.demand));
    out.insert("verdict".into(), json!(l.verdict));
    out.insert("standing".into(), json!(standing.code()));
    out.insert("arithmetic".into(), json!(l.arithmetic));
    out.insert("headroom".into(), headroom(&l.headroom));
    out.insert("forecast".into(), l.forecast.as_ref().map_or(J::Null, forecast));
    out.insert("faults".into(), json!(l.faults));
    J::Object(out)
}

fn headroom(h: &Headroom) -> J {
    json!({ "addresses": h.addresses, "nodes": h.nodes, "upgrade": h.upgrade, "left": h.left, "text": h.text })
}

pub fn forecast(f: &Forecast) -> J {
    let fails = |f: &Option<Failing>| f.map_or(J::Null, |f| json!({ "months": f.months, "on": f.on.map(|(y, m)| format!("{y:04}-{m:02}")) }));
    json!({ "rate": f.rate, "now": fails(&f.now), "autoscaled": fails(&f.autoscaled), "peak": fails(&f.peak), "horizon": f.horizon, "course": f.course })
}

/// The answer of `ip check -format=json`.
pub fn check_json(view: &View, sources: &Sources) -> J {
    let (errors, warnings) = view.counts();
    json!({
        "format_version": FORMAT,
        "passed": errors == 0,
        "error_count": errors,
        "warning_count": warnings,
        "findings": findings(view.report, sources),
        "unknowns": unknowns(view.report, sources),
    })
}

/// The answer of `ip free -json`.
pub fn free_json(view: &View, length: Option<u8>) -> J {
    let room = |name: &str, prefixes: Vec<String>, size: u128, blocks: &[crate::base::Prefix]| {
        let mut out = Map::from_iter([("name".to_owned(), json!(name)), ("prefixes".to_owned(), json!(prefixes)), ("free".to_owned(), free(size, blocks))]);
        if let Some(length) = length {
            let (total, first) = places(blocks, length);
            let total = u64::try_from(total).unwrap_or(u64::MAX);
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            out.insert("places".into(), json!({ "length": length, "total": total, "first": first }));
        }
        J::Object(out)
    };
    let vnets = view.vnets.iter().map(|v| {
        let size = v.spaces.iter().filter(|s| !s.prefix.v6).map(super::ip_view::SpaceView::free_size).sum();
        room(&v.label, v.spaces.iter().map(|s| s.prefix.to_string()).collect(), size, &v.free())
    });
    let pools = view.report.pools.iter().map(|p| room(&p.name, p.ranges.iter().map(ToString::to_string).collect(), p.free.addresses.into(), &p.free.blocks));
    json!({ "format_version": FORMAT, "vnets": vnets.collect::<Vec<_>>(), "pools": pools.collect::<Vec<_>>() })
}

/// The answer of `ip suggest -json`: the findings that something can be done about, and the whole as a difference of text.
pub fn suggest_json(report: &Report, sources: &Sources) -> J {
    let helped: Vec<&Finding> = report.findings.iter().filter(|f| f.proposal.is_some() || !f.ways.is_empty()).collect();
    let edits = helped.iter().filter_map(|f| f.proposal.as_ref()).flat_map(|p| &p.edits);
    let mut placed: Vec<_> = edits.filter_map(|e| super::ip_edit::patches(e, sources)).flatten().collect();
    placed.dedup();
    json!({
        "format_version": FORMAT,
        "suggestions": helped.iter().map(|f| finding(f, sources)).collect::<Vec<_>>(),
        "diff": super::ip_edit::unified(&placed, sources),
    })
}

/// The answer of `ip forecast -json`.
pub fn forecast_json(view: &View, sources: &Sources) -> J {
    let subnets = view.report.subnets.iter().filter_map(|l| {
        let mut out = at(&l.origin, sources);
        out.insert("vnet".into(), json!(l.vnet));
        out.insert("subnet".into(), json!(l.subnet));
        out.insert("forecast".into(), forecast(l.forecast.as_ref()?));
        Some(J::Object(out))
    });
    let pods = view.report.pod_cidrs.iter().filter_map(|l| {
        let mut out = at(&l.origin, sources);
        out.insert("cluster".into(), json!(l.cluster));
        out.insert("prefix".into(), json!(l.prefix.to_string()));
        out.insert("forecast".into(), forecast(l.forecast.as_ref()?));
        Some(J::Object(out))
    });
    json!({ "format_version": FORMAT, "subnets": subnets.collect::<Vec<_>>(), "pod_ranges": pods.collect::<Vec<_>>() })
}
