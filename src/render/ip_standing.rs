//! How a subnet or a pod range stands: one word for the reader, from its verdict and from what else is wrong with it.

use crate::network::{PodLine, SubnetLine, Verdict};

/// From good to bad, as tables and maps show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing is known to take addresses of it.
    Empty,
    Fits,
    /// Everything fits, but a warning says that little room is left, or that something is not as it should be.
    Warned,
    /// Something about it is not known yet.
    Unknown,
    FailsPeak,
    FailsAutoscaled,
    FailsNow,
    /// The range itself is not right.
    Wrong(&'static str),
}

impl Standing {
    pub fn of_subnet(line: &SubnetLine) -> Standing {
        match (line.faults.iter().find_map(|code| word(code)), line.verdict) {
            (Some(word), _) => Standing::Wrong(word),
            (None, Verdict::Fits) if line.demand.most() == 0 => Standing::Empty,
            (None, verdict) => Standing::from(verdict),
        }
    }

    pub fn of_pods(line: &PodLine) -> Standing {
        line.faults.iter().find_map(|code| word(code)).map_or_else(|| Standing::from(line.verdict), Standing::Wrong)
    }

    /// For a table, after the figures.
    pub fn words(self) -> &'static str {
        match self {
            Standing::Empty => "empty",
            Standing::Fits => "fits",
            Standing::Warned => "little room",
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
            Standing::Warned => "warned",
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
            (Standing::Warned, _) => "!",
            (Standing::Unknown, _) => "?",
        }
    }

    pub fn is_bad(self) -> bool {
        self >= Standing::FailsPeak
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
