//! The map of an address plan as a drawing: all ranges at a glance, then every VNet to scale with its subnets and their use.

use crate::{
    base::Prefix,
    network::{Cidr, Known, RangeKind, SubnetLine},
};

use super::{
    addresses::room,
    ip_overview::{Named, overview},
    ip_standing::Standing,
    ip_view::{Part, Peer, SubnetView, View, VnetView, What},
    ip_words::{addresses, amount, largest, list, percent, signed},
    map_strip::{Look, stray, strip, usage},
    map_style::{STYLE, class, text_class},
    svg::{Anchor, Area, Svg, escape, fit, number, width_of},
    words::count,
};

const WIDTH: f64 = 1240.0;
const MARGIN: f64 = 32.0;
/// Room inside a card.
const PAD: f64 = 20.0;
/// Room of one line of peerings beside the cards, and how many are drawn at most.
const LANE: f64 = 14.0;
const LANES: usize = 8;

/// The map as an SVG document. Same view, same bytes.
pub fn map_svg(view: &View, title: &str) -> String {
    let wires = wires(view);
    let left = MARGIN + LANE * wires.len() as f64;
    let frame = (left, WIDTH - MARGIN);
    let mut svg = Svg::default();
    let mut y = head(&mut svg, view, title);
    y = glance(&mut svg, view, (MARGIN, WIDTH - MARGIN), y);
    let mut knots = Vec::new();
    for (i, vnet) in view.vnets.iter().enumerate() {
        knots.push(y + PAD + 11.0);
        y = card(&mut svg, frame, y, &|svg, inner, y| vnet_card(svg, view, (i, vnet), inner, y));
    }
    draw_wires(&mut svg, view, &wires, &knots, left);
    if !view.clusters.is_empty() {
        y = card(&mut svg, frame, y, &|svg, inner, y| clusters(svg, view, inner, y));
    }
    if !view.model.ranges.is_empty() || !view.report.pools.is_empty() {
        y = card(&mut svg, frame, y, &|svg, inner, y| ranges(svg, view, inner, y));
    }
    if !view.report.unknowns.is_empty() {
        y = card(&mut svg, frame, y, &|svg, inner, y| unknowns(svg, view, inner, y));
    }
    document(&svg.finish(), view, title, y + MARGIN - 16.0)
}

/// The frame around the drawing: its size, what a screen reader says of it, the ground.
fn document(body: &str, view: &View, title: &str, height: f64) -> String {
    let (width, height) = (number(WIDTH), number(height.ceil()));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"map-title map-desc\">\n<title id=\"map-title\">{}</title>\n<desc id=\"map-desc\">{}</desc>\n",
        escape(title),
        escape(&summary(view))
    );
    out.push_str(STYLE);
    out.push_str(&format!("<rect class=\"ground\" width=\"{width}\" height=\"{height}\" rx=\"10\"/>\n"));
    out.push_str(body);
    out.push_str("</svg>\n");
    out
}

/// The whole in one sentence.
fn summary(view: &View) -> String {
    let subnets: usize = view.vnets.iter().map(|v| v.subnets.len()).sum();
    let (errors, warnings) = view.counts();
    let found = match (errors, warnings) {
        (0, 0) => "everything that is known fits".to_owned(),
        (0, w) => count(w, "warning"),
        (e, 0) => count(e, "error"),
        (e, w) => format!("{}, {}", count(e, "error"), count(w, "warning")),
    };
    let clusters = if view.clusters.is_empty() { String::new() } else { format!(", {}", count(view.clusters.len(), "cluster")) };
    format!("{}, {}{clusters}: {found}", count(view.vnets.len(), "VNet"), count(subnets, "subnet"))
}

fn head(svg: &mut Svg, view: &View, title: &str) -> f64 {
    let text = fit(title, WIDTH - 2.0 * MARGIN, 24.0, false).unwrap_or_default();
    svg.text("h1", (MARGIN, MARGIN + 20.0), Anchor::Start, &text);
    let (errors, _) = view.counts();
    svg.text(if errors > 0 { "t-bad" } else { "quiet" }, (MARGIN, MARGIN + 42.0), Anchor::Start, &summary(view));
    legend(svg, view, MARGIN + 68.0)
}

