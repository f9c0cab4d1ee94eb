//! Laws: what holds for any model, tried on many.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ravelin::{
    base::Prefix,
    network::{Report, check, space},
};

use super::text::model;

fn any_prefix(bits: u8, v6: bool) -> impl Strategy<Value = Prefix> {
    // Within one small block, so that overlaps are common.
    let width = if v6 { 128 } else { 32 };
    (0..=bits, 0u128..1 << bits).prop_map(move |(host, n)| {
        let start = if v6 { 0xfd00u128 << 112 } else { 0x0a00_0000 };
        Prefix { v6, base: start + (n >> host << host), len: width - host }
    })
}

fn any_prefixes() -> impl Strategy<Value = Vec<Prefix>> {
    any::<bool>().prop_flat_map(|v6| prop::collection::vec(any_prefix(5, v6), 0..12))
}

proptest! {
    #[test]
    fn overlaps_agree_with_comparing_all(items in any_prefixes()) {
        let found = space::overlaps(&items);
        for (i, a) in items.iter().enumerate() {
            let any = items.iter().enumerate().any(|(j, b)| i != j && a.overlaps(*b));
            prop_assert_eq!(found.iter().any(|(x, y)| *x == i || *y == i), any, "{} in {:?}", a, items);
        }
        for (a, b) in found {
            prop_assert!(items[a].overlaps(items[b]) && items[b].overlaps(items[a]));
        }
    }

    #[test]
    fn lookups_agree_with_comparing_all(items in any_prefixes(), query in any_prefix(5, false)) {
        let index = space::PrefixIndex::of(items.iter().copied().zip(0..));
        for q in items.iter().copied().chain([query]) {
            let mut found: Vec<usize> = index.overlapping(q).map(|(_, i)| i).collect();
            found.sort();
            let all: Vec<usize> = (0..items.len()).filter(|i| items[*i].overlaps(q)).collect();
            prop_assert_eq!(found, all);
        }
    }

    #[test]
    fn free_blocks_agree_with_trying_all(taken in prop::collection::vec(any_prefix(6, false), 0..8), host in 0u8..=6, near in any_prefix(6, false)) {
        let space = Prefix { v6: false, base: 0x0a00_0000, len: 26 };
        let len = 32 - host;
        let free: Vec<Prefix> = (0..1u128 << (6 - host)).map(|i| space.subnet(6 - host, i).unwrap()).filter(|b| taken.iter().all(|t| !t.overlaps(*b))).collect();
        let aim = Prefix::around(near.first(), len.min(near.len)).unwrap().base;
        let best = free.iter().copied().min_by_key(|b| (b.base.abs_diff(aim), b.base));
        let placed = space::place(&[space], &taken, len, near);
        prop_assert_eq!(placed.is_some(), best.is_some());
        if let (Some(p), Some(b)) = (placed, best) {
            prop_assert!(free.contains(&p));
            prop_assert_eq!(p.base.abs_diff(aim), b.base.abs_diff(aim));
        }
        let largest = (26..=32).find(|l| (0..1u128 << (l - 26)).any(|i| taken.iter().all(|t| !t.overlaps(space.subnet(l - 26, i).unwrap()))));
        prop_assert_eq!(space::largest_free(&[space], &taken), largest);
    }

    #[test]
    fn demand_never_falls(mode in any_mode(), flags in prop::sample::select(vec!["", "spot", "blue-green", "rotates", "create-first"]), count in 0u32..40, grow in 0u32..40, max in 0u32..80, pods in 10u32..240, more in 0u32..10, surge in 0u32..60) {
        let of = |count: u32, max: u32, pods: u32, surge: u32| {
            let report = check(&model(&format!("vnet v 10.0.0.0/8\nsubnet s 10.1.0.0/16\nsubnet p 10.2.0.0/16\ncluster c {}\npool a count={count} max={max} pods={pods} surge={surge}% {flags} in=v/s {}", mode.0, mode.1)));
            report.subnets.iter().map(|s| s.demand).chain(report.pod_cidrs.iter().map(|p| p.demand)).collect::<Vec<_>>()
        };
        let base = of(count, max, pods, surge);
        for larger in [of(count + grow, max, pods, surge), of(count, max + grow, pods, surge), of(count, max, pods + more, surge), of(count, max, pods, surge + grow)] {
            for (a, b) in base.iter().zip(&larger) {
                prop_assert!(a.now <= b.now && a.autoscaled <= b.autoscaled && a.peak <= b.peak, "{:?} {:?}", a, b);
            }
        }
        for d in base {
            prop_assert!(d.now <= d.autoscaled && d.autoscaled <= d.peak);
        }
    }

    /// The proposed range passes all three verdicts in its place, meets no other subnet, and half of it would not do.
    #[test]
    fn a_proposal_is_the_smallest_that_passes(mode in any_mode(), count in 1u32..60, max in 0u32..90, pods in 30u32..240, surge in 0u32..100) {
        let text = |nodes: &str, second: &str| format!("vnet v 10.0.0.0/8\nsubnet s {nodes}\nsubnet p {second}\nsubnet x 10.64.0.0/24\ncluster c {}\npool a count={count} max={max} pods={pods} surge={surge}% in=v/s {}", mode.0, mode.1);
        let ours = |report: &Report, name: &str| report.findings.iter().filter(|f| f.detail.starts_with(&format!("Subnet {name:?}")) && f.code != "IP-MAX-PODS").cloned().collect::<Vec<_>>();
        let (tiny_nodes, tiny_pods) = ("10.1.0.0/29", "10.65.0.0/29");
        let mut ranges = BTreeMap::from([("s", tiny_nodes.to_owned()), ("p", tiny_pods.to_owned())]);
        for name in ["s", "p"] {
            let report = check(&model(&text(&ranges["s"], &ranges["p"])));
            if let Some(finding) = ours(&report, name).first() {
                let proposal = finding.proposal.clone().unwrap();
                let place = proposal.place.unwrap();
                ranges.insert(name, place.to_string());
                prop_assert_eq!(ours(&check(&model(&text(&ranges["s"], &ranges["p"]))), name), vec![]);
                if place.len < 29 {
                    let mut half = ranges.clone();
                    half.insert(name, place.subnet(1, 0).unwrap().to_string());
                    prop_assert!(!ours(&check(&model(&text(&half["s"], &half["p"]))), name).is_empty());
                }
            }
        }
    }
}

