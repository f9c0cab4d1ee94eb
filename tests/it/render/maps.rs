//! Maps of address plans: small ones as they are, and laws for any: well-formed, everything on them, nothing over another.

use std::collections::BTreeSet;

use expect_test::expect;
use proptest::prelude::*;
use ravelin::{
    base::{Prefix, ResourceId},
    network::{Cidr, Model, Origin, Range, RangeKind, Subnet, Vnet, check},
    render::{Style, View, ip_rows::rows, map_svg, map_text},
};

use crate::network::text;

fn svg(model: &Model, planned: &BTreeSet<String>) -> String {
    let report = check(model);
    map_svg(&View::of(model, &report, planned), "Map")
}

fn in_terminal(model: &Model, width: usize, ascii: bool) -> String {
    let report = check(model);
    map_text(&View::of(model, &report, &BTreeSet::new()), "Map", &Style { color: false, width }, ascii)
}

/// The drawing without its style sheet.
fn body(svg: &str) -> String {
    let (head, rest) = svg.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</defs>\n").unwrap();
    format!("{head}{body}")
}

#[test]
fn a_small_drawing() {
    let model = text::model(
        "
        vnet hub 10.0.0.0/26
        subnet a<b 10.0.0.0/27
        reserved later 10.0.0.32/28
        ",
    );
    let drawn = svg(&model, &BTreeSet::from(["subnet.a<b".to_owned()]));
    expect![[r#"
        <svg xmlns="http://www.w3.org/2000/svg" width="1240" height="432" viewBox="0 0 1240 432" role="img" aria-labelledby="map-title map-desc">
        <title id="map-title">Map</title>
        <desc id="map-desc">1 VNet, 1 subnet: everything that is known fits</desc>
        <rect class="ground" width="1240" height="432" rx="10"/>
        <text class="h1" x="32" y="52">Map</text>
        <text class="quiet" x="32" y="74">1 VNet, 1 subnet: everything that is known fits</text>
        <rect class="empty" x="32" y="90" width="22" height="12" rx="2"/>
        <text class="quiet" x="60" y="100">nothing in it</text>
        <rect class="empty planned" x="166.48" y="90" width="22" height="12" rx="2"/>
        <text class="quiet" x="194.48" y="100">+ planned</text>
        <rect class="reserved" x="273.12" y="90" width="22" height="12" rx="2"/>
        <text class="quiet" x="301.12" y="100">reserved</text>
        <rect class="free" x="372.8" y="90" width="22" height="12" rx="2"/>
        <text class="quiet" x="400.8" y="100">free</text>
        <rect class="track" x="444.64" y="93" width="24" height="5" rx="2.5"/>
        <rect class="now" x="444.64" y="93" width="16" height="5" rx="2.5"/>
        <text class="quiet" x="474.64" y="100">used now</text>
        <rect class="track" x="544.32" y="93" width="24" height="5" rx="2.5"/>
        <rect class="later" x="544.32" y="93" width="16" height="5" rx="2.5"/>
        <text class="quiet" x="574.32" y="100">used at the peak</text>
        <rect class="card" x="32" y="122" width="1176" height="178" rx="8"/>
        <text class="h2" x="52" y="156">hub</text>
        <text class="mono" x="1188" y="156" text-anchor="end">10.0.0.0/26 · 64 addresses</text>
        <text class="mono quiet" x="52" y="174">vnet.hub</text>
        <text class="quiet" x="1188" y="174" text-anchor="end">25% free; largest free block 10.0.0.48/28</text>
        <text class="mono quiet" x="52" y="213">10.0.0.0/26</text>
        <g><title>a&lt;b 10.0.0.0/27: 0 now, 0 at maximum, 0 at peak of 27 usable; empty</title>
        <rect class="empty planned" x="189" y="189.5" width="498" height="39" rx="3"/>
        <text class="h3" x="194" y="204.5">+ a&lt;b</text>
        <text class="mono" x="194" y="218.5">10.0.0.0/27</text>
        </g>
        <g><title>reserved: later (16 addresses)</title>
        <rect class="reserved" x="689" y="189.5" width="248" height="39" rx="3"/>
        <text class="h3" x="694" y="204.5">reserved: later</text>
        <text class="mono" x="694" y="218.5">10.0.0.32/28</text>
        </g>
        <g><title>free: 10.0.0.48 to 10.0.0.63, 16 addresses</title>
        <rect class="free" x="939" y="189.5" width="248" height="39" rx="3"/>
        <text class="tiny quiet" x="945" y="212.5">16 free</text>
        </g>
        <text class="head" x="52" y="256">#</text>
        <text class="head" x="80" y="256">SUBNET</text>
        <text class="head" x="362" y="256">RANGE</text>
        <text class="head" x="508" y="256">USE</text>
        <text class="head" x="988" y="256">STANDS</text>
        <text class="head" x="682" y="256" text-anchor="end">NOW</text>
        <text class="head" x="762" y="256" text-anchor="end">AUTOSCALED</text>
        <text class="head" x="822" y="256" text-anchor="end">PEAK</text>
        <text class="head" x="898" y="256" text-anchor="end">USABLE</text>
        <text class="head" x="966" y="256" text-anchor="end">LEFT</text>
        <line class="rule" x1="52" y1="262" x2="1188" y2="262"/>
        <g><title>a&lt;b 10.0.0.0/27: empty</title>
        <rect class="empty planned" x="52" y="266" width="20" height="14" rx="2"/>
        <text class="tiny" x="62" y="276.5" text-anchor="middle">1</text>
        <text class="h3" x="80" y="277">+ a&lt;b</text>
        <text class="mono" x="362" y="277">10.0.0.0/27</text>
        <rect class="track" x="508" y="270" width="118" height="6" rx="3"/>
        <text class="mono" x="682" y="277" text-anchor="end">0</text>
        <text class="mono" x="762" y="277" text-anchor="end">0</text>
        <text class="mono" x="822" y="277" text-anchor="end">0</text>
        <text class="mono" x="898" y="277" text-anchor="end">27</text>
        <text class="mono" x="966" y="277" text-anchor="end">27</text>
        <text class="quiet" x="988" y="277">· empty</text>
        </g>
        <rect class="card" x="32" y="316" width="1176" height="84" rx="8"/>
        <text class="h2" x="52" y="350">Ranges outside Azure, and pools</text>
        <line class="rule" x1="52" y1="362" x2="1188" y2="362"/>
        <rect class="reserved" x="52" y="366" width="20" height="14" rx="2"/>
        <text class="h3" x="80" y="377">later</text>
        <text class="mono" x="362" y="377">10.0.0.32/28</text>
        <text class="quiet" x="618" y="377">reserved</text>
        </svg>
    "#]]
    .assert_eq(&body(&drawn));
    assert_eq!(drawn, svg(&model, &BTreeSet::from(["subnet.a<b".to_owned()])), "same model, same bytes");
}

const LANDING_ZONE: &str = "
    vnet hub 10.0.0.0/24
    subnet GatewaySubnet 10.0.0.0/27
    vnet spoke 10.1.0.0/20
    peer hub
    subnet snet-nodes-prod 10.1.0.0/26
    subnet snet-pods-prod 10.1.4.0/22
    subnet snet-late-prod ?var.late
    subnet snet-far-prod 10.2.0.0/24
    subnet snet-over-prod 10.1.0.32/28
    cluster aks azure service=172.16.0.0/16 dns=172.16.0.10
    pool system count=3 max=30 pods=50 in=spoke/snet-nodes-prod pods-in=spoke/snet-pods-prod
    cluster aks-b overlay pods=10.244.0.0/22
    pool system count=3 in=spoke/snet-nodes-prod
    on-premises branch 10.200.0.0/16
    reserved later 10.1.8.0/22
    addresses spokes 10.0.0.0/12
";

#[test]
fn a_landing_zone_in_the_terminal() {
    expect![[r#"
        Map

        All ranges
          10.0.0.0/19         │a█··················································│
          10.0.32.0 (×7)      │····················································│
          10.1.0.0/19         │b█████████████████████████··························│
          10.1.32.0 (×1,591)  │····················································│
          10.200.0.0 (×8)     │c███████████████████████████████████████████████████│
          10.201.0.0 (×344)   │····················································│
          10.244.0.0/19       │d██████·············································│
          10.244.32.0 (×95)   │····················································│
          172.16.0.0/16       │e███████████████████████████████████████████████████│
          a  10.0.0.0/24    hub
          b  10.1.0.0/20    spoke
          c  10.200.0.0/16  on premises: branch
          d  10.244.0.0/22  pods of aks-b
          e  172.16.0.0/16  services of aks

        hub  10.0.0.0/24  256 addresses, 88% free, largest free block 10.0.0.128/25
        vnet.hub
          10.0.0.0/24         │a░░░░░░·············································│
          a  GatewaySubnet  10.0.0.0/27  0 of 27  · empty

        spoke  10.1.0.0/20  4,096 addresses, 48% free, largest free block 10.1.12.0/22
        vnet.spoke; peered with hub
          10.1.0.0/23         │a▒▒▒▒░░·············································│
                              │   b░                                               │  overlaps
          10.1.2.0/23         │····················································│
          10.1.4.0 (×2)       │c███████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│
          10.1.8.0 (×2)       │╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱│
          10.1.12.0 (×2)      │····················································│
          a  snet-nodes-prod  10.1.0.0/26           6..37 of 59  ✗ overlaps
             survives 20 more nodes; the next upgrade needs 4, 26 are free
          b  snet-over-prod   10.1.0.32/28              0 of 11  ✗ overlaps
          c  snet-pods-prod   10.1.4.0/22
             150..1,650 of 1,019  ✗ too small when scaled out
             short of 481 addresses at the autoscaler's maximum; the next upgrade needs 150, 0 are free
          d  snet-far-prod    10.2.0.0/24              0 of 251  ✗ outside its VNet
          e  snet-late-prod   ? var.late                         ? not fully known

        Other ranges
          services of aks      172.16.0.0/16
          pods of aks-b        10.244.0.0/22  3..4 of 4 nodes  ✓ fits
          on premises: branch  10.200.0.0/16
          reserved: later      10.1.8.0/22
          pool spokes          10.0.0.0/12    1,044,224 free; the largest free block is 10.8.0.0/13

        Not known yet
          subnet.snet-late-prod: a subnet's prefix is not known before var.late is

        █ used now  ▒ at the peak  ░ not used  ╱ reserved  · in no subnet  + planned
    "#]]
    .assert_eq(&in_terminal(&text::model(LANDING_ZONE), 78, false));
    expect![[r#"
        Map

        All ranges
          10.0.0.0/19         |a.................|
          10.0.32.0 (x7)      |..................|
          10.1.0.0/19         |b########.........|
          10.1.32.0 (x1,591)  |..................|
          10.200.0.0 (x8)     |c#################|
          10.201.0.0 (x344)   |..................|
          10.244.0.0/19       |d##...............|
          10.244.32.0 (x95)   |..................|
          172.16.0.0/16       |e#################|
          a  10.0.0.0/24    hub
          b  10.1.0.0/20    spoke
          c  10.200.0.0/16  on premises: branch
          d  10.244.0.0/22  pods of aks-b
          e  172.16.0.0/16  services of aks

        hub  10.0.0.0/24  256 addresses, 88% free, largest free block 10.0.0.128/25
        vnet.hub
          10.0.0.0/24         |a--...............|
          a  GatewaySubnet  10.0.0.0/27
             0 of 27  . empty

        spoke  10.1.0.0/20  4,096 addresses, 48% free, largest free block 10.1.12.0/22
        vnet.spoke; peered with hub
          10.1.0.0/23         |a=-...............|
                              | b                |  overlaps
          10.1.2.0/23         |..................|
          10.1.4.0 (x2)       |c##===============|
          10.1.8.0 (x2)       |//////////////////|
          10.1.12.0 (x2)      |..................|
          a  snet-nodes-prod  10.1.0.0/26
             6..37 of 59  x overlaps
             survives 20 more nodes; the next upgrade needs 4, 26 are free
          b  snet-over-prod   10.1.0.32/28
             0 of 11  x overlaps
          c  snet-pods-prod   10.1.4.0/22
             150..1,650 of 1,019  x too small when scaled out
             short of 481 addresses at the autoscaler's maximum; the next upgrade needs 150, 0 are free
          d  snet-far-prod    10.2.0.0/24
             0 of 251  x outside its VNet
          e  snet-late-prod   ? var.late
               ? not fully known

        Other ranges
          services of aks      172.16.0.0/16
          pods of aks-b        10.244.0.0/22  3..4 of 4 nodes  + fits
          on premises: branch  10.200.0.0/16
          reserved: later      10.1.8.0/22
          pool spokes          10.0.0.0/12    1,044,224 free; the largest free block is 10.8.0.0/13

        Not known yet
          subnet.snet-late-prod: a subnet's prefix is not known before var.late is

        # used now  = at the peak  - not used  / reserved  . in no subnet  + planned
    "#]]
    .assert_eq(&in_terminal(&text::model(LANDING_ZONE), 44, true));
}

#[test]
fn plain_letters_are_ascii_and_rows_are_as_wide_as_the_terminal_allows() {
    let model = text::model(LANDING_ZONE);
    for width in [30, 44, 60, 78, 100, 120, 300] {
        let plain = in_terminal(&model, width, true);
        assert!(plain.is_ascii(), "{plain}");
        let rows: BTreeSet<usize> = plain.lines().filter(|l| l.ends_with('|')).map(|l| l.chars().count()).collect();
        assert_eq!(rows.len(), 1, "rows of one width: {rows:?}");
        assert!(rows.iter().all(|w| *w <= width.max(42)), "{width}: {rows:?}");
    }
}

#[test]
fn short_names_leave_out_what_all_have() {
    let model = text::model(LANDING_ZONE);
    let report = check(&model);
    let view = View::of(&model, &report, &BTreeSet::new());
    let spoke = &view.vnets[1];
    let names: Vec<&str> = spoke.subnets.iter().map(|s| spoke.short(s)).collect();
    assert_eq!(names, ["nodes", "over", "pods", "far", "late"]);
}

// Laws.

/// What is wrong with the XML, if anything: tags that do not match, or letters that must be written otherwise.
fn malformed(xml: &str) -> Option<String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        bad_text(&rest[..at])?;
        let end = match rest[at..].find('>') {
            Some(end) => at + end,
            None => return Some("a tag without an end".into()),
        };
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Some(format!("</{name}> closes nothing"));
            }
            continue;
        }
        if !tag.matches('"').count().is_multiple_of(2) || tag.contains('<') {
            return Some(format!("<{tag}>"));
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if !tag.ends_with('/') {
            open.push(name.to_owned());
        }
    }
    if open.is_empty() && rest.trim().is_empty() { None } else { Some(format!("{open:?} is not closed")) }
}

/// Nothing when the text is fine; the law above then goes on. Entities are the five that XML knows.
fn bad_text(text: &str) -> Option<()> {
    let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
    let fine = text.match_indices('&').all(|(i, _)| entities.iter().any(|e| text[i..].starts_with(e)));
    let known = text.chars().all(|c| c == '\n' || (c as u32 >= 0x20 && !matches!(c, '\u{fffe}' | '\u{ffff}')));
    assert!(fine && known, "{text:?}");
    Some(())
}

/// The boxes of strips: x, y, width and height of rectangles higher than any swatch or bar.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let value = |line: &str, name: &str| -> f64 { line.split_once(&format!(" {name}=\"")).unwrap().1.split('"').next().unwrap().parse().unwrap() };
    svg.lines()
        .filter(|l| l.starts_with("<rect class=\"") && !l.contains("\"card\"") && !l.contains("\"ground\""))
        .map(|l| [value(l, "x"), value(l, "y"), value(l, "width"), value(l, "height")])
        .filter(|b| b[3] > 15.0)
        .collect()
}

/// A VNet of any subnets with any names; some overlap, some lie outside.
fn any_model() -> impl Strategy<Value = Model> {
    let name = "[\\PC<>&\"'\u{0}-\u{1f}]{1,40}";
    let subnet = (name, 0u32..70_000, 20u8..30);
    let vnet = (name, prop::collection::vec(subnet, 0..24), 16u8..22);
    (prop::collection::vec(vnet, 1..4), name, any::<bool>()).prop_map(|(vnets, range, v6)| {
        let mut model = Model::default();
        for (i, (name, subnets, len)) in vnets.into_iter().enumerate() {
            let id = ResourceId::group_scope("s", "g").provider("Microsoft.Network", "virtualNetworks", &format!("v{i}"));
            let around = |address: u32, len: u8| Prefix::around(std::net::Ipv4Addr::from(0x0a00_0000 + address).into(), len).unwrap();
            let mut vnet = Vnet { name, ..Vnet::new(id.clone(), Origin::new(format!("vnet{i}"), None)) };
            vnet.spaces.push(Cidr::of(around((i as u32) << 16, len), None));
            if v6 {
                vnet.spaces.push(Cidr::parse("fd00:db8::/56", None));
            }
            for (n, (name, address, len)) in subnets.into_iter().enumerate() {
                let prefix = Cidr::of(around(((i as u32) << 16) + address, len), None);
                let mut subnet = Subnet::new(id.child("subnets", &format!("s{n}")), Origin::new(format!("subnet{i}.{n}"), None), vec![prefix]);
                subnet.name = name;
                subnet.used_by_others = u64::from(address) % 300;
                vnet.subnets.push(subnet);
            }
            model.vnets.push(vnet);
        }
        let cidr = Cidr::parse("10.0.128.0/20", None);
        model.ranges.push(Range { name: range, origin: Origin::new("range", None), cidr, kind: RangeKind::Reserved });
        model
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_map_is_well_formed_shows_every_subnet_and_no_box_lies_over_another(model in any_model()) {
        let drawn = svg(&model, &BTreeSet::new());
        prop_assert_eq!(malformed(&drawn), None);
        for subnet in model.vnets.iter().flat_map(|v| &v.subnets) {
            let name = ravelin::render::svg::escape(&subnet.name);
            prop_assert!(drawn.contains(&format!("<title>{name} ")), "{} is not on the map", name);
        }
        let boxes = boxes(&drawn);
        for (i, a) in boxes.iter().enumerate() {
            for b in boxes.iter().skip(i + 1) {
                let apart = |x: usize| a[x] + a[x + 2] <= b[x] + 0.011 || b[x] + b[x + 2] <= a[x] + 0.011;
                prop_assert!(apart(0) || apart(1), "{:?} and {:?}", a, b);
            }
        }
        prop_assert!(boxes.iter().all(|b| b[0] >= 0.0 && b[0] + b[2] <= 1240.0 && b[2] >= 0.0));
    }

    #[test]
    fn rows_hold_every_address_of_a_space_once(model in any_model(), most in 1usize..20, fine in 0u8..8) {
        let report = check(&model);
        let view = View::of(&model, &report, &BTreeSet::new());
        for space in view.vnets.iter().flat_map(|v| &v.spaces) {
            let cut = rows(space, most, fine);
            let mut next = space.prefix.base;
            for row in &cut.rows {
                prop_assert_eq!(row.first, next);
                let mut inside = row.first;
                for part in &row.lanes[0] {
                    prop_assert_eq!(part.first, inside);
                    inside = part.last.wrapping_add(1);
                }
                prop_assert_eq!(inside, row.last.wrapping_add(1));
                for part in row.lanes.iter().skip(1).flatten() {
                    prop_assert!(part.first >= row.first && part.last <= row.last);
                }
                next = row.last.wrapping_add(1);
            }
            prop_assert_eq!(next, space.prefix.last_bits().wrapping_add(1));
        }
    }
}
