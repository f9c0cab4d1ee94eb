//! What lists can be trusted with: for which types a list answers whole resources, at which scopes, and with which children inside.

/// How one type is listed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listing {
    pub kind: &'static str,
    /// Listed per resource group.
    pub group: bool,
    /// Listed per subscription.
    pub subscription: bool,
    /// Listed as a collection of its parent.
    pub parent: bool,
    /// Child types whose bodies stand inside this one's.
    pub inline: &'static [Inline],
}

/// A child type inside its parent's body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inline {
    /// Last part of the child's type.
    pub kind: &'static str,
    /// Where: `properties.<field>` of the parent.
    pub field: &'static str,
    /// The entry is not a resource but its properties with a name among them.
    pub flat: bool,
}

const fn whole(kind: &'static str, field: &'static str) -> Inline {
    Inline { kind, field, flat: false }
}

const fn everywhere(kind: &'static str, inline: &'static [Inline]) -> Listing {
    Listing { kind, group: true, subscription: true, parent: false, inline }
}

const fn under_parent(kind: &'static str) -> Listing {
    Listing { kind, group: false, subscription: false, parent: true, inline: &[] }
}

/// Types whose list items are as complete as their GETs. Any other type is read by GET.
///
/// Left out on purpose: NICs and addresses that belong to scale sets are not in these lists, and nobody declares those.
/// Diagnostic settings, marketplace agreements, locks and the like are few per scope, or their lists leave things out.
static LISTINGS: &[Listing] = &[
    Listing { kind: "Microsoft.Resources/resourceGroups", group: false, subscription: true, parent: false, inline: &[] },
    everywhere("Microsoft.Network/virtualNetworks", &[whole("subnets", "subnets"), whole("virtualNetworkPeerings", "virtualNetworkPeerings")]),
    everywhere("Microsoft.Network/networkSecurityGroups", &[whole("securityRules", "securityRules")]),
    everywhere("Microsoft.Network/routeTables", &[whole("routes", "routes")]),
    everywhere(
        "Microsoft.Network/loadBalancers",
        &[
            whole("frontendIPConfigurations", "frontendIPConfigurations"),
            whole("backendAddressPools", "backendAddressPools"),
            whole("probes", "probes"),
            whole("loadBalancingRules", "loadBalancingRules"),
            whole("inboundNatRules", "inboundNatRules"),
            whole("outboundRules", "outboundRules"),
        ],
    ),
    everywhere("Microsoft.Network/publicIPAddresses", &[]),
    everywhere("Microsoft.Network/publicIPPrefixes", &[]),
    everywhere("Microsoft.Network/natGateways", &[]),
    everywhere("Microsoft.Network/networkInterfaces", &[]),
    everywhere("Microsoft.Network/applicationSecurityGroups", &[]),
    everywhere("Microsoft.Network/privateEndpoints", &[]),
    everywhere("Microsoft.Network/bastionHosts", &[]),
    everywhere("Microsoft.Network/privateDnsZones", &[]),
    under_parent("Microsoft.Network/privateDnsZones/virtualNetworkLinks"),
    everywhere("Microsoft.Compute/virtualMachines", &[]),
    everywhere("Microsoft.Compute/availabilitySets", &[]),
    everywhere("Microsoft.Compute/disks", &[]),
    everywhere("Microsoft.ManagedIdentity/userAssignedIdentities", &[]),
    under_parent("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"),
    everywhere("Microsoft.OperationalInsights/workspaces", &[]),
    everywhere("Microsoft.ContainerService/managedClusters", &[Inline { kind: "agentPools", field: "agentPoolProfiles", flat: true }]),
    under_parent("Microsoft.ContainerService/managedClusters/maintenanceConfigurations"),
    // A scope's list holds the assignments at and below it, so a group's or subscription's serves every resource in it.
    everywhere("Microsoft.Authorization/roleAssignments", &[]),
];

/// How a type is listed; `None`: read by GET.
pub(super) fn listing(kind: &str) -> Option<&'static Listing> {
    LISTINGS.iter().find(|l| l.kind.eq_ignore_ascii_case(kind))
}

/// The type whose body holds this type inside, and the place.
pub(super) fn holder(kind: &str) -> Option<&'static Inline> {
    let (parent, child) = kind.rsplit_once('/')?;
    listing(parent)?.inline.iter().find(|i| i.kind.eq_ignore_ascii_case(child))
}
