//! The answers of `ip show`, `free`, `suggest` and `forecast` in words.

use crate::{
    base::{Prefix, Sources},
    network::{Edit, Failing, Finding, Forecast, Known, RangeKind, SubnetLine},
};

use super::{
    addresses::{HEAD, RIGHT, demands, pod_lines, subnet_lines, tone, unknowns_text},
    ip_edit::{Patch, assignment, patches, unified},
    ip_standing::Standing,
    ip_table::{Line, Tone, table},
    ip_view::{SubnetView, View, VnetView},
    ip_words::{addresses, amount, largest, list, percent},
    style::Style,
    words::count,
};

/// Every VNet with its subnets, what takes their addresses, and what is around them.
pub fn show_text(view: &View, style: &Style) -> String {
    if view.vnets.is_empty() && view.clusters.is_empty() {
        return "There is no VNet and no cluster here.\n".to_owned();
    }
    let mut out = String::new();
    for vnet in &view.vnets {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&vnet_head(view, vnet, style));
        out.push_str(&subnets(vnet, style));
    }
    out.push_str(&clusters(view, style));
    out.push_str(&ranges(view, style));
    if !view.report.unknowns.is_empty() {
        out.push_str(&format!("\n{}", unknowns_text(view.report)));
    }
    out.push_str(&format!("\n{}\n", closing(view, style)));
    out
}

fn vnet_head(view: &View, vnet: &VnetView, style: &Style) -> String {
    let spaces: Vec<Prefix> = vnet.spaces.iter().map(|s| s.prefix).collect();
    let mut ranges = list(&spaces);
    for name in &vnet.unknown {
        ranges.push_str(&format!("{}(not known before {name} is)", if ranges.is_empty() { "" } else { ", " }));
    }
    let mut out = format!("{}  {ranges}\n", style.bold(&vnet.label));
    let (free, whole) = vnet.room();
    let mut words = vec![vnet.vnet.origin.address.clone()];
    let peers = vnet.peer_names(view);
    if !peers.is_empty() {
        words.push(format!("peered with {}", peers.join(", ")));
    }
    out.push_str(&format!("  {}\n", style.dim(&words.join("; "))));
    if whole > 0 {
        let largest = vnet.free().iter().min_by_key(|b| b.len).map(|b| format!("; the largest free block is {b}")).unwrap_or_default();
        out.push_str(&format!("  {} of {} are in no subnet ({}){largest}\n", amount(free), addresses(whole), percent(free, whole)));
    }
    out
}

fn subnets(vnet: &VnetView, style: &Style) -> String {
    let mut lines = Vec::new();
    for subnet in &vnet.subnets {
        let name = if subnet.planned { format!("+ {}", subnet.subnet.name) } else { subnet.subnet.name.clone() };
        match subnet.line {
            Some(line) => {
                lines.extend(subnet_lines(line, &name, subnet.standing));
                lines.extend(takers(line).into_iter().map(Line::Note));
            }
            None => lines.push(without_line(subnet, name)),
        }
    }
    let mut head = HEAD;
    if let Some(first) = head.first_mut() {
        *first = "subnet";
    }
    if lines.is_empty() { String::new() } else { format!("\n{}", table(&head, &lines, &RIGHT, 2, style)) }
}

fn without_line(subnet: &SubnetView, name: String) -> Line {
    let mut ranges: Vec<String> = subnet.prefixes.iter().map(ToString::to_string).collect();
    ranges.extend(subnet.unknown.iter().map(|n| format!("(waits for {n})")));
    let mut cells = vec![name, ranges.join(", ")];
    cells.resize(HEAD.len() - 1, String::new());
    let words = if subnet.unknown.is_empty() { subnet.standing.words() } else { "not fully known" };
    // IPv6 alone has no capacity to speak of.
    let only_v6 = subnet.unknown.is_empty() && !subnet.prefixes.is_empty() && subnet.prefixes.iter().all(|p| p.v6);
    cells.push(if only_v6 { "IPv6".to_owned() } else { words.to_owned() });
    Line::Cells(cells, Tone::Quiet)
}

/// Who takes what, a line each.
fn takers(line: &SubnetLine) -> Vec<String> {
    line.takers
        .iter()
        .map(|t| {
            let (a, b, c) = (t.demand.now, t.demand.autoscaled, t.demand.peak);
            let figures = if a == b && b == c { amount(a.into()) } else { format!("{}, {}, {}", amount(a.into()), amount(b.into()), amount(c.into())) };
            let kind = if t.origin.address.is_empty() || t.name.contains(&t.origin.address) { String::new() } else { format!(" ({})", t.origin.address) };
            format!("- {}{kind}: {figures}", t.name)
        })
        .collect()
}

