//! How a subnet or a pod range stands: one word for the reader, from its verdict and from what else is wrong with it.

use std::collections::BTreeMap;

use crate::network::{PodLine, Report, SubnetLine, Verdict};

/// From good to bad, as tables and maps show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing is known to take addresses of it.
    Empty,
    Fits,
    /// It passes, but a warning says why somebody should look.
    Warned(&'static str),
    /// Something about it is not known yet.
    Unknown,
    FailsPeak,
    FailsAutoscaled,
    FailsNow,
    /// The range itself is not right.
    Wrong(&'static str),
}

impl Standing {
    pub fn of_subnet(line: &SubnetLine, remarks: &Remarks) -> Standing {
        match (line.faults.iter().find_map(|code| word(code)), line.verdict) {
            (Some(word), _) => Standing::Wrong(word),
            (None, Verdict::Fits) if line.demand.most() == 0 => remarks.on(&line.origin.address, Standing::Empty),
            (None, verdict) => remarks.on(&line.origin.address, Standing::from(verdict)),
        }
    }

    pub fn of_pods(line: &PodLine, remarks: &Remarks) -> Standing {
        let wrong = line.faults.iter().find_map(|code| word(code)).map(Standing::Wrong);
        wrong.unwrap_or_else(|| remarks.on(&line.origin.address, Standing::from(line.verdict)))
    }

    /// For a table, after the figures.
    pub fn words(self) -> &'static str {
        match self {
            Standing::Empty => "empty",
            Standing::Fits => "fits",
            Standing::Warned(word) => word,
            Standing::Unknown => "not fully known",
            Standing::FailsPeak => "too small to upgrade",
            Standing::FailsAutoscaled => "too small when scaled out",
            Standing::FailsNow => "too small",
            Standing::Wrong(word) => word,
        }
    }

    /// The same for machines: stable.
    pub fn code(self) -> &'static str {
        match self {
            Standing::Empty => "empty",
            Standing::Fits => "fits",
            Standing::Warned(_) => "warned",
            Standing::Unknown => "unknown",
            Standing::FailsPeak => "fails-peak",
            Standing::FailsAutoscaled => "fails-autoscaled",
            Standing::FailsNow => "fails-now",
            Standing::Wrong(_) => "wrong",
        }
    }

    /// A sign that says the same without colour.
    pub fn sign(self, ascii: bool) -> &'static str {
        match (self, ascii) {
            (Standing::Empty, false) => "·",
            (Standing::Fits, false) => "✓",
            (Standing::FailsPeak | Standing::FailsAutoscaled | Standing::FailsNow | Standing::Wrong(_), false) => "✗",
            (Standing::Empty, true) => ".",
            (Standing::Fits, true) => "+",
            (Standing::FailsPeak | Standing::FailsAutoscaled | Standing::FailsNow | Standing::Wrong(_), true) => "x",
            (Standing::Warned(_), _) => "!",
            (Standing::Unknown, _) => "?",
        }
    }

    pub fn is_bad(self) -> bool {
        self >= Standing::FailsPeak
    }
}

/// What warnings say of resources, in a word; the one that matters most.
#[derive(Default)]
pub struct Remarks<'a>(BTreeMap<&'a str, &'static str>);

impl<'a> Remarks<'a> {
    pub fn of(report: &'a Report) -> Remarks<'a> {
        let mut words: BTreeMap<&str, &'static str> = BTreeMap::new();
        for finding in report.findings.iter().filter(|f| !f.is_error()) {
            let word = match (finding.waived.is_some(), finding.code) {
                (true, _) => "waived",
                (false, "IP-THRESHOLD") => "little room",
                (false, "IP-FORECAST") => "runs out soon",
                _ => continue,
            };
            let known = words.entry(finding.origin.address.as_str()).or_insert(word);
            if word == "waived" {
                *known = word;
            }
        }
        Remarks(words)
    }

    /// How something stands whose figures alone stand so. What is lowered to a warning keeps its own word, unless it was waived.
    fn on(&self, address: &str, plain: Standing) -> Standing {
        match self.0.get(address) {
            Some(word) if *word == "waived" || !plain.is_bad() => Standing::Warned(word),
            _ => plain,
        }
    }
}

impl From<Verdict> for Standing {
    fn from(verdict: Verdict) -> Standing {
        match verdict {
            Verdict::Fits => Standing::Fits,
            Verdict::Unknown => Standing::Unknown,
            Verdict::FailsPeak => Standing::FailsPeak,
            Verdict::FailsAutoscaled => Standing::FailsAutoscaled,
            Verdict::FailsNow => Standing::FailsNow,
        }
    }
}

/// What a finding means for the range that it is about; nothing for those that the verdict tells.
fn word(code: &str) -> Option<&'static str> {
    Some(match code {
        "IP-OUTSIDE" => "outside its VNet",
        "IP-OVERLAP" => "overlaps",
        "IP-FORM" => "not a valid range",
        "IP-FORBIDDEN" => "forbidden range",
        "IP-SUBNET-SIZE" => "size not allowed",
        "IP-SPECIAL-SUBNET" => "not fit for its use",
        _ => return None,
    })
}
