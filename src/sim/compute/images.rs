//! The image catalogue: publishers, offers, SKUs and versions that machines can be made from.

use serde_json::{Value as Json, json};

use crate::sim::{
    fault::Fault,
    http::{Request, Response},
    jsons::set,
    place::Place,
};

/// One SKU of an image: where it is, its versions (newest last), whether it needs a purchase plan, and its generation.
pub struct Image {
    pub publisher: &'static str,
    pub offer: &'static str,
    pub sku: &'static str,
    pub versions: &'static [&'static str],
    pub plan: bool,
    pub generation: &'static str,
    pub arm: bool,
    pub windows: bool,
    pub size: u32,
}

const LINUX: Image = Image { publisher: "", offer: "", sku: "", versions: &[], plan: false, generation: "V1", arm: false, windows: false, size: 30 };
const FORTIGATE: Image = Image { publisher: "fortinet", offer: "fortinet_fortigate-vm", plan: true, size: 2, ..LINUX };
const FORTIGATE_OLD: Image = Image { offer: "fortinet_fortigate-vm_v5", ..FORTIGATE };
const FORTIWEB: Image = Image { publisher: "fortinet", offer: "fortinet_fortiweb-vm_v5", plan: true, size: 2, ..LINUX };
const UBUNTU: Image = Image { publisher: "Canonical", ..LINUX };

const V70: &[&str] = &["7.0.12", "7.0.14", "7.0.15", "7.0.17", "7.0.18", "7.0.19"];
const V72: &[&str] = &["7.2.5", "7.2.8", "7.2.10", "7.2.11", "7.2.12", "7.2.13"];
const V74: &[&str] = &["7.4.3", "7.4.4", "7.4.7", "7.4.8", "7.4.9", "7.4.11"];
const V76: &[&str] = &["7.6.0", "7.6.1", "7.6.2", "7.6.3", "7.6.4", "7.6.5", "7.6.6"];
const V80: &[&str] = &["8.0.0"];
/// The legacy offer carries all versions under one SKU. 5.6.5 is the one recorded.
const OLD: &[&str] = &["5.6.5", "6.4.15", "7.0.17", "7.2.11", "7.4.7", "7.4.8", "7.6.2", "7.6.3"];
const WEB: &[&str] = &["7.0.12", "7.2.12", "7.4.9", "7.4.11", "7.4.12", "7.6.0", "7.6.1", "7.6.4", "7.6.6", "7.6.7", "8.0.1", "8.0.2", "8.0.4", "8.0.5"];

/// Source: Fortinet's own templates and marketplace listings; the Linux images are those that recorded traffic and guides use.
#[rustfmt::skip]
const IMAGES: &[Image] = &[
    Image { sku: "fortinet_fg-vm_byol_70", versions: V70, ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_70", versions: V70, ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_72", versions: V72, ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_72", versions: V72, ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_74", versions: V74, ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_74", versions: V74, ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_76", versions: V76, ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_76", versions: V76, ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_80", versions: V80, ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_80", versions: V80, ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_74_g2", versions: V74, generation: "V2", ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_74_g2", versions: V74, generation: "V2", ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_76_g2", versions: V76, generation: "V2", ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_76_g2", versions: V76, generation: "V2", ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_72_arm64", versions: V72, generation: "V2", arm: true, ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_72_arm64", versions: V72, generation: "V2", arm: true, ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_74_arm64", versions: V74, generation: "V2", arm: true, ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_74_arm64", versions: V74, generation: "V2", arm: true, ..FORTIGATE },
    Image { sku: "fortinet_fg-vm_byol_76_arm64", versions: V76, generation: "V2", arm: true, ..FORTIGATE }, Image { sku: "fortinet_fg-vm_payg_76_arm64", versions: V76, generation: "V2", arm: true, ..FORTIGATE },
    Image { sku: "fortinet_fg-vm", versions: OLD, ..FORTIGATE_OLD }, Image { sku: "fortinet_fg-vm_payg", versions: OLD, ..FORTIGATE_OLD },
    Image { sku: "fortinet_fg-vm_payg_2023", versions: OLD, ..FORTIGATE_OLD }, Image { sku: "fortinet_fg-vm_payg_2022", versions: OLD, ..FORTIGATE_OLD },
    Image { sku: "fortinet_fg-vm_payg_20190624", versions: OLD, ..FORTIGATE_OLD },
    Image { sku: "fortinet_fw-vm", versions: WEB, ..FORTIWEB }, Image { sku: "fortinet_fw-vm_payg_v3", versions: WEB, ..FORTIWEB }, Image { sku: "fortinet_fw-vm_payg_v2", versions: WEB, ..FORTIWEB },
    Image { offer: "UbuntuServer", sku: "18.04-LTS", versions: &["18.04.202106220", "18.04.202401161"], ..UBUNTU },
    Image { offer: "0001-com-ubuntu-server-jammy", sku: "22_04-lts", versions: &["22.04.202505020", "22.04.202601090"], ..UBUNTU },
    Image { offer: "0001-com-ubuntu-server-jammy", sku: "22_04-lts-gen2", versions: &["22.04.202505020", "22.04.202601090"], generation: "V2", ..UBUNTU },
    Image { offer: "ubuntu-24_04-lts", sku: "server", versions: &["24.04.202505020", "24.04.202601090"], generation: "V2", ..UBUNTU },
    Image { offer: "ubuntu-24_04-lts", sku: "server-gen1", versions: &["24.04.202505020", "24.04.202601090"], ..UBUNTU },
    Image { publisher: "OpenLogic", offer: "CentOS", sku: "7.5", versions: &["7.5.201808150"], ..LINUX },
    Image { publisher: "Debian", offer: "debian-10", sku: "10", versions: &["0.20240430.1733"], ..LINUX },
    Image { publisher: "Debian", offer: "debian-12", sku: "12-gen2", versions: &["0.20250703.2162"], generation: "V2", ..LINUX },
    Image { publisher: "MicrosoftWindowsServer", offer: "WindowsServer", sku: "2022-datacenter-azure-edition", versions: &["20348.3807.250605"], generation: "V2", windows: true, size: 127, ..LINUX },
];

/// The image with these names; names are compared without case.
pub fn find(publisher: &str, offer: &str, sku: &str) -> Option<&'static Image> {
    IMAGES.iter().find(|i| i.publisher.eq_ignore_ascii_case(publisher) && i.offer.eq_ignore_ascii_case(offer) && i.sku.eq_ignore_ascii_case(sku))
}

