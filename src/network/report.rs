//! What the check found: findings with their arithmetic, a line per subnet and per pod range, and what stayed unknown.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::base::{Diagnostic, Prefix, Severity};

use super::{model::Origin, settings::Day};

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Errors first, then by address.
    pub findings: Vec<Finding>,
    pub vnets: Vec<VnetLine>,
    pub subnets: Vec<SubnetLine>,
    pub pod_cidrs: Vec<PodLine>,
    /// The declared pools of addresses.
    pub pools: Vec<PoolLine>,
    /// What could not be checked, and for want of what.
    pub unknowns: Vec<Unknown>,
}

/// One thing that is wrong. `code` is stable; `summary` is constant text per code and verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub code: &'static str,
    pub severity: Severity,
    pub summary: &'static str,
    pub detail: String,
    pub origin: Origin,
    /// The other declarations concerned, each with what it is.
    pub related: Vec<(Origin, String)>,
    /// The sums, line by line.
    pub arithmetic: Vec<String>,
    pub proposal: Option<Proposal>,
    /// For a running cluster: what can be done about it, and at what cost.
    pub ways: Vec<Way>,
    /// The waiver that made a warning of it.
    pub waived: Option<Waived>,
}

/// A prefix that would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The longest prefix length (smallest range) that passes all three verdicts.
    pub len: u8,
    /// Where such a range is free; nothing when there is no room for it.
    pub place: Option<Prefix>,
    /// The declared pool that the place is taken from, when the VNet has no room: its address space has to grow.
    pub pool: Option<String>,
    /// The changes to the blueprint.
    pub edits: Vec<Edit>,
}

/// A change of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The resource, and the place of the value when it is known.
    pub origin: Origin,
    /// `address_prefixes`; inside blocks with their names: `network_profile.pod_cidr`.
    pub attribute: &'static str,
    /// The values before and after: several for a list, one for a single value.
    pub old: Vec<String>,
    pub new: Vec<String>,
    /// The attribute is a list.
    pub list: bool,
}

/// A way out for what runs already.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// Stable kebab-case name: `lower-surge`, `lower-maximum`, `second-prefix`, `new-pool-subnet`, `grow-vnet`, `fewer-pods`,
    /// `overlay`, `grow-pod-range`, `new-cluster`.
    pub code: &'static str,
    pub what: String,
    pub cost: String,
    pub edits: Vec<Edit>,
}

/// Who accepted a finding, and until when.
#[derive(Clone, Debug, PartialEq)]
pub struct Waived {
    pub reason: String,
    pub expires: Day,
    pub origin: Origin,
}

/// How far a demand fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Fits now, at the autoscaler's maximum, and during an upgrade.
    #[default]
    Fits,
    /// Fits as far as is known; something that takes addresses is not.
    Unknown,
    /// Fits at the autoscaler's maximum, but cannot be upgraded or rotated there.
    FailsPeak,
    /// Fits now, but not at the autoscaler's maximum.
    FailsAutoscaled,
    FailsNow,
}

/// The three demands: at the present count, with every pool at its maximum, and at the peak of an upgrade or rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Demand {
    pub now: u64,
    pub autoscaled: u64,
    pub peak: u64,
}

/// What a subnet is for, by its name, its delegation or by what is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubnetKind {
    #[default]
    Ordinary,
    Nodes,
    Pods,
    ApiServer,
    ApplicationGateway,
    /// Application Gateway for Containers.
    ContainersGateway,
    Bastion,
    Firewall,
    FirewallManagement,
    Gateway,
    RouteServer,
    Delegated,
}

/// A VNet's part of the report: how much room is left outside its subnets.
#[derive(Clone, Debug, PartialEq)]
pub struct VnetLine {
    pub name: String,
    pub origin: Origin,
    pub spaces: Vec<Prefix>,
    pub free: Free,
    /// Addresses all subnets give out at the peak, against the 65,536 of a VNet.
    pub peak: u64,
}

/// The free room of a VNet or a pool, and into what pieces it is broken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Free {
    /// IPv4 addresses in no subnet.
    pub addresses: u64,
    /// Free aligned IPv4 blocks, each as large as it can be, in order of address.
    pub blocks: Vec<Prefix>,
    /// The largest of them.
    pub largest: Option<Prefix>,
}

/// A declared pool of addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolLine {
    pub name: String,
    pub origin: Origin,
    pub ranges: Vec<Prefix>,
    pub free: Free,
}