/// Cluster and pool words of each mode.
fn any_mode() -> impl Strategy<Value = (&'static str, &'static str)> {
    let ranges = [
        ("azure service=172.16.0.0/16 dns=172.16.0.10", ""),
        ("azure service=172.16.0.0/16 dns=172.16.0.10", "pods-in=v/p"),
        ("azure service=172.16.0.0/16 dns=172.16.0.10", "pods-in=v/p static"),
        ("overlay service=172.16.0.0/16 dns=172.16.0.10 pods=100.64.0.0/10", ""),
        ("kubenet service=172.16.0.0/16 dns=172.16.0.10 pods=100.64.0.0/10", ""),
        ("none service=172.16.0.0/16 dns=172.16.0.10", ""),
    ];
    prop::sample::select(ranges.to_vec())
}

/// Subnets and VNets of a small space, of either family.
fn any_spaces() -> impl Strategy<Value = Vec<Prefix>> {
    any::<bool>().prop_flat_map(|v6| prop::collection::vec(any_prefix(6, v6), 1..6))
}

fn overlap_told(report: &Report, names: (&str, &str)) -> bool {
    report.findings.iter().any(|f| f.code == "IP-OVERLAP" && f.detail.contains(&format!("{:?}", names.0)) && f.detail.contains(&format!("{:?}", names.1)))
}

