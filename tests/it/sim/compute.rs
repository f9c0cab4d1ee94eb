//! Machines: images, plans, terms, interfaces, disks.

use expect_test::expect;
use ravelin::sim::{Request, handle};
use serde_json::{Value as Json, json};

use super::cloud::{Cloud, S, check, net, rg};

fn fortigate(interfaces: &[&str]) -> Json {
    let nics: Vec<Json> =
        interfaces.iter().enumerate().map(|(i, n)| json!({ "id": net(&format!("networkInterfaces/{n}")), "properties": { "primary": i == 0 } })).collect();
    json!({
        "location": "westeurope", "plan": { "publisher": "fortinet", "product": "fortinet_fortigate-vm", "name": "fortinet_fg-vm_payg_76_g2" },
        "identity": { "type": "SystemAssigned" },
        "properties": {
            "hardwareProfile": { "vmSize": "Standard_D8s_v5" },
            "osProfile": { "adminUsername": "bloom", "adminPassword": "Secret-1234", "computerName": "fgt", "customData": "Y29uZmln" },
            "networkProfile": { "networkInterfaces": nics },
            "storageProfile": {
                "imageReference": { "publisher": "fortinet", "offer": "fortinet_fortigate-vm", "sku": "fortinet_fg-vm_payg_76_g2", "version": "7.6.6" },
                "dataDisks": [{ "lun": 0, "createOption": "Empty", "diskSizeGB": 30 }]
            }
        }
    })
}