fn clusters(view: &View, style: &Style) -> String {
    let lines: Vec<Line> = view.clusters.iter().flat_map(|c| c.pods.iter().flat_map(|l| pod_lines(l, Standing::of_pods(l, &view.remarks)))).collect();
    let mut out = String::new();
    if !lines.is_empty() {
        let mut head = HEAD;
        for (cell, word) in head.iter_mut().zip(["pods", "range", "room"]) {
            *cell = word;
        }
        out.push_str(&format!("\n{}", table(&head, &lines, &RIGHT, 2, style)));
    }
    let services: Vec<Line> = view
        .clusters
        .iter()
        .filter(|c| !c.cluster.service_cidrs.is_empty())
        .map(|c| {
            let ranges: Vec<Prefix> = c.cluster.service_cidrs.iter().filter_map(crate::network::Cidr::prefix).collect();
            let dns = match &c.cluster.dns_service_ip {
                Some(Known::Is(ip)) => format!("DNS {ip}"),
                _ => String::new(),
            };
            Line::Cells(vec![format!("services of {}", c.cluster.name), list(&ranges), dns], Tone::Plain)
        })
        .collect();
    if !services.is_empty() {
        out.push_str(&format!("\n{}", table(&["", "", ""], &services, &[], 2, style)));
    }
    out
}

fn ranges(view: &View, style: &Style) -> String {
    let mut lines = Vec::new();
    for (kind, words) in [(RangeKind::OnPremises, "on premises"), (RangeKind::Reserved, "reserved")] {
        lines.extend(view.ranges(kind).map(|r| {
            let range = r.cidr.prefix().map_or_else(|| "not known yet".to_owned(), |p| p.to_string());
            Line::Cells(vec![format!("{words}: {}", r.name), range, String::new()], Tone::Plain)
        }));
    }
    for pool in &view.report.pools {
        let free = format!("{} free{}", amount(pool.free.addresses.into()), largest(pool.free.largest));
        lines.push(Line::Cells(vec![format!("pool: {}", pool.name), list(&pool.ranges), free], Tone::Plain));
    }
    if lines.is_empty() { String::new() } else { format!("\n{}", table(&["", "", ""], &lines, &[], 2, style)) }
}

/// How the check came out, in a line.
pub fn closing(view: &View, style: &Style) -> String {
    let (errors, warnings) = view.counts();
    let open = match view.report.unknowns.len() {
        0 => String::new(),
        n => format!(", {} not known yet", count(n, "value")),
    };
    let words = format!("{}, {}{open}", count(errors, "error"), count(warnings, "warning"));
    match (errors, warnings) {
        (0, 0) => format!("{} Nothing is wrong with the addresses{open}.", style.bold_green("Address check passed.")),
        (0, _) => format!("{} {words}.", style.bold_yellow("Address check passed with warnings.")),
        _ => format!("{} {words}.", style.bold_red("Address check failed.")),
    }
}

/// The free room of every VNet and pool; with a length, every place for a block of it.
pub fn free_text(view: &View, length: Option<u8>, style: &Style) -> String {
    let mut out = String::new();
    let vnets =
        view.vnets.iter().filter(|v| !v.spaces.is_empty()).map(|v| (v.label.clone(), list(&v.spaces.iter().map(|s| s.prefix).collect::<Vec<_>>()), v.free()));
    let pools = view.report.pools.iter().map(|p| (format!("pool {}", p.name), list(&p.ranges), p.free.blocks.clone()));
    for (name, ranges, blocks) in vnets.chain(pools) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&format!("{}  {ranges}\n", style.bold(&name)));
        out.push_str(&match length {
            Some(length) => places_text(&blocks, length),
            None => blocks_text(&blocks),
        });
    }
    if out.is_empty() { "There is no VNet with a known address space here.\n".to_owned() } else { out }
}

