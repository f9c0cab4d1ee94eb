//! Virtual machines and their extensions.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use super::{COMPUTE, fixed, images, sizes};
use crate::sim::{
    fault::Fault,
    http::{Millis, Request, Response},
    identities,
    jsons::{at, fill, filled, flag, int, list, list_mut, remove, set, text},
    marketplace,
    model::{Draft, Model, Timing, model},
    moment, operation,
    store::{Resource, Store, derive, segment_after},
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Compute/virtualMachines",
        shown: "Microsoft.Compute/virtualMachines",
        label: "VirtualMachine",
        timing: Timing { create: 43_000, update: 11_000, delete: 19_000, wait: 10, wait_delete: 10 },
        build,
        quick: |_, _| false,
        finished,
        removed,
        adorn,
        action,
        ..COMPUTE
    },
    Model {
        kind: "Microsoft.Compute/virtualMachines/extensions",
        shown: "Microsoft.Compute/virtualMachines/extensions",
        label: "VirtualMachineExtension",
        timing: Timing { create: 30_000, update: 20_000, delete: 10_000, wait: 0, wait_delete: 0 },
        build: build_extension,
        quick: |_, _| false,
        ..COMPUTE
    },
];

fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["plan", "zones", "extendedLocation"]);
    if let Some(identity) = at(request, "identity") {
        set(&mut body, "identity", identities::fill(store, draft, identity)?);
    }
    let size = filled(request, "properties.hardwareProfile.vmSize").unwrap_or("Standard_A1");
    set(&mut body, "properties.hardwareProfile", json!({ "vmSize": size }));
    let id = draft.keep("properties.vmId", || Json::from(store.guid()));
    set(&mut body, "properties.vmId", id);
    let image = image(draft, &mut body)?;
    purchase(store, draft, image)?;
    storage(store, draft, &mut body, image, size)?;
    profile(draft, &mut body, image)?;
    network(store, draft, &mut body, size)?;
    for path in [
        "diagnosticsProfile",
        "securityProfile",
        "licenseType",
        "priority",
        "evictionPolicy",
        "billingProfile",
        "userData",
        "additionalCapabilities",
        "proximityPlacementGroup",
        "host",
        "hostGroup",
        "scheduledEventsProfile",
        "applicationProfile",
    ] {
        if let Some(value) = at(request, &format!("properties.{path}")) {
            set(&mut body, &format!("properties.{path}"), value.clone());
        }
    }
    placement(store, draft, &mut body)?;
    keep_secrets(store, draft, &mut body)?;
    fixed(
        draft,
        &body,
        &[
            ("properties.osProfile.adminUsername", "osProfile.adminUsername"),
            ("properties.osProfile.computerName", "osProfile.computerName"),
            ("properties.storageProfile.imageReference.publisher", "imageReference"),
            ("properties.storageProfile.imageReference.offer", "imageReference"),
            ("properties.storageProfile.imageReference.sku", "imageReference"),
            ("properties.storageProfile.imageReference.version", "imageReference"),
            ("properties.availabilitySet.id", "availabilitySet.id"),
            ("zones", "zones"),
            ("plan", "plan"),
        ],
    )?;
    let created = draft.keep("properties.timeCreated", || Json::from(moment::rfc3339(draft.now)));
    set(&mut body, "properties.timeCreated", created);
    Ok(body)
}

/// The image a machine is made from; `None` when it is made from a disk or a private image.
fn image(draft: &Draft, body: &mut Json) -> Result<Option<&'static images::Image>, Fault> {
    let Some(reference) = at(draft.request, "properties.storageProfile.imageReference") else { return Ok(None) };
    let mut shown = reference.clone();
    remove(&mut shown, "exactVersion");
    let Some(publisher) = filled(reference, "publisher") else {
        set(body, "properties.storageProfile.imageReference", shown);
        return Ok(None);
    };
    let name = |path: &str| filled(reference, path).unwrap_or("");
    let found = images::find(publisher, name("offer"), name("sku"));
    let exact = found.and_then(|i| images::version(i, name("version")));
    let (Some(found), Some(exact)) = (found, exact) else {
        return Err(images::not_found(publisher, name("offer"), name("sku"), name("version")));
    };
    set(&mut shown, "exactVersion", draft.keep("properties.storageProfile.imageReference.exactVersion", || Json::from(exact)));
    set(body, "properties.storageProfile.imageReference", shown);
    Ok(Some(found))
}

