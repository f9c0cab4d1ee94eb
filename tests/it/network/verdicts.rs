//! Verdicts and what surrounds them: reserves, thresholds, waivers, headroom, forecasts, rotations, what Azure counts.

use expect_test::expect;
use ravelin::{
    base::Prefix,
    network::{Report, check},
};

use super::text::{check_text, codes, model};

const CLUSTER: &str = "cluster c azure service=172.16.0.0/16 dns=172.16.0.10";

fn of(text: &str) -> Report {
    check(&model(text))
}

/// Each subnet's and pod range's headroom in words.
fn headroom(report: &Report) -> Vec<&str> {
    report.subnets.iter().map(|s| s.headroom.text.as_str()).chain(report.pod_cidrs.iter().map(|p| p.headroom.text.as_str())).collect()
}

#[test]
fn headroom_in_words() {
    let report = of(&format!(
        "vnet v 10.1.0.0/16
subnet roomy 10.1.0.0/22
subnet full 10.1.4.0/24
subnet short 10.1.5.0/24
subnet empty 10.1.6.0/24
subnet other 10.1.7.0/24
subnet turning 10.1.8.0/24
{CLUSTER}
pool a count=10 max=16 surge=2 in=v/roomy
pool b count=7 surge=1 in=v/full
pool c count=8 surge=1 in=v/short
pool d count=4 create-first in=v/turning
taken nics v/other 51
cluster o overlay service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/20
pool a count=10 surge=33% in=v/other"
    ));
    expect![[r#"
        survives 14 more nodes; the next upgrade needs 62, 523 are free
        survives no more nodes; the next upgrade needs 31, 34 are free
        short of 28 addresses at the peak; the next upgrade needs 31, 3 are free

        survives 140 more nodes; the next upgrade needs 4, 190 are free
        survives no more nodes; the rotation needs 124, 127 are free
        survives 2 more nodes; the next upgrade needs 4, 6 are free"#]]
    .assert_eq(&headroom(&report).join("\n"));
}

/// The nodes that a subnet is said to survive can be added, and one more cannot.
#[test]
fn headroom_is_exact() {
    for (cluster, pool, range) in [
        ("azure", "count=10 surge=10%", "10.1.0.0/21"),
        ("azure", "count=3 max=9 surge=33% pods=50", "10.1.0.0/21"),
        ("overlay", "count=30 surge=33%", "10.1.0.0/25"),
        ("azure", "count=5 surge=0 unavailable=1", "10.1.0.0/24"),
    ] {
        let text =
            |count: &str| format!("vnet v 10.1.0.0/16\nsubnet s {range}\ncluster c {cluster} service=172.16.0.0/16 dns=172.16.0.10\npool a {count} in=v/s");
        let more = of(&text(pool)).subnets[0].headroom.nodes.unwrap();
        let grown = |by: u64| {
            let words: Vec<String> = pool
                .split(' ')
                .map(|w| match w.split_once('=') {
                    Some((k @ ("count" | "max"), n)) => format!("{k}={}", n.parse::<u64>().unwrap() + by),
                    _ => w.to_owned(),
                })
                .collect();
            of(&text(&words.join(" "))).subnets[0].verdict
        };
        assert_eq!(format!("{:?}", grown(more)), "Fits", "{cluster} {pool}: {more}");
        assert_ne!(format!("{:?}", grown(more + 1)), "Fits", "{cluster} {pool}: {more}");
    }
}

#[test]
fn reserves_count_and_show() {
    check_text(
        &format!(
            "vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24
subnet other 10.1.1.0/24
{CLUSTER}
pool a count=7 surge=1 in=v/nodes
reserve subnet.nodes addresses=4 why=firewalls
reserve * percent=10"
        ),
        expect![[r#"
            Error IP-UPGRADE-HEADROOM at line 2: Subnet leaves no room for an upgrade
              Subnet "nodes" (10.1.0.0/24) of VNet "v" can give out 251 addresses; pool "a" of cluster "c" needs 221 at most, but the next upgrade needs 31 more and 30 are left.
              10.1.0.0/24: 256 addresses less 5 that Azure keeps = 251
              pool "a", nodes: 7 nodes × (30 + 1) = 217 now; upgrade adds 1 (surge) × 31 = 31
              reserve (firewalls): 4
              now 221 ≤ 251; at maximum 221 ≤ 251; at peak 252 > 251
              line 5: pool "a" of cluster "c"
              line 6: the reserve is declared here
              The smallest range that would do is a /23: 10.1.2.0/23 is free.
                subnet.nodes: address_prefixes = ["10.1.2.0/23"], instead of ["10.1.0.0/24"]
        "#]],
    );
}

#[test]
fn thresholds() {
    let found = |limits: &str| codes(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/24\n{CLUSTER}\npool a count=6 surge=1 in=v/s\n{limits}"));
    // 217 of 251 are 86 per cent.
    assert_eq!(
        (found(""), found("threshold warning 87"), found("threshold warning 86"), found("threshold error 86")),
        (vec![], vec![], vec!["IP-THRESHOLD"], vec!["IP-THRESHOLD"])
    );
    check_text(
        "vnet v 10.1.0.0/16
subnet s 10.1.0.0/28
cluster c overlay service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/20
pool a count=8 surge=2 in=v/s
pool b count=3 surge=2
threshold warning 70
threshold error 90",
        expect![[r#"
            Error IP-THRESHOLD at line 3: Pod range is nearly full
              The pod range 192.168.0.0/20 of cluster "c" has blocks for 16 nodes, of which 15 are in use at the peak (93 %); the address plan allows less than 90 %.
              192.168.0.0/20: one /24 for each node = 16 nodes
              pool "a": 8 now, 8 at maximum, upgrade adds 2
              pool "b": 3 now, 3 at maximum, upgrade adds 2
              nodes now 11 ≤ 16; at maximum 11 ≤ 16; at peak 15 ≤ 16
              line 4: pool "a"
              line 5: pool "b"
              The smallest range that would do is a /19: 192.168.0.0/19 is free.
                cluster.c: network_profile.pod_cidr = "192.168.0.0/19", instead of "192.168.0.0/20"
            Error IP-THRESHOLD at line 2: Subnet is nearly full
              Subnet "s" of VNet "v" has 10 of its 11 addresses in use at the peak (90 %); the address plan allows less than 90 %.
              10.1.0.0/28: 16 addresses less 5 that Azure keeps = 11
              pool "a", nodes: 8 nodes × 1 = 8 now; upgrade adds 2 (surge) × 1 = 2
              now 8 ≤ 11; at maximum 8 ≤ 11; at peak 10 ≤ 11
              line 4: pool "a" of cluster "c"
              The smallest range that would do is a /27: 10.1.0.0/27 is free.
                subnet.s: address_prefixes = ["10.1.0.0/27"], instead of ["10.1.0.0/28"]
        "#]],
    );
}

#[test]
fn limits_lower_verdicts() {
    let severity = |limits: &str, count: u32| {
        let report = of(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/24\n{CLUSTER}\npool a count={count} max=9 in=v/s\n{limits}"));
        (report.findings[0].code, report.has_errors())
    };
    assert_eq!(severity("", 3), ("IP-NODE-CAPACITY", true));
    assert_eq!(severity("limit autoscaled", 3), ("IP-NODE-CAPACITY", false));
    assert_eq!(severity("limit autoscaled", 9), ("IP-NODE-CAPACITY", true));
    assert_eq!(severity("limit now", 9), ("IP-NODE-CAPACITY", false));
}

#[test]
fn waivers() {
    // 2026-11-23 is day 20780.
    check_text(
        &format!(
            "vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/24
subnet more 10.1.1.0/24
{CLUSTER}
pool a count=8 in=v/nodes
pool b count=8 in=v/more
today 20780
waiver IP-UPGRADE-HEADROOM of=subnet.nodes reason=it-moves-in-January until=20849
waiver IP-UPGRADE-HEADROOM of=subnet.more until=20779
waiver IP-OVERLAP of=subnet.* until=20849
waiver IP-DNS until=20700"
        ),
        expect![[r#"
            Error IP-UPGRADE-HEADROOM at line 3: Subnet leaves no room for an upgrade
              Subnet "more" (10.1.1.0/24) of VNet "v" can give out 251 addresses; pool "b" of cluster "c" needs 248 at most, but the next upgrade needs 31 more and 3 are left.
              10.1.1.0/24: 256 addresses less 5 that Azure keeps = 251
              pool "b", nodes: 8 nodes × (30 + 1) = 248 now; upgrade adds 1 (10% of 8) × 31 = 31
              now 248 ≤ 251; at maximum 248 ≤ 251; at peak 279 > 251
              line 6: pool "b" of cluster "c"
              The smallest range that would do is a /23: 10.1.4.0/23 is free.
                subnet.more: address_prefixes = ["10.1.4.0/23"], instead of ["10.1.1.0/24"]
            Warning IP-UPGRADE-HEADROOM at line 2: Subnet leaves no room for an upgrade
              Subnet "nodes" (10.1.0.0/24) of VNet "v" can give out 251 addresses; pool "a" of cluster "c" needs 248 at most, but the next upgrade needs 31 more and 3 are left. Waived until 2027-01-31 because: it-moves-in-January.
              10.1.0.0/24: 256 addresses less 5 that Azure keeps = 251
              pool "a", nodes: 8 nodes × (30 + 1) = 248 now; upgrade adds 1 (10% of 8) × 31 = 31
              now 248 ≤ 251; at maximum 248 ≤ 251; at peak 279 > 251
              line 5: pool "a" of cluster "c"
              line 8: the waiver
              The smallest range that would do is a /23: 10.1.2.0/23 is free.
                subnet.nodes: address_prefixes = ["10.1.2.0/23"], instead of ["10.1.0.0/24"]
            Warning IP-WAIVER-EXPIRED at line 11: Waiver has expired
              The waiver of IP-DNS ended on 2026-09-04; nothing needs it any more: remove it. Its reason was: it is known.
            Warning IP-WAIVER-UNUSED at line 10: Waiver is not needed
              The waiver of IP-OVERLAP of subnet.* waives nothing: there is no such finding. Remove it, or mend what it names.
            Warning IP-WAIVER-EXPIRED at line 9: Waiver has expired
              The waiver of IP-UPGRADE-HEADROOM of subnet.more ended on 2026-11-22; what it waived counts again. Its reason was: it is known.
        "#]],
    );
    let last_day = |until: u32| {
        of(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/24\n{CLUSTER}\npool a count=8 in=v/s\ntoday 20780\nwaiver ip-upgrade-headroom until={until}"))
            .has_errors()
    };
    assert_eq!((last_day(20_779), last_day(20_780)), (true, false));
}

#[test]
fn forecasts() {
    let report = of(&format!(
        "vnet v 10.1.0.0/16
subnet nodes 10.1.0.0/22
subnet other 10.1.4.0/24
{CLUSTER}
pool a count=5 max=15 surge=1 in=v/nodes
taken nics v/other 100
cluster o overlay service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/20
pool b count=8 in=v/other
today 20780
growth pool.a nodes=2 horizon=24
growth pool.b nodes=1 horizon=6
growth subnet.other addresses=10 horizon=12"
    ));
    let lines: Vec<String> = (report.subnets.iter().map(|s| (s.subnet.clone(), &s.forecast)))
        .chain(report.pod_cidrs.iter().map(|p| (p.cluster.clone(), &p.forecast)))
        .filter_map(|(name, f)| {
            let f = f.as_ref()?;
            let [now, autoscaled, peak] = [f.now, f.autoscaled, f.peak].map(|f| f.map_or("never".to_owned(), |f| f.text()));
            Some(format!("{name}: {}; now {now}, autoscaled {autoscaled}, peak {peak}; horizon {:?}", f.rate, f.horizon))
        })
        .collect();
    expect![[r#"
        nodes: 2 nodes a month in pool.a; now in 14 months (2028-01), autoscaled in 14 months (2028-01), peak in 14 months (2028-01); horizon Some(24)
        other: 1 node a month in pool.b and 10 addresses a month in subnet.other; now in 14 months (2028-01), autoscaled in 14 months (2028-01), peak in 13 months (2027-12); horizon Some(12)
        o: 1 node a month in pool.b; now in 9 months (2027-08), autoscaled in 9 months (2027-08), peak in 7 months (2027-06); horizon Some(6)"#]].assert_eq(&lines.join("\n"));
    let findings: Vec<String> = report.findings.iter().map(|f| format!("{:?} {} {}", f.severity, f.code, f.detail)).collect();
    expect![[r#"Warning IP-FORECAST Subnet "nodes" of VNet "v" will be too small for what is in it in 14 months (2028-01), growing by 2 nodes a month in pool.a; the plan has to last 24 months."#]].assert_eq(&findings.join("\n"));
    // Compounded: 100 addresses at 10 % a month pass 251 in ten months.
    let months = |rate: &str| {
        of(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/24\ntaken nics v/s 100\ngrowth * {rate}")).subnets[0].forecast.clone().unwrap().now.map(|f| f.months)
    };
    assert_eq!((months("percent=10"), months("addresses=50"), months("addresses=0"), months("percent=0")), (Some(10), Some(4), None, None));
}

/// What exists at the same time while a plan is applied.
#[test]
fn rotations() {
    let peaks = |pools: &str| {
        let report =
            of(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/22\nsubnet t 10.1.4.0/22\ncluster c overlay service=172.16.0.0/16 dns=172.16.0.10\n{pools}"));
        (report.subnets[0].demand.peak, report.subnets[1].demand.peak)
    };
    // azurerm: old + temporary, then temporary + new.
    assert_eq!(peaks("pool a count=4 rotates surge=1 in=v/s"), (8, 0));
    // The old pool was larger: 10 + 4 against 4 + 4.
    assert_eq!(peaks("pool a count=4 rotates in=v/s\nold a count=10 in=v/s"), (14, 0));
    // It moves to another subnet: the old one is left behind, the temporary one is where the new one will be.
    assert_eq!(peaks("pool a count=4 rotates in=v/t\nold a count=10 in=v/s"), (10, 8));
    // Created first: old + new, without a temporary pool.
    assert_eq!(peaks("pool a count=4 create-first in=v/t\nold a count=10 in=v/s"), (10, 5));
    assert_eq!(peaks("pool a count=4 create-first in=v/s\nold a count=10 in=v/s"), (14, 0));
    // What leaves is still there while others are made; it does not count afterwards.
    assert_eq!(peaks("pool a count=4 surge=1 in=v/s\npool gone count=7 leaves in=v/s"), (11, 0));
    assert_eq!(
        of("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/22\ncluster c overlay service=172.16.0.0/16 dns=172.16.0.10\npool gone count=7 leaves in=v/s").subnets[0]
            .demand
            .now,
        0
    );
    // Temporary pools come one after the other; what is created first may all be there at once.
    assert_eq!(peaks("pool a count=4 rotates in=v/s\npool b count=6 rotates in=v/s"), (16, 0));
    assert_eq!(peaks("pool a count=4 create-first in=v/s\npool b count=6 create-first in=v/s"), (20, 0));
    // Node-subnet pods: the old pool with its own pods per node.
    let report = of(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/22\n{CLUSTER}\npool a count=3 pods=60 create-first in=v/s\nold a count=3 pods=30 in=v/s"));
    assert_eq!(report.subnets[0].demand.peak, 3 * 61 + 3 * 31);
    check_text(
        "vnet v 10.1.0.0/24
subnet s 10.1.0.0/28
cluster c overlay service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/21
pool a count=6 rotates surge=1 in=v/s",
        expect![[r#"
            Error IP-UPGRADE-HEADROOM at line 3: Pod range leaves no room for a rotation
              The pod range 192.168.0.0/21 of cluster "c" has room for 8 nodes; the cluster has 6 now, 6 at the autoscaler's maximum and 12 while this plan rotates.
              192.168.0.0/21: one /24 for each node = 8 nodes
              pool "a": 6 now, 6 at maximum, upgrade adds 6
              nodes now 6 ≤ 8; at maximum 6 ≤ 8; at peak 12 > 8
              line 4: pool "a"
              The smallest range that would do is a /20: 192.168.0.0/20 is free.
                cluster.c: network_profile.pod_cidr = "192.168.0.0/20", instead of "192.168.0.0/21"
            Error IP-UPGRADE-HEADROOM at line 2: Subnet leaves no room for a rotation
              Subnet "s" (10.1.0.0/28) of VNet "v" can give out 11 addresses; pool "a" of cluster "c" needs 6 at most, but the rotation that this plan makes needs 6 more and 5 are left.
              10.1.0.0/28: 16 addresses less 5 that Azure keeps = 11
              pool "a", nodes: 6 nodes × 1 = 6 now; upgrade adds 1 (surge) × 1 = 1; rotation adds 6 (old and temporary pool, then temporary and new)
              now 6 ≤ 11; at maximum 6 ≤ 11; at peak 12 > 11
              line 4: pool "a" of cluster "c"
              The smallest range that would do is a /27: 10.1.0.0/27 is free.
                subnet.s: address_prefixes = ["10.1.0.0/27"], instead of ["10.1.0.0/28"]
        "#]],
    );
}

/// Kubernetes 1.35 goes on with a smaller surge where the declared one does not fit.
#[test]
fn a_surge_that_falls_back() {
    let errors = |version: &str, pool: &str| of(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/24\n{CLUSTER} {version}\npool a {pool} in=v/s")).has_errors();
    // Seven nodes take 217, one more 31: 248 of 251; a third of them do not fit.
    assert!(errors("", "count=7 surge=33%"));
    assert!(errors("version=1.34", "count=7 surge=33%"));
    assert!(!errors("version=1.35", "count=7 surge=33%"));
    assert!(errors("version=1.35", "count=8 surge=33%"));
    assert!(!errors("version=1.35", "count=8 surge=33% unavailable=1"));
    assert!(errors("version=1.35", "count=7 surge=33% rotates"));
    assert!(errors("version=1.35", "count=7 blue-green"));
}

#[test]
fn a_surge_of_nothing() {
    let found = |pool: &str| codes(&format!("cluster c none service=172.16.0.0/16 dns=172.16.0.10\npool a count=3 {pool}"));
    assert_eq!(
        (found("surge=0"), found("surge=0%"), found("surge=0 unavailable=1"), found("surge=0 spot")),
        (vec!["IP-SURGE"], vec!["IP-SURGE"], vec![], vec![])
    );
}

#[test]
fn auto_provisioned_nodes() {
    check_text(
        "vnet v 10.1.0.0/16
subnet s 10.1.0.0/25
cluster c overlay nap service=172.16.0.0/16 dns=172.16.0.10 pods=192.168.0.0/18
pool system count=3 surge=1 in=v/s
cluster d overlay nap service=172.16.0.0/16 dns=172.16.0.10
pool system count=3 in=v/s
ceiling cluster.c nodes=120",
        expect![[r#"
            Error IP-PODCIDR-CAPACITY at line 3: Pod range is too small at the autoscaler's maximum
              The pod range 192.168.0.0/18 of cluster "c" has room for 64 nodes; the cluster has 3 now, 123 at the autoscaler's maximum and 136 during an upgrade.
              192.168.0.0/18: one /24 for each node = 64 nodes
              pool "system": 3 now, 3 at maximum, upgrade adds 1
              pool "auto-provisioned": 0 now, 120 at maximum, upgrade adds 12
              nodes now 3 ≤ 64; at maximum 123 > 64; at peak 136 > 64
              line 4: pool "system"
              The smallest range that would do is a /16: 192.168.0.0/16 is free.
                cluster.c: network_profile.pod_cidr = "192.168.0.0/16", instead of "192.168.0.0/18"
            Error IP-NODE-CAPACITY at line 2: Subnet is too small at the autoscaler's maximum
              Subnet "s" (10.1.0.0/25) of VNet "v" can give out 123 addresses; pool "system" of cluster "c", pool "auto-provisioned" of cluster "c" and pool "system" of cluster "d" need 126 at the autoscaler's maximum, 3 more than there are (and 140 at the peak of an upgrade).
              10.1.0.0/25: 128 addresses less 5 that Azure keeps = 123
              pool "system", nodes: 3 nodes × 1 = 3 now; upgrade adds 1 (surge) × 1 = 1
              pool "auto-provisioned", nodes: 0 nodes × 1 = 0 now; 120 × 1 = 120 at maximum; upgrade adds 12 (10% of 120) × 1 = 12
              pool "system", nodes: 3 nodes × 1 = 3 now; upgrade adds 1 (10% of 3) × 1 = 1
              now 6 ≤ 123; at maximum 126 > 123; at peak 140 > 123
              line 4: pool "system" of cluster "c"
              line 3: pool "auto-provisioned" of cluster "c"
              line 6: pool "system" of cluster "d"
              The smallest range that would do is a /24: 10.1.0.0/24 is free.
                subnet.s: address_prefixes = ["10.1.0.0/24"], instead of ["10.1.0.0/25"]
            unknown cluster.d: the nodes that auto-provisioning makes are not bounded: declare a ceiling of cluster.d in address_plan
        "#]],
    );
}

#[test]
fn what_azure_counts_and_where_it_lies() {
    let report = of("vnet v 10.1.0.0/16
subnet plain 10.1.0.0/24 live usage=40of251 others=12
subnet pods 10.1.1.0/24 live usage=0of251 delegated=Microsoft.ContainerService/managedClusters
subnet GatewaySubnet 10.1.2.0/27 live usage=-1of-1");
    let lines: Vec<String> = report.subnets.iter().map(|s| format!("{} {:?} {:?}: {}", s.subnet, s.demand.now, s.live_use, s.arithmetic.join("; "))).collect();
    expect![[r#"
        plain 12 Some(40): 10.1.0.0/24: 256 addresses less 5 that Azure keeps = 251; in use by others, as Azure counts: 12; Azure says that 40 of 251 are in use today; now 12 ≤ 251; at maximum 12 ≤ 251; at peak 12 ≤ 251
        pods 0 None: 10.1.1.0/24: 256 addresses less 5 that Azure keeps = 251; Azure says that 0 are in use, as it does of every delegated subnet: that does not count
        GatewaySubnet 0 None: 10.1.2.0/27: 32 addresses less 5 that Azure keeps = 27; Azure does not say what is in use in a gateway's subnet"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn free_room_and_its_pieces() {
    let report = of("vnet v 10.1.0.0/22
subnet a 10.1.0.0/26
subnet b 10.1.1.0/24
reserved later 10.1.3.0/25
addresses spokes 10.1.0.0/20
addresses six fd00::/48");
    let shown = |blocks: &[Prefix]| blocks.iter().map(Prefix::to_string).collect::<Vec<_>>().join(", ");
    let free = &report.vnets[0].free;
    assert_eq!(free.text(), "576 addresses are free, the largest block of them is 10.1.2.0/24");
    assert_eq!(shown(&free.blocks), "10.1.0.64/26, 10.1.0.128/25, 10.1.2.0/24, 10.1.3.128/25");
    let pools: Vec<String> = report.pools.iter().map(|p| format!("{}: {}", p.name, shown(&p.free.blocks))).collect();
    assert_eq!(pools, ["spokes: 10.1.4.0/22, 10.1.8.0/21", "six: fd00::/48"]);
}
