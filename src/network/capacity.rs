//! Checks of capacity: what nodes and pods take of each subnet and each pod range, now, at the autoscaler's maximum and
//! at the peak of an upgrade; with the sums and the smallest range that would do.

use crate::base::{Prefix, Severity};

use super::{
    cluster::{Declared, pod_ranges},
    demand::{BATCH, CLUSTER_NODES, KUBENET_NODES, VNET_ADDRESSES, pod_cidr_for, pod_cidr_nodes, subnet_for, subnet_for_blocks, usable, usable_blocks},
    form::at,
    index::Index,
    load::{Figures, Load, Taker, figures, loads},
    model::{Cidr, Cluster, Known, Model, Origin, Plugin, Subnet, Vnet},
    propose,
    report::{Demand, Finding, Headroom, PodLine, Report, SubnetKind, SubnetLine, Verdict},
};

pub fn check(model: &Model, index: &Index<'_>, report: &mut Report) {
    let loads = loads(model, index, report);
    let none = Load::default();
    for (v, vnet) in model.vnets.iter().enumerate() {
        let mut sum = 0u64;
        let mut proposed = Vec::new();
        for (s, subnet) in vnet.subnets.iter().enumerate() {
            let load = loads.get(&(v, s)).unwrap_or(&none);
            sum = sum.saturating_add(load.demand().most());
            mixture(subnet, load, report);
            check_subnet(model, vnet, subnet, load, &mut proposed, report);
        }
        if sum > VNET_ADDRESSES {
            let detail = format!("VNet {:?} would have to give out {sum} addresses at the peak; Azure allows {VNET_ADDRESSES} in one VNet.", vnet.name);
            report.find(Finding::new("IP-VNET-LIMIT", Severity::Error, "VNet exceeds a limit of Azure", detail, &vnet.origin));
        }
    }
    for cluster in &model.clusters {
        check_cluster(model, cluster, report);
    }
}

fn check_subnet(model: &Model, vnet: &Vnet, subnet: &Subnet, load: &Load, proposed: &mut Vec<Prefix>, report: &mut Report) {
    let known: Vec<Prefix> = subnet.prefixes.iter().filter_map(Cidr::prefix).collect();
    let prefixes: Vec<Prefix> = known.iter().copied().filter(|p| !p.v6).collect();
    // With a prefix that is not known, or with IPv6 alone, there is no capacity to compare with.
    if known.len() < subnet.prefixes.len() || prefixes.is_empty() {
        return;
    }
    let blocks = !load.blocks.is_empty();
    let capacity: u64 = prefixes.iter().map(|p| if blocks { usable_blocks(*p) * BATCH } else { usable(*p) }).fold(0, u64::saturating_add);
    let demand = load.demand();
    let verdict = demand.verdict(capacity, !load.incomplete);
    let arithmetic = sums(&prefixes, blocks, capacity, load, demand);
    let free = i64::try_from(i128::from(capacity) - i128::from(demand.now)).unwrap_or(i64::MAX);
    if let Some((code, severity, summary)) = named(load, verdict, model) {
        let list: Vec<String> = prefixes.iter().map(Prefix::to_string).collect();
        let place = format!("Subnet {:?} ({}) of VNet {:?} can give out {capacity} addresses", subnet.name, list.join(", "), vnet.name);
        let mut detail = format!("{place}; {}.", needs(takers(load), verdict, demand, capacity));
        let origin = subnet.prefixes.first().map_or_else(|| subnet.origin.clone(), |c| at(&subnet.origin, c));
        let len = if blocks { subnet_for_blocks(demand.most().div_ceil(BATCH)) } else { subnet_for(demand.most()) };
        let proposal = len.map(|len| propose::subnet(model, vnet, subnet, len, proposed));
        proposed.extend(proposal.as_ref().and_then(|p| p.place));
        if proposal.as_ref().is_some_and(|p| p.place.is_none()) {
            detail.push_str(&match propose::largest(model, vnet, subnet) {
                Some(len) => format!(" The largest free block of the VNet is a /{len}."),
                None => " The VNet has no free block.".to_owned(),
            });
        }
        let mut finding = Finding { arithmetic: arithmetic.clone(), proposal, ..Finding::new(code, severity, summary, detail, &origin) };
        for taker in [&load.nodes, &load.pods, &load.blocks].into_iter().flatten() {
            finding = finding.also(&taker.origin, &taker.name);
        }
        report.find(finding);
    }
    let (vnet, name) = (vnet.name.clone(), subnet.name.clone());
    report.subnets.push(SubnetLine {
        vnet,
        subnet: name,
        origin: subnet.origin.clone(),
        prefixes,
        usable: capacity,
        demand,
        free,
        verdict,
        arithmetic,
        kind: SubnetKind::Ordinary,
        takers: Vec::new(),
        live_use: None,
        headroom: Headroom::default(),
        forecast: None,
        faults: Vec::new(),
    });
}