/// Free blocks, and into how many pieces the room is broken.
fn blocks_text(blocks: &[Prefix]) -> String {
    let free: u128 = blocks.iter().map(|b| b.size()).fold(0, u128::saturating_add);
    let Some(largest) = blocks.iter().min_by_key(|b| b.len) else { return "  no free address\n".to_owned() };
    let mut out = match blocks.len() {
        1 => format!("  {} in one block\n", addresses(free)),
        n => format!("  {} in {n} blocks; the largest holds {} of them\n", addresses(free), percent(largest.size(), free)),
    };
    let widest = blocks.iter().map(|b| b.to_string().len()).max().unwrap_or(0);
    for block in blocks {
        out.push_str(&format!("  {:<widest$}  {}\n", block.to_string(), addresses(block.size())));
    }
    out
}

/// So many places are listed; more are counted.
const PLACES: usize = 16;

/// The places for blocks of one length.
pub fn places(blocks: &[Prefix], length: u8) -> (u128, Vec<Prefix>) {
    let fitting = || blocks.iter().filter(|b| b.len <= length && length <= b.width());
    let total = fitting().map(|b| 1u128.checked_shl(u32::from(length - b.len)).unwrap_or(u128::MAX)).fold(0, u128::saturating_add);
    let first = fitting().flat_map(|b| (0..).map_while(move |i| b.subnet(length - b.len, i)).take(PLACES)).take(PLACES);
    (total, first.collect())
}

fn places_text(blocks: &[Prefix], length: u8) -> String {
    let (total, first) = places(blocks, length);
    if first.is_empty() {
        let largest = blocks.iter().filter(|b| length <= b.width()).min_by_key(|b| b.len);
        let why = largest.map_or_else(|| "no address is free".to_owned(), |b| format!("the largest free block is {b}"));
        return format!("  no room for a /{length}: {why}\n");
    }
    let mut out = format!("  room for {} × /{length}\n", amount(total));
    out.extend(first.iter().map(|p| format!("  {p}\n")));
    if total > first.len() as u128 {
        out.push_str(&format!("  and {} more\n", amount(total - first.len() as u128)));
    }
    out
}

/// What to change so that the findings go away: for each finding the range that would do and, for what runs, the ways out;
/// then the difference in the blueprint's text.
pub fn suggest_text(findings: &[Finding], sources: &Sources, style: &Style) -> String {
    let helped: Vec<&Finding> = findings.iter().filter(|f| f.proposal.is_some() || !f.ways.is_empty()).collect();
    let mut out = String::new();
    let mut placed: Vec<Patch> = Vec::new();
    for f in &helped {
        out.push_str(&format!("{} {}\n  {}\n", style.bold(&f.origin.address), style.dim(f.code), f.detail));
        if let Some(p) = &f.proposal {
            out.push_str(&format!("  {}\n", style.green(&p.text())));
            out.push_str(&edits_text(&p.edits, sources, &mut placed, "    "));
        }
        for way in &f.ways {
            out.push_str(&format!("  Way out ({}): {}\n    Cost: {}\n", way.code, way.what, way.cost));
            out.push_str(&edits_text(&way.edits, sources, &mut Vec::new(), "    "));
        }
        out.push('\n');
    }
    if helped.is_empty() {
        let rest = if findings.is_empty() {
            "Nothing is wrong with the addresses."
        } else {
            "For what is wrong there is no edit to suggest: `ravelin ip check` tells it."
        };
        return format!("{rest}\n");
    }
    placed.dedup();
    let diff = unified(&placed, sources);
    if !diff.is_empty() {
        out.push_str(&format!("{}\n\n{}", style.bold("As a change of the blueprint:"), painted(&diff, style)));
    }
    out
}

/// The edits in words; those that have a place in a file are added to `placed`.
fn edits_text(edits: &[Edit], sources: &Sources, placed: &mut Vec<Patch>, indent: &str) -> String {
    let mut out = String::new();
    for edit in edits {
        let found = patches(edit, sources);
        let place = match found.as_ref().and_then(|p| p.first()) {
            Some(patch) => format!("  # {}", sources.locate(patch.span)),
            None => "  # the value is computed: change what it comes from".to_owned(),
        };
        out.push_str(&format!("{indent}{}: {}{place}\n", edit.origin.address, assignment(edit)));
        placed.extend(found.unwrap_or_default());
    }
    out
}

fn painted(diff: &str, style: &Style) -> String {
    diff.split_inclusive('\n')
        .map(|line| match line.as_bytes().first() {
            Some(b'+') => style.green(line),
            Some(b'-') => style.red(line),
            Some(b'@') => style.cyan(line),
            _ => line.to_owned(),
        })
        .collect()
}

