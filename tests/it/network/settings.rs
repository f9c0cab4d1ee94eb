//! What `address_plan` declares: days, patterns of addresses, and the codes that waivers may name.

#![allow(clippy::disallowed_methods)]

use std::{collections::BTreeSet, fs, path::Path};

use proptest::prelude::*;
use ravelin::network::{
    Day,
    settings::{CODES, covers},
};

#[test]
fn days_are_those_of_the_calendar() {
    assert_eq!(Day::parse("1970-01-01"), Some(Day(0)));
    assert_eq!(Day::parse("2026-11-23"), Some(Day(20_780)));
    assert_eq!(Day::parse("2026-11-23T18:00:00Z"), Some(Day(20_780)));
    assert_eq!(Day::parse("2028-02-29").map(|d| d.to_string()).as_deref(), Some("2028-02-29"));
    for wrong in ["2027-02-29", "2027-13-01", "27-01-01", "2027-1-1", "2027-01-01x", "", "tomorrow"] {
        assert_eq!(Day::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn patterns_mean_what_users_of_targets_expect() {
    let cases = [
        ("azurerm_subnet.nodes", "azurerm_subnet.nodes", true),
        ("azurerm_subnet.nodes", "azurerm_subnet.nodes[\"a\"]", true),
        ("azurerm_subnet.nodes", "azurerm_subnet.nodes2", false),
        ("azurerm_subnet.*", "azurerm_subnet.nodes", true),
        ("*", "module.a.azurerm_subnet.x", true),
        ("", "azurerm_subnet.x", false),
        ("module.spoke", "module.spoke[\"a\"].azurerm_subnet.nodes", true),
        ("module.spoke", "module.spokes.azurerm_subnet.nodes", false),
        ("module.*.azurerm_subnet.nodes", "module.a.module.b.azurerm_subnet.nodes[0]", true),
        ("module.*.azurerm_subnet.nodes", "azurerm_subnet.nodes", false),
        ("*.nodes", "azurerm_subnet.nodes.nodes", true),
        ("*nodes", "azurerm_subnet.nodes-nodesx", false),
        ("azurerm_subnet.nodes[\"*\"]", "azurerm_subnet.nodes[\"b\"]", true),
    ];
    for (pattern, address, expected) in cases {
        assert_eq!(covers(pattern, address), expected, "{pattern} {address}");
    }
}

/// Every code that a check uses can be waived, and no other; what is wrong with a waiver itself is apart.
#[test]
fn the_codes_are_those_that_checks_use() {
    let mut used = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/network")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|n| n == "settings.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        used.extend(text.split('"').filter(|t| t.starts_with("IP-") && t.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')).map(str::to_owned));
    }
    let apart = |code: &String| !code.starts_with("IP-WAIVER-");
    used.retain(apart);
    let listed: BTreeSet<String> = CODES.iter().map(|c| (*c).to_owned()).filter(apart).collect();
    assert_eq!(listed, used);
}

proptest! {
    #[test]
    fn days_read_back(n in -700_000i32..2_900_000) {
        let text = Day(n).to_string();
        prop_assert_eq!(Day::parse(&text), Some(Day(n)), "{}", text);
    }
}
