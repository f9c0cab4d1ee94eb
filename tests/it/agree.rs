//! The address check and Azure agree. Random clusters are sent to the simulator, whose AKS validation is written apart from
//! the check: what the check calls an error now is refused with Azure's code, what passes is accepted, and what passes at the
//! peak survives a scale to the maximum and an upgrade of everything.

mod cases;

use std::{collections::BTreeMap, fmt::Write};

use cases::{Case, Random};
use ravelin::{
    network::{self, Finding, Report, live},
    sim::{Request, Store, handle},
};
use serde_json::{Value as Json, json};

const CASES: u64 = 2_000;
const HOUR: i64 = 3_600_000;
const START: i64 = 1_700_000_000_000;
const API: &str = "api-version=2025-10-01";

/// What Azure answers to what a finding says; nothing where Azure does not look. `docs/decisions/0014-agreement-with-azure.md`
/// explains each.
fn azure(finding: &Finding) -> &'static [&'static str] {
    match (finding.code, finding.summary) {
        ("IP-FORM", _) => &["InvalidCIDRNotation", "InvalidAddressPrefixFormat", "InvalidParameter"],
        ("IP-FORBIDDEN", _) => &["AddressPrefixOverlapsReservedRange", "InvalidCIDRReserved"],
        ("IP-SUBNET-SIZE", _) => &["NetcfgInvalidSubnet"],
        ("IP-OUTSIDE", "Subnet is outside its VNet") => &["NetcfgSubnetRangeOutsideVnet"],
        ("IP-OUTSIDE", _) => &["PrivateIPAddressNotInSubnet"],
        ("IP-RESERVED", _) => &["PrivateIPAddressInReservedRange"],
        ("IP-DUPLICATE", _) => &["PrivateIPAddressIsAllocated"],
        ("IP-OVERLAP", _) => &[
            "NetcfgSubnetRangesOverlap",
            "AddressSpacePrefixesOverlap",
            "VnetAddressSpacesOverlap",
            "ServiceCidrOverlapExistingSubnetsCidr",
            "PodCidrOverlapExistingSubnetsCidr",
            "PodCidrOverlapServiceCidr",
            "NetworkProfileCIDROverlapVNET",
        ],
        ("IP-SERVICE", _) => &["ServiceCidrTooLarge", "InvalidParameter"],
        ("IP-DNS", _) => &["DnsServiceIpOutOfServiceCidr", "InvalidDnsServiceIp"],
        // Interfaces are refused there before the cluster is.
        ("IP-DELEGATED", _) => &["SubnetIsDelegated", "ResourceNotPermittedOnDelegatedSubnet"],
        ("IP-MAX-PODS" | "IP-SURGE" | "IP-POOL-VNET" | "IP-NAME", _) => &["InvalidParameter"],
        ("IP-CLUSTER-LIMIT", "Cluster has too many pools") => &["OperationNotAllowed"],
        ("IP-CLUSTER-LIMIT", _) => &["InvalidParameter"],
        ("IP-POD-SUBNET", "Pod subnet with two allocation modes") => &["InvalidParameter"],
        ("IP-POD-SUBNET", _) => &["SubnetWithExternalResourcesCannotBeUsedByOtherResources", "ResourceNotPermittedOnDelegatedSubnet"],
        ("IP-SPECIAL-SUBNET", _) => &["SubnetSizeTooSmall", "InsufficientSubnetSize", "SubnetWithExternalResourcesCannotBeUsedByOtherResources"],
        ("IP-NODE-CAPACITY" | "IP-POD-CAPACITY" | "IP-SUBNET-CAPACITY", _) => &["InsufficientSubnetSize", "SubnetIsFull"],
        ("IP-PODCIDR-CAPACITY", _) => &["InsufficientSubnetSize"],
        ("IP-UPGRADE-HEADROOM", "Pool is too large to be upgraded") => &["InvalidParameter"],
        _ => &[],
    }
}

/// Whether a finding is about the peak alone: Azure accepts the cluster, and refuses the upgrade.
fn is_peak(finding: &Finding) -> bool {
    finding.code == "IP-UPGRADE-HEADROOM"
}

/// A cloud with a clock.
struct Cloud {
    store: Store,
    now: i64,
}

impl Cloud {
    fn put(&mut self, path: &str, body: &Json) -> Result<(), (String, String)> {
        let response = handle(&mut self.store, &Request::new("PUT", &format!("{path}?{API}"), Some(body.clone())), self.now);
        self.now += HOUR;
        if response.status < 300 {
            return Ok(());
        }
        let body = response.body.unwrap_or_default();
        let error = body.get("error").unwrap_or(&body);
        Err((error["code"].as_str().unwrap_or("?").to_owned(), error["message"].as_str().unwrap_or("").to_owned()))
    }

    fn get(&mut self, path: &str) -> Json {
        let response = handle(&mut self.store, &Request::new("GET", &format!("{path}?{API}"), None), self.now);
        assert!(response.status < 300, "GET {path}: {:?}", response.body);
        response.body.unwrap_or_default()
    }

    /// What the usages of the network show that neither the cluster nor an interface accounts for, or where they show less. In a
    /// dynamic pod subnet, and in a delegated one, Azure's count says nothing.
    fn unaccounted(&mut self, case: &Case) -> String {
        let read: Vec<Json> = case.writes.iter().map(|(path, _)| self.get(path)).collect();
        let usages = self.get(&format!("{}/usages", case.network()));
        let bodies: Vec<&Json> = read.iter().collect();
        let model = live::model(&bodies, usages["value"].as_array().map_or(&[][..], Vec::as_slice));
        let held = network::merge::held(&model);
        let mut wrong = String::new();
        for subnet in model.vnets.iter().flat_map(|v| &v.subnets) {
            let (used, held) = (subnet.usage.map_or(-1, |u| u.used), held.get(&subnet.id).copied().unwrap_or(0) as i64);
            let blind = subnet.name == "GatewaySubnet" || !subnet.delegations.is_empty() || (subnet.name == "pods" && !case.in_blocks());
            if subnet.used_by_others > 0 || (used != held && !blind) {
                write!(wrong, "{}: {used} in use, {held} accounted for; ", subnet.name).unwrap();
            }
        }
        wrong
    }

