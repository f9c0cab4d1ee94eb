//! The functions of the namespace `cidr::`, the pools of `address_plan`, and the lock file's text.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use ravelin::{
    base::{
        Diagnostics, FileId, Ledger, Prefix, Sources,
        ledger::{Entry, Pool, Request},
    },
    lang::{self, Evaluator, Inputs, lock, vars},
    network::{demand, free_blocks},
};

use super::support::{self, eval};

/// Each expression with its value, or with what is wrong about it.
fn table(expressions: &[&str], expected: Expect) {
    let shown = |e: &&str| {
        let told = eval(e);
        let told = told.strip_prefix("o = ").unwrap_or(&told).trim_end().to_owned();
        let error = told.lines().find(|l| l.contains("Invalid value") || l.contains("Call to function") || l.contains("There is no function"));
        format!("{e}\n    {}\n", error.map_or(told.as_str(), str::trim))
    };
    expected.assert_eq(&expressions.iter().map(shown).collect::<String>());
}

#[test]
fn answers() {
    table(
        &[
            r#"cidr::contains("10.0.0.0/8", "10.1.0.0/16")"#,
            r#"cidr::contains("10.1.0.0/16", "10.0.0.0/8")"#,
            r#"cidr::contains("10.0.0.0/8", "10.1.2.3")"#,
            r#"cidr::contains("fd00::/8", "fd12::1")"#,
            r#"cidr::contains("fd00::/8", "10.0.0.1")"#,
            r#"cidr::overlaps("10.0.0.0/24", "10.0.0.128/25")"#,
            r#"cidr::overlaps("10.0.0.0/24", "10.0.1.0/24")"#,
            r#"cidr::capacity("10.0.0.0/24")"#,
            r#"cidr::capacity("10.0.0.0/29")"#,
            r#"cidr::capacity("10.0.0.0/30")"#,
            r#"cidr::capacity("fd00::/64")"#,
            r#"cidr::free("10.0.0.0/24", [])"#,
            r#"cidr::free("10.0.0.0/24", ["10.0.0.0/26", "10.0.0.192/27"])"#,
            r#"cidr::free("10.0.0.0/24", ["10.0.0.0/8"])"#,
            r#"cidr::free("fd00::/62", ["fd00:0:0:1::/64"])"#,
            r#"cidr::nodes("10.0.0.0/24", 30)"#,
            r#"cidr::nodes("10.0.0.0/22", 30, "node-subnet")"#,
            r#"cidr::nodes("10.0.0.0/22", 30, "pod-subnet")"#,
            r#"cidr::nodes("10.0.0.0/22", 30, "static-block")"#,
            r#"cidr::nodes("10.0.0.0/22", 30, "overlay")"#,
            r#"cidr::nodes("10.244.0.0/16", 250, "pod-cidr")"#,
            r#"cidr::nodes("10.244.0.0/25", 250, "pod-cidr")"#,
            r#"cidr::nodes("fd00::/64", 250, "pod-cidr")"#,
        ],
        expect![[r#"
            cidr::contains("10.0.0.0/8", "10.1.0.0/16")
                true: bool
            cidr::contains("10.1.0.0/16", "10.0.0.0/8")
                false: bool
            cidr::contains("10.0.0.0/8", "10.1.2.3")
                true: bool
            cidr::contains("fd00::/8", "fd12::1")
                true: bool
            cidr::contains("fd00::/8", "10.0.0.1")
                false: bool
            cidr::overlaps("10.0.0.0/24", "10.0.0.128/25")
                true: bool
            cidr::overlaps("10.0.0.0/24", "10.0.1.0/24")
                false: bool
            cidr::capacity("10.0.0.0/24")
                251: number
            cidr::capacity("10.0.0.0/29")
                3: number
            cidr::capacity("10.0.0.0/30")
                0: number
            cidr::capacity("fd00::/64")
                18446744073709551611: number
            cidr::free("10.0.0.0/24", [])
                ["10.0.0.0/24"]: list(string)
            cidr::free("10.0.0.0/24", ["10.0.0.0/26", "10.0.0.192/27"])
                ["10.0.0.64/26", "10.0.0.128/26", "10.0.0.224/27"]: list(string)
            cidr::free("10.0.0.0/24", ["10.0.0.0/8"])
                []: list(string)
            cidr::free("fd00::/62", ["fd00:0:0:1::/64"])
                ["fd00::/64", "fd00:0:0:2::/63"]: list(string)
            cidr::nodes("10.0.0.0/24", 30)
                8: number
            cidr::nodes("10.0.0.0/22", 30, "node-subnet")
                32: number
            cidr::nodes("10.0.0.0/22", 30, "pod-subnet")
                33: number
            cidr::nodes("10.0.0.0/22", 30, "static-block")
                31: number
            cidr::nodes("10.0.0.0/22", 30, "overlay")
                1019: number
            cidr::nodes("10.244.0.0/16", 250, "pod-cidr")
                256: number
            cidr::nodes("10.244.0.0/25", 250, "pod-cidr")
                0: number
            cidr::nodes("fd00::/64", 250, "pod-cidr")
                65536: number
        "#]],
    );
}

#[test]
fn wrong_arguments() {
    table(
        &[
            r#"cidr::contains("10.0.0.1/8", "10.1.0.0/16")"#,
            r#"cidr::contains("10.0.0.0", "10.1.0.0/16")"#,
            r#"cidr::overlaps("10.0.0.0/8", null)"#,
            r#"cidr::free("10.0.0.0/8", ["x"])"#,
            r#"cidr::nodes("10.0.0.0/8", 9)"#,
            r#"cidr::nodes("10.0.0.0/8", 30, "overlays")"#,
            r#"cidr::nodes("10.0.0.0/8", 30, "overlay", "overlay")"#,
            r#"cidr::allocate("spokes", 24, "a")"#,
            r#"cidr::allocate("10.0.0.0/16", "x", "a")"#,
            r#"cidr::allocate("10.0.0.0/16", 129, "a")"#,
            r#"cidr::allocate("10.0.0.0/16", 12, "a")"#,
            r#"cidr::allocate("10.0.0.0/16", 24, "")"#,
            r#"cidr::allocate([], 24, "a")"#,
            r#"cidr::allocate(12, 24, "a")"#,
            r#"cidr::alocate("10.0.0.0/16", 24, "a")"#,
            r#"cidr::subnet("10.0.0.0/16", 24)"#,
        ],
        expect![[r#"
            cidr::contains("10.0.0.1/8", "10.1.0.0/16")
                Invalid value for "prefix" parameter: "10.0.0.1/8" has bits set beyond its length; the network is "10.0.0.0/8".
            cidr::contains("10.0.0.0", "10.1.0.0/16")
                Invalid value for "prefix" parameter: "10.0.0.0" is not an address range in CIDR notation, such as "10.0.0.0/24".
            cidr::overlaps("10.0.0.0/8", null)
                Invalid value for "other" parameter: argument must not be null.
            cidr::free("10.0.0.0/8", ["x"])
                Invalid value for "taken" parameter: "x" is not an address range in CIDR notation, such as "10.0.0.0/24".
            cidr::nodes("10.0.0.0/8", 9)
                Invalid value for "max_pods" parameter: AKS allows 10 to 250 pods for each node.
            cidr::nodes("10.0.0.0/8", 30, "overlays")
                Invalid value for "mode" parameter: "overlays" is not a mode (did you mean "overlay"?); the modes are "node-subnet", "pod-subnet", "static-block", "overlay", "pod-cidr".
            cidr::nodes("10.0.0.0/8", 30, "overlay", "overlay")
                Invalid value for "mode" parameter: only one mode may be given.
            cidr::allocate("spokes", 24, "a")
                Invalid value for "pool" parameter: there is no pool named "spokes"; pools are declared by an address_plan block in a *.blueprint.hcl file.
            cidr::allocate("10.0.0.0/16", "x", "a")
                Invalid value for "length" parameter: the length must be a whole number of bits, such as 24 or "/24".
            cidr::allocate("10.0.0.0/16", 129, "a")
                Invalid value for "length" parameter: the length must be a whole number of bits, such as 24 or "/24".
            cidr::allocate("10.0.0.0/16", 12, "a")
                Invalid value for "length" parameter: no range of 10.0.0.0/16 can hold a /12.
            cidr::allocate("10.0.0.0/16", 24, "")
                Invalid value for "key" parameter: the key must not be empty.
            cidr::allocate([], 24, "a")
                Invalid value for "pool" parameter: the list of ranges must not be empty.
            cidr::allocate(12, 24, "a")
                Invalid value for "pool" parameter: the name of a pool, a range or a list of ranges is required.
            cidr::alocate("10.0.0.0/16", 24, "a")
                There is no function named "cidr::alocate". Did you mean "cidr::allocate"?
            cidr::subnet("10.0.0.0/16", 24)
                There is no function named "cidr::subnet". There are cidr::allocate, cidr::capacity, cidr::contains, cidr::free, cidr::nodes, cidr::overlaps.
        "#]],
    );
}

#[test]
fn a_range_that_is_not_given_yet_is_unknown() {
    table(
        &[r#"cidr::allocate("10.0.0.0/16", 24, "a")"#, r#"cidr::allocate(["10.0.0.0/16", "10.2.0.0/16"], "/24", "a")"#],
        expect![[r#"
            cidr::allocate("10.0.0.0/16", 24, "a")
                (known after apply): string
            cidr::allocate(["10.0.0.0/16", "10.2.0.0/16"], "/24", "a")
                (known after apply): string
        "#]],
    );
}

/// Evaluates the outputs of a blueprint with a ledger; then tells what was asked for and not given.
fn with_ledger(text: &str, entries: &[(&str, &str, &str)]) -> String {
    let mut l = support::load(text);
    let bp = l.blueprint.take().unwrap();
    let ledger = Ledger::of(entries.iter().map(|(p, k, c)| Entry { pool: (*p).into(), key: (*k).into(), prefix: c.parse().unwrap() }));
    let variables = vars::assign(&bp.root, Vec::new(), &mut l.diags);
    lang::own::validate(&bp, &l.sources, &mut l.diags);
    let inputs = Inputs { variables, ..support::inputs() }.allocating(ledger);
    let ev = Evaluator::new(&bp, &l.sources, &l.files, inputs.clone());
    let mut out = String::new();
    for name in bp.root.outputs.keys() {
        let value = ev.output(&Default::default(), name, &mut l.diags);
        out.push_str(&format!("{name} = {}\n", support::text_of(&value)));
    }
    for request in inputs.allocations.take_wanted().keys() {
        out.push_str(&format!("wanted: /{} for {:?} of {}\n", request.len, request.key, request.pool));
    }
    for (pool, key) in inputs.allocations.used() {
        out.push_str(&format!("used: {key:?} of {pool:?}\n"));
    }
    out.push_str(&support::show(&l.diags, &l.sources));
    out
}

#[test]
fn ranges_come_from_the_ledger_and_pools_from_the_address_plan() {
    let text = r#"
-- plan.blueprint.hcl --
variable "base" {
  default = "10.40.0.0/14"
}

locals {
  pools = { spokes = [var.base], hubs = ["10.0.0.0/16"] }
}

address_plan {
  dynamic "pool" {
    for_each = local.pools
    content {
      name     = pool.key
      prefixes = pool.value
    }
  }
  pool "extra" { prefixes = [cidrsubnet(var.base, 2, 3)] }
}

-- main.tf --
output "given" {
  value = cidr::allocate("spokes", 24, "a")
}
output "from_prefixes" {
  value = cidr::allocate([var.base], "24", "b")
}
output "longer_now" {
  value = cidr::allocate("hubs", 25, "a")
}
output "new" {
  value = cidr::allocate("extra", 24, "a")
}
output "gone" {
  value = cidr::allocate("hubs", 24, "moved")
}
output "mistyped" {
  value = cidr::allocate("spoke", 24, "a")
}
"#;
    let entries = [("spokes", "a", "10.40.7.0/24"), ("10.40.0.0/15", "b", "10.41.0.0/24"), ("hubs", "a", "10.0.0.0/24"), ("hubs", "moved", "10.9.0.0/24")];
    expect![[r#"
        from_prefixes = "10.41.0.0/24": string
        given = "10.40.7.0/24": string
        gone = (known after apply): string
        longer_now = (known after apply): string
        mistyped = (known after apply): string
        new = (known after apply): string
        wanted: /24 for "a" of pool "extra"
        wanted: /25 for "a" of pool "hubs"
        used: "b" of "10.40.0.0/15"
        used: "a" of "hubs"
        used: "a" of "spokes"
        Warning[function-of-ravelin] main.tf:3:11 `cidr::allocate`: Function that only Ravelin has
          Terraform does not know cidr::allocate; a folder that it is to read as well cannot have it in a .tf file. So are 5 more calls in this file.
          hint: Compute it in a locals block of a *.blueprint.hcl file, or leave it here if only Ravelin reads this folder.
        Error[function-call-failed] main.tf:15:11 `cidr::allocate(`: Error in function call
          Call to function "cidr::allocate" failed: "moved" was given 10.9.0.0/24, which pool "hubs" does not hold any more; extend the pool to hold it, or delete the line of "moved" from the lock file to have it placed anew.
        Error[invalid-function-argument] main.tf:18:27 `spoke`: Invalid function argument
          Invalid value for "pool" parameter: there is no pool named "spoke" (did you mean "spokes"?).
    "#]]
    .assert_eq(&with_ledger(text, &entries));
}

#[test]
fn pools_that_go_in_circles_or_wait_for_resources() {
    let text = r#"
-- plan.blueprint.hcl --
locals {
  round = cidr::allocate("round", 24, "a")
}

resource "azurerm_virtual_network" "a" {}

address_plan {
  pool "round" { prefixes = [local.round] }
  pool "self" { prefixes = [cidr::allocate("self", 24, "a")] }
  pool "late" { prefixes = azurerm_virtual_network.a.address_space }
}

output "a" {
  value = local.round
}
output "b" {
  value = cidr::allocate("late", 24, "a")
}
"#;
    expect![[r#"
        a = (known after apply): string
        b = (known after apply): string
        Error[invalid-function-argument] plan.blueprint.hcl:9:45 `self`: Invalid function argument
          Invalid value for "pool" parameter: the pool "self" is declared by what it is asked for here.
        Error[cycle] plan.blueprint.hcl:2:3 `round`: Cycle
          local.round depends on itself, directly or through others.
        Error[invalid-function-argument] plan.blueprint.hcl:17:27 `late`: Invalid function argument
          Invalid value for "pool" parameter: the pool "late" depends on resources or data sources, so its ranges are not known in time; give those ranges here instead of its name.
    "#]]
    .assert_eq(&with_ledger(text, &[]));
}

/// `cidr::nodes` and the address check were written apart; they have to count alike.
#[test]
fn nodes_agree_with_the_address_check() {
    for len in [16u8, 20, 22, 24, 26, 28, 29] {
        let prefix: Prefix = format!("10.0.0.0/{len}").parse().unwrap();
        for pods in [10u32, 30, 31, 110, 250] {
            let usable = demand::usable(prefix);
            let expected = [
                ("node-subnet", demand::nodes_that_fit(usable, u64::from(pods) + 1)),
                ("pod-subnet", demand::nodes_that_fit(usable, demand::dynamic_per_node(pods, None))),
                ("static-block", demand::nodes_that_fit(demand::usable_blocks(prefix), demand::static_blocks(pods))),
                ("overlay", usable),
                ("pod-cidr", demand::pod_cidr_nodes(prefix)),
            ];
            for (mode, nodes) in expected {
                assert_eq!(
                    eval(&format!("cidr::nodes(\"{prefix}\", {pods}, \"{mode}\")")).trim_end(),
                    format!("o = {nodes}: number"),
                    "{prefix} {pods} {mode}"
                );
            }
        }
    }
}

#[test]
fn malformed_lock_files_are_told_with_their_places() {
    let text = r#"
allocation "spokes" "a" { prefix = "10.0.0.0/24" }
allocation "spokes" "a" { prefix = "10.0.1.0/24" }
allocation "spokes" { prefix = "10.0.1.0/24" }
alocation "spokes" "b" { prefix = "10.0.1.0/24" }
allocation "spokes" "c" { prefix = "10.0.1.1/24" }
allocation "spokes" "d" { prefix = var.x }
allocation "spokes" "e" { cidr = "10.0.1.0/24" }
allocation "spokes" "f" {}
<<<<<<< HEAD
"#;
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let file = sources.add(lock::LOCK_FILE, text);
    let ledger = lock::parse(file, text, &mut diags);
    let held: Vec<String> = ledger.entries().iter().map(|e| format!("{} {} {}", e.pool, e.key, e.prefix)).collect();
    expect![[r#"
        []
        Error[lock-file] ravelin.addresses.lock.hcl:10:1 `<<<<<<< HEAD`: Malformed lock file of addresses
          The file holds a merge conflict that was not resolved: two branches gave out ranges.
          hint: Keep the lines of both sides; where both have the same key or the same range, keep one, and the next plan places what is missing.
    "#]]
    .assert_eq(&format!("{held:?}\n{}", support::show(&diags, &sources)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Any text may be a key.
    #[test]
    fn the_lock_file_reads_back(entries in proptest::collection::vec(("[a-z/ ,.0-9]{1,8}", "[ -~\u{1}-\u{1f}\u{7f}-\u{9f}äöüß\u{4e00}-\u{4e10}]{1,12}|[$%{}\"\\\\\n]{1,6}", 0u8..32, any::<u32>()), 0..8)) {
        let entries = entries.into_iter().map(|(pool, key, len, base)| {
            Entry { pool, key, prefix: Prefix::around(std::net::Ipv4Addr::from(base).into(), len).unwrap() }
        });
        let ledger = Ledger::of(entries);
        let text = lock::write(&ledger);
        let mut diags = Diagnostics::default();
        let read = lock::parse(FileId(0), &text, &mut diags);
        prop_assert!(diags.is_empty(), "{:?}\n{text}", diags.items);
        prop_assert_eq!(read, ledger);
    }

    /// The function and the room `network` were written apart as well.
    #[test]
    fn free_agrees_with_the_room_network(taken in proptest::collection::vec((24u8..=32, any::<u8>()), 0..6)) {
        let whole: Prefix = "10.0.0.0/24".parse().unwrap();
        let taken: Vec<Prefix> = taken.into_iter().map(|(len, host)| Prefix::around(std::net::Ipv4Addr::new(10, 0, 0, host).into(), len).unwrap()).collect();
        let list = |all: &[Prefix]| all.iter().map(|p| format!("{:?}", p.to_string())).collect::<Vec<_>>().join(", ");
        let told = eval(&format!("jsonencode(cidr::free(\"{whole}\", [{}]))", list(&taken)));
        let expected = format!("o = {:?}: string", format!("[{}]", list(&free_blocks(whole, &taken)).replace(", ", ",")));
        prop_assert_eq!(told.trim_end(), expected);
    }

    #[test]
    fn a_ledger_answers_what_was_put_in(entries in proptest::collection::vec(("p[01]", "k[0-3]", 0u32..64), 0..12)) {
        let all = Pool::named("p0", vec!["10.0.0.0/16".parse().unwrap()]);
        let mut ledger = Ledger::default();
        let mut last = std::collections::BTreeMap::new();
        for (pool, key, i) in entries {
            let prefix = all.prefixes[0].subnet(8, u128::from(i)).unwrap();
            ledger.insert(Entry { pool: pool.clone(), key: key.clone(), prefix });
            last.insert((pool, key), prefix);
        }
        prop_assert_eq!(ledger.entries().len(), last.len());
        for ((pool, key), prefix) in last {
            let request = Request { len: 24, key: key.clone(), pool: Pool { name: pool, prefixes: all.prefixes.clone() } };
            prop_assert_eq!(ledger.get(&request), Some(prefix));
            prop_assert_eq!(ledger.get(&Request { len: 25, ..request }), None);
        }
    }
}
