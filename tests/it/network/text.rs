//! A model as text, and a report as text.

use std::fmt::Write;

use expect_test::Expect;
use ravelin::{
    base::{FileId, Prefix, ResourceId, Severity, Span},
    network::{
        Addresses, Cidr, Cluster, Known, Model, NextHop, Origin, Peering, Plugin, Pool, Range, RangeKind, Report, Rotation, Route, RouteTable, Subnet, Taken,
        TakenKind, Usage, Vnet, check,
        settings::{AddressPool, Ceiling, Day, Growth, Rate, Reserve, Waiver},
    },
};

/// One line of a model: its first two words, and the others.
struct Line<'t> {
    number: usize,
    word: &'t str,
    name: &'t str,
    rest: &'t [&'t str],
}

/// Reads a model: one thing a line, `name=value` for its figures; parts come after what they belong to.
pub fn model(text: &str) -> Model {
    let mut model = Model::default();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let line = Line { number, word: words[0], name: words.get(1).copied().unwrap_or(""), rest: &words[2.min(words.len())..] };
        match line.word {
            "vnet" => model.vnets.push(Vnet { spaces: line.cidrs(), live: line.flag("live"), ..Vnet::new(vnet_id(line.name), line.origin()) }),
            "subnet" => model.vnets.last_mut().unwrap().subnet(&line),
            "peer" => model.vnets.last_mut().unwrap().peerings.push(line.peering()),
            "table" => model.route_tables.push(RouteTable { id: table_id(line.name), origin: line.origin(), routes: Vec::new() }),
            "route" => model.route_tables.last_mut().unwrap().routes.push(line.route()),
            "routes" => {
                let table = model.route_tables.last_mut().unwrap();
                let n: u32 = line.name.parse().unwrap();
                table.routes.extend((0..n).map(|_| line.route()));
            }
            "cluster" => model.clusters.push(line.cluster()),
            "pool" => model.clusters.last_mut().unwrap().pools.push(line.pool()),
            // The pool above as it is today.
            "old" => model.clusters.last_mut().unwrap().pools.last_mut().unwrap().old = Some(Box::new(line.pool())),
            "taken" => model.taken.push(line.taken()),
            "on-premises" | "reserved" => {
                let kind = if line.word == "reserved" { RangeKind::Reserved } else { RangeKind::OnPremises };
                model.ranges.push(Range { name: line.name.to_owned(), origin: line.origin(), cidr: cidr(line.rest[0], number), kind });
            }
            _ => settings(&mut model, &line),
        }
    }
    model
}

/// What `address_plan` declares.
fn settings(model: &mut Model, line: &Line) {
    let of = (line.name != "*").then(|| line.name.to_owned());
    let settings = &mut model.settings;
    match line.word {
        "today" => settings.today = Some(Day(line.name.parse().unwrap())),
        "limit" => {
            for (name, place) in [("now", &mut model.limits.now), ("autoscaled", &mut model.limits.autoscaled), ("peak", &mut model.limits.peak)] {
                if name == line.name {
                    *place = Severity::Warning;
                }
            }
        }
        "addresses" => settings.pools.push(AddressPool { name: line.name.to_owned(), origin: line.origin(), cidrs: line.cidrs() }),
        "growth" => {
            let figure = |key: &str| line.value(key).map(|v| v.parse::<f64>().unwrap());
            let rate =
                figure("nodes").map(Rate::Nodes).or_else(|| figure("addresses").map(Rate::Addresses)).or_else(|| figure("percent").map(Rate::Percent)).unwrap();
            settings.growth.push(Growth { origin: line.origin(), of, rate, horizon: number(line.value("horizon")) });
        }
        "reserve" => settings.reserves.push(Reserve {
            origin: line.origin(),
            of,
            addresses: number(line.value("addresses")).unwrap_or(0).into(),
            percent: number(line.value("percent")).unwrap_or(0),
            why: line.value("why").map(str::to_owned),
        }),
        "ceiling" => settings.ceilings.push(Ceiling { origin: line.origin(), of: line.name.to_owned(), nodes: number(line.value("nodes")).unwrap() }),
        "threshold" => {
            let percent = Some(line.rest[0].parse().unwrap());
            if line.name == "error" { settings.thresholds.error = percent } else { settings.thresholds.warning = percent }
        }
        "waiver" => settings.waivers.push(Waiver {
            origin: line.origin(),
            code: line.name.to_owned(),
            of: line.value("of").map(str::to_owned),
            reason: line.value("reason").unwrap_or("it is known").to_owned(),
            expires: Day(line.value("until").unwrap().parse().unwrap()),
            expires_span: Some(span(line.number)),
        }),
        other => panic!("unknown word {other}"),
    }
}

