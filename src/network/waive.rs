//! Waivers: findings that are accepted for a while become warnings; waivers that have run out, or that nothing needs, are told.

use crate::base::Severity;

use super::{
    matching::names,
    model::{Model, Origin},
    report::{Finding, Report, Waived},
    settings::Waiver,
};

/// Applies the declared waivers to what was found.
pub fn apply(model: &Model, report: &mut Report) {
    let mut lapsed = Vec::new();
    for waiver in &model.settings.waivers {
        let expired = model.settings.today.is_some_and(|today| waiver.expires < today);
        let mut used = false;
        for finding in report.findings.iter_mut().filter(|f| covers(waiver, f)) {
            used = true;
            if !expired && finding.waived.is_none() {
                waive(finding, waiver);
            }
        }
        if expired || !used {
            lapsed.push(told(waiver, expired, used));
        }
    }
    for finding in lapsed {
        report.find(finding);
    }
}

/// Whether a waiver is about a finding: its code, and the thing it is at or one of those that it concerns.
fn covers(waiver: &Waiver, finding: &Finding) -> bool {
    let of = waiver.of.as_deref();
    let mut origins = std::iter::once(&finding.origin).chain(finding.related.iter().map(|(origin, _)| origin));
    finding.code.eq_ignore_ascii_case(&waiver.code) && origins.any(|origin| names(of, &origin.address))
}

fn waive(finding: &mut Finding, waiver: &Waiver) {
    finding.severity = Severity::Warning;
    finding.detail.push_str(&format!(" Waived until {} because: {}", waiver.expires, sentence(&waiver.reason)));
    finding.related.push((waiver.origin.clone(), "the waiver".to_owned()));
    finding.waived = Some(Waived { reason: waiver.reason.clone(), expires: waiver.expires, origin: waiver.origin.clone() });
}

fn sentence(reason: &str) -> String {
    let reason = reason.trim();
    if reason.ends_with(['.', '!', '?']) { reason.to_owned() } else { format!("{reason}.") }
}

fn told(waiver: &Waiver, expired: bool, used: bool) -> Finding {
    let of = waiver.of.as_ref().map_or(String::new(), |of| format!(" of {of}"));
    let place = Origin { address: waiver.origin.address.clone(), span: waiver.expires_span.or(waiver.origin.span) };
    if expired {
        let still = if used { "what it waived counts again" } else { "nothing needs it any more: remove it" };
        let detail = format!("The waiver of {}{of} ended on {}; {still}. Its reason was: {}", waiver.code, waiver.expires, sentence(&waiver.reason));
        return Finding::new("IP-WAIVER-EXPIRED", Severity::Warning, "Waiver has expired", detail, &place);
    }
    let detail = format!("The waiver of {}{of} waives nothing: there is no such finding. Remove it, or mend what it names.", waiver.code);
    Finding::new("IP-WAIVER-UNUSED", Severity::Warning, "Waiver is not needed", detail, &waiver.origin)
}
