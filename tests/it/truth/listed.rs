//! Differences that remain, each with its reason. A rule names the type, the place, and what Azure says.

use super::compare::Difference;

/// Type (a prefix, `*` for any), place (`*` at either end for any), what Azure says (`*` for anything, `~` before a part of the whole line), and why the simulator says otherwise.
type Rule = (&'static str, &'static str, &'static str, &'static str);

const YOUNGER: &str = "the recording is older than the member: Azure answers it today";
const AGENT: &str = "the guest's own report";
const TENANT: &str = "put there by a policy of the recorded tenant";
const RACE: &str = "two requests of the recording raced; the simulator orders them as they are written down";
const INNER: &str = "an inner hiccup of the platform, told while the operation goes on";
const CHOICE: &str = "the platform's choice, or the choice of its time";
const UNMODELLED: &str = "not modelled: refused as such";
const DETAIL: &str = "detail of a preview, of the service mesh or of a network-isolated cluster: kept as written, not worked out";
const AFTER: &str = "for a while after its deletion AKS itself answers that a cluster is not there";
const CAPITALS: &str = "the recording's client read ids in capitals";
const SCENE: &str = "what was there before the recording is known only in part";
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
    ("microsoft.network/publicipaddresses", "status", "*", RACE),
    ("microsoft.network/publicipprefixes", "properties.publicIPAddresses*", "-", RACE),
    ("microsoft.network/natgateways", "header x-ms-failure-cause", "-", YOUNGER),
    ("microsoft.network/virtualnetworks/subnets", "properties.ipConfigurations*", "*", CAPITALS),
    ("microsoft.network/virtualnetworks", "header etag", "-", YOUNGER),
    ("microsoft.resources/resourcegroups", "tags.*", "*", TENANT),
    ("microsoft.resources/resourcegroups", "header retry-after", "-", YOUNGER),
    ("microsoft.operationalinsights/workspaces", "header *", "-", YOUNGER),
    ("microsoft.operationalinsights/workspaces", "properties.retentionInDays", "*", "the recorded workspace is brought back from the bin with its old settings"),
    ("microsoft.operationalinsights/workspaces", "properties.provisioningState", "Restoring", "the recorded workspace is brought back from the bin with its old settings"),
    ("microsoft.containerservice", "status", "~ours 400 NotModelledBySimulator", UNMODELLED),
    ("microsoft.containerservice", "*.networkProfile.networkPlugin*", "*", CHOICE),
    ("microsoft.containerservice", "*.networkDataplane", "-", CHOICE),
    ("microsoft.containerservice", "*.maxPods", "110", CHOICE),
    ("microsoft.containerservice", "*Cidrs[1]", "*", CHOICE),
    ("microsoft.containerservice", "*.enableLTS", "*", YOUNGER),
    ("microsoft.containerservice", "*.supportPlan", "-", YOUNGER),
    ("microsoft.containerservice", "*.privateLinkServiceID", "*", CHOICE),
    ("microsoft.containerservice", "*.controlPlanePluginProfiles.*", "*", DETAIL),
    ("microsoft.containerservice", "*.serviceMeshProfile.*", "*", DETAIL),
    ("microsoft.containerservice", "*.advancedNetworking.*", "*", DETAIL),
    ("microsoft.containerservice", "*.nodeProvisioningProfile.*", "-", DETAIL),
    ("microsoft.containerservice", "*.bootstrapProfile.*", "*", DETAIL),
    ("microsoft.containerservice", "*.apiServerAccessProfile.*", "*", DETAIL),
    ("microsoft.containerservice/managedclusters", "code", "NotFound", AFTER),
    ("microsoft.containerservice/managedclusters", "error.code", "~ours ResourceNotFound", AFTER),
    ("microsoft.containerservice/managedclusters", "subcode", "GetManagedCluster_NotFound_HCPServerError", AFTER),
    ("microsoft.containerservice/managedclusters", "message", "~azure Could not find managed cluster", AFTER),
    ("microsoft.containerservice/managedclusters", "error.message", "~ours The Resource", AFTER),
    ("microsoft.containerservice/managedclusters", "details*", "~azure", AFTER),
    ("microsoft.containerservice/managedclusters", "header content-type", "application/json", AFTER),
    ("microsoft.containerservice/managedclusters", "header x-ms-failure-cause", "-", AFTER),
    ("microsoft.network/networkinterfaces", "properties.auxiliarySku", "None", SCENE),
    ("microsoft.network/networkinterfaces", "properties.disableTcpStateTracking", "false", SCENE),
    ("microsoft.network/virtualnetworks/subnets", "header azure-asyncoperation", "*", SCENE),
    ("microsoft.compute/virtualmachines", "properties.diagnosticsProfile.*", "*", SCENE),
    ("microsoft.authorization/roleassignments", "value", "-", SCENE),
    ("microsoft.resources/resourcegroups", "error.message", "*", "the list of regions grows"),
    ("microsoft.containerservice", "*.effectiveOutboundIPs*", "*", SCENE),
    ("microsoft.containerservice", "properties.apiServerAccessProfile", "-", "an empty profile stays until the update has ended"),
    ("microsoft.containerservice", "target", "*", UNMODELLED),
    ("microsoft.compute/virtualmachines", "resources[*", "*", "the recorded extension failed in its guest"),
    ("poll", "status", "*", "the recorded extension failed in its guest"),
    ("poll", "error.*", "*", INNER),
    ("poll", "header location", "*", "Resource Manager repeats the address in some polls and not in others"),
    ("poll", "header retry-after", "*", "the wait Azure asks for while polling varies from poll to poll"),
];

/// Why a difference is known, when it is.
pub fn reason(found: &Difference) -> Option<&'static str> {
    let rule = RULES.iter().find(|(kind, place, azure, _)| {
        (*kind == "*" || found.kind.starts_with(kind))
            && fits(place, &found.place)
            && (*azure == "*" || *azure == found.azure || azure.strip_prefix('~').is_some_and(|part| found.line.contains(part)))
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
