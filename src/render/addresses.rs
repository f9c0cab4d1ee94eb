//! The address plan in words: a line per subnet and per pod range, with what they hold and what is asked of them.

use crate::network::report::{Demand, PodLine, Report, SubnetLine, Verdict};

use super::{style::Style, words::count};

/// One row of the table: name, range, room, the three demands, what is free, and the verdict.
type Row = [String; 8];

/// The address summary at the end of a plan; empty where there is no subnet to speak of. What is wrong is told by diagnostics.
pub fn addresses_text(report: &Report, style: &Style) -> String {
    if report.subnets.is_empty() && report.pod_cidrs.is_empty() {
        return String::new();
    }
    let head = ["", "range", "usable", "now", "autoscaled", "peak", "free", ""].map(str::to_owned);
    let rows: Vec<(Row, Option<Verdict>)> = std::iter::once((head, None))
        .chain(report.subnets.iter().map(|l| (subnet_row(l), Some(l.verdict))))
        .chain(report.pod_cidrs.iter().map(|l| (pod_row(l), Some(l.verdict))))
        .collect();
    let width = |i: usize| rows.iter().filter_map(|(r, _)| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..8).map(width).collect();
    let mut out = format!("\n{}\n", style.bold("Addresses:"));
    for (row, verdict) in &rows {
        let mut line = String::new();
        for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Names and ranges stand to the left, figures to the right.
            line.push_str(&if i < 2 || i == 7 { format!("  {cell:<width$}") } else { format!("  {cell:>width$}") });
        }
        let line = line.trim_end();
        out.push_str(&format!("{}\n", if verdict.is_none() { style.dim(line) } else { paint(line, *verdict, style) }));
    }
    if !report.unknowns.is_empty() {
        out.push_str(&format!("  Not checked for want of a value ({}):\n", count(report.unknowns.len(), "item")));
        for unknown in &report.unknowns {
            out.push_str(&format!("    {}: {}\n", unknown.origin.address, unknown.what));
        }
    }
    out
}

fn paint(line: &str, verdict: Option<Verdict>, style: &Style) -> String {
    match verdict {
        Some(Verdict::FailsNow | Verdict::FailsAutoscaled) => style.red(line),
        Some(Verdict::FailsPeak) => style.yellow(line),
        _ => line.to_owned(),
    }
}

fn subnet_row(line: &SubnetLine) -> Row {
    let ranges: Vec<String> = line.prefixes.iter().map(ToString::to_string).collect();
    let [now, autoscaled, peak] = demands(&line.demand);
    [
        format!("{}/{}", line.vnet, line.subnet),
        ranges.join(", "),
        line.usable.to_string(),
        now,
        autoscaled,
        peak,
        line.free.to_string(),
        words(line.verdict).into(),
    ]
}

/// Figures of a pod range are nodes, since every node takes a block of its own.
fn pod_row(line: &PodLine) -> Row {
    let [now, autoscaled, peak] = demands(&line.demand);
    let free = i128::from(line.nodes) - i128::from(line.demand.now);
    let room = count(usize::try_from(line.nodes).unwrap_or(usize::MAX), "node");
    [format!("pods of {}", line.cluster), line.prefix.to_string(), room, now, autoscaled, peak, free.to_string(), words(line.verdict).into()]
}

fn demands(demand: &Demand) -> [String; 3] {
    [demand.now, demand.autoscaled, demand.peak].map(|n| n.to_string())
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fits => "fits",
        Verdict::Unknown => "not fully known",
        Verdict::FailsPeak => "too small to upgrade",
        Verdict::FailsAutoscaled => "too small when scaled out",
        Verdict::FailsNow => "too small",
    }
}