proptest! {
    /// Two peered VNets overlap exactly when an address is in both, whichever of them declares the peering.
    #[test]
    fn overlap_of_vnets_is_symmetric(a in any_spaces(), b in any_spaces(), six in any::<bool>()) {
        let list = |p: &[Prefix]| p.iter().map(Prefix::to_string).collect::<Vec<_>>().join(" ");
        let told = |text: &str| overlap_told(&check(&model(text)), ("a", "b"));
        let (a, b) = if six { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        let expected = a.iter().any(|x| b.iter().any(|y| (x.base..=x.last_bits()).any(|n| x.v6 == y.v6 && y.base <= n && n <= y.last_bits())));
        for text in [
            format!("vnet a {}\npeer b\nvnet b {}", list(&a), list(&b)),
            format!("vnet a {}\nvnet b {}\npeer a", list(&a), list(&b)),
            format!("vnet b {}\npeer a\nvnet a {}", list(&b), list(&a)),
        ] {
            prop_assert_eq!(told(&text), expected, "{}", text);
        }
        // Two spokes of one hub, and two that two hubs route to each other.
        let hub = "vnet hub 172.20.0.0/16\npeer a forwarded\npeer b forwarded";
        let spokes = format!("{hub}\nvnet a {}\npeer hub\nvnet b {}\npeer hub", list(&a), list(&b));
        prop_assert_eq!(told(&spokes), expected);
        let hubs = format!("vnet one 172.20.0.0/16\npeer two forwarded\nvnet two 172.21.0.0/16\nvnet a {}\npeer one forwarded\nvnet b {}\npeer two forwarded", list(&a), list(&b));
        prop_assert_eq!(told(&hubs), expected);
    }

    /// Free blocks and what is taken make up the space, and do not meet.
    #[test]
    fn free_maps_agree_with_trying_all(taken in prop::collection::vec(any_prefix(6, false), 0..8), back in prop::collection::vec(any_prefix(6, false), 0..3)) {
        let space = Prefix { v6: false, base: 0x0a00_0000, len: 26 };
        let mut map = space::FreeMap::of(false, &[space], &taken);
        let lent: Vec<Vec<(u128, u128)>> = back.iter().map(|b| map.borrow(*b)).collect();
        let free = |n: u128| taken.iter().chain(&back).all(|t| !(t.base <= n && n <= t.last_bits()));
        for n in space.base..=space.last_bits() {
            let blocks = map.blocks();
            prop_assert_eq!(blocks.iter().filter(|b| b.base <= n && n <= b.last_bits()).count(), usize::from(free(n)));
        }
        for (first, last) in lent.into_iter().flatten() {
            map.give(first, last);
        }
        let before = space::FreeMap::of(false, &[space], &taken);
        prop_assert_eq!(map.blocks(), before.blocks());
        prop_assert_eq!(map.size(), before.blocks().iter().map(|b| b.size()).sum::<u128>());
    }

    /// What is proposed for an overlay pod range passes, is the smallest that does, and meets nothing.
    #[test]
    fn a_pod_range_proposal_is_the_smallest_that_passes(count in 1u32..200, max in 0u32..300, surge in 0u32..100, limit in 50u32..100) {
        let text = |range: &str| format!("vnet v 10.0.0.0/8\nsubnet s 10.1.0.0/16\ncluster c overlay pods={range} service=172.16.0.0/16 dns=172.16.0.10\npool a count={count} max={max} surge={surge}% unavailable=1 in=v/s\nthreshold warning {limit}");
        let first = |range: &str| check(&model(&text(range))).findings.into_iter().find(|f| f.detail.starts_with("The pod range"));
        if let Some(finding) = first("192.168.0.0/24") {
            let place = finding.proposal.unwrap().place.unwrap();
            prop_assert!(first(&place.to_string()).is_none());
            prop_assert!(first(&place.subnet(1, 0).unwrap().to_string()).is_some());
        }
    }

    /// A reserve and a threshold raise what is asked for; a proposal passes them too, and half of it does not.
    #[test]
    fn a_proposal_passes_reserves_and_thresholds(count in 1u32..60, reserve in 0u32..60, percent in 0u32..60, limit in 40u32..100) {
        let text = |range: &str| format!("vnet v 10.0.0.0/8\nsubnet s {range}\ncluster c azure service=172.16.0.0/16 dns=172.16.0.10\npool a count={count} in=v/s\nreserve subnet.s addresses={reserve} percent={percent}\nthreshold error {limit}");
        let first = |range: &str| check(&model(&text(range))).findings.into_iter().find(|f| f.detail.starts_with("Subnet \"s\""));
        let finding = first("10.1.0.0/29").unwrap();
        let place = finding.proposal.unwrap().place.unwrap();
        prop_assert!(first(&place.to_string()).is_none(), "{}", place);
        prop_assert!(first(&place.subnet(1, 0).unwrap().to_string()).is_some());
    }

    /// The longer one waits, the more has grown: verdicts fail in the order of their demands.
    #[test]
    fn forecasts_are_in_order(count in 1u32..8, max in 0u32..12, rate in 0u32..50, tenths in 0u32..40) {
        let of = |rate: &str| check(&model(&format!("vnet v 10.1.0.0/16\nsubnet s 10.1.0.0/23\ncluster c azure service=172.16.0.0/16 dns=172.16.0.10\npool a count={count} max={max} in=v/s\ngrowth * {rate}"))).subnets[0].forecast.clone();
        let months = |f: Option<ravelin::network::Failing>| f.map_or(u32::MAX, |f| f.months);
        let nodes = of(&format!("nodes={}", f64::from(tenths) / 10.0)).unwrap();
        prop_assert!(months(nodes.peak) <= months(nodes.autoscaled) && months(nodes.autoscaled) <= months(nodes.now));
        let (slow, fast) = (of(&format!("percent={rate}")).unwrap(), of(&format!("percent={}", rate + 1)).unwrap());
        prop_assert!(months(fast.peak) <= months(slow.peak));
    }
}