/// A marketplace image needs its plan in the request and its terms accepted.
fn purchase(store: &Store, draft: &Draft, image: Option<&images::Image>) -> Result<(), Fault> {
    let Some(image) = image.filter(|i| i.plan && draft.old.is_none()) else { return Ok(()) };
    let name = draft.name();
    let plan = |m: &str| filled(draft.request, &format!("plan.{m}")).unwrap_or("");
    if plan("name").is_empty() {
        let message = format!(
            "Creating a virtual machine from Marketplace image or a custom image sourced from a Marketplace image requires Plan information in the request. VM: '{name}'."
        );
        return Err(Fault::compute(400, "VMMarketplaceInvalidInput", "", message));
    }
    let fits = plan("publisher").eq_ignore_ascii_case(image.publisher)
        && plan("product").eq_ignore_ascii_case(image.offer)
        && plan("name").eq_ignore_ascii_case(image.sku);
    if !fits {
        let message = format!(
            "The purchase plan '{}:{}:{}' does not match the image '{}:{}:{}' of VM '{name}'.",
            plan("publisher"),
            plan("product"),
            plan("name"),
            image.publisher,
            image.offer,
            image.sku
        );
        return Err(Fault::compute(400, "VMMarketplaceInvalidInput", "", message));
    }
    let subscription = segment_after(draft.id, "subscriptions").unwrap_or("");
    if marketplace::accepted(store, subscription, image.publisher, image.offer, image.sku) {
        return Ok(());
    }
    let inner = format!(
        "Offer with PublisherId: '{}', OfferId: '{}' cannot be purchased due to validation errors. For more information see details. You have not accepted the legal terms on this subscription: '{subscription}' for this plan. Before the subscription can be used, you need to accept the legal terms of the image. To read and accept legal terms, use the Azure CLI commands described at https://go.microsoft.com/fwlink/?linkid=2110637 or the PowerShell commands available at https://go.microsoft.com/fwlink/?linkid=862451.",
        image.publisher, image.offer
    );
    let mut fault =
        Fault::service(400, "MarketplacePurchaseEligibilityFailed", "Marketplace purchase eligibilty check returned errors. See inner errors for details. ");
    set(&mut fault.body, "error.details", json!([{ "code": "BadRequest", "message": inner }]));
    Err(fault)
}