/// A subnet's part of the address table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubnetLine {
    pub vnet: String,
    pub subnet: String,
    pub origin: Origin,
    pub kind: SubnetKind,
    pub prefixes: Vec<Prefix>,
    /// Addresses that can be given out.
    pub usable: u64,
    pub demand: Demand,
    /// Usable less the demand of now; negative when short.
    pub free: i64,
    pub verdict: Verdict,
    /// The sums, line by line.
    pub arithmetic: Vec<String>,
    /// Who takes addresses, in the order of the sums.
    pub takers: Vec<TakerLine>,
    /// What Azure says is in use, where it can be believed.
    pub live_use: Option<u64>,
    pub headroom: Headroom,
    pub forecast: Option<Forecast>,
    /// Codes of the errors at this subnet, also of those that are not about capacity.
    pub faults: Vec<&'static str>,
}

/// One thing that takes addresses of a subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct TakerLine {
    pub name: String,
    pub origin: Origin,
    pub demand: Demand,
}

/// A cluster's pod range; figures are in nodes, since each takes a block of fixed size.
#[derive(Clone, Debug, PartialEq)]
pub struct PodLine {
    pub cluster: String,
    pub origin: Origin,
    pub prefix: Prefix,
    /// Nodes the range has room for.
    pub nodes: u64,
    pub demand: Demand,
    pub verdict: Verdict,
    pub arithmetic: Vec<String>,
    pub headroom: Headroom,
    pub forecast: Option<Forecast>,
    /// Codes of the errors at this range.
    pub faults: Vec<&'static str>,
}

/// How much more there is room for. For a pod range the unit is nodes throughout.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headroom {
    /// Left at the peak; negative when short.
    pub addresses: i64,
    /// Nodes that can be added (to the pool that takes most a node) with all three verdicts still passed; nothing
    /// where no nodes live.
    pub nodes: Option<u64>,
    /// Added by the next upgrade or rotation.
    pub upgrade: u64,
    /// Left for it, with every pool at its maximum.
    pub left: u64,
    /// In words: `survives 14 more nodes; the next upgrade needs 62, 41 are free`. Empty where nothing lives.
    pub text: String,
}

/// When the verdicts fail, if use grows as declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forecast {
    /// The growth: `2 nodes a month`.
    pub rate: String,
    /// In so many months each verdict fails; nothing: not within 50 years. 0: it does already.
    pub now: Option<Failing>,
    pub autoscaled: Option<Failing>,
    pub peak: Option<Failing>,
    /// Months that the plan has to last.
    pub horizon: Option<u32>,
    /// What is asked for today, in a month, in two, and so on: as far as five years, or until it does not even fit as it is.
    pub course: Vec<Demand>,
}

/// The first month in which a verdict fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failing {
    pub months: u32,
    /// Year and month, where the day of the check is known.
    pub on: Option<(i32, u32)>,
}

/// Something that could not be checked.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
pub struct Unknown {
    pub origin: Origin,
    pub what: String,
}

impl Demand {
    pub fn most(self) -> u64 {
        self.now.max(self.autoscaled).max(self.peak)
    }

    /// The verdict against a capacity; `complete` when nothing that counts was unknown.
    pub fn verdict(self, capacity: u64, complete: bool) -> Verdict {
        match () {
            () if self.now > capacity => Verdict::FailsNow,
            () if self.autoscaled > capacity => Verdict::FailsAutoscaled,
            () if self.peak > capacity => Verdict::FailsPeak,
            () if complete => Verdict::Fits,
            () => Verdict::Unknown,
        }
    }
}

impl std::ops::AddAssign for Demand {
    fn add_assign(&mut self, other: Demand) {
        self.now = self.now.saturating_add(other.now);
        self.autoscaled = self.autoscaled.saturating_add(other.autoscaled);
        self.peak = self.peak.saturating_add(other.peak);
    }
}

impl Finding {
    pub fn new(code: &'static str, severity: Severity, summary: &'static str, detail: impl Into<String>, origin: &Origin) -> Finding {
        Finding {
            code,
            severity,
            summary,
            detail: detail.into(),
            origin: origin.clone(),
            related: Vec::new(),
            arithmetic: Vec::new(),
            proposal: None,
            ways: Vec::new(),
            waived: None,
        }
    }

    pub fn also(mut self, origin: &Origin, what: impl Into<String>) -> Finding {
        self.related.push((origin.clone(), what.into()));
        self
    }