    /// Everything of a case in order, until something is refused.
    fn build(&mut self, case: &Case) -> Result<(), (String, String)> {
        for (path, body) in &case.writes {
            self.put(path, body)?;
        }
        Ok(())
    }
}

fn report(case: &Case) -> Report {
    let bodies: Vec<&Json> = case.writes.iter().map(|(_, body)| body).collect();
    let mut model = live::model(&bodies, &[]);
    for cluster in &mut model.clusters {
        cluster.live = false;
        // A node holds one batch of a dynamic pod subnet as long as few pods run on it, and none run in the simulator.
        cluster.pools.iter_mut().for_each(|p| p.expected_pods = Some(8));
    }
    network::check(&model)
}

/// What a case came to, or how the two disagree.
fn agree(case: &Case, base: &Store) -> Result<String, String> {
    let mut cloud = Cloud { store: base.clone(), now: START };
    let report = report(case);
    let errors: Vec<&Finding> = report.findings.iter().filter(|f| f.is_error()).collect();
    let (peak, now): (Vec<&Finding>, Vec<&Finding>) = errors.iter().partition(|f| is_peak(f) && azure(f).is_empty());
    let looked_at: Vec<&Finding> = now.iter().copied().filter(|f| !azure(f).is_empty()).collect();
    let list = |findings: &[&Finding]| findings.iter().map(|f| format!("{} {}: {}", f.code, f.summary, f.detail)).collect::<Vec<_>>().join("\n    ");
    if looked_at.len() < now.len() {
        return Err(format!("no code of Azure is known for one of:\n    {}", list(&now)));
    }
    match (cloud.build(case), looked_at.is_empty()) {
        (Ok(()), true) => {}
        (Ok(()), false) => return Err(format!("accepted, though:\n    {}", list(&looked_at))),
        (Err((code, message)), true) => return Err(format!("refused with {code}: {message}\n  though nothing was found")),
        (Err((code, message)), false) => {
            let meant = looked_at.iter().any(|f| azure(f).contains(&code.as_str()));
            return if meant { Ok(code) } else { Err(format!("refused with {code}: {message}\n  though found:\n    {}", list(&looked_at))) };
        }
    }
    let unaccounted = cloud.unaccounted(case);
    if !unaccounted.is_empty() {
        return Err(unaccounted);
    }
    if let Some((path, body)) = case.at_maximum() {
        cloud.put(&path, &body).map_err(|(code, message)| format!("cannot scale to the maximum: {code}: {message}"))?;
    }
    let (path, body) = case.upgraded();
    match (cloud.put(&path, &body), peak.is_empty()) {
        (Ok(()), true) => Ok("survives its peak".to_owned()),
        (Ok(()), false) => Err(format!("was upgraded, though:\n    {}", list(&peak))),
        (Err((code, message)), true) => Err(format!("cannot be upgraded: {code}: {message}\n  though nothing was found")),
        (Err((code, _)), false) if code == "InsufficientSubnetSize" => Ok("cannot be upgraded".to_owned()),
        (Err((code, message)), false) => Err(format!("cannot be upgraded: {code}: {message}\n  though:\n    {}", list(&peak))),
    }
}

/// A quarter of the cases, so that the quarters run side by side.
fn quarter(number: u64) {
    let mut base = Store::new("agree", START);
    let group = Request::new("PUT", &format!("{}?{API}", cases::GROUP), Some(json!({ "location": "westeurope" })));
    assert!(handle(&mut base, &group, START).status < 300);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = String::new();
    let mut count = 0;
    for seed in (number * CASES / 4)..((number + 1) * CASES / 4) {
        let case = Case::random(&mut Random::new(seed));
        match agree(&case, &base) {
            Ok(outcome) => *outcomes.entry(outcome).or_default() += 1,
            Err(disagreement) => {
                count += 1;
                // The first in full, some more in brief.
                match count {
                    1 => writeln!(wrong, "case {seed}: {disagreement}\n  of {}", case.shown()).unwrap(),
                    2..=20 => writeln!(wrong, "case {seed}: {disagreement}").unwrap(),
                    _ => {}
                }
            }
        }
    }
    assert!(count == 0, "{count} of {} cases disagree:\n{wrong}", CASES / 4);
    // What the test is for was met often enough to mean something.
    for (expected, least) in [
        ("survives its peak", 100),
        ("cannot be upgraded", 10),
        ("InsufficientSubnetSize", 50),
        ("ServiceCidrOverlapExistingSubnetsCidr", 5),
        ("DnsServiceIpOutOfServiceCidr", 5),
        ("NetcfgSubnetRangesOverlap", 5),
        ("SubnetIsDelegated", 2),
        ("VnetAddressSpacesOverlap", 2),
    ] {
        assert!(outcomes.get(expected).is_some_and(|n| *n >= least), "{expected} was met too seldom: {outcomes:?}");
    }
}

#[test]
fn the_check_and_azure_agree_1() {
    quarter(0);
}

#[test]
fn the_check_and_azure_agree_2() {
    quarter(1);
}

#[test]
fn the_check_and_azure_agree_3() {
    quarter(2);
}

#[test]
fn the_check_and_azure_agree_4() {
    quarter(3);
}