fn storage(store: &Store, draft: &Draft, body: &mut Json, image: Option<&images::Image>, size: &str) -> Result<(), Fault> {
    let request = draft.request;
    let mut disk = at(request, "properties.storageProfile.osDisk").cloned().unwrap_or(json!({}));
    let old = draft.old.and_then(|o| at(o, "properties.storageProfile.osDisk"));
    let windows = image.is_some_and(|i| i.windows) || text(&disk, "osType") == Some("Windows");
    fill(&mut disk, "osType", if windows { "Windows" } else { "Linux" });
    fill(&mut disk, "createOption", "FromImage");
    fill(&mut disk, "caching", "ReadWrite");
    fill(&mut disk, "managedDisk.storageAccountType", if sizes::premium(size) { "Premium_LRS" } else { "Standard_LRS" });
    fill(&mut disk, "diskSizeGB", image.map_or(30, |i| i.size));
    if draft.api >= "2021-04" {
        fill(&mut disk, "deleteOption", "Detach");
    }
    for path in ["name", "managedDisk.id"] {
        if let Some(value) = old.and_then(|o| at(o, path)) {
            set(&mut disk, path, value.clone());
        }
    }
    let mut data: Vec<Json> = list(request, "properties.storageProfile.dataDisks").to_vec();
    data.retain(|d| at(d, "toBeDetached") != Some(&Json::from(true)));
    if sizes::data_disks(size).is_some_and(|max| data.len() > max) {
        let message = format!("The maximum number of data disks allowed to be attached to a VM of this size is {}.", sizes::data_disks(size).unwrap_or(0));
        return Err(Fault::compute(409, "OperationNotAllowed", "dataDisks", message));
    }
    let mut luns = Vec::new();
    for disk in &mut data {
        let lun = int(disk, "lun").unwrap_or(-1);
        if luns.contains(&lun) {
            return Err(Fault::compute(400, "InvalidParameter", "dataDisk.lun", format!("A disk at LUN {lun} is already specified.")));
        }
        luns.push(lun);
        fill(disk, "caching", "None");
        fill(disk, "managedDisk.storageAccountType", if sizes::premium(size) { "Premium_LRS" } else { "Standard_LRS" });
        fill(disk, "toBeDetached", false);
        if draft.api >= "2021-04" {
            fill(disk, "deleteOption", "Detach");
        }
        // What the request leaves out is taken from the disk at this place, unless another one takes its place.
        let known = draft.old.into_iter().flat_map(|o| list(o, "properties.storageProfile.dataDisks")).find(|o| int(o, "lun") == Some(lun));
        let same = |k: &Json, path: &str| match (filled(disk, path), filled(k, path)) {
            (Some(given), Some(held)) => given.eq_ignore_ascii_case(held),
            _ => true,
        };
        if let Some(known) = known.filter(|k| same(k, "name") && same(k, "managedDisk.id")) {
            for path in ["name", "managedDisk.id"] {
                if let Some(value) = at(known, path) {
                    set(disk, path, value.clone());
                }
            }
        }
        free(store, draft, disk)?;
    }
    set(body, "properties.storageProfile.osDisk", disk);
    set(body, "properties.storageProfile.dataDisks", data);
    if let Some(kind) = filled(request, "properties.storageProfile.diskControllerType") {
        set(body, "properties.storageProfile.diskControllerType", kind);
    }
    Ok(())
}

/// A disk that is to be attached is there, and no other machine has it.
fn free(store: &Store, draft: &Draft, entry: &Json) -> Result<(), Fault> {
    let Some(id) = filled(entry, "managedDisk.id") else { return Ok(()) };
    let Some(disk) = store.body(id) else {
        return match text(entry, "createOption").is_some_and(|o| o.eq_ignore_ascii_case("Attach")) {
            true => Err(Fault::compute(404, "NotFound", "", format!("Resource {id} not found."))),
            false => Ok(()),
        };
    };
    match text(disk, "managedBy").filter(|m| !m.eq_ignore_ascii_case(draft.id)) {
        Some(other) => {
            let message = format!("Disk '{id}' cannot be attached as the disk is already owned by VM '{other}'.");
            Err(Fault::compute(409, "ConflictingUserInput", id, message))
        }
        None => Ok(()),
    }
}

fn profile(draft: &Draft, body: &mut Json, image: Option<&images::Image>) -> Result<(), Fault> {
    let Some(given) = at(draft.request, "properties.osProfile") else {
        return match image {
            Some(_) => Err(Fault::compute(400, "InvalidParameter", "osProfile", "Required parameter 'osProfile' is missing (null).")),
            None => Ok(()),
        };
    };
    let mut shown = given.clone();
    // Secrets are taken and never shown again.
    remove(&mut shown, "adminPassword");
    remove(&mut shown, "customData");
    fill(&mut shown, "computerName", draft.name());
    if filled(&shown, "adminUsername").is_none() {
        return Err(Fault::compute(400, "InvalidParameter", "adminUsername", "Required parameter 'adminUsername' is missing (null)."));
    }
    let forbidden = ["admin", "administrator", "root", "guest", "test", "user", "owner", "sys"];
    let user = text(&shown, "adminUsername").unwrap_or("");
    if forbidden.contains(&user.to_ascii_lowercase().as_str()) {
        let message = "The Admin Username specified is not allowed.";
        return Err(Fault::compute(400, "InvalidParameter", "adminUsername", message));
    }
    let windows = image.is_some_and(|i| i.windows) || at(&shown, "windowsConfiguration").is_some();
    let member = if windows { "windowsConfiguration" } else { "linuxConfiguration" };
    if !windows {
        fill(&mut shown, "linuxConfiguration.disablePasswordAuthentication", false);
        let keys = list(given, "linuxConfiguration.ssh.publicKeys");
        let password = filled(given, "adminPassword").is_some() || draft.old.is_some();
        if !password && keys.is_empty() {
            let message = "Authentication using either SSH or by user name and password must be enabled in Linux profile.";
            return Err(Fault::compute(400, "InvalidParameter", "linuxConfiguration", message));
        }
    }
    fill(&mut shown, &format!("{member}.provisionVMAgent"), true);
    fill(&mut shown, &format!("{member}.patchSettings.patchMode"), if windows { "AutomaticByOS" } else { "ImageDefault" });
    if draft.api >= "2021-03" {
        fill(&mut shown, &format!("{member}.patchSettings.assessmentMode"), "ImageDefault");
    }
    fill(&mut shown, "secrets", json!([]));
    fill(&mut shown, "allowExtensionOperations", true);
    fill(&mut shown, "requireGuestProvisionSignal", true);
    set(body, "properties.osProfile", shown);
    Ok(())
}