    /// The finding with a proposal, where there is one.
    pub fn proposing(self, proposal: Option<Proposal>) -> Finding {
        Finding { proposal: proposal.or(self.proposal), ..self }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The finding as a diagnostic: the arithmetic follows the detail, the proposal is the hint.
    pub fn diagnostic(&self) -> Diagnostic {
        let mut detail = self.detail.clone();
        for line in &self.arithmetic {
            detail.push_str("\n  ");
            detail.push_str(line);
        }
        let mut d = match self.severity {
            Severity::Error => Diagnostic::error(self.code, self.summary, detail),
            Severity::Warning => Diagnostic::warning(self.code, self.summary, detail),
        };
        d = d.at(self.origin.span);
        if !self.origin.address.is_empty() {
            d = d.on(&self.origin.address);
        }
        for (origin, what) in &self.related {
            match origin.span {
                Some(span) => d = d.also(span, what.clone()),
                None => d.detail.push_str(&format!("\n  ({what}: {})", origin.address)),
            }
        }
        let hint = self.hint();
        if hint.is_empty() { d } else { d.hint(hint) }
    }

    /// What to do about it: a range that would do with its edits, then the ways out, a line each.
    fn hint(&self) -> String {
        let mut lines: Vec<String> = self.proposal.iter().map(Proposal::text).collect();
        lines.extend(self.proposal.iter().flat_map(|p| &p.edits).map(|e| format!("  {}", e.text())));
        if !self.ways.is_empty() {
            lines.push("It is in use, so its range cannot be replaced. The ways out:".to_owned());
        }
        for way in &self.ways {
            lines.push(format!("- {} {}", way.what, way.cost));
            lines.extend(way.edits.iter().map(|e| format!("    {}", e.text())));
        }
        lines.join("\n")
    }
}

impl Proposal {
    pub fn text(&self) -> String {
        // A range of the same size is another place for it, not a size that would do.
        let service = |e: &Edit| e.attribute == "network_profile.service_cidr";
        let same = self.edits.iter().any(|e| service(e) || e.old.iter().any(|old| old.ends_with(&format!("/{}", self.len))));
        match (self.place, &self.pool) {
            (Some(place), None) if same => format!("{place} is free."),
            (Some(place), Some(pool)) if same => format!("The VNet has no room for another /{}: {place} of pool {pool:?} is free.", self.len),
            (Some(place), None) => format!("The smallest range that would do is a /{}: {place} is free.", self.len),
            (Some(place), Some(pool)) => {
                format!("The smallest range that would do is a /{}, for which the VNet has no room: {place} of pool {pool:?} is free.", self.len)
            }
            (None, _) => format!("The smallest range that would do is a /{}, for which there is no free place.", self.len),
        }
    }
}

impl Edit {
    /// `azurerm_subnet.nodes: address_prefixes = ["10.1.4.0/22"], instead of ["10.1.4.0/24"]`.
    pub fn text(&self) -> String {
        let value = |values: &[String]| match values {
            [one] if !self.list => format!("{one:?}"),
            many => format!("[{}]", many.iter().map(|v| format!("{v:?}")).collect::<Vec<_>>().join(", ")),
        };
        let instead = if self.old.is_empty() { String::new() } else { format!(", instead of {}", value(&self.old)) };
        format!("{}: {} = {}{instead}", self.origin.address, self.attribute, value(&self.new))
    }
}

impl Report {
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn unknown(&mut self, origin: &Origin, what: impl Into<String>) {
        self.unknowns.push(Unknown { origin: origin.clone(), what: what.into() });
    }

    /// The same report in the order in which it is shown, without repeats.
    pub(super) fn in_order(mut self) -> Report {
        fn key(f: &Finding) -> (Severity, &str, &str, Option<crate::base::Span>, &str) {
            (f.severity, &f.origin.address, f.code, f.origin.span, &f.detail)
        }
        self.findings.sort_by(|a, b| key(a).cmp(&key(b)));
        self.findings.dedup();
        self.mark_faults();
        self.unknowns.sort_by(|a, b| (&a.origin.address, &a.what).cmp(&(&b.origin.address, &b.what)));
        self.unknowns.dedup();
        self
    }

    /// Notes at each line the codes of the errors that are at it, or that concern it as the other side of an overlap.
    fn mark_faults(&mut self) {
        let mut at: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in self.findings.iter().filter(|f| f.is_error()) {
            at.entry(&finding.origin.address).or_default().push(finding);
            for (origin, _) in finding.related.iter().filter(|_| finding.code == "IP-OVERLAP") {
                at.entry(&origin.address).or_default().push(finding);
            }
        }
        let codes = |address: &str, names: &dyn Fn(&Finding) -> bool| {
            let found: BTreeSet<&'static str> = at.get(address).into_iter().flatten().filter(|f| names(f)).map(|f| f.code).collect();
            found.into_iter().collect::<Vec<_>>()
        };
        // Several subnets may be declared within one VNet, at the same address: the name tells them apart, or the range.
        for line in &mut self.subnets {
            let name = format!("{:?}", line.subnet);
            line.faults = codes(&line.origin.address, &|f| {
                f.detail.contains(&name) || f.detail.contains(&line.subnet) || line.prefixes.iter().any(|p| f.detail.contains(&p.to_string()))
            });
        }
        for line in &mut self.pod_cidrs {
            let range = line.prefix.to_string();
            line.faults = codes(&line.origin.address, &|f| f.detail.contains(&range));
        }
    }
}