/// What grows: its name, range, room, and how.
struct Growing<'a> {
    name: String,
    range: String,
    room: u64,
    forecast: &'a Forecast,
}

fn growing<'a>(view: &View<'a>) -> Vec<Growing<'a>> {
    let subnets = view.report.subnets.iter().filter_map(|l| {
        let forecast = l.forecast.as_ref()?;
        Some(Growing { name: format!("{}/{}", l.vnet, l.subnet), range: list(&l.prefixes), room: l.usable, forecast })
    });
    let pods = view.report.pod_cidrs.iter().filter_map(|l| {
        let forecast = l.forecast.as_ref()?;
        Some(Growing { name: format!("pods of {}", l.cluster), range: l.prefix.to_string(), room: l.nodes, forecast })
    });
    subnets.chain(pods).collect()
}

/// When each subnet and pod range runs out, if use grows as declared; then month by month, as far as it is asked.
pub fn forecast_text(view: &View, months: u32, style: &Style) -> String {
    let growing = growing(view);
    if growing.is_empty() {
        return NO_GROWTH.to_owned();
    }
    let line = |g: &Growing| {
        let f = g.forecast;
        let cells = vec![g.name.clone(), g.range.clone(), fails(f.now), fails(f.autoscaled), fails(f.peak), horizon(f)];
        Line::Cells(cells, if is_short(f) { Tone::Bad } else { Tone::Plain })
    };
    let lines: Vec<Line> = growing.iter().map(line).collect();
    let mut out = table(&["", "range", "too small now", "when scaled out", "to upgrade", "has to last"], &lines, &[], 0, style);
    for g in &growing {
        let unit = if g.name.starts_with("pods of ") { "nodes" } else { "usable" };
        out.push_str(&format!("\n{}  {}, {} {unit}, grows by {}\n", style.bold(&g.name), g.range, amount(g.room.into()), g.forecast.rate));
        let today = view.model.settings.today.map(|d| d.to_string());
        let rows: Vec<Line> = (0..=months).zip(&g.forecast.course).map(|(n, d)| month_line(n, d, g.room, today.as_deref())).collect();
        out.push_str(&table(&["month", "now", "autoscaled", "peak", ""], &rows, &[1, 2, 3], 2, style));
    }
    out
}

const NO_GROWTH: &str = "No growth is declared, so there is nothing to forecast. Declare it in a *.blueprint.hcl:

  address_plan {
    growth {
      nodes_per_month = 2
      horizon_months  = 12
    }
  }

or give it here: -nodes-per-month=2
";

fn month_line(n: u32, demand: &crate::network::report::Demand, room: u64, today: Option<&str>) -> Line {
    let verdict = Standing::from(demand.verdict(room, true));
    let name = if n == 0 { "today".to_owned() } else { today.and_then(|t| month_after(t, n)).unwrap_or_else(|| format!("in {}", count(n as usize, "month"))) };
    let [now, autoscaled, peak] = demands(demand, room);
    Line::Cells(vec![name, now, autoscaled, peak, verdict.words().to_owned()], tone(verdict))
}

/// `2026-11-23` and 2 is `2027-01`.
fn month_after(today: &str, months: u32) -> Option<String> {
    let (year, rest) = today.split_once('-')?;
    let month: u32 = rest.split('-').next()?.parse().ok()?;
    let all = year.parse::<u32>().ok()? * 12 + (month - 1) + months;
    Some(format!("{:04}-{:02}", all / 12, all % 12 + 1))
}

fn fails(failing: Option<Failing>) -> String {
    match failing {
        None => "never".to_owned(),
        Some(f) if f.months == 0 => "already".to_owned(),
        Some(f) => {
            let on = f.on.map(|(y, m)| format!(" ({y:04}-{m:02})")).unwrap_or_default();
            format!("in {}{on}", count(f.months as usize, "month"))
        }
    }
}

fn horizon(f: &Forecast) -> String {
    f.horizon.map(|h| count(h as usize, "month")).unwrap_or_default()
}

/// Whether a verdict fails before the plan's time is over.
fn is_short(f: &Forecast) -> bool {
    let first = [f.now, f.autoscaled, f.peak].into_iter().flatten().map(|f| f.months).min();
    match (first, f.horizon) {
        (Some(0), _) => true,
        (Some(first), Some(horizon)) => first < horizon,
        _ => false,
    }
}