fn network(store: &Store, draft: &Draft, body: &mut Json, size: &str) -> Result<(), Fault> {
    let given = list(draft.request, "properties.networkProfile.networkInterfaces");
    if given.is_empty() {
        return Err(Fault::compute(400, "InvalidParameter", "networkProfile", "Required parameter 'networkProfile' is missing (null)."));
    }
    let refs = store.refs_now();
    let mut networks: Vec<String> = Vec::new();
    let mut shown = Vec::new();
    for nic in given {
        let id = text(nic, "id").unwrap_or("");
        let Some(interface) = store.get(id) else {
            return Err(Fault::network(404, "NotFound", format!("Resource {id} not found.")));
        };
        if let Some(other) = refs.to(id).iter().find(|r| r.via == "networkInterfaces" && !r.holder.eq_ignore_ascii_case(draft.id)) {
            let message = format!(
                "Network Interface {} is used by existing resource {}. In order to use the network interface, it must be dissociated from the resource.",
                interface.id, other.holder
            );
            return Err(Fault::network(400, "NicInUse", message));
        }
        let subnet = list(&interface.body, "properties.ipConfigurations").first().and_then(|c| text(c, "properties.subnet.id")).unwrap_or("");
        networks.extend(subnet.to_ascii_lowercase().split_once("/subnets/").map(|(n, _)| n.to_owned()));
        let mut entry = json!({ "id": interface.id });
        if let Some(properties) = at(nic, "properties") {
            set(&mut entry, "properties", properties.clone());
        }
        shown.push(entry);
    }
    networks.dedup();
    if networks.len() > 1 {
        let message =
            format!("The subnets of the network interfaces of virtual machine {} are not in the same virtual network: {}.", draft.id, networks.join(", "));
        return Err(Fault::compute(400, "SubnetsNotInSameVnet", "networkProfile", message));
    }
    if let Some(most) = sizes::interfaces(size).filter(|m| given.len() > *m) {
        let message = format!(
            "The number of network interfaces for virtual machine {} exceeds the maximum allowed for the virtual machine size {size}. The number of network interfaces is {} and the maximum allowed is {most}.",
            draft.id,
            given.len()
        );
        return Err(Fault::compute(400, "NetworkInterfaceCountExceeded", "networkProfile", message));
    }
    let primaries = given.iter().filter(|n| flag(n, "properties.primary")).count();
    if given.len() > 1 && primaries != 1 {
        let message = format!("Virtual machine {} must have one network interface set as the primary.", draft.id);
        return Err(Fault::compute(400, "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary", "networkProfile", message));
    }
    set(body, "properties.networkProfile.networkInterfaces", shown);
    Ok(())
}