/// What colours and bars mean, as far as the map has them.
fn legend(svg: &mut Svg, view: &View, y: f64) -> f64 {
    let subnets = || view.vnets.iter().flat_map(|v| &v.subnets);
    let stands = |class_name: &str| {
        let pods = view.clusters.iter().flat_map(|c| &c.pods).map(|l| Standing::of_pods(l, &view.remarks));
        subnets().map(|s| s.standing).chain(pods).any(|s| class(s) == class_name)
    };
    let chips = [
        ("fits", "fits", stands("fits")),
        ("empty", "nothing in it", stands("empty")),
        ("warned", "with a warning", stands("warned")),
        ("peak", "too small to upgrade", stands("peak")),
        ("autoscaled", "too small when scaled out", stands("autoscaled")),
        ("bad", "too small, or wrong", stands("bad")),
        ("unknown", "not known yet", stands("unknown")),
        ("empty planned", "+ planned", subnets().any(|s| s.planned)),
        ("reserved", "reserved", view.ranges(RangeKind::Reserved).next().is_some()),
        ("free", "free", true),
    ];
    let (mut x, mut y) = (MARGIN, y);
    let mut step = |words: &str| {
        let width = 32.0 + width_of(words, 12.0, false) + 12.0;
        if x + width > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + 20.0);
        }
        let at = (x, y);
        x += width;
        at
    };
    for (class, words, _) in chips.iter().filter(|(.., there)| *there) {
        let (x, y) = step(words);
        svg.rect(class, Area { x, y: y - 10.0, width: 22.0, height: 12.0 }, 2.0);
        svg.text("quiet", (x + 28.0, y), Anchor::Start, words);
    }
    for (class, words) in [("now", "used now"), ("later", "used at the peak")] {
        let (x, y) = step(words);
        let bar = Area { x, y: y - 7.0, width: 24.0, height: 5.0 };
        svg.rect("track", bar, 2.5);
        svg.rect(class, Area { width: 16.0, ..bar }, 2.5);
        svg.text("quiet", (x + 30.0, y), Anchor::Start, words);
    }
    step("").1 + 22.0
}

/// Draws within a left and a right edge from some height on, and gives the height at which it ends.
type Inside<'a> = &'a dyn Fn(&mut Svg, (f64, f64), f64) -> f64;

/// A card from `y` on around what `inside` draws; gives where the next one begins.
fn card(svg: &mut Svg, (left, right): (f64, f64), y: f64, inside: Inside) -> f64 {
    let mut inner = Svg::default();
    let end = inside(&mut inner, (left + PAD, right - PAD), y + PAD) + PAD - 4.0;
    svg.rect("card", Area { x: left, y, width: right - left, height: end - y }, 8.0);
    svg.raw(&inner.finish());
    end + 16.0
}

/// All ranges of the plan by the private block they lie in.
fn glance(svg: &mut Svg, view: &View, frame: (f64, f64), y: f64) -> f64 {
    let (named, spaces) = overview(view);
    if named.len() < 2 {
        return y;
    }
    card(svg, frame, y, &|svg, inner, mut y| {
        svg.text("h2", (inner.0, y + 14.0), Anchor::Start, "All ranges");
        y += 28.0;
        for space in &spaces {
            y = strip(svg, space, inner, y, &|part| if let What::Range(i) = part.what { named.get(i).map(named_look) } else { None }) + 8.0;
        }
        y
    })
}

fn named_look(named: &Named) -> Look {
    let (name, range) = (named.label(), named.prefix.to_string());
    let title = format!("{name}: {range}, {}", addresses(named.prefix.size()));
    Look { class: named.use_.class().to_owned(), short: name.clone(), mark: String::new(), name, range, title, usage: None }
}

