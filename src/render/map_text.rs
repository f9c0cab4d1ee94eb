//! The map of an address plan for a terminal: every VNet to scale, row by row, with a key of its subnets.

use crate::{
    base::{Prefix, cidr::from_bits},
    network::{Cidr, RangeKind, report::Demand},
};

use super::{
    addresses::room,
    ip_overview::overview,
    ip_rows::{Row, rows},
    ip_standing::Standing,
    ip_view::{Part, SpaceView, SubnetView, View, VnetView, What},
    ip_words::{addresses, amount, largest, list, percent},
    style::Style,
};

/// Letters of the drawing, so that a terminal without Unicode has its own.
struct Ink {
    now: char,
    later: char,
    idle: char,
    free: char,
    reserved: char,
    unknown: char,
    edge: char,
    ascii: bool,
}

const UNICODE: Ink = Ink { now: '█', later: '▒', idle: '░', free: '·', reserved: '╱', unknown: '?', edge: '│', ascii: false };
const ASCII: Ink = Ink { now: '#', later: '=', idle: '-', free: '.', reserved: '/', unknown: '?', edge: '|', ascii: true };

/// Columns of the label before a row.
const LABELS: usize = 20;
const MOST: usize = 16;
/// The smallest subnet is at least a 32nd of a row.
const FINE: u8 = 5;

/// The map in words and blocks, as wide as the style says.
pub fn map_text(view: &View, title: &str, style: &Style, ascii: bool) -> String {
    let ink = if ascii { &ASCII } else { &UNICODE };
    let mut out = format!("{}\n", style.bold(title));
    out.push_str(&glance(view, style, ink));
    for vnet in &view.vnets {
        out.push_str(&vnet_text(view, vnet, style, ink));
    }
    out.push_str(&others(view, style, ink));
    out.push_str(&legend(style, ink));
    out
}

/// Cells of a row.
fn width(style: &Style) -> usize {
    style.width.saturating_sub(LABELS + 6).clamp(16, 96)
}

fn glance(view: &View, style: &Style, ink: &Ink) -> String {
    let (named, spaces) = overview(view);
    if named.len() < 2 {
        return String::new();
    }
    let mut out = format!("\n{}\n", style.bold("All ranges"));
    for space in &spaces {
        let paint = |part: &Part, _: u128| match part.what {
            What::Range(i) => (letter(i), ink.now),
            _ => (ink.free, ink.free),
        };
        out.push_str(&strip(space, style, ink, &paint, &|_, text| text.to_owned()));
    }
    let widest = named.iter().map(|n| n.prefix.to_string().chars().count()).max().unwrap_or(0);
    for (i, range) in named.iter().enumerate() {
        let prefix = range.prefix.to_string();
        out.push_str(&format!("  {}  {prefix:<widest$}  {}\n", letter(i), range.label()));
    }
    out
}

fn vnet_text(view: &View, vnet: &VnetView, style: &Style, ink: &Ink) -> String {
    let spaces: Vec<Prefix> = vnet.spaces.iter().map(|s| s.prefix).collect();
    let (free, whole) = vnet.room();
    let mut head = format!("\n{}  {}", style.bold(&vnet.label), list(&spaces));
    if whole > 0 {
        let largest = vnet.free().iter().min_by_key(|b| b.len).map(|b| format!(", largest free block {b}")).unwrap_or_default();
        head.push_str(&format!("  {}, {} free{largest}", addresses(whole), percent(free, whole)));
    }
    let mut out = format!("{head}\n");
    let mut words = vec![vnet.vnet.origin.address.clone()];
    let peers = vnet.peer_names(view);
    if !peers.is_empty() {
        words.push(format!("peered with {}", peers.join(", ")));
    }
    out.push_str(&format!("{}\n", style.dim(&words.join("; "))));
    for space in &vnet.spaces {
        let paint = |part: &Part, at: u128| cell(vnet, part, at, ink);
        let colour = |part: &Part, text: &str| match part.what {
            What::Subnet(i) => vnet.subnets.get(i).map_or_else(|| text.to_owned(), |s| tint(s.standing, text, style)),
            _ => style.dim(text),
        };
        out.push_str(&strip(space, style, ink, &paint, &colour));
    }
    out.push_str(&vnet.unknown.iter().map(|name| format!("  ? an address space is not known before {name} is\n")).collect::<String>());
    out.push_str(&key(vnet, style, ink));
    out
}