/// Code, severity and summary of a verdict that fails.
fn named(load: &Load, verdict: Verdict, model: &Model) -> Option<(&'static str, Severity, &'static str)> {
    let pods = !load.pods.is_empty() || !load.blocks.is_empty();
    let nodes = !load.nodes.is_empty();
    let capacity = match (nodes, pods) {
        (true, _) => "IP-NODE-CAPACITY",
        (false, true) => "IP-POD-CAPACITY",
        (false, false) => "IP-SUBNET-CAPACITY",
    };
    match verdict {
        Verdict::Fits | Verdict::Unknown => None,
        Verdict::FailsNow => Some((
            capacity,
            model.limits.now,
            match (nodes, pods) {
                (true, _) => "Subnet is too small for its nodes",
                (false, true) => "Subnet is too small for its pods",
                (false, false) => "Subnet is too small for what is in it",
            },
        )),
        Verdict::FailsAutoscaled => Some((capacity, model.limits.autoscaled, "Subnet is too small at the autoscaler's maximum")),
        Verdict::FailsPeak => Some(("IP-UPGRADE-HEADROOM", model.limits.peak, "Subnet leaves no room for an upgrade")),
    }
}

/// Who takes addresses, for the sentence that says how many.
fn takers(load: &Load) -> String {
    let mut names: Vec<&str> = [&load.nodes, &load.pods, &load.blocks].into_iter().flatten().map(|t: &Taker| t.name.as_str()).collect();
    names.dedup();
    match names.as_slice() {
        [] => "what is in it".to_owned(),
        names if names.len() > 4 => format!("{} and {} more pools", names.iter().take(3).copied().collect::<Vec<_>>().join(", "), names.len() - 3),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `pool "user" needs 310 now, 59 more than there are`, and what it needs later when that is more.
fn needs(who: String, verdict: Verdict, demand: Demand, capacity: u64) -> String {
    let verb = if who.contains(" and ") { "need" } else { "needs" };
    let (need, when) = match verdict {
        Verdict::FailsNow => (demand.now, "now"),
        Verdict::FailsAutoscaled => (demand.autoscaled, "at the autoscaler's maximum"),
        _ => {
            let (left, extra) = (capacity.saturating_sub(demand.autoscaled), demand.peak.saturating_sub(demand.autoscaled));
            return format!("{who} {verb} {} at most, but the next upgrade needs {extra} more and {left} are left", demand.autoscaled);
        }
    };
    let mut text = format!("{who} {verb} {need} {when}, {} more than there are", need.saturating_sub(capacity));
    let later: Vec<String> = [(demand.autoscaled, "at the autoscaler's maximum"), (demand.peak, "at the peak of an upgrade")]
        .into_iter()
        .scan(need, |before, (n, when)| Some((n > std::mem::replace(before, n)).then(|| format!("{n} {when}"))))
        .flatten()
        .collect();
    if !later.is_empty() {
        text.push_str(&format!(" (and {})", later.join(", ")));
    }
    text
}

fn sums(prefixes: &[Prefix], blocks: bool, capacity: u64, load: &Load, demand: Demand) -> Vec<String> {
    let mut lines: Vec<String> = prefixes
        .iter()
        .map(|p| match blocks {
            true => format!("{p}: {} blocks of 16 less the first and the last = {} blocks", p.size() / u128::from(BATCH), usable_blocks(*p)),
            false => format!("{p}: {} addresses less 5 that Azure keeps = {}", p.size(), usable(*p)),
        })
        .collect();
    lines.extend(load.lines.iter().cloned());
    if !load.lines.is_empty() {
        let compare = |n: u64| format!("{n} {} {capacity}", if n <= capacity { "≤" } else { ">" });
        lines.push(format!("now {}; at maximum {}; at peak {}", compare(demand.now), compare(demand.autoscaled), compare(demand.peak)));
    }
    lines
}

/// What may not be together in one subnet, and in what form. Sources: AKS pod subnet and API-server integration pages.
fn mixture(subnet: &Subnet, load: &Load, report: &mut Report) {
    let mut refuse = |code: &'static str, summary: &'static str, detail: String, takers: &[&Vec<Taker>]| {
        let finding = Finding::new(code, Severity::Error, summary, detail, &subnet.origin);
        report.find(takers.iter().copied().flatten().fold(finding, |f, t| f.also(&t.origin, &t.name)));
    };
    let pods = !load.pods.is_empty() || !load.blocks.is_empty();
    if pods && !(load.nodes.is_empty() && load.others.is_empty()) {
        let detail = format!("Subnet {:?} is a pod subnet; nothing but pods may be in it.", subnet.name);
        refuse("IP-POD-SUBNET", "Pod subnet holds something else", detail, &[&load.nodes, &load.others]);
    }
    if !load.pods.is_empty() && !load.blocks.is_empty() {
        let detail = format!("Subnet {:?} gives out addresses to pods both one by one and in blocks; one subnet can do only one of them.", subnet.name);
        refuse("IP-POD-SUBNET", "Pod subnet with two allocation modes", detail, &[&load.pods, &load.blocks]);
    }
    if !load.api_servers.is_empty() {
        if !(load.nodes.is_empty() && load.others.is_empty()) || pods {
            let detail = format!("Subnet {:?} holds API servers; nothing else may be in it.", subnet.name);
            refuse("IP-SPECIAL-SUBNET", "API-server subnet holds something else", detail, &[&load.nodes, &load.pods, &load.blocks, &load.others]);
        }
        if let Some(prefix) = subnet.prefixes.iter().filter_map(Cidr::prefix).find(|p| !p.v6 && p.len > 28) {
            let detail = format!("Subnet {:?} ({prefix}) holds API servers; it needs a /28 or larger.", subnet.name);
            refuse("IP-SPECIAL-SUBNET", "Special subnet is too small", detail, &[&load.api_servers]);
        }
    }
    if subnet.prefixes.iter().filter_map(Cidr::prefix).filter(|p| !p.v6).count() > 1 && (pods || load.node_subnet_mode) {
        let detail = format!("Subnet {:?} has several prefixes, which AKS does not use for pods: only one of them counts for certain.", subnet.name);
        let finding = Finding::new("IP-MULTI-PREFIX", Severity::Warning, "Several prefixes do not help pods", detail, &subnet.origin);
        report.find([&load.nodes, &load.pods, &load.blocks].into_iter().flatten().fold(finding, |f, t| f.also(&t.origin, &t.name)));
    }
}

/// The nodes of a cluster against its pod ranges and against what one cluster can have.
fn check_cluster(model: &Model, cluster: &Cluster, report: &mut Report) {
    let found: Vec<(&Origin, &str, Result<Figures, String>)> = cluster.pools.iter().map(|p| (&p.origin, p.name.as_str(), figures(cluster, p))).collect();
    let complete = found.iter().all(|(_, _, f)| f.is_ok());
    let sum = |pick: fn(&Figures) -> u64| found.iter().filter_map(|(_, _, f)| f.as_ref().ok()).map(pick).fold(0, u64::saturating_add);
    let rotation = found.iter().filter_map(|(_, _, f)| f.as_ref().ok()).map(|f| f.rotation).max().unwrap_or(0);
    let autoscaled = sum(|f| f.most);
    let demand = Demand { now: sum(|f| f.now), autoscaled, peak: autoscaled.saturating_add(sum(|f| f.surge).max(rotation)) };
    let kubenet = cluster.plugin == Known::Is(Plugin::Kubenet);
    let limit = if kubenet { KUBENET_NODES } else { CLUSTER_NODES };
    if demand.peak > limit {
        let why = if kubenet { "each node of a kubenet cluster needs a route, and a route table holds 400" } else { "AKS allows 5000 in one cluster" };
        let detail = format!("Cluster {:?} can have {} nodes at the peak of an upgrade; {why}.", cluster.name, demand.peak);
        report.find(Finding::new("IP-CLUSTER-LIMIT", Severity::Error, "Cluster has too many nodes", detail, &cluster.origin));
    }
    let ranges = pod_ranges(cluster);
    for range in &ranges {
        let mut arithmetic =
            vec![format!("{}: one {} for each node = {} nodes", range.prefix, if range.prefix.v6 { "/80" } else { "/24" }, pod_cidr_nodes(range.prefix))];
        arithmetic.extend(found.iter().map(|(_, name, f)| match f {
            Ok(f) => format!("pool {name:?}: {} now, {} at maximum, upgrade adds {}", f.now, f.most, f.surge.max(f.rotation)),
            Err(_) => format!("pool {name:?}: not known yet"),
        }));
        pod_range(model, cluster, (range, &ranges), demand, complete, arithmetic, report);
    }
}

fn pod_range(
    model: &Model, cluster: &Cluster, (range, all): (&Declared, &[Declared]), demand: Demand, complete: bool, mut arithmetic: Vec<String>, report: &mut Report,
) {
    let room = pod_cidr_nodes(range.prefix);
    let verdict = demand.verdict(room, complete);
    let compare = |n: u64| format!("{n} {} {room}", if n <= room { "≤" } else { ">" });
    arithmetic.push(format!("nodes now {}; at maximum {}; at peak {}", compare(demand.now), compare(demand.autoscaled), compare(demand.peak)));
    let named = match verdict {
        Verdict::Fits | Verdict::Unknown => None,
        Verdict::FailsNow => Some(("IP-PODCIDR-CAPACITY", model.limits.now, "Pod range is too small for the nodes")),
        Verdict::FailsAutoscaled => Some(("IP-PODCIDR-CAPACITY", model.limits.autoscaled, "Pod range is too small at the autoscaler's maximum")),
        Verdict::FailsPeak => Some(("IP-UPGRADE-HEADROOM", model.limits.peak, "Pod range leaves no room for an upgrade")),
    };
    if let Some((code, severity, summary)) = named {
        let detail = format!(
            "The pod range {} of cluster {:?} has room for {room} nodes; the cluster has {} now, {} at the autoscaler's maximum and {} during an upgrade.",
            range.text, cluster.name, demand.now, demand.autoscaled, demand.peak
        );
        let others: Vec<Prefix> =
            all.iter().filter(|o| o.prefix != range.prefix).map(|o| o.prefix).chain(cluster.service_cidrs.iter().filter_map(Cidr::prefix)).collect();
        let proposal = propose::pod_cidr(model, range.prefix, pod_cidr_for(demand.most(), range.prefix.v6), &others);
        let finding = Finding { arithmetic: arithmetic.clone(), proposal: Some(proposal), ..Finding::new(code, severity, summary, detail, &range.origin) };
        report.find(cluster.pools.iter().fold(finding, |f, p| f.also(&p.origin, format!("pool {:?}", p.name))));
    }
    let (name, origin) = (cluster.name.clone(), range.origin.clone());
    report.pod_cidrs.push(PodLine {
        cluster: name,
        origin,
        prefix: range.prefix,
        nodes: room,
        demand,
        verdict,
        arithmetic,
        headroom: Headroom::default(),
        forecast: None,
        faults: Vec::new(),
    });
}