fn vnet_card(svg: &mut Svg, view: &View, (_, vnet): (usize, &VnetView), inner: (f64, f64), y: f64) -> f64 {
    let mut y = vnet_head(svg, view, vnet, inner, y);
    for space in &vnet.spaces {
        y = strip(svg, space, inner, y, &|part| part_look(vnet, part)) + 8.0;
    }
    for (i, subnet) in vnet.subnets.iter().enumerate() {
        for prefix in &subnet.outside {
            let part = Part { first: prefix.base, last: prefix.last_bits(), what: What::Subnet(i) };
            y = stray(svg, "outside the VNet", inner, y, &subnet_look(vnet, subnet, &part, i));
        }
        for name in &subnet.unknown {
            let title = format!("{}: its range is not known before {name} is", subnet.subnet.name);
            let (name, short) = (named(subnet), String::new());
            let look = Look { class: "unknown".to_owned(), name, short, mark: (i + 1).to_string(), range: "not known yet".to_owned(), title, usage: None };
            y = stray(svg, "not known yet", inner, y, &look);
        }
        // With an address space that is not known, a subnet may have a range and no place.
        let placed = |p: &Prefix| vnet.spaces.iter().any(|s| s.prefix.contains(*p)) || subnet.outside.contains(p);
        for prefix in subnet.prefixes.iter().filter(|p| !placed(p)) {
            let part = Part { first: prefix.base, last: prefix.last_bits(), what: What::Subnet(i) };
            y = stray(svg, "somewhere in it", inner, y, &subnet_look(vnet, subnet, &part, i));
        }
    }
    for name in &vnet.unknown {
        svg.text("quiet", (inner.0, y + 12.0), Anchor::Start, &format!("? an address space is not known before {name} is"));
        y += 20.0;
    }
    if vnet.subnets.is_empty() { y } else { table(svg, vnet, inner, y + 6.0) }
}

fn vnet_head(svg: &mut Svg, view: &View, vnet: &VnetView, (left, right): (f64, f64), y: f64) -> f64 {
    let spaces: Vec<_> = vnet.spaces.iter().map(|s| s.prefix).collect();
    let (free, whole) = vnet.room();
    let room = right - left;
    let name = fit(&vnet.label, room * 0.5, 16.0, false).unwrap_or_default();
    svg.text("h2", (left, y + 14.0), Anchor::Start, &name);
    let right_text = format!("{} · {}", list(&spaces), addresses(whole));
    svg.text("mono", (right, y + 14.0), Anchor::End, &fit(&right_text, room * 0.45, 11.0, true).unwrap_or_default());
    let mut words = vec![vnet.vnet.origin.address.clone()];
    let peers = vnet.peer_names(view);
    if !peers.is_empty() {
        words.push(format!("peered with {}", if peers.len() > 4 { count(peers.len(), "VNet") } else { peers.join(", ") }));
    }
    svg.text("mono quiet", (left, y + 32.0), Anchor::Start, &fit(&words.join("  ·  "), room * 0.62, 11.0, true).unwrap_or_default());
    if whole > 0 {
        let blocks = vnet.free();
        let largest = blocks.iter().min_by_key(|b| b.len).map(|b| format!("; largest free block {b}")).unwrap_or_default();
        svg.text("quiet", (right, y + 32.0), Anchor::End, &format!("{} free{largest}", percent(free, whole)));
    }
    y + 46.0
}

fn part_look(vnet: &VnetView, part: &Part) -> Option<Look> {
    match part.what {
        What::Free | What::Range(_) => None,
        What::Reserved(range) => Some(Look {
            class: "reserved".to_owned(),
            name: format!("reserved: {}", range.name),
            short: range.name.clone(),
            mark: String::new(),
            range: range.cidr.prefix().map(|p| p.to_string()).unwrap_or_default(),
            title: format!("reserved: {} ({})", range.name, addresses(part.size())),
            usage: None,
        }),
        What::Subnet(i) => vnet.subnets.get(i).map(|subnet| subnet_look(vnet, subnet, part, i)),
    }
}

