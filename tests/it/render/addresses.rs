//! The address table at the end of a plan.

use expect_test::expect;
use ravelin::{
    network::{Headroom, Origin, PodLine, Report, SubnetLine, Unknown, Verdict, report::Demand},
    render::{Style, addresses_text},
};

fn subnet(name: &str, prefix: &str, usable: u64, demand: Demand, verdict: Verdict) -> SubnetLine {
    SubnetLine {
        vnet: "spoke".into(),
        subnet: name.into(),
        origin: Origin::new("azurerm_subnet.a", None),
        prefixes: vec![prefix.parse().unwrap()],
        usable,
        demand,
        free: usable as i64 - demand.now as i64,
        verdict,
        headroom: Headroom { addresses: usable as i64 - demand.peak as i64, nodes: Some(3), text: "survives 3 more nodes".into(), ..Headroom::default() },
        ..SubnetLine::default()
    }
}

#[test]
fn a_table() {
    let report = Report {
        subnets: vec![
            subnet("nodes", "10.1.0.0/24", 251, Demand { now: 12, autoscaled: 90, peak: 120 }, Verdict::Fits),
            subnet("pods", "10.1.4.0/26", 59, Demand { now: 60, autoscaled: 600, peak: 700 }, Verdict::FailsNow),
        ],
        pod_cidrs: vec![PodLine {
            cluster: "aks".into(),
            origin: Origin::new("azurerm_kubernetes_cluster.aks", None),
            prefix: "10.244.0.0/24".parse().unwrap(),
            nodes: 1,
            demand: Demand { now: 3, autoscaled: 3, peak: 4 },
            verdict: Verdict::FailsNow,
            arithmetic: Vec::new(),
            headroom: Headroom { addresses: -3, ..Headroom::default() },
            forecast: None,
            faults: Vec::new(),
        }],
        unknowns: vec![Unknown { origin: Origin::new("azurerm_subnet.b", None), what: "its prefix waits for var.x".into() }],
        ..Report::default()
    };
    expect![[r#"

        Addresses:
                       range          usable  now  autoscaled  peak  free  left
          spoke/nodes  10.1.0.0/24       251   12          90   120   239   131  fits
            survives 3 more nodes
          spoke/pods   10.1.4.0/26        59  60!        600!  700!    -1  -641  too small
            survives 3 more nodes
          pods of aks  10.244.0.0/24  1 node   3!          3!    4!    -2    -3  too small
          Not checked for want of a value (1 item):
            azurerm_subnet.b: its prefix waits for var.x
    "#]]
    .assert_eq(&addresses_text(&report, &Style::plain()));
    assert_eq!(addresses_text(&Report::default(), &Style::plain()), "");
}