/// The first letter of a part and its filling at an address.
fn cell(vnet: &VnetView, part: &Part, at: u128, ink: &Ink) -> (char, char) {
    match part.what {
        What::Free | What::Range(_) => (ink.free, ink.free),
        What::Reserved(_) => (ink.reserved, ink.reserved),
        What::Subnet(i) => {
            let filling = vnet.subnets.get(i).map_or(ink.unknown, |subnet| filling(subnet, part, at, ink));
            (letter(i), filling)
        }
    }
}

fn filling(subnet: &SubnetView, part: &Part, at: u128, ink: &Ink) -> char {
    let Some(line) = subnet.line else { return ink.unknown };
    let Some(prefix) = subnet.prefixes.iter().find(|p| p.base <= part.first && part.last <= p.last_bits()) else { return ink.unknown };
    let share = (at.saturating_sub(prefix.base)) as f64 / prefix.size() as f64;
    let of = |n: u64| n as f64 / line.usable.max(1) as f64;
    match () {
        () if share < of(line.demand.now) => ink.now,
        () if share < of(line.demand.most()) => ink.later,
        () => ink.idle,
    }
}

/// The rows of a space: what each cell shows is asked by `paint`, and coloured by `colour`.
fn strip(space: &SpaceView, style: &Style, ink: &Ink, paint: &dyn Fn(&Part, u128) -> (char, char), colour: &dyn Fn(&Part, &str) -> String) -> String {
    let rows = rows(space, MOST, FINE);
    let mut out = String::new();
    for row in &rows.rows {
        for (lane, parts) in row.lanes.iter().enumerate() {
            let label = if lane == 0 { label(space, row, rows.len, ink) } else { String::new() };
            let cells = cells(row, parts, width(style), paint, colour);
            let note = if lane > 0 { style.red("  overlaps") } else { String::new() };
            out.push_str(&format!("  {}{}{}{}{note}\n", style.dim(&format!("{label:<LABELS$}")), ink.edge, cells, ink.edge));
        }
    }
    out
}

fn label(space: &SpaceView, row: &Row, len: u8, ink: &Ink) -> String {
    let times = if ink.ascii { 'x' } else { '×' };
    let first = from_bits(space.prefix.v6, row.first);
    let text =
        if row.count == 1 { Prefix { v6: space.prefix.v6, base: row.first, len }.to_string() } else { format!("{first} ({times}{})", amount(row.count)) };
    let text = if text.chars().count() < LABELS { text } else { first.to_string() };
    text.chars().take(LABELS - 1).collect()
}

fn cells(row: &Row, parts: &[Part], width: usize, paint: &dyn Fn(&Part, u128) -> (char, char), colour: &dyn Fn(&Part, &str) -> String) -> String {
    let size = (row.last - row.first) as f64 + 1.0;
    let address = |i: usize| row.first.saturating_add((size * i as f64 / width as f64) as u128);
    // A part that begins within a cell is seen there when nothing but free space began before it.
    let owner = |i: usize| {
        let (from, to) = (address(i), address(i + 1).saturating_sub(1).clamp(address(i), row.last));
        let begins = |p: &Part| p.first >= from && p.first <= to && !matches!(p.what, What::Free);
        parts.iter().position(begins).or(parts.iter().position(|p| p.first <= from && from <= p.last))
    };
    let owners: Vec<Option<usize>> = (0..width).map(owner).collect();
    let mut out = String::new();
    let mut i = 0;
    for run in owners.chunk_by(|a, b| a == b) {
        match run.first().copied().flatten().and_then(|o| parts.get(o)) {
            Some(part) => {
                let letters = (i..i + run.len()).map(|j| if j == i { paint(part, address(j)).0 } else { paint(part, address(j)).1 });
                out.push_str(&colour(part, &letters.collect::<String>()));
            }
            None => out.push_str(&" ".repeat(run.len())),
        }
        i += run.len();
    }
    out
}

/// `a` to `z`, `A` to `Z`, then a star.
fn letter(i: usize) -> char {
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    letters.chars().nth(i).unwrap_or('*')
}

fn tint(standing: Standing, text: &str, style: &Style) -> String {
    match standing {
        Standing::Empty => style.cyan(text),
        Standing::Fits => style.green(text),
        Standing::Unknown => style.dim(text),
        Standing::Warned(_) | Standing::FailsPeak => style.yellow(text),
        Standing::FailsAutoscaled | Standing::FailsNow | Standing::Wrong(_) => style.red(text),
    }
}