/// The version meant by a name: `latest` is the newest.
pub fn version(image: &Image, name: &str) -> Option<&'static str> {
    if name.eq_ignore_ascii_case("latest") { image.versions.last().copied() } else { image.versions.iter().copied().find(|v| *v == name) }
}

/// `publishers/…` below a location.
pub fn read(request: &Request, place: &Place, location: &str, rest: &[&str]) -> Result<Response, Fault> {
    let subscription = place.subscription.as_deref().unwrap_or("");
    let base = format!("/Subscriptions/{subscription}/Providers/Microsoft.Compute/Locations/{location}/Publishers");
    match rest {
        [] => Ok(names(IMAGES.iter().map(|i| i.publisher), &base, location)),
        [p, "artifacttypes", "vmimage", "offers"] => {
            let of = IMAGES.iter().filter(|i| i.publisher.eq_ignore_ascii_case(p)).map(|i| i.offer);
            Ok(names(of, &format!("{base}/{p}/ArtifactTypes/VMImage/Offers"), location))
        }
        [p, "artifacttypes", "vmimage", "offers", o, "skus"] => {
            let of = IMAGES.iter().filter(|i| i.publisher.eq_ignore_ascii_case(p) && i.offer.eq_ignore_ascii_case(o)).map(|i| i.sku);
            Ok(names(of, &format!("{base}/{p}/ArtifactTypes/VMImage/Offers/{o}/Skus"), location))
        }
        [p, "artifacttypes", "vmimage", "offers", o, "skus", s, "versions", tail @ ..] => {
            let Some(image) = find(p, o, s) else { return Err(not_found(p, o, s, tail.first().unwrap_or(&""))) };
            let base = format!("{base}/{}/ArtifactTypes/VMImage/Offers/{}/Skus/{}/Versions", image.publisher, image.offer, image.sku);
            match tail {
                [] => Ok(versions(request, image, &base, location)),
                [v] => match version(image, v) {
                    Some(v) => Ok(Response::json(200, show(image, v, &base, location))),
                    None => Err(not_found(p, o, s, v)),
                },
                _ => Err(Fault::unmodelled(format!("'{}'", request.path))),
            }
        }
        _ => Err(Fault::unmodelled(format!("'{}'", request.path))),
    }
}

fn names(of: impl Iterator<Item = &'static str>, base: &str, location: &str) -> Response {
    let mut all: Vec<&str> = of.collect();
    all.sort_unstable();
    all.dedup();
    let rows: Vec<Json> = all.into_iter().map(|n| json!({ "location": location, "name": n, "id": format!("{base}/{n}") })).collect();
    Response::json(200, Json::Array(rows))
}

fn versions(request: &Request, image: &Image, base: &str, location: &str) -> Response {
    let mut all: Vec<&str> = image.versions.to_vec();
    if request.query("$orderby").is_some_and(|o| o.to_ascii_lowercase().contains("desc")) {
        all.reverse();
    }
    let top = request.query("$top").and_then(|t| t.parse().ok()).unwrap_or(usize::MAX);
    let rows: Vec<Json> = all.into_iter().take(top).map(|v| json!({ "location": location, "name": v, "id": format!("{base}/{v}") })).collect();
    Response::json(200, Json::Array(rows))
}

fn show(image: &Image, version: &str, base: &str, location: &str) -> Json {
    let os = if image.windows { "Windows" } else { "Linux" };
    let mut body = json!({
        "location": location, "name": version, "id": format!("{base}/{version}"),
        "properties": {
            "hyperVGeneration": image.generation, "architecture": if image.arm { "Arm64" } else { "x64" }, "replicaType": "Unmanaged",
            "disallowed": { "vmDiskType": "None" }, "automaticOSUpgradeProperties": { "automaticOSUpgradeSupported": false },
            "imageDeprecationStatus": { "imageState": "Active" },
            "osDiskImage": { "operatingSystem": os, "sizeInGb": image.size, "sizeInBytes": u64::from(image.size) * 1_073_741_824 + 512 },
            "dataDiskImages": []
        }
    });
    if image.plan {
        set(&mut body, "properties.plan", json!({ "publisher": image.publisher, "name": image.sku, "product": image.offer }));
    }
    body
}

/// The refusal for an image that is not offered.
pub fn not_found(publisher: &str, offer: &str, sku: &str, version: &str) -> Fault {
    let message = format!(
        "The platform image '{publisher}:{offer}:{sku}:{version}' is not available. Verify that all fields in the storage profile are correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile."
    );
    Fault::compute(404, "PlatformImageNotFound", "imageReference", message)
}
