//! Findings in SARIF: every rule is told, results point at their rules, places and fixes are where the text is.

use std::collections::BTreeSet;

use expect_test::expect;
use ravelin::{
    base::{Diagnostic, Severity, Sources, Span},
    network::{Day, Edit, Finding, Origin, Proposal, Report, Waived, Way, settings::CODES},
    render::{
        ip_edit::{patches, unified},
        sarif,
        sarif_rules::RULES,
    },
};
use serde_json::json;

const TEXT: &str = "resource \"azurerm_subnet\" \"a\" {\n  # é\n  address_prefixes = [\"10.0.0.0/28\", \"10.0.1.0/28\"]\n}\n\nvariable \"pods\" {\n  default = \"10.244.0.0/20\"\n}\n";

fn sources() -> (Sources, ravelin::base::FileId) {
    let mut sources = Sources::seen_from("/work/net");
    let file = sources.add("/work/net/my stack/main.tf", TEXT);
    (sources, file)
}

fn at(file: ravelin::base::FileId, part: &str) -> Span {
    let start = TEXT.find(part).unwrap();
    Span::new(file, start, start + part.len())
}

fn edit(origin: Origin, attribute: &'static str, old: &[&str], new: &[&str], list: bool) -> Edit {
    let own = |v: &[&str]| v.iter().map(|s| (*s).to_owned()).collect();
    Edit { origin, attribute, old: own(old), new: own(new), list }
}

#[test]
fn every_code_has_a_rule_and_every_rule_a_code() {
    // Findings about waivers cannot be waived, so they are not among the codes that a waiver may name.
    let codes: BTreeSet<&str> = CODES.iter().copied().chain(["IP-WAIVER-EXPIRED", "IP-WAIVER-UNUSED"]).collect();
    let rules: Vec<&str> = RULES.iter().map(|r| r.code).collect();
    assert_eq!(codes, rules.iter().copied().collect());
    assert!(rules.is_sorted(), "in order of their codes: {rules:?}");
    for rule in RULES {
        for text in [rule.short, rule.why, rule.help] {
            assert!(text.ends_with('.') && text.chars().next().is_some_and(char::is_uppercase), "{}: {text}", rule.code);
        }
    }
}

#[test]
fn a_log() {
    let (sources, file) = sources();
    let subnet = Origin::new("azurerm_subnet.a", Some(at(file, "resource \"azurerm_subnet\" \"a\"")));
    let prefix = Origin::new("azurerm_subnet.a", Some(at(file, "\"10.0.0.0/28\"")));
    let change = edit(subnet.clone(), "address_prefixes", &["10.0.0.0/28"], &["10.0.0.0/27"], true);
    let mut small = Finding::new("IP-NODE-CAPACITY", Severity::Error, "Subnet is too small for its nodes", "It needs 14.", &prefix);
    small.proposal = Some(Proposal { len: 27, place: "10.0.0.0/27".parse().ok(), pool: None, edits: vec![change] });
    let mut waived = Finding::new("IP-OVERLAP", Severity::Warning, "Address ranges overlap", "They do.", &Origin::new("/subscriptions/s", None));
    waived.waived = Some(Waived { reason: "for now".into(), expires: Day::parse("2027-01-31").unwrap(), origin: subnet });
    let report = Report { findings: vec![small, waived], ..Report::default() };
    let other = Diagnostic::warning("deprecated", "Argument is deprecated", "Use the other one.").hint("Write it so.");
    let log = sarif(Some(&report), [&other], &sources, "1.2.3");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"]["ravelinFinding/v1"].as_str().unwrap().len(), 16);
    }
    assert_eq!(rules.len(), 3);
    expect![[r#"
        {
          "fixes": [
            {
              "artifactChanges": [
                {
                  "artifactLocation": {
                    "uri": "my%20stack/main.tf",
                    "uriBaseId": "SRCROOT"
                  },
                  "replacements": [
                    {
                      "deletedRegion": {
                        "endColumn": 36,
                        "endLine": 3,
                        "startColumn": 23,
                        "startLine": 3
                      },
                      "insertedContent": {
                        "text": "\"10.0.0.0/27\""
                      }
                    }
                  ]
                }
              ],
              "description": {
                "text": "The smallest range that would do is a /27: 10.0.0.0/27 is free. address_prefixes = [\"10.0.0.0/27\"]"
              }
            }
          ],
          "locations": [
            {
              "logicalLocations": [
                {
                  "fullyQualifiedName": "azurerm_subnet.a",
                  "kind": "resource"
                }
              ],
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "my%20stack/main.tf",
                  "uriBaseId": "SRCROOT"
                },
                "region": {
                  "endColumn": 36,
                  "endLine": 3,
                  "startColumn": 23,
                  "startLine": 3
                }
              }
            }
          ],
          "other": {
            "text": "Argument is deprecated\n\nUse the other one.\n\nWrite it so."
          },
          "suppressions": [
            {
              "justification": "for now (until 2027-01-31)",
              "kind": "inSource",
              "location": {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "my%20stack/main.tf",
                    "uriBaseId": "SRCROOT"
                  },
                  "region": {
                    "endColumn": 30,
                    "endLine": 1,
                    "startColumn": 1,
                    "startLine": 1
                  }
                }
              },
              "status": "accepted"
            }
          ]
        }"#]].assert_eq(&format!("{:#}", json!({ "locations": run["results"][0]["locations"], "fixes": run["results"][0]["fixes"], "suppressions": run["results"][1]["suppressions"], "other": run["results"][2]["message"] })));
}