trait Parts {
    fn subnet(&mut self, line: &Line);
}

impl Parts for Vnet {
    fn subnet(&mut self, line: &Line) {
        let mut subnet = Subnet::new(self.id.child("subnets", line.name), line.origin(), line.cidrs());
        subnet.delegations.extend(line.value("delegated").map(str::to_owned));
        subnet.used_by_others = number(line.value("others")).unwrap_or(0).into();
        subnet.usage = line.value("usage").map(|u| {
            let (used, limit) = u.split_once("of").unwrap();
            Usage { used: used.parse().unwrap(), limit: limit.parse().unwrap() }
        });
        subnet.route_table = line.value("table").map(|t| known(t, table_id));
        subnet.security_group = line.flag("nsg").then(|| Known::Is(table_id("nsg")));
        subnet.live = line.flag("live");
        self.subnets.push(subnet);
    }
}

impl Line<'_> {
    fn origin(&self) -> Origin {
        Origin::new(format!("{}.{}", self.word, self.name), Some(span(self.number)))
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.rest.iter().find_map(|w| w.strip_prefix(key)?.strip_prefix('='))
    }

    fn flag(&self, key: &str) -> bool {
        self.rest.contains(&key)
    }

    fn cidrs(&self) -> Vec<Cidr> {
        self.rest.iter().filter(|w| !w.contains('=') && (w.contains('/') || w.starts_with('?'))).map(|w| cidr(w, self.number)).collect()
    }

    /// A value of several ranges.
    fn list(&self, key: &str) -> Vec<Cidr> {
        self.value(key).into_iter().flat_map(|v| v.split(',')).map(|c| cidr(c, self.number)).collect()
    }

    fn peering(&self) -> Peering {
        Peering {
            forwarded_traffic: self.flag("forwarded"),
            gateway_transit: self.flag("transit"),
            remote_gateways: self.flag("remote-gateways"),
            ..Peering::new(known(self.name, vnet_id), self.origin())
        }
    }

    fn route(&self) -> Route {
        let next_hop = match self.rest[1] {
            "gateway" => NextHop::Gateway,
            "vnet" => NextHop::VnetLocal,
            "internet" => NextHop::Internet,
            "none" => NextHop::Nowhere,
            address => NextHop::Appliance(known(address, |a| a.parse().unwrap())),
        };
        Route { name: self.name.to_owned(), origin: self.origin(), destination: Some(cidr(self.rest[0], self.number)), next_hop }
    }

    fn cluster(&self) -> Cluster {
        Cluster {
            id: None,
            name: self.name.to_owned(),
            origin: self.origin(),
            plugin: known(self.rest.first().unwrap_or(&"overlay"), plugin),
            pod_cidrs: self.list("pods"),
            service_cidrs: self.list("service"),
            dns_service_ip: self.value("dns").map(|d| known(d, |d| d.parse().unwrap())),
            dual_stack: self.flag("dual"),
            private: self.flag("private"),
            api_server_subnet: self.value("api").map(|s| known(s, subnet_id)),
            pools: Vec::new(),
            auto_provisioned: self.flag("nap"),
            live: self.flag("live"),
            version: Known::Is(self.value("version").map(|v| {
                let (major, minor) = v.split_once('.').unwrap();
                (major.parse().unwrap(), minor.parse().unwrap())
            })),
            network_policy: self.value("policy").map(str::to_owned),
            user_assigned: self.flag("user-assigned").then_some(true),
        }
    }

    fn pool(&self) -> Pool {
        Pool {
            name: self.name.to_owned(),
            origin: self.origin(),
            system: self.flag("system"),
            count: self.value("count").map_or(Known::Is(1), |c| known(c, |c| c.parse().unwrap())),
            max: self.value("max").map(|c| known(c, |c| c.parse().unwrap())),
            max_pods: Known::Is(number(self.value("pods"))),
            max_surge: Known::Is(self.value("surge").map(str::to_owned)),
            max_unavailable: Known::Is(self.value("unavailable").map(str::to_owned)),
            spot: self.flag("spot"),
            blue_green: self.flag("blue-green"),
            rotation: match () {
                () if self.flag("rotates") => Rotation::Temporary,
                () if self.flag("create-first") => Rotation::CreateFirst,
                () if self.flag("leaves") => Rotation::Leaves,
                () => Rotation::None,
            },
            old: None,
            windows: self.flag("windows"),
            node_subnet: self.value("in").map(|s| known(s, subnet_id)),
            pod_subnet: self.value("pods-in").map(|s| known(s, subnet_id)),
            static_blocks: self.flag("static"),
            expected_pods: number(self.value("expect")),
        }
    }

    fn taken(&self) -> Taken {
        let addresses = self.rest[1].parse().map(Addresses::Dynamic).unwrap_or_else(|_| Addresses::Static(self.rest[1].parse().unwrap()));
        let kind = match self.value("kind").unwrap_or("nic") {
            "nic" => TakenKind::NetworkInterface,
            "frontend" => TakenKind::Frontend,
            "endpoint" => TakenKind::PrivateEndpoint,
            "pls" => TakenKind::PrivateLinkService,
            "appgw" => TakenKind::ApplicationGateway,
            "gateway" => TakenKind::Gateway,
            "bastion" => TakenKind::Bastion,
            "firewall" => TakenKind::Firewall,
            "route-server" => TakenKind::RouteServer,
            other => panic!("unknown kind {other}"),
        };
        Taken { most: number(self.value("most")), ..Taken::new(kind, known(self.rest[0], subnet_id), self.origin(), addresses) }
    }
}