fn placement(store: &Store, draft: &Draft, body: &mut Json) -> Result<(), Fault> {
    let Some(set_id) = filled(draft.request, "properties.availabilitySet.id") else { return Ok(()) };
    let Some(found) = store.get(set_id) else {
        return Err(Fault::network(404, "NotFound", format!("Resource {set_id} not found.")));
    };
    if at(draft.request, "zones").is_some() {
        let message = "Virtual Machine cannot be created in an availability set and an availability zone at the same time.";
        return Err(Fault::compute(400, "InvalidParameter", "zones", message));
    }
    if text(&found.body, "sku.name").is_some_and(|s| !s.eq_ignore_ascii_case("Aligned")) {
        let message =
            format!("Addition of a managed disk to a VM with blob based disks is not supported: availability set {} is not managed (sku Aligned).", found.id);
        return Err(Fault::compute(409, "OperationNotAllowed", "", message));
    }
    // Compute shouts the ids of availability sets; other members of the id keep their case.
    set(body, "properties.availabilitySet", json!({ "id": found.id }));
    Ok(())
}

/// Custom data is checked, remembered by its text, and cannot be changed.
fn keep_secrets(store: &Store, draft: &Draft, body: &mut Json) -> Result<(), Fault> {
    let given = filled(draft.request, "properties.osProfile.customData");
    let before = store.get(draft.id).map(|r| r.hidden.clone()).unwrap_or(Json::Null);
    if let Some(data) = given {
        if STANDARD.decode(data).is_err() {
            return Err(Fault::compute(
                400,
                "InvalidParameter",
                "customData",
                "Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 characters.",
            ));
        }
        if data.len() > 87_380 {
            return Err(Fault::compute(
                400,
                "InvalidParameter",
                "customData",
                "Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 characters.",
            ));
        }
        if draft.old.is_some() && text(&before, "customData") != Some(data) {
            return Err(Fault::compute(409, "PropertyChangeNotAllowed", "customData", "Changing property 'customData' is not allowed."));
        }
    }
    let mut hidden = before;
    if let Some(data) = given {
        set(&mut hidden, "customData", data);
    }
    fill(&mut hidden, "power", "running");
    let changes = int(&hidden, "changes").unwrap_or(0);
    set(&mut hidden, "changes", changes + 1);
    set(body, "#hidden", hidden);
    Ok(())
}

/// When the machine stands, its disks are there, and those that it let go of are free.
fn finished(store: &mut Store, id: &str, now: Millis) {
    let Some(machine) = store.get(id).cloned() else { return };
    let name = machine.name().to_owned();
    let group = machine.id.split("/providers/").next().unwrap_or("").to_owned();
    let word = |store: &Store, n: &str| derive(&store.seed, &format!("{id} {n}")).replace('-', "");
    let mut body = machine.body.clone();
    let os = at(&body, "properties.storageProfile.osDisk").cloned().unwrap_or(json!({}));
    let os_word = word(store, "os");
    let os = attach(store, &machine, os, &group, &format!("{name}_OsDisk_1_{os_word}"), now);
    set(&mut body, "properties.storageProfile.osDisk", os);
    let mut data = list(&body, "properties.storageProfile.dataDisks").to_vec();
    for (i, disk) in data.iter_mut().enumerate() {
        let disk_word = word(store, &format!("data {i}"));
        *disk = attach(store, &machine, disk.clone(), &group, &format!("{name}_disk{}_{disk_word}", i + 2), now);
    }
    let named = [at(&body, "properties.storageProfile.osDisk").cloned().unwrap_or(json!({}))].into_iter().chain(data.iter().cloned());
    let kept: Vec<String> = named.filter_map(|disk| filled(&disk, "managedDisk.id").map(str::to_ascii_lowercase)).collect();
    set(&mut body, "properties.storageProfile.dataDisks", data);
    let_go(store, &machine.id, &body);
    if let Some(resource) = store.get_mut(id) {
        resource.body = body;
    }
    let held = |disk: &&Resource| text(&disk.body, "managedBy").is_some_and(|m| m.eq_ignore_ascii_case(id));
    let all: Vec<String> = store.of_kind("Microsoft.Compute/disks").filter(held).map(|disk| disk.id.clone()).collect();
    for disk in all.iter().filter(|disk| !kept.contains(&disk.to_ascii_lowercase())) {
        release(store, disk);
    }
}

/// A disk that no machine holds any more.
fn release(store: &mut Store, disk: &str) {
    if let Some(disk) = store.get_mut(disk) {
        remove(&mut disk.body, "managedBy");
        set(&mut disk.body, "properties.diskState", "Unattached");
    }
}