#[test]
fn a_marketplace_machine_needs_its_terms() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[("a", "10.0.0.0/24")]);
    for name in ["n1", "n2", "n3", "n4", "n5"] {
        cloud.interface(name, &net("virtualNetworks/hub/subnets/a"));
    }
    let vm = rg("Microsoft.Compute/virtualMachines/fgt");
    let four = fortigate(&["n1", "n2", "n3", "n4"]);
    let refused = cloud.verdict("PUT", &vm, Some(four.clone()));
    check(refused, expect!["400 MarketplacePurchaseEligibilityFailed: Marketplace purchase eligibilty check returned errors. See inner errors for details. "]);
    let terms = format!(
        "{S}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/fortinet/offers/fortinet_fortigate-vm/plans/fortinet_fg-vm_payg_76_g2/agreements/current"
    );
    let mut agreement = cloud.get(&terms);
    assert_eq!(agreement["properties"]["accepted"], false);
    agreement["properties"]["accepted"] = json!(true);
    assert_eq!(cloud.ask("PUT", &terms, Some(json!({ "properties": agreement["properties"] }))).status, 200);
    check(
        cloud.verdict("PUT", &vm, Some(fortigate(&["n1", "n2", "n3", "n4", "n5"]))),
        expect![
            "400 NetworkInterfaceCountExceeded: The number of network interfaces for virtual machine /S/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/fgt exceeds the maximum allowed for the virtual machine size Standard_D8s_v5. The number of network interfaces is 5 and the maximum allowed is 4."
        ],
    );
    check(
        cloud.verdict("PUT", &vm, Some(fortigate(&["n1", "none"]))),
        expect!["404 NotFound: Resource /S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/none not found."],
    );
    let shown = cloud.put(&vm, four);
    assert_eq!(shown["properties"]["osProfile"]["adminPassword"], Json::Null);
    assert_eq!(shown["properties"]["osProfile"]["customData"], Json::Null);
    check(&shown["properties"]["storageProfile"]["imageReference"]["exactVersion"], expect![[r#""7.6.6""#]]);
    check(
        &cloud.get(&net("networkInterfaces/n1"))["properties"]["virtualMachine"],
        expect![[r#"{"id":"/S/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/fgt"}"#]],
    );
    check(
        cloud.verdict("DELETE", &net("networkInterfaces/n1"), None),
        expect![
            "400 NicInUse: Network Interface /S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/n1 is used by existing resource /S/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/fgt. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic."
        ],
    );
    let mut changed = fortigate(&["n1", "n2", "n3", "n4"]);
    changed["properties"]["osProfile"]["customData"] = json!("b3RoZXI=");
    check(cloud.verdict("PUT", &vm, Some(changed)), expect!["409 PropertyChangeNotAllowed: Changing property 'customData' is not allowed."]);
    a_disk_is_let_go(&mut cloud, &vm);
    assert_eq!(cloud.ask("DELETE", &vm, None).status, 202);
    cloud.wait();
    assert_eq!(cloud.ask("DELETE", &net("networkInterfaces/n1"), None).status, 202);
}

/// A machine's own tag guards its writes, and a disk that it is written without can be deleted.
fn a_disk_is_let_go(cloud: &mut Cloud, vm: &str) {
    let mut shown = cloud.get(vm);
    let disk = shown["properties"]["storageProfile"]["dataDisks"][0]["managedDisk"]["id"].as_str().unwrap_or("").to_owned();
    assert!(cloud.verdict("DELETE", &disk, None).starts_with("409 OperationNotAllowed"));
    shown["properties"]["storageProfile"]["dataDisks"] = json!([]);
    let tag = shown["etag"].as_str().unwrap_or("").to_owned();
    let mut request = Request::new("PUT", &format!("{vm}?api-version=2025-01-01"), Some(shown));
    request.headers.insert("if-match".into(), "\"0\"".into());
    assert_eq!(handle(&mut cloud.store, &request, cloud.now).status, 412);
    request.headers.insert("if-match".into(), tag);
    assert_eq!(handle(&mut cloud.store, &request, cloud.now).status, 200);
    cloud.wait();
    assert_eq!(cloud.get(&disk)["properties"]["diskState"], "Unattached");
    assert_eq!(cloud.ask("DELETE", &disk, None).status, 202);
}

#[test]
fn images_are_those_on_offer() {
    let mut cloud = Cloud::new();
    let base = format!("{S}/providers/Microsoft.Compute/locations/westeurope/publishers/fortinet/artifacttypes/vmimage/offers/fortinet_fortigate-vm/skus");
    let names: Vec<String> = cloud
        .get(&format!("{base}/fortinet_fg-vm_payg_76_g2/versions?$top=1&$orderby=name desc"))
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|v| v["name"].as_str().map(str::to_owned))
        .collect();
    check(names.join(" "), expect!["7.6.6"]);
    check(
        cloud.verdict("GET", &format!("{base}/fortinet_fg-vm-byol-76/versions/latest"), None),
        expect![
            "404 PlatformImageNotFound: The platform image 'fortinet:fortinet_fortigate-vm:fortinet_fg-vm-byol-76:latest' is not available. Verify that all fields in the storage profile are correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile."
        ],
    );
}

#[test]
fn what_a_write_may_ask_for_is_the_tag_that_was_shown() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[("a", "10.0.0.0/24")]);
    cloud.interface("n1", &net("virtualNetworks/hub/subnets/a"));
    let mut vm = fortigate(&["n1"]);
    vm.as_object_mut().into_iter().for_each(|vm| drop(vm.remove("plan")));
    vm["properties"]["storageProfile"]["imageReference"] =
        json!({ "publisher": "Canonical", "offer": "0001-com-ubuntu-server-jammy", "sku": "22_04-lts-gen2", "version": "latest" });
    let (machine, cluster) = (rg("Microsoft.Compute/virtualMachines/vm"), rg("Microsoft.ContainerService/managedClusters/c"));
    cloud.put(&machine, vm);
    cloud.put(
        &cluster,
        json!({
            "location": "westeurope", "identity": { "type": "SystemAssigned" },
            "properties": { "dnsPrefix": "aks", "agentPoolProfiles": [{ "name": "sys", "mode": "System", "count": 1, "vmSize": "Standard_D4s_v5" }] }
        }),
    );
    for (path, member) in
        [(&net("virtualNetworks/hub/subnets/a"), "etag"), (&machine, "etag"), (&cluster, "eTag"), (&format!("{cluster}/agentPools/sys"), "eTag")]
    {
        let shown = cloud.get(path);
        let tag = shown[member].as_str().or(shown["properties"][member].as_str()).unwrap_or_else(|| panic!("{path} has no tag: {shown}")).to_owned();
        let mut ask = |tag: &str| {
            let mut request = Request::new("PUT", &format!("{path}?api-version=2025-01-01"), Some(shown.clone()));
            request.headers.insert("if-match".into(), tag.into());
            let response = handle(&mut cloud.store, &request, cloud.now);
            (response.status, response.body.unwrap_or_default())
        };
        assert_eq!(ask("\"other\"").0, 412, "{path}");
        let (status, body) = ask(&tag);
        assert!(status < 300, "{path}: {status} {body}");
        cloud.wait();
    }
}