/// The subnets of a VNet with their figures, a line each and a second for what room is left.
fn key(vnet: &VnetView, style: &Style, ink: &Ink) -> String {
    let rows: Vec<[String; 4]> = vnet
        .subnets
        .iter()
        .map(|s| {
            let plus = if s.planned { "+ " } else { "" };
            let ranges = s.prefixes.iter().map(ToString::to_string).chain(s.unknown.iter().map(|n| format!("? {n}"))).collect::<Vec<_>>().join(", ");
            let figures = s.line.map(|l| format!("{} of {}", demand(&l.demand), amount(l.usable.into()))).unwrap_or_default();
            [format!("{plus}{}", s.subnet.name), ranges, figures, format!("{} {}", s.standing.sign(ink.ascii), s.standing.words())]
        })
        .collect();
    let widest = |i: usize| rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0);
    let (name, range, figures) = (widest(0), widest(1), widest(2));
    let mut out = String::new();
    for (i, (row, subnet)) in rows.iter().zip(&vnet.subnets).enumerate() {
        let [a, b, c, d] = row;
        let words = tint(subnet.standing, d, style);
        // What does not fit side by side stands below.
        let fits = name + range + figures + d.chars().count() + 11 <= style.width.max(40);
        out.push_str(&match fits {
            true => format!("  {}  {a:<name$}  {b:<range$}  {c:>figures$}  {words}\n", letter(i)),
            false => format!("  {}  {a:<name$}  {b}\n     {}  {words}\n", letter(i), c.trim_start()),
        });
        if let Some(text) = subnet.line.map(|l| room(&l.headroom)).filter(|t| !t.is_empty()) {
            out.push_str(&format!("{}\n", style.dim(&format!("     {text}"))));
        }
    }
    out
}

/// `12`, or `12 → 40` where it grows.
fn demand(demand: &Demand) -> String {
    if demand.most() == demand.now { amount(demand.now.into()) } else { format!("{}..{}", amount(demand.now.into()), amount(demand.most().into())) }
}

/// Pod and service ranges, on-premises and reserved ranges, pools, and what is not known.
fn others(view: &View, style: &Style, ink: &Ink) -> String {
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for cluster in &view.clusters {
        for line in &cluster.pods {
            let standing = Standing::of_pods(line, &view.remarks);
            let words = tint(standing, &format!("{} {}", standing.sign(ink.ascii), standing.words()), style);
            let figures = format!("{} of {} nodes  {words}", demand(&line.demand), amount(line.nodes.into()));
            rows.push((format!("pods of {}", cluster.cluster.name), line.prefix.to_string(), figures));
        }
        for prefix in cluster.cluster.service_cidrs.iter().filter_map(Cidr::prefix) {
            rows.push((format!("services of {}", cluster.cluster.name), prefix.to_string(), String::new()));
        }
    }
    for (kind, words) in [(RangeKind::OnPremises, "on premises"), (RangeKind::Reserved, "reserved")] {
        for range in view.ranges(kind) {
            rows.push((format!("{words}: {}", range.name), range.cidr.prefix().map_or_else(|| "?".to_owned(), |p| p.to_string()), String::new()));
        }
    }
    for pool in &view.report.pools {
        rows.push((format!("pool {}", pool.name), list(&pool.ranges), format!("{} free{}", amount(pool.free.addresses.into()), largest(pool.free.largest))));
    }
    let widest = |pick: fn(&(String, String, String)) -> &String| rows.iter().map(|r| pick(r).chars().count()).max().unwrap_or(0);
    let (a, b) = (widest(|r| &r.0), widest(|r| &r.1));
    let mut out = String::new();
    if !rows.is_empty() {
        out.push_str(&format!("\n{}\n", style.bold("Other ranges")));
    }
    for (name, range, rest) in &rows {
        out.push_str(format!("  {name:<a$}  {range:<b$}  {rest}").trim_end());
        out.push('\n');
    }
    if !view.report.unknowns.is_empty() {
        out.push_str(&format!("\n{}\n", style.bold("Not known yet")));
        out.push_str(&view.report.unknowns.iter().map(|u| format!("  {}: {}\n", u.origin.address, u.what)).collect::<String>());
    }
    out
}

fn legend(style: &Style, ink: &Ink) -> String {
    let words = [(ink.now, "used now"), (ink.later, "at the peak"), (ink.idle, "not used"), (ink.reserved, "reserved"), (ink.free, "in no subnet")];
    let text = words.iter().map(|(c, w)| format!("{c} {w}")).collect::<Vec<_>>().join("  ");
    format!("\n{}\n", style.dim(&format!("{text}  + planned")))
}
