//! Network interfaces: addresses from subnets, and what they hang on.

use serde_json::{Value as Json, json};

use super::{NETWORK, addresses, copy_reference, copy_references, public, resource_guid};
use crate::{
    base::cidr::to_bits,
    sim::{
        fault::Fault,
        jsons::{at, filled, flag, list, named, set, text},
        model::{Draft, Hold, Model, Timing},
        store::{Resource, Store, derive},
    },
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Network/networkInterfaces",
        shown: "Microsoft.Network/networkInterfaces",
        label: "NetworkInterface",
        timing: Timing { create: 0, update: 4_000, delete: 4_000, wait: 4, wait_delete: 4 },
        build,
        quick: only_small_changes,
        keep,
        adorn,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/networkInterfaces/ipConfigurations",
        shown: "Microsoft.Network/networkInterfaces/ipConfigurations",
        hold: Hold::Inline("ipConfigurations"),
        tracked: false,
        label: "NetworkInterfaceIpConfiguration",
        build: |_, draft| Err(Fault::network(405, "MethodNotAllowed", format!("{} can be written only through its network interface.", draft.id))),
        ..NETWORK
    },
];

/// A change that touches no load balancer is done at once.
fn only_small_changes(old: Option<&Json>, new: &Json) -> bool {
    let balanced = |body: &Json| {
        let configs = list(body, "properties.ipConfigurations");
        configs
            .iter()
            .any(|c| !list(c, "properties.loadBalancerBackendAddressPools").is_empty() || !list(c, "properties.loadBalancerInboundNatRules").is_empty())
    };
    old.is_some_and(|o| o.get("properties") == new.get("properties")) || !(balanced(new) || old.is_some_and(balanced))
}

fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["extendedLocation"]);
    let guid = resource_guid(store, draft);
    let mut taken: Vec<u128> = Vec::new();
    let mut configs = Vec::new();
    let given = list(request, "properties.ipConfigurations");
    if given.is_empty() {
        let message = format!("Network interface {} must have at least one IP configuration.", draft.id);
        return Err(Fault::network(400, "NetworkInterfaceMustHaveIpConfiguration", message));
    }
    let said_primary = given.iter().any(|c| flag(c, "properties.primary"));
    for (i, request) in given.iter().enumerate() {
        let mut config = config(store, draft, request, &mut taken)?;
        set(&mut config, "properties.primary", if said_primary { flag(request, "properties.primary") } else { i == 0 });
        configs.push(config);
    }
    one_network(&configs, draft.id)?;
    let suffix = draft.keep("properties.dnsSettings.internalDomainNameSuffix", || {
        let word: String = derive(&store.seed, draft.id).replace('-', "").chars().take(26).collect();
        Json::from(format!("{word}.xx.internal.cloudapp.net"))
    });
    set(
        &mut body,
        "properties",
        json!({
            "resourceGuid": guid, "ipConfigurations": configs,
            "dnsSettings": {
                "dnsServers": at(request, "properties.dnsSettings.dnsServers").cloned().unwrap_or(json!([])),
                "appliedDnsServers": [], "internalDomainNameSuffix": suffix
            },
            "enableAcceleratedNetworking": flag(request, "properties.enableAcceleratedNetworking"),
            "vnetEncryptionSupported": false,
            "enableIPForwarding": flag(request, "properties.enableIPForwarding"),
            "hostedWorkloads": [], "tapConfigurations": [], "nicType": "Standard"
        }),
    );
    if let Some(label) = filled(request, "properties.dnsSettings.internalDnsNameLabel") {
        set(&mut body, "properties.dnsSettings.internalDnsNameLabel", label);
        set(&mut body, "properties.dnsSettings.internalFqdn", format!("{label}.{}", suffix.as_str().unwrap_or("")));
    }
    auxiliary(draft, &mut body);
    copy_reference(store, request, &mut body, "properties.networkSecurityGroup");
    stays_with_machine(store, draft, &body)?;
    Ok(body)
}

/// Members that came with later api-versions; older ones are not shown them.
fn auxiliary(draft: &Draft, body: &mut Json) {
    let request = draft.request;
    set(body, "kind", "Regular");
    set(body, "properties.disableTcpStateTracking", flag(request, "properties.disableTcpStateTracking"));
    set(body, "properties.allowPort25Out", false);
    for name in ["auxiliaryMode", "auxiliarySku"] {
        let path = format!("properties.{name}");
        set(body, &path, filled(request, &path).unwrap_or("None"));
    }
}

