//! Private DNS zones, their links to virtual networks, and their records.

use serde_json::{Value as Json, json};

use super::{NETWORK, copy_reference};
use crate::sim::{
    fault::Fault,
    jsons::{at, filled, flag, int, list, pick, set, text},
    model::{Draft, Model, PLAIN, Style, Timing},
    store::{Resource, Store},
};

const ASYNC: Timing = Timing { create: 10_000, update: 5_000, delete: 10_000, wait: 0, wait_delete: 0 };
const RECORD: Model = Model { style: Style::Sync, tracked: false, stated: false, label: "RecordSet", build: build_record, adorn: adorn_record, ..NETWORK };

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Network/privateDnsZones",
        shown: "Microsoft.Network/privateDnsZones",
        style: Style::PrivateDns,
        etagged: true,
        label: "PrivateDnsZone",
        timing: ASYNC,
        build: build_zone,
        adorn: adorn_zone,
        ..PLAIN
    },
    Model {
        kind: "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        shown: "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        style: Style::PrivateDns,
        etagged: true,
        label: "VirtualNetworkLink",
        timing: ASYNC,
        build: build_link,
        ..PLAIN
    },
    Model { kind: "Microsoft.Network/privateDnsZones/A", shown: "Microsoft.Network/privateDnsZones/A", ..RECORD },
    Model { kind: "Microsoft.Network/privateDnsZones/AAAA", shown: "Microsoft.Network/privateDnsZones/AAAA", ..RECORD },
    Model { kind: "Microsoft.Network/privateDnsZones/CNAME", shown: "Microsoft.Network/privateDnsZones/CNAME", ..RECORD },
    Model { kind: "Microsoft.Network/privateDnsZones/TXT", shown: "Microsoft.Network/privateDnsZones/TXT", ..RECORD },
    Model { kind: "Microsoft.Network/privateDnsZones/SOA", shown: "Microsoft.Network/privateDnsZones/SOA", ..RECORD },
];

fn build_zone(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    let labels: Vec<&str> = draft.name().split('.').collect();
    let good = labels.len() >= 2 && labels.iter().all(|l| !l.is_empty() && l.len() <= 63 && l.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
    if !good {
        return Err(Fault::service(400, "BadRequest", format!("The zone name '{}' is not a domain name of two or more labels.", draft.name())));
    }
    set(&mut body, "location", "global");
    let id = draft.keep("properties.internalId", || Json::from(store.guid()));
    set(
        &mut body,
        "properties",
        json!({
            "internalId": id, "maxNumberOfRecordSets": 25000, "maxNumberOfVirtualNetworkLinks": 1000,
            "maxNumberOfVirtualNetworkLinksWithRegistration": 100
        }),
    );
    Ok(body)
}

fn adorn_zone(store: &Store, body: &mut Json, resource: &Resource) {
    let children: Vec<&Resource> = store.under(&resource.id).collect();
    let links = children.iter().filter(|c| c.kind.ends_with("/virtualNetworkLinks"));
    let registering = links.clone().filter(|l| flag(&l.body, "properties.registrationEnabled")).count();
    set(body, "properties.numberOfVirtualNetworkLinks", links.count());
    set(body, "properties.numberOfVirtualNetworkLinksWithRegistration", registering);
    // Every zone has its start-of-authority record.
    let records = children.iter().filter(|c| !c.kind.ends_with("/virtualNetworkLinks") && !c.kind.ends_with("/SOA")).count();
    set(body, "properties.numberOfRecordSets", records + 1);
}

fn build_link(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    set(&mut body, "location", "global");
    let registration = flag(draft.request, "properties.registrationEnabled");
    set(&mut body, "properties", json!({ "registrationEnabled": registration, "virtualNetworkLinkState": "Completed" }));
    copy_reference(store, draft.request, &mut body, "properties.virtualNetwork");
    if let Some(policy) = filled(draft.request, "properties.resolutionPolicy") {
        set(&mut body, "properties.resolutionPolicy", policy);
    }
    let Some(network) = text(&body, "properties.virtualNetwork.id") else {
        return Err(Fault::service(400, "BadRequest", "The virtual network link must name a virtual network."));
    };
    if !store.exists(network) {
        return Err(Fault::service(400, "BadRequest", format!("The resource '{network}' was not found.")));
    }
    let parent = draft.parent().to_ascii_lowercase();
    let other = store.of_kind("Microsoft.Network/privateDnsZones/virtualNetworkLinks").find(|r| {
        let same = text(&r.body, "properties.virtualNetwork.id").is_some_and(|n| n.eq_ignore_ascii_case(network));
        let here = r.id.to_ascii_lowercase().starts_with(&format!("{parent}/"));
        same && !r.id.eq_ignore_ascii_case(draft.id) && (here || (registration && flag(&r.body, "properties.registrationEnabled")))
    });
    other.map_or(Ok(body), |o| {
        let message = format!(
            "A virtual network cannot be linked to the same zone twice, nor to two zones with registration enabled. The virtual network is linked by '{}'.",
            o.id
        );
        Err(Fault::service(409, "Conflict", message))
    })
}

fn build_record(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    let ttl = int(draft.request, "properties.ttl").unwrap_or(3600);
    let names = ["metadata", "aRecords", "aaaaRecords", "cnameRecord", "txtRecords", "soaRecord"];
    let mut properties = pick(at(draft.request, "properties").unwrap_or(&Json::Null), &names);
    let bad = list(&properties, "aRecords").iter().filter_map(|r| text(r, "ipv4Address")).find(|a| a.parse::<std::net::Ipv4Addr>().is_err());
    if let Some(bad) = bad {
        return Err(Fault::flat(400, "BadRequest", format!("The value '{bad}' is not a valid IPv4 address.")));
    }
    set(&mut properties, "ttl", ttl);
    set(&mut properties, "isAutoRegistered", false);
    set(&mut body, "properties", properties);
    Ok(body)
}

fn adorn_record(_: &Store, body: &mut Json, resource: &Resource) {
    let zone = resource.id.split('/').nth(8).unwrap_or("");
    let name = resource.name();
    let fqdn = if name == "@" { format!("{zone}.") } else { format!("{name}.{zone}.") };
    set(body, "properties.fqdn", fqdn);
}
