//! Differences that remain, each with its reason. A rule names the type, the place, and what Azure says.

use super::compare::Difference;

/// Type (a prefix, `*` for any), place (`*` at either end for any), what Azure says (`*` for anything), and why the simulator says otherwise.
type Rule = (&'static str, &'static str, &'static str, &'static str);

const YOUNGER: &str = "the recording is older than the member: Azure answers it today";
const AGENT: &str = "the guest's own report";
const TENANT: &str = "put there by a policy of the recorded tenant";
const RACE: &str = "two requests of the recording raced; the simulator orders them as they are written down";
const INNER: &str = "an inner hiccup of the platform, told while the operation goes on";
const SCRUBBED: &str = "scrubbed in the recording";

#[rustfmt::skip]
const RULES: &[Rule] = &[
    ("microsoft.network", "header retry-after", "-", YOUNGER),
    ("microsoft.compute", "header retry-after", "-", YOUNGER),
    ("microsoft.network", "*properties.privateEndpointVNetPolicies", "-", YOUNGER),
    ("microsoft.network", "*properties.ddosSettings.protectionMode", "-", YOUNGER),
    ("microsoft.network/natgateways", "*properties.type", "-", YOUNGER),
    ("microsoft.operationalinsights", "etag", "-", YOUNGER),
    ("microsoft.containerservice", "*eTag", "-", YOUNGER),
    ("microsoft.containerservice", "*.scaleDownMode", "-", YOUNGER),
    ("microsoft.containerservice", "*.upgradeSettings*", "*", YOUNGER),
    ("microsoft.containerservice", "*.securityProfile.enable*", "-", YOUNGER),
    ("microsoft.containerservice", "*.metricsProfile.costAnalysis.enabled", "-", YOUNGER),
    ("microsoft.containerservice", "*.loadBalancerProfile*", "-", YOUNGER),
    ("microsoft.containerservice", "*.loadBalancerProfile", "{}", YOUNGER),
    ("microsoft.containerservice", "*.resourceUID", "-", YOUNGER),
    ("microsoft.containerservice", "*.nodeLabels", "-", YOUNGER),
    ("microsoft.containerservice", "*.nodeOSUpgradeChannel", "-", YOUNGER),
    ("microsoft.containerservice", "*.loadBalancerSku", "Standard", YOUNGER),
    ("microsoft.containerservice", "*.orchestratorVersion", "*", YOUNGER),
    ("microsoft.containerservice", "*.networkPolicy", "-", YOUNGER),
    ("microsoft.containerservice", "*.windowsProfile.*", "*", YOUNGER),
    ("microsoft.containerservice", "*.servicePrincipalProfile.clientId", "GUID", SCRUBBED),
    ("microsoft.compute/virtualmachines", "properties.instanceView.*", "*", AGENT),
    ("microsoft.compute/virtualmachines", "identity.*", "*", TENANT),
    ("microsoft.compute/virtualmachines", "tags.*", "*", TENANT),
    ("microsoft.network/routetables/routes", "status", "*", RACE),
    ("poll", "error.*", "*", INNER),
    ("poll", "header location", "*", "Resource Manager repeats the address in some polls and not in others"),
    ("poll", "header retry-after", "*", "the wait Azure asks for while polling varies from poll to poll"),
];

/// Why a difference is known, when it is.
pub fn reason(found: &Difference) -> Option<&'static str> {
    let rule = RULES.iter().find(|(kind, place, azure, _)| {
        (*kind == "*" || found.kind.starts_with(kind)) && fits(place, &found.place) && (*azure == "*" || *azure == found.azure)
    });
    rule.map(|(_, _, _, reason)| *reason)
}

fn fits(pattern: &str, text: &str) -> bool {
    let inner = pattern.trim_matches('*');
    match (pattern.starts_with('*'), pattern.ends_with('*')) {
        (true, true) => text.contains(inner),
        (true, false) => text.ends_with(inner),
        (false, true) => text.starts_with(inner),
        (false, false) => text == pattern,
    }
}