/// Disks that the machine had and has no more are free again.
fn let_go(store: &mut Store, machine: &str, body: &Json) {
    let profile = at(body, "properties.storageProfile").cloned().unwrap_or(json!({}));
    let os = at(&profile, "osDisk");
    let held: Vec<&str> = os.into_iter().chain(list(&profile, "dataDisks")).filter_map(|entry| filled(entry, "managedDisk.id")).collect();
    let is_ours = |disk: &&Resource| text(&disk.body, "managedBy").is_some_and(|m| m.eq_ignore_ascii_case(machine));
    let disks = store.of_kind("Microsoft.Compute/disks").filter(is_ours).map(|disk| disk.id.clone());
    let loose: Vec<String> = disks.filter(|id| !held.iter().any(|h| h.eq_ignore_ascii_case(id))).collect();
    for id in loose {
        if let Some(disk) = store.get_mut(&id) {
            remove(&mut disk.body, "managedBy");
            set(&mut disk.body, "properties.diskState", "Unattached");
        }
    }
}

/// Makes or takes over the managed disk behind an entry of the storage profile.
fn attach(store: &mut Store, machine: &Resource, mut entry: Json, group: &str, fallback: &str, now: Millis) -> Json {
    let of_id = filled(&entry, "managedDisk.id").and_then(|id| id.rsplit('/').next());
    let name = filled(&entry, "name").or(of_id).unwrap_or(fallback).to_owned();
    let id = filled(&entry, "managedDisk.id").map_or_else(|| format!("{group}/providers/Microsoft.Compute/disks/{name}"), str::to_owned);
    set(&mut entry, "name", name.as_str());
    set(&mut entry, "managedDisk.id", id.as_str());
    if store.get(&id).is_none() {
        let etag = store.etag();
        let os = filled(&entry, "osType");
        let mut body = json!({
            "name": name, "id": id, "type": "Microsoft.Compute/disks", "location": machine.location(),
            "sku": { "name": filled(&entry, "managedDisk.storageAccountType").unwrap_or("Standard_LRS") },
            "properties": { "creationData": { "createOption": text(&entry, "createOption").unwrap_or("Empty") }, "diskSizeGB": int(&entry, "diskSizeGB").unwrap_or(30) }
        });
        if let Some(os) = os {
            set(&mut body, "properties.osType", os);
        }
        if let Some(zones) = at(&machine.body, "zones") {
            set(&mut body, "zones", zones.clone());
        }
        let kind = "Microsoft.Compute/disks".to_owned();
        store.insert(Resource { id: id.clone(), kind, body, etag, states: BTreeMap::new(), hidden: Json::Null, created: now, changed: now });
    }
    if let Some(disk) = store.get_mut(&id) {
        set(&mut disk.body, "managedBy", machine.id.as_str());
    }
    if let Some(model) = model("Microsoft.Compute/disks") {
        (model.finished)(store, &id, now);
    }
    entry
}

/// A machine's disks stay behind, unless it says otherwise.
fn removed(store: &mut Store, body: &Json, _: Millis) {
    let profile = at(body, "properties.storageProfile").cloned().unwrap_or(json!({}));
    let os = at(&profile, "osDisk").cloned();
    for entry in os.iter().chain(list(&profile, "dataDisks")) {
        let Some(id) = filled(entry, "managedDisk.id") else { continue };
        if text(entry, "deleteOption") == Some("Delete") {
            store.remove(id);
        } else {
            release(store, id);
        }
    }
    for nic in list(body, "properties.networkProfile.networkInterfaces") {
        if text(nic, "properties.deleteOption") == Some("Delete")
            && let Some(id) = text(nic, "id")
        {
            store.remove(id);
        }
    }
}

/// `$expand=instanceView` of a GET.
pub fn expand(store: &Store, id: &str, request: &Request, now: Millis, response: &mut Response) {
    let asked = request.query("$expand").is_some_and(|e| e.eq_ignore_ascii_case("instanceView"));
    if let Some(body) = response.body.as_mut().filter(|_| asked) {
        set(body, "properties.instanceView", instance_view(store, id, now));
    }
}