fn subnet_look(vnet: &VnetView, subnet: &SubnetView, part: &Part, i: usize) -> Look {
    let range = subnet.prefixes.iter().find(|p| p.base <= part.first && part.last <= p.last_bits());
    let range = range.map(ToString::to_string).unwrap_or_default();
    let figures = subnet.line.map(|l| format!(": {}", figures(l))).unwrap_or_default();
    Look {
        class: style(subnet),
        name: named(subnet),
        short: vnet.short(subnet).to_owned(),
        mark: (i + 1).to_string(),
        title: format!("{} {range}{figures}; {}", subnet.subnet.name, subnet.standing.words()),
        range,
        usage: subnet.line.filter(|l| l.demand.most() > 0).map(|l| (l.demand, l.usable)),
    }
}

fn style(subnet: &SubnetView) -> String {
    let planned = if subnet.planned { " planned" } else { "" };
    format!("{}{planned}", class(subnet.standing))
}

fn named(subnet: &SubnetView) -> String {
    if subnet.planned { format!("+ {}", subnet.subnet.name) } else { subnet.subnet.name.clone() }
}

fn figures(line: &SubnetLine) -> String {
    format!("{} now, {} at maximum, {} at peak of {} usable", line.demand.now, line.demand.autoscaled, line.demand.peak, line.usable)
}

/// Columns of the table, from its left side, and of the figures, from its right side.
const NAME: f64 = 28.0;
const RANGE: f64 = 310.0;
const BAR: f64 = 456.0;
const FIGURES: [(f64, &str); 5] = [(506.0, "NOW"), (426.0, "AUTOSCALED"), (366.0, "PEAK"), (290.0, "USABLE"), (222.0, "LEFT")];
const STANDS: f64 = 200.0;

fn table(svg: &mut Svg, vnet: &VnetView, inner: (f64, f64), y: f64) -> f64 {
    let (left, right) = inner;
    for (x, words) in [(left, "#"), (left + NAME, "SUBNET"), (left + RANGE, "RANGE"), (left + BAR, "USE"), (right - STANDS, "STANDS")] {
        svg.text("head", (x, y + 12.0), Anchor::Start, words);
    }
    for (x, words) in FIGURES {
        svg.text("head", (right - x, y + 12.0), Anchor::End, words);
    }
    let mut y = y + 18.0;
    for (i, subnet) in vnet.subnets.iter().enumerate() {
        svg.line("rule", (left, y), (right, y));
        y = subnet_row(svg, subnet, i, inner, y);
    }
    y
}

fn subnet_row(svg: &mut Svg, subnet: &SubnetView, i: usize, (left, right): (f64, f64), y: f64) -> f64 {
    let base = y + 15.0;
    svg.open(&format!("{} {}: {}", subnet.subnet.name, list(&subnet.prefixes), subnet.standing.words()));
    svg.rect(&style(subnet), Area { x: left, y: y + 4.0, width: 20.0, height: 14.0 }, 2.0);
    svg.text("tiny", (left + 10.0, base - 0.5), Anchor::Middle, &(i + 1).to_string());
    svg.text("h3", (left + NAME, base), Anchor::Start, &fit(&named(subnet), RANGE - NAME - 10.0, 12.0, false).unwrap_or_default());
    let mut ranges: Vec<String> = subnet.prefixes.iter().map(ToString::to_string).collect();
    ranges.extend(subnet.unknown.iter().map(|name| format!("? {name}")));
    svg.text("mono", (left + RANGE, base), Anchor::Start, &fit(&ranges.join(", "), BAR - RANGE - 10.0, 11.0, true).unwrap_or_default());
    if let Some(line) = subnet.line {
        let first = FIGURES.first().map_or(0.0, |f| f.0);
        let area = Area { x: left + BAR, y: y + 8.0, width: (right - first - 56.0) - (left + BAR), height: 6.0 };
        usage(svg, area, &line.demand, line.usable);
        let values = [line.demand.now, line.demand.autoscaled, line.demand.peak, line.usable].map(|n| amount(n.into()));
        let free = signed(line.headroom.addresses);
        for ((x, _), value) in FIGURES.iter().zip(values.iter().chain(std::iter::once(&free))) {
            svg.text("mono", (right - x, base), Anchor::End, value);
        }
    }
    let stands = format!("{} {}", subnet.standing.sign(false), subnet.standing.words());
    svg.text(text_class(subnet.standing), (right - STANDS, base), Anchor::Start, &fit(&stands, STANDS, 12.0, false).unwrap_or_default());
    svg.close();
    let note = subnet.line.map(|l| room(&l.headroom)).unwrap_or_default();
    if note.is_empty() {
        return y + 22.0;
    }
    svg.text("quiet", (left + NAME, base + 15.0), Anchor::Start, &fit(note, right - left - NAME, 12.0, false).unwrap_or_default());
    y + 38.0
}