fn number(text: Option<&str>) -> Option<u32> {
    text.map(|t| t.parse().unwrap())
}

/// `?name` is unknown.
fn known<T>(text: &str, f: impl Fn(&str) -> T) -> Known<T> {
    text.strip_prefix('?').map_or_else(|| Known::Is(f(text)), |name| Known::Unknown(name.to_owned()))
}

fn cidr(text: &str, line: usize) -> Cidr {
    text.strip_prefix('?').map_or_else(|| Cidr::parse(text, Some(span(line))), |name| Cidr::unknown(name, Some(span(line))))
}

fn plugin(text: &str) -> Plugin {
    let (plugin, mode) = if text == "overlay" { ("azure", Some("overlay")) } else { (text, None) };
    Plugin::of(Some(plugin), mode).unwrap()
}

/// Lines of the model stand for places in a source.
fn span(line: usize) -> Span {
    Span::new(FileId(0), line + 1, line + 1)
}

fn vnet_id(name: &str) -> ResourceId {
    ResourceId::parse(&format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/{name}")).unwrap()
}

fn table_id(name: &str) -> ResourceId {
    ResourceId::parse(&format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/{name}")).unwrap()
}

/// `vnet/subnet`.
fn subnet_id(path: &str) -> ResourceId {
    let (vnet, subnet) = path.split_once('/').unwrap();
    // Ids are compared without case.
    vnet_id(&vnet.to_uppercase()).child("subnets", subnet)
}

/// The findings as a user sees them, with line numbers for places, then what is unknown.
pub fn show(report: &Report) -> String {
    let mut out = String::new();
    for f in &report.findings {
        let d = f.diagnostic();
        let line = |s: Option<Span>| s.map_or("-".to_owned(), |s| s.start.to_string());
        writeln!(out, "{:?} {} at line {}: {}\n  {}", d.severity, d.code, line(d.span), d.summary, d.detail).unwrap();
        for r in &d.related {
            writeln!(out, "  line {}: {}", line(Some(r.span)), r.message).unwrap();
        }
        if let Some(hint) = d.hint {
            writeln!(out, "  {}", hint.replace('\n', "\n  ")).unwrap();
        }
    }
    for u in &report.unknowns {
        writeln!(out, "unknown {}: {}", u.origin.address, u.what).unwrap();
    }
    if out.is_empty() { "fine\n".into() } else { out }
}

pub fn check_text(text: &str, expected: Expect) {
    expected.assert_eq(&show(&check(&model(text))));
}

pub fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

pub fn codes(text: &str) -> Vec<&'static str> {
    check(&model(text)).findings.iter().map(|f| f.code).collect()
}