/// A machine shows its extensions, and counts its changes.
fn adorn(store: &Store, body: &mut Json, resource: &Resource) {
    let extensions: Vec<Json> = store.under(&resource.id).filter_map(|e| crate::sim::engine::show(store, &e.id)).collect();
    if !extensions.is_empty() {
        set(body, "resources", extensions);
    }
    set(body, "etag", format!("\"{}\"", int(&resource.hidden, "changes").unwrap_or(1)));
    for disk in list_mut(body, "properties.storageProfile.dataDisks").into_iter().flatten() {
        fill(disk, "toBeDetached", false);
    }
}

fn action(store: &mut Store, id: &str, action: &str, request: &Request, now: Millis) -> Option<Result<Response, Fault>> {
    let lower = action.to_ascii_lowercase();
    if lower == "instanceview" && request.method == "GET" {
        return Some(Ok(Response::json(200, instance_view(store, id, now))));
    }
    if request.method != "POST" {
        return None;
    }
    if lower == "retrievebootdiagnosticsdata" {
        let place = format!("https://md-simulated.z1.blob.storage.azure.net/{}", derive(&store.seed, id));
        let body = json!({ "consoleScreenshotBlobUri": format!("{place}/screenshot.bmp"), "serialConsoleLogBlobUri": format!("{place}/serialconsole.log") });
        return Some(Ok(Response::json(200, body)));
    }
    let (power, duration) = match lower.as_str() {
        "start" | "restart" => ("running", 20_000),
        "poweroff" => ("stopped", 15_000),
        "deallocate" => ("deallocated", 30_000),
        "redeploy" | "reapply" => ("running", 60_000),
        "generalize" => {
            return Some(Ok(Response::empty(200)));
        }
        _ => return None,
    };
    if let Some(machine) = store.get_mut(id) {
        set(&mut machine.hidden, "power", power);
    }
    Some(Ok(operation::start_action(store, "Microsoft.Compute/virtualMachines", id, request, duration, now)))
}

fn instance_view(store: &Store, id: &str, now: Millis) -> Json {
    let Some(machine) = store.get(id) else { return Json::Null };
    let power = text(&machine.hidden, "power").unwrap_or("running");
    let disk = |d: &Json| {
        let status = json!({ "code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded", "time": moment::rfc3339(now) });
        json!({ "name": text(d, "name"), "statuses": [status] })
    };
    let os = at(&machine.body, "properties.storageProfile.osDisk");
    let disks: Vec<Json> = os.into_iter().chain(list(&machine.body, "properties.storageProfile.dataDisks")).map(disk).collect();
    let agent = json!({ "code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Ready", "message": "Guest Agent is running", "time": moment::rfc3339(now) });
    json!({
        "disks": disks, "vmAgent": { "vmAgentVersion": "2.13.1.1", "statuses": [agent], "extensionHandlers": [] },
        "computerName": text(&machine.body, "properties.osProfile.computerName"), "hyperVGeneration": "V1",
        "statuses": [
            { "code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded", "time": moment::rfc3339(now) },
            { "code": format!("PowerState/{power}"), "level": "Info", "displayStatus": format!("VM {power}") }
        ]
    })
}

fn build_extension(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&[]);
    for name in ["publisher", "type", "typeHandlerVersion"] {
        let Some(value) = filled(request, &format!("properties.{name}")) else {
            return Err(Fault::compute(400, "InvalidParameter", name, format!("Required parameter '{name}' is missing (null).")));
        };
        set(&mut body, &format!("properties.{name}"), value);
    }
    set(&mut body, "properties.autoUpgradeMinorVersion", flag(request, "properties.autoUpgradeMinorVersion"));
    // Older versions answer empty settings where none were given.
    if let Some(settings) = at(request, "properties.settings").cloned().or_else(|| (draft.api < "2021").then(|| json!({}))) {
        set(&mut body, "properties.settings", settings);
    }
    for name in ["enableAutomaticUpgrade", "suppressFailures", "provisionAfterExtensions"] {
        if let Some(value) = at(request, &format!("properties.{name}")) {
            set(&mut body, &format!("properties.{name}"), value.clone());
        }
    }
    Ok(body)
}