/// Clusters with the ranges of their pods and services.
fn clusters(svg: &mut Svg, view: &View, (left, right): (f64, f64), y: f64) -> f64 {
    svg.text("h2", (left, y + 14.0), Anchor::Start, "Clusters");
    let mut y = y + 26.0;
    for cluster in &view.clusters {
        svg.line("rule", (left, y), (right, y));
        svg.text("h3", (left, y + 15.0), Anchor::Start, &fit(&cluster.cluster.name, RANGE - 10.0, 12.0, false).unwrap_or_default());
        let dns = match &cluster.cluster.dns_service_ip {
            Some(Known::Is(ip)) => format!(" · DNS {ip}"),
            _ => String::new(),
        };
        let services: Vec<_> = cluster.cluster.service_cidrs.iter().filter_map(Cidr::prefix).collect();
        let services = if services.is_empty() { String::new() } else { format!("services {}{dns}", list(&services)) };
        svg.text("mono quiet", (left + RANGE, y + 15.0), Anchor::Start, &fit(&services, right - left - RANGE, 11.0, true).unwrap_or_default());
        y += 22.0;
        for line in &cluster.pods {
            let standing = Standing::of_pods(line, &view.remarks);
            svg.rect(class(standing), Area { x: left + NAME, y: y + 4.0, width: 20.0, height: 14.0 }, 2.0);
            svg.text("quiet", (left + NAME + 28.0, y + 15.0), Anchor::Start, "pods, in nodes");
            svg.text("mono", (left + RANGE, y + 15.0), Anchor::Start, &line.prefix.to_string());
            let first = FIGURES.first().map_or(0.0, |f| f.0);
            let area = Area { x: left + BAR, y: y + 8.0, width: (right - first - 56.0) - (left + BAR), height: 6.0 };
            usage(svg, area, &line.demand, line.nodes);
            let values = [line.demand.now, line.demand.autoscaled, line.demand.peak, line.nodes].map(|n| amount(n.into()));
            let free = signed(line.headroom.addresses);
            for ((x, _), value) in FIGURES.iter().zip(values.iter().chain(std::iter::once(&free))) {
                svg.text("mono", (right - x, y + 15.0), Anchor::End, value);
            }
            let stands = format!("{} {}", standing.sign(false), standing.words());
            svg.text(text_class(standing), (right - STANDS, y + 15.0), Anchor::Start, &stands);
            y += 22.0;
        }
    }
    y
}

/// On-premises and reserved ranges, and the pools that networks are taken from.
fn ranges(svg: &mut Svg, view: &View, (left, right): (f64, f64), y: f64) -> f64 {
    svg.text("h2", (left, y + 14.0), Anchor::Start, "Ranges outside Azure, and pools");
    let mut y = y + 26.0;
    let mut row = |class: &str, kind: &str, name: &str, range: &str, note: &str| {
        svg.line("rule", (left, y), (right, y));
        svg.rect(class, Area { x: left, y: y + 4.0, width: 20.0, height: 14.0 }, 2.0);
        svg.text("h3", (left + NAME, y + 15.0), Anchor::Start, &fit(name, RANGE - NAME - 10.0, 12.0, false).unwrap_or_default());
        svg.text("mono", (left + RANGE, y + 15.0), Anchor::Start, &fit(range, BAR - RANGE + 90.0, 11.0, true).unwrap_or_default());
        svg.text(
            "quiet",
            (left + BAR + 110.0, y + 15.0),
            Anchor::Start,
            &fit(&format!("{kind}{note}"), right - left - BAR - 110.0, 12.0, false).unwrap_or_default(),
        );
        y += 22.0;
    };
    for (kind, class, words) in [(RangeKind::OnPremises, "onprem", "on premises"), (RangeKind::Reserved, "reserved", "reserved")] {
        for range in view.ranges(kind) {
            let text = range.cidr.prefix().map_or_else(|| "?".to_owned(), |p| p.to_string());
            row(class, words, &range.name, &text, "");
        }
    }
    for pool in &view.report.pools {
        let note = format!(": {} free{}", amount(pool.free.addresses.into()), largest(pool.free.largest));
        row("net", "pool", &pool.name, &list(&pool.ranges), &note);
    }
    y
}

