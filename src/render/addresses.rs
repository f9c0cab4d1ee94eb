//! The address plan at the end of a plan: a line per subnet and per pod range, with what they hold and what is asked of them.

use crate::network::report::{Demand, Headroom, PodLine, Report, SubnetLine};

use super::{
    ip_standing::{Remarks, Standing},
    ip_table::{Line, Tone, table},
    ip_words::list,
    style::Style,
    words::count,
};

/// The columns of the three demands carry a sign where they do not fit: the three verdicts. What is free is so now, what is left
/// at the peak.
pub const HEAD: [&str; 9] = ["", "range", "usable", "now", "autoscaled", "peak", "free", "left", ""];
/// Columns of figures.
pub const RIGHT: [usize; 6] = [2, 3, 4, 5, 6, 7];

/// The address summary at the end of a plan; empty where there is no subnet to speak of. What is wrong is told by diagnostics.
pub fn addresses_text(report: &Report, style: &Style) -> String {
    if report.subnets.is_empty() && report.pod_cidrs.is_empty() {
        return String::new();
    }
    let remarks = Remarks::of(report);
    let subnets = report.subnets.iter().flat_map(|l| subnet_lines(l, &format!("{}/{}", l.vnet, l.subnet), Standing::of_subnet(l, &remarks)));
    let lines: Vec<Line> = subnets.chain(report.pod_cidrs.iter().flat_map(|l| pod_lines(l, Standing::of_pods(l, &remarks)))).collect();
    let mut out = format!("\n{}\n", style.bold("Addresses:"));
    out.push_str(&table(&HEAD, &lines, &RIGHT, 2, style));
    out.push_str(&unknowns_text(report));
    out
}

/// What could not be checked.
pub fn unknowns_text(report: &Report) -> String {
    if report.unknowns.is_empty() {
        return String::new();
    }
    let mut out = format!("  Not checked for want of a value ({}):\n", count(report.unknowns.len(), "item"));
    for unknown in &report.unknowns {
        out.push_str(&format!("    {}: {}\n", unknown.origin.address, unknown.what));
    }
    out
}

/// A subnet's row, and below it how much more there is room for.
pub fn subnet_lines(line: &SubnetLine, name: &str, standing: Standing) -> Vec<Line> {
    let [now, autoscaled, peak] = demands(&line.demand, line.usable);
    let (free, left) = (line.free.to_string(), line.headroom.addresses.to_string());
    let cells = [name.to_owned(), list(&line.prefixes), line.usable.to_string(), now, autoscaled, peak, free, left, standing.words().into()];
    with_note(cells, tone(standing), room(&line.headroom))
}

/// A pod range's row. Figures are nodes, since every node takes a block of its own.
pub fn pod_lines(line: &PodLine, standing: Standing) -> Vec<Line> {
    let [now, autoscaled, peak] = demands(&line.demand, line.nodes);
    let nodes = count(usize::try_from(line.nodes).unwrap_or(usize::MAX), "node");
    let name = format!("pods of {}", line.cluster);
    let free = (i128::from(line.nodes) - i128::from(line.demand.now)).to_string();
    let cells = [name, line.prefix.to_string(), nodes, now, autoscaled, peak, free, line.headroom.addresses.to_string(), standing.words().into()];
    with_note(cells, tone(standing), room(&line.headroom))
}

fn with_note(cells: [String; 9], tone: Tone, note: &str) -> Vec<Line> {
    let note = Some(note).filter(|n| !n.is_empty()).map(|n| Line::Note(n.to_owned()));
    std::iter::once(Line::Cells(cells.into(), tone)).chain(note).collect()
}

/// How many more nodes there is room for, in words. Where no nodes live, the figures say all.
pub fn room(headroom: &Headroom) -> &str {
    if headroom.nodes.is_some() { &headroom.text } else { "" }
}

pub fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::FailsPeak | Standing::Warned(_) => Tone::Warn,
        s if s.is_bad() => Tone::Bad,
        _ => Tone::Plain,
    }
}

/// The three demands; what is more than there is has a sign.
pub fn demands(demand: &Demand, capacity: u64) -> [String; 3] {
    [demand.now, demand.autoscaled, demand.peak].map(|n| if n > capacity { format!("{n}!") } else { n.to_string() })
}