fn config(store: &mut Store, draft: &Draft, request: &Json, taken: &mut Vec<u128>) -> Result<Json, Fault> {
    let Some(name) = text(request, "name") else {
        return Err(Fault::network(400, "InvalidRequestFormat", format!("An IP configuration of network interface {} has no name.", draft.id)));
    };
    let id = format!("{}/ipConfigurations/{name}", draft.id);
    let old = draft.old.and_then(|o| named(list(o, "properties.ipConfigurations"), name));
    let mut body = json!({ "name": name, "id": id, "type": "Microsoft.Network/networkInterfaces/ipConfigurations", "properties": {} });
    let method = filled(request, "properties.privateIPAllocationMethod").unwrap_or("Dynamic");
    set(&mut body, "properties.privateIPAllocationMethod", method);
    let Some(address) = addresses::settle(store, &id, request, old, taken)? else {
        let message = format!("IP configuration {id} does not reference a subnet.");
        return Err(Fault::network(400, "SubnetReferenceMissing", message));
    };
    taken.push(to_bits(address).1);
    set(&mut body, "properties.privateIPAddress", address.to_string());
    set(&mut body, "properties.privateIPAddressVersion", filled(request, "properties.privateIPAddressVersion").unwrap_or("IPv4"));
    for path in ["properties.subnet", "properties.publicIPAddress", "properties.gatewayLoadBalancer"] {
        copy_reference(store, request, &mut body, path);
    }
    for path in ["properties.loadBalancerBackendAddressPools", "properties.loadBalancerInboundNatRules", "properties.applicationSecurityGroups"] {
        copy_references(store, request, &mut body, path);
        if list(&body, path).is_empty() {
            crate::sim::jsons::remove(&mut body, path);
        }
    }
    if let Some(public) = text(&body, "properties.publicIPAddress.id") {
        public::free_for(store, public, &id)?;
    }
    not_delegated(store, &body, &id)?;
    Ok(body)
}

/// A subnet given to a service takes no other interfaces. AKS takes the subnets of its pods and API servers for itself.
fn not_delegated(store: &Store, config: &Json, id: &str) -> Result<(), Fault> {
    let Some(subnet) = text(config, "properties.subnet.id") else { return Ok(()) };
    let delegated = store.body(subnet).is_some_and(|s| !list(s, "properties.delegations").is_empty());
    if !delegated && !crate::sim::aks::is_given(store, subnet) {
        return Ok(());
    }
    let message = format!("Resource {id} is not permitted on delegated subnet {subnet}.");
    Err(Fault::network(400, "ResourceNotPermittedOnDelegatedSubnet", message))
}

/// All configurations of an interface are in one virtual network.
fn one_network(configs: &[Json], id: &str) -> Result<(), Fault> {
    let network = |c: &Json| text(c, "properties.subnet.id").and_then(|s| s.to_ascii_lowercase().split_once("/subnets/").map(|(n, _)| n.to_owned()));
    let mut networks: Vec<String> = configs.iter().filter_map(network).collect();
    networks.dedup();
    if networks.len() <= 1 {
        return Ok(());
    }
    let message = format!("All IP configurations of network interface {id} must be in the same virtual network.");
    Err(Fault::network(400, "IpConfigurationsNotInSameVnet", message))
}

/// An interface of a machine cannot move to another virtual network.
fn stays_with_machine(store: &Store, draft: &Draft, body: &Json) -> Result<(), Fault> {
    let Some(machine) = store.refs_now().to(draft.id).iter().find(|r| r.via == "networkInterfaces").map(|r| r.holder.clone()) else { return Ok(()) };
    let network = |b: &Json| {
        let config = list(b, "properties.ipConfigurations").first()?;
        text(config, "properties.subnet.id").and_then(|s| s.to_ascii_lowercase().split_once("/subnets/").map(|(n, _)| n.to_owned()))
    };
    if draft.old.is_none_or(|o| network(o) == network(body)) {
        return Ok(());
    }
    let message = format!("Network interface {} is attached to virtual machine {machine} and cannot move to another virtual network.", draft.id);
    Err(Fault::network(400, "NetworkInterfaceVnetChangeNotAllowed", message))
}

fn keep(store: &Store, id: &str) -> Option<Fault> {
    let refs = store.refs_now();
    let machine = refs.to(id).iter().find(|r| r.via == "networkInterfaces")?;
    let message = format!(
        "Network Interface {id} is used by existing resource {}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.",
        machine.holder
    );
    Some(Fault::network(400, "NicInUse", message))
}

/// An interface in a machine shows the machine, its place in it, and a hardware address.
fn adorn(store: &Store, body: &mut Json, resource: &Resource) {
    let Some(machine) = store.refs_now().to(&resource.id).iter().find(|r| r.via == "networkInterfaces").map(|r| r.holder.clone()) else { return };
    let listed = store.body(&machine).map(|m| list(m, "properties.networkProfile.networkInterfaces").to_vec()).unwrap_or_default();
    let own = listed.iter().find(|n| text(n, "id").is_some_and(|i| i.eq_ignore_ascii_case(&resource.id)));
    let primary = listed.len() == 1 || own.is_some_and(|n| flag(n, "properties.primary"));
    let guid = derive(&store.seed, &resource.id).to_ascii_uppercase();
    let hex: Vec<&str> = guid.as_bytes().chunks(2).take(3).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    set(body, "properties.macAddress", format!("00-0D-3A-{}", hex.join("-")));
    set(body, "properties.primary", primary);
    set(body, "properties.virtualMachine", json!({ "id": machine }));
}
