//! A network model in few words.

use std::fmt::Write;

use ravelin::{
    base::{Sources, Span},
    network::{Addresses, Cidr, Cluster, Given, Known, Model, NextHop, Origin, Pool, Rotation, Subnet},
};

/// What the model holds, a part a line; each with where it comes from: a line of the blueprint, `Azure`, or nothing.
pub fn words(model: &Model, sources: &Sources) -> String {
    let at = |origin: &Origin| match origin.span {
        Some(span) => format!(" @{}", line(span, sources)),
        None if origin.is_live_only() => " @Azure".to_owned(),
        None => String::new(),
    };
    let mut out = String::new();
    for vnet in &model.vnets {
        writeln!(out, "vnet {} {}{}{}", vnet.name, cidrs(&vnet.spaces, sources), if vnet.live { " live" } else { "" }, at(&vnet.origin)).unwrap();
        for s in &vnet.subnets {
            writeln!(out, "  subnet {} {}{}{}", s.name, cidrs(&s.prefixes, sources), subnet(s), at(&s.origin)).unwrap();
        }
        for p in &vnet.peerings {
            let flags = [(p.forwarded_traffic, " forwarded"), (p.gateway_transit, " transit"), (p.remote_gateways, " remote-gateways")];
            let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
            writeln!(out, "  peering to {}{flags}{}", known(&p.remote, |r| r.name().to_owned()), at(&p.origin)).unwrap();
        }
    }
    for table in &model.route_tables {
        writeln!(out, "route table {}{}", table.id.name(), at(&table.origin)).unwrap();
        for r in &table.routes {
            let destination = r.destination.as_ref().map_or("a tag".to_owned(), |d| cidrs(std::slice::from_ref(d), sources));
            let hop = match &r.next_hop {
                NextHop::Appliance(address) => format!("appliance {}", known(address, ToString::to_string)),
                other => format!("{other:?}"),
            };
            writeln!(out, "  route {} {destination} to {hop}{}", r.name, at(&r.origin)).unwrap();
        }
    }
    for c in &model.clusters {
        writeln!(out, "cluster {}{}{}", c.name, cluster(c, sources), at(&c.origin)).unwrap();
        for p in &c.pools {
            writeln!(out, "  pool {}{}{}", p.name, pool(p), at(&p.origin)).unwrap();
            if let Some(old) = &p.old {
                writeln!(out, "    now{}", pool(old)).unwrap();
            }
        }
    }
    for t in &model.taken {
        let addresses = match t.addresses {
            Addresses::Dynamic(n) => n.to_string(),
            Addresses::Static(address) => address.to_string(),
        };
        let most = t.most.map_or(String::new(), |m| format!(" up to {m}"));
        writeln!(out, "{} in {}: {addresses}{most}{}", t.what, known(&t.subnet, |s| s.name().to_owned()), at(&t.origin)).unwrap();
    }
    for u in &model.unknowns {
        writeln!(out, "not known of {}: {}", u.origin.address.rsplit('/').next().unwrap_or(""), u.what).unwrap();
    }
    out
}

fn line(span: Span, sources: &Sources) -> String {
    sources.locate(span).to_string().rsplit(':').nth(1).unwrap_or("").to_owned()
}

fn known<T>(value: &Known<T>, show: impl Fn(&T) -> String) -> String {
    match value {
        Known::Is(value) => show(value),
        Known::Unknown(name) => format!("?{}", name.rsplit('/').next().unwrap_or("")),
    }
}

fn cidrs(list: &[Cidr], sources: &Sources) -> String {
    let one = |c: &Cidr| {
        let text = match &c.given {
            Given::Prefix(p) => p.to_string(),
            Given::Bad(error) => format!("!{error}"),
            Given::Unknown(name) => format!("?{}", name.rsplit('/').next().unwrap_or("")),
        };
        let line = c.span.map_or(String::new(), |s| format!("@{}", line(s, sources)));
        format!("{text}{line}")
    };
    list.iter().map(one).collect::<Vec<_>>().join(",")
}

fn subnet(s: &Subnet) -> String {
    let mut out = String::new();
    for service in &s.delegations {
        write!(out, " for {service}").unwrap();
    }
    for (what, id) in [("table", &s.route_table), ("group", &s.security_group)] {
        if let Some(id) = id {
            write!(out, " {what} {}", known(id, |i| i.name().to_owned())).unwrap();
        }
    }
    if s.live {
        out.push_str(" live");
    }
    if let Some(usage) = s.usage {
        write!(out, " {} of {} in use, {} by others", usage.used, usage.limit, s.used_by_others).unwrap();
    }
    out
}

fn cluster(c: &Cluster, sources: &Sources) -> String {
    let mut out = format!(" {}", known(&c.plugin, |p| format!("{p:?}")));
    for (what, list) in [("pods", &c.pod_cidrs), ("service", &c.service_cidrs)] {
        if !list.is_empty() {
            write!(out, " {what} {}", cidrs(list, sources)).unwrap();
        }
    }
    if let Some(dns) = &c.dns_service_ip {
        write!(out, " dns {}", known(dns, ToString::to_string)).unwrap();
    }
    if let Some(subnet) = &c.api_server_subnet {
        write!(out, " api in {}", known(subnet, |s| s.name().to_owned())).unwrap();
    }
    match &c.version {
        Known::Is(Some((major, minor))) => write!(out, " {major}.{minor}").unwrap(),
        Known::Is(None) => {}
        Known::Unknown(name) => write!(out, " ?{name}").unwrap(),
    }
    for (on, word) in [(c.dual_stack, "dual-stack"), (c.private, "private"), (c.auto_provisioned, "auto-provisioned"), (c.live, "live")] {
        if on {
            write!(out, " {word}").unwrap();
        }
    }
    out
}

fn pool(p: &Pool) -> String {
    let mut out = format!(" {}", known(&p.count, ToString::to_string));
    if let Some(max) = &p.max {
        write!(out, "..{}", known(max, ToString::to_string)).unwrap();
    }
    match &p.max_pods {
        Known::Is(None) => {}
        value => write!(out, " pods {}", known(value, |v| v.unwrap_or(0).to_string())).unwrap(),
    }
    for (what, value) in [("surge", &p.max_surge), ("unavailable", &p.max_unavailable)] {
        match value {
            Known::Is(None) => {}
            value => write!(out, " {what} {}", known(value, |v| v.clone().unwrap_or_default())).unwrap(),
        }
    }
    for (what, id) in [("in", &p.node_subnet), ("pods in", &p.pod_subnet)] {
        if let Some(id) = id {
            write!(out, " {what} {}", known(id, |s| s.name().to_owned())).unwrap();
        }
    }
    for (on, word) in [(p.system, "system"), (p.spot, "spot"), (p.windows, "windows"), (p.static_blocks, "blocks"), (p.blue_green, "blue-green")] {
        if on {
            write!(out, " {word}").unwrap();
        }
    }
    if p.rotation != Rotation::None {
        write!(out, " {:?}", p.rotation).unwrap();
    }
    out
}