#[test]
fn edits_find_their_place() {
    let (sources, file) = sources();
    let block = Origin::new("azurerm_subnet.a", Some(at(file, "resource \"azurerm_subnet\" \"a\"")));
    let value = Origin::new("azurerm_subnet.a", Some(at(file, "[\"10.0.0.0/28\", \"10.0.1.0/28\"]")));
    let nowhere = Origin::new("azurerm_kubernetes_cluster.a", None);
    let cases = [
        ("a value in its block", edit(block.clone(), "address_prefixes", &["10.0.0.0/28", "10.0.1.0/28"], &["10.0.0.0/28", "10.0.2.0/27"], true)),
        ("a prefix added", edit(value.clone(), "address_prefixes", &["10.0.0.0/28", "10.0.1.0/28"], &["10.0.0.0/28", "10.0.1.0/28", "10.0.3.0/24"], true)),
        ("the default of a variable", edit(nowhere.clone(), "network_profile.pod_cidr", &["10.244.0.0/20"], &["10.244.0.0/16"], false)),
        ("a value that is computed", edit(nowhere, "network_profile.pod_cidr", &["10.250.0.0/20"], &["10.250.0.0/16"], false)),
        ("a number that could be anything", edit(block, "max_pods", &["28"], &["20"], false)),
    ];
    let mut shown = String::new();
    for (what, edit) in &cases {
        let found = patches(edit, &sources).map_or_else(|| "no place\n".to_owned(), |p| unified(&p, &sources));
        // Blank lines of the context have a blank in front.
        shown.push_str(&format!("{what}:\n{}", found.replace("\n \n", "\n\n")));
    }
    expect![[r#"
        a value in its block:
        --- my stack/main.tf
        +++ my stack/main.tf
        @@ -1,5 +1,5 @@
         resource "azurerm_subnet" "a" {
           # é
        -  address_prefixes = ["10.0.0.0/28", "10.0.1.0/28"]
        +  address_prefixes = ["10.0.0.0/28", "10.0.2.0/27"]
         }
 
        a prefix added:
        --- my stack/main.tf
        +++ my stack/main.tf
        @@ -1,5 +1,5 @@
         resource "azurerm_subnet" "a" {
           # é
        -  address_prefixes = ["10.0.0.0/28", "10.0.1.0/28"]
        +  address_prefixes = ["10.0.0.0/28", "10.0.1.0/28", "10.0.3.0/24"]
         }
 
        the default of a variable:
        --- my stack/main.tf
        +++ my stack/main.tf
        @@ -5,4 +5,4 @@
 
         variable "pods" {
        -  default = "10.244.0.0/20"
        +  default = "10.244.0.0/16"
         }
        a value that is computed:
        no place
        a number that could be anything:
        no place
    "#]]
    .assert_eq(&shown);
}

#[test]
fn ways_out_with_a_place_are_fixes() {
    let (sources, file) = sources();
    let origin = Origin::new("azurerm_subnet.a", Some(at(file, "\"10.0.0.0/28\"")));
    let change = edit(origin.clone(), "address_prefixes", &["10.0.0.0/28"], &["10.0.0.0/26"], true);
    let way = |code, edits| Way { code, what: "do it".into(), cost: "nothing".into(), edits };
    let mut finding = Finding::new("IP-UPGRADE-HEADROOM", Severity::Error, "Subnet leaves no room for an upgrade", "It does not.", &origin);
    finding.ways = vec![way("second-prefix", vec![change]), way("overlay", Vec::new())];
    let log = sarif(Some(&Report { findings: vec![finding], ..Report::default() }), [], &sources, "1.2.3");
    assert_eq!(log["runs"][0]["results"][0]["fixes"].as_array().unwrap().len(), 1);
}