fn unknowns(svg: &mut Svg, view: &View, (left, right): (f64, f64), y: f64) -> f64 {
    svg.text("h2", (left, y + 14.0), Anchor::Start, "Not known yet");
    let mut y = y + 26.0;
    let most = 12;
    for unknown in view.report.unknowns.iter().take(most) {
        let text = format!("{}: {}", unknown.origin.address, unknown.what);
        svg.text("quiet", (left, y + 12.0), Anchor::Start, &fit(&text, right - left, 12.0, false).unwrap_or_default());
        y += 18.0;
    }
    if view.report.unknowns.len() > most {
        svg.text("quiet", (left, y + 12.0), Anchor::Start, &format!("and {} more", view.report.unknowns.len() - most));
        y += 18.0;
    }
    y
}

/// Peerings as lines beside the cards: each a VNet with all those it is peered with, the one with most of them first.
fn wires(view: &View) -> Vec<(usize, Vec<usize>)> {
    let mut pairs: std::collections::BTreeSet<(usize, usize)> = std::collections::BTreeSet::new();
    for (i, vnet) in view.vnets.iter().enumerate() {
        for peer in &vnet.peers {
            if let Peer::Here(j) = peer {
                pairs.insert((i.min(*j), i.max(*j)));
            }
        }
    }
    let mut wires = Vec::new();
    while !pairs.is_empty() && wires.len() < LANES {
        let mut degree: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
        pairs.iter().filter(|(a, b)| a != b).flat_map(|(a, b)| [a, b]).for_each(|v| *degree.entry(*v).or_default() += 1);
        let Some((hub, _)) = degree.into_iter().max_by_key(|(v, n)| (*n, std::cmp::Reverse(*v))) else { break };
        let spokes: Vec<usize> = pairs.iter().filter(|(a, b)| (*a == hub) != (*b == hub)).map(|(a, b)| if *a == hub { *b } else { *a }).collect();
        pairs.retain(|(a, b)| *a != hub && *b != hub);
        wires.push((hub, spokes));
    }
    wires
}

fn draw_wires(svg: &mut Svg, view: &View, wires: &[(usize, Vec<usize>)], knots: &[f64], left: f64) {
    let label = |i: &usize| view.vnets.get(*i).map(|v| v.label.clone()).unwrap_or_default();
    for (lane, (hub, spokes)) in wires.iter().enumerate() {
        let x = left - LANE * (lane as f64 + 1.0) + 2.0;
        let at = |i: &usize| knots.get(*i).copied();
        let ends: Vec<f64> = std::iter::once(hub).chain(spokes).filter_map(at).collect();
        let (Some(top), Some(bottom)) = (ends.iter().copied().reduce(f64::min), ends.iter().copied().reduce(f64::max)) else { continue };
        svg.open(&format!("{} is peered with {}", label(hub), spokes.iter().map(label).collect::<Vec<_>>().join(", ")));
        svg.line("wire", (x, top), (x, bottom));
        for end in &ends {
            svg.line("wire", (x, *end), (left, *end));
        }
        for spoke in spokes.iter().filter_map(at) {
            svg.dot("knot-open", (x, spoke), 3.5);
        }
        if let Some(y) = at(hub) {
            svg.dot("knot", (x, y), 4.5);
        }
        svg.close();
    }
}
