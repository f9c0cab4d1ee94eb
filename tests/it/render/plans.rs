//! Plans in words and JSON.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use ravelin::{
    base::{
        Address, Mode, PathStep, Shape, Sources, Span, Type, Value,
        shape::{Attr, Nested, Nesting},
    },
    plan::data::{Action, Because, Cause, Change, CheckResult, CheckStatus, OutputChange, Plan, PlanMode},
    render::{Style, Surroundings, Telling, align, next_steps_text, plan_json, plan_text},
};
use serde_json::{Value as J, json};

use super::recorded;

fn no_shape(_: Mode, _: &str) -> Option<&'static Shape> {
    None
}

fn tell(plan: &Plan) -> String {
    plan_text(plan, &Telling { shapes: &no_shape, sources: &Sources::default(), style: &Style::plain(), errored: false })
}

/// The entries of each resource must be what Terraform printed, and the changes in JSON what it wrote.
fn check_recorded(plan: &str, text: &str) {
    let json: J = serde_json::from_str(plan).unwrap();
    let shapes = recorded::shapes(&json["schema"]);
    let plan = recorded::plan(&json, shapes);
    let find = |mode: Mode, kind: &str| shapes.get(&(mode, kind.to_owned()));
    let ours = plan_text(&plan, &Telling { shapes: &find, sources: &Sources::default(), style: &Style::plain(), errored: false });
    let ours = ours.replace("managed by Ravelin", "managed by Terraform");
    let (_, ours) = ours.split_once("following actions:\n\n").unwrap();
    let (ours, _) = ours.split_once("\n\nPlan: ").unwrap();
    for (ours, theirs) in entries(ours).iter().zip(entries(text.trim_end())) {
        assert!(*ours == theirs, "ours:\n{ours}\nTerraform's:\n{theirs}");
    }
    assert_eq!(entries(ours).len(), entries(text).len());

    let ours = plan_json(&plan, &Surroundings { shapes: &find, state: None, blueprint: None, sources: &Sources::default(), errored: false });
    for (ours, theirs) in ours["resource_changes"].as_array().unwrap().iter().zip(json["resource_changes"].as_array().unwrap()) {
        assert_eq!(recorded::comparable(ours), recorded::comparable(theirs));
    }
    for (name, theirs) in json["output_changes"].as_object().into_iter().flatten() {
        assert_eq!(&ours["output_changes"][name], theirs, "{name}");
    }
    if let Some(resources) = json["planned_values"]["root_module"]["resources"].as_array() {
        let theirs: Vec<J> = resources.iter().map(recorded::comparable).collect();
        let ours: Vec<J> = ours["planned_values"]["root_module"]["resources"].as_array().unwrap().iter().map(recorded::comparable).collect();
        assert_eq!(ours, theirs);
    }
}

/// The text cut before each comment that begins an entry.
fn entries(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = text
        .match_indices("\n\n")
        .map(|(i, _)| i + 2)
        .filter(|i| text[*i..].trim_start_matches(' ').starts_with("# ") && !text[*i..].starts_with("   "))
        .collect();
    starts.insert(0, 0);
    starts.push(text.len());
    starts.windows(2).map(|w| text[w[0]..w[1]].trim_end()).collect()
}

#[test]
fn values_as_terraform() {
    check_recorded(include_str!("recorded/values-created.json"), include_str!("recorded/values-created.txt"));
    check_recorded(include_str!("recorded/values-changed.json"), include_str!("recorded/values-changed.txt"));
}

#[test]
fn moves_imports_and_removals_as_terraform() {
    check_recorded(include_str!("recorded/moves.json"), include_str!("recorded/moves.txt"));
}

#[test]
fn blocks_as_terraform() {
    check_recorded(include_str!("recorded/blocks-created.json"), include_str!("recorded/blocks-created.txt"));
    check_recorded(include_str!("recorded/blocks.json"), include_str!("recorded/blocks.txt"));
    check_recorded(include_str!("recorded/blocks-deleted.json"), include_str!("recorded/blocks-deleted.txt"));
}

/// A change of a resource, from and to the given attributes.
fn change(address: &str, action: Action, before: Option<Value>, after: Option<Value>) -> Change {
    Change {
        address: address.parse::<Address>().unwrap(),
        previous: None,
        deposed: None,
        action,
        reason: None,
        before,
        after,
        replace_paths: Vec::new(),
        importing: None,
        id: None,
        provider: "registry.terraform.io/hashicorp/azurerm".into(),
        schema_version: 0,
        declared: None,
        because: Vec::new(),
    }
}

fn object(attrs: &[(&str, Value)]) -> Option<Value> {
    Some(Value::object_of(attrs.iter().map(|(k, v)| (*k, v.clone()))))
}

fn s(text: &str) -> Value {
    Value::string(text)
}

/// A shape with a prefix, a secret and nested rules.
fn subnet_shape() -> &'static Shape {
    let mut shape = Shape::default();
    for name in ["id", "name", "address_prefix"] {
        shape.attrs.insert(name.into(), Attr::of(Type::String));
    }
    shape.attrs.insert("key".into(), Attr { sensitive: true, ..Attr::of(Type::String) });
    let mut rule = Shape::default();
    rule.attrs.insert("name".into(), Attr::of(Type::String));
    rule.attrs.insert("port".into(), Attr::of(Type::Number));
    let nested = Nested { nesting: Nesting::List, shape: rule, min: 0, max: None, computed: false, optional: true, force_new: false, as_attribute: false };
    shape.blocks.insert("rule".into(), nested);
    Box::leak(Box::new(shape))
}

fn rules(shape: &Shape, rules: &[(&str, i64)]) -> Value {
    let rule = |(name, port): &(&str, i64)| Value::object_of([("name", s(name)), ("port", Value::number(*port))]);
    Value::list(shape.blocks["rule"].shape.ty(), rules.iter().map(rule).collect())
}

fn check_shaped(change: Change, sources: &Sources, style: Style, expect: Expect) {
    let shape = subnet_shape();
    let find = move |_: Mode, kind: &str| (kind == "azurerm_subnet").then_some(shape);
    let plan = Plan { changes: vec![change], requests: 12, ..Plan::default() };
    expect.assert_eq(&plan_text(&plan, &Telling { shapes: &find, sources, style: &style, errored: false }));
}

#[test]
fn a_replacement_names_the_lines_that_caused_it() {
    let mut sources = Sources::default();
    let module = sources.add("modules/spoke/main.tf", "resource \"azurerm_subnet\" \"a\" {\n  address_prefix   =   var.node_prefix\n  key = var.key\n}\n");
    let root = sources.add("main.tf", "module \"spoke\" {\n  node_prefix = \"10.1.1.0/24\"\n  key = \"hunter2\"\n}\n");
    let shape = subnet_shape();
    let value = |prefix: &str, key: &str, ports: &[(&str, i64)]| {
        object(&[("id", s("/x")), ("name", s("a")), ("address_prefix", s(prefix)), ("key", s(key)), ("rule", rules(shape, ports))])
    };
    let mut c = change(
        "module.spoke.azurerm_subnet.a",
        Action::Replace,
        value("10.1.0.0/24", "hunter1", &[("web", 80), ("ssh", 22)]),
        value("10.1.1.0/24", "hunter2", &[("web", 443), ("ssh", 22)]),
    );
    let name = |n: &str| vec![PathStep::Name(n.into())];
    c.replace_paths = vec![(name("address_prefix"), "Azure does not move a subnet that is in use.".into())];
    c.because = vec![
        Because { path: name("address_prefix"), cause: Cause::Configuration, places: vec![Span::new(module, 33, 69), Span::new(root, 18, 45)] },
        Because { path: name("key"), cause: Cause::Configuration, places: vec![Span::new(module, 72, 85), Span::new(root, 48, 63)] },
        Because { path: name("rule"), cause: Cause::Drift, places: vec![] },
        Because { path: name("id"), cause: Cause::Pending("azurerm_virtual_network.v".parse().unwrap()), places: vec![] },
    ];
    check_shaped(
        c,
        &sources,
        Style::plain(),
        expect![[r#"

        Ravelin used the selected providers to generate the following execution plan.
        Resource actions are indicated with the following symbols:
        -/+ destroy and then create replacement

        Ravelin will perform the following actions:

          # module.spoke.azurerm_subnet.a must be replaced
          #   replaced because of address_prefix: Azure does not move a subnet that is in use
          #   because modules/spoke/main.tf:2 address_prefix = var.node_prefix ← main.tf:2 node_prefix = "10.1.1.0/24"
          #   because modules/spoke/main.tf:3 key = (sensitive value) ← main.tf:3 key = (sensitive value)
          #   because rule was changed outside of Ravelin
          #   because id will be known after azurerm_virtual_network.v
        -/+ resource "azurerm_subnet" "a" {
              ~ address_prefix = "10.1.0.0/24" -> "10.1.1.0/24" # forces replacement
                id             = "/x"
              ~ key            = (sensitive value)
                name           = "a"

              ~ rule {
                    name = "web"
                  ~ port = 80 -> 443
                }

                # (1 unchanged block hidden)
            }

        Plan: 1 to add, 0 to change, 1 to destroy.

        ARM requests: 12
    "#]],
    );
}

#[test]
fn colours() {
    let c = change(
        "azurerm_subnet.a",
        Action::Update,
        object(&[("id", s("/x")), ("name", s("a")), ("address_prefix", s("b"))]),
        object(&[("id", s("/x")), ("name", s("a")), ("address_prefix", Value::null(Type::String))]),
    );
    check_shaped(
        c,
        &Sources::default(),
        Style { color: true, width: 100 },
        expect![[r#"

        Ravelin used the selected providers to generate the following execution plan. Resource actions are
        indicated with the following symbols:
          [33m~[0m update in-place

        Ravelin will perform the following actions:

        [1m  # azurerm_subnet.a[0m will be updated in-place
          [33m~[0m resource "azurerm_subnet" "a" {
              [31m-[0m address_prefix = "b" [90m-> null[0m
                id             = "/x"
                name           = "a"
            }

        [1mPlan:[0m 0 to add, 1 to change, 0 to destroy.

        ARM requests: 12
    "#]],
    );
}

#[test]
fn unknown_blocks_and_secrets_of_a_set() {
    let shape = subnet_shape();
    let c = change(
        "azurerm_subnet.a",
        Action::Update,
        object(&[("id", s("/x")), ("name", s("a")), ("rule", rules(shape, &[("web", 80)]))]),
        object(&[("id", s("/x")), ("name", s("a")), ("rule", Value::unknown(shape.blocks["rule"].ty()))]),
    );
    check_shaped(
        c,
        &Sources::default(),
        Style::plain(),
        expect![[r#"

        Ravelin used the selected providers to generate the following execution plan.
        Resource actions are indicated with the following symbols:
          ~ update in-place

        Ravelin will perform the following actions:

          # azurerm_subnet.a will be updated in-place
          ~ resource "azurerm_subnet" "a" {
                id   = "/x"
                name = "a"

              ~ rule (known after apply)
              - rule {
                  - name = "web" -> null
                  - port = 80 -> null
                }
            }

        Plan: 0 to add, 1 to change, 0 to destroy.

        ARM requests: 12
    "#]],
    );
    let c = change(
        "azurerm_subnet.a",
        Action::Update,
        object(&[("id", s("/x")), ("name", s("a")), ("rule", rules(shape, &[("web", 80)]))]),
        object(&[("id", s("/x")), ("name", s("a")), ("rule", rules(shape, &[("web", 81), ("ssh", 22)]).sensitive())]),
    );
    check_shaped(
        c,
        &Sources::default(),
        Style::plain(),
        expect![[r#"

        Ravelin used the selected providers to generate the following execution plan.
        Resource actions are indicated with the following symbols:
          ~ update in-place

        Ravelin will perform the following actions:

          # azurerm_subnet.a will be updated in-place
          ~ resource "azurerm_subnet" "a" {
                id   = "/x"
                name = "a"

              # Warning: this block will be marked as sensitive and will not
              # display in UI output after applying this change.
              ~ rule {
                  # At least one attribute in this block is (or was) sensitive,
                  # so its contents will not be displayed.
                }
              + rule {
                  # At least one attribute in this block is (or was) sensitive,
                  # so its contents will not be displayed.
                }
            }

        Plan: 0 to add, 1 to change, 0 to destroy.

        ARM requests: 12
    "#]],
    );
}

#[test]
fn nothing_to_do() {
    let plan = Plan { changes: vec![change("azurerm_subnet.a", Action::NoOp, object(&[]), object(&[]))], requests: 3, ..Plan::default() };
    expect![[r#"

        No changes. Your infrastructure matches the configuration.

        Ravelin has compared your real infrastructure against your configuration and
        found no differences, so no changes are needed.

        ARM requests: 3
    "#]]
    .assert_eq(&tell(&plan));
    expect![[r#"

        No changes. No objects need to be destroyed.

        Either you have not created any objects yet or the existing objects were
        already deleted outside of Ravelin.
    "#]]
    .assert_eq(&tell(&Plan { mode: PlanMode::Destroy, ..Plan::default() }));
    expect![[r#"

        No changes. Your infrastructure still matches the configuration.

        Ravelin has checked that the real remote objects still match the result of
        your most recent changes, and found no differences.
    "#]]
    .assert_eq(&tell(&Plan { mode: PlanMode::RefreshOnly, ..Plan::default() }));
}

#[test]
fn drift() {
    let drifted = change("azurerm_subnet.a", Action::Update, object(&[("id", s("/x")), ("tags", s("a"))]), object(&[("id", s("/x")), ("tags", s("b"))]));
    let gone = change("azurerm_subnet.b", Action::Delete, object(&[("id", s("/y"))]), None);
    let back = change("azurerm_subnet.a", Action::Update, object(&[("id", s("/x")), ("tags", s("b"))]), object(&[("id", s("/x")), ("tags", s("a"))]));
    let plan = Plan { drift: vec![drifted, gone], changes: vec![back], ..Plan::default() };
    expect![[r#"

        Note: Objects have changed outside of Ravelin

        Ravelin detected the following changes made outside of Ravelin since the last
        "ravelin apply" which may have affected this plan:

          # azurerm_subnet.a has changed
          ~ resource "azurerm_subnet" "a" {
                id   = "/x"
              ~ tags = "a" -> "b"
            }

          # azurerm_subnet.b has been deleted
          - resource "azurerm_subnet" "b" {
              - id = "/y" -> null
            }


        Unless you have made equivalent changes to your configuration, or ignored the
        relevant attributes using ignore_changes, the following plan may include
        actions to undo or respond to these changes.

        ─────────────────────────────────────────────────────────────────────────────


        Ravelin used the selected providers to generate the following execution plan.
        Resource actions are indicated with the following symbols:
          ~ update in-place

        Ravelin will perform the following actions:

          # azurerm_subnet.a will be updated in-place
          ~ resource "azurerm_subnet" "a" {
                id   = "/x"
              ~ tags = "b" -> "a"
            }

        Plan: 0 to add, 1 to change, 0 to destroy.
    "#]]
    .assert_eq(&tell(&plan));
    let refresh = Plan { mode: PlanMode::RefreshOnly, changes: Vec::new(), ..plan.clone() };
    expect![[r#"

        Note: Objects have changed outside of Ravelin

        Ravelin detected the following changes made outside of Ravelin since the last
        "ravelin apply" which may have affected this plan:

          # azurerm_subnet.a has changed
          ~ resource "azurerm_subnet" "a" {
                id   = "/x"
              ~ tags = "a" -> "b"
            }

          # azurerm_subnet.b has been deleted
          - resource "azurerm_subnet" "b" {
              - id = "/y" -> null
            }


        This is a refresh-only plan, so Ravelin will not take any actions to undo
        these. If you were expecting these changes then you can apply this plan to
        record the updated values in the Ravelin state without changing any remote
        objects.
    "#]]
    .assert_eq(&tell(&refresh));
    // Drift that changes nothing is not worth a page.
    assert_eq!(tell(&Plan { changes: Vec::new(), ..plan }), tell(&Plan::default()));
}

#[test]
fn outputs_only() {
    let mut plan = Plan::default();
    let change = |before: Option<Value>, after: Option<Value>, sensitive: bool| OutputChange { before, after, sensitive, declared_sensitive: sensitive };
    plan.outputs.insert("new".into(), change(None, Some(Value::unknown(Type::String)), false));
    plan.outputs.insert("old".into(), change(Some(s("x")), None, false));
    plan.outputs.insert("same".into(), change(Some(s("x")), Some(s("x")), false));
    plan.outputs.insert("secret".into(), change(Some(s("x")), Some(s("y")), true));
    expect![[r#"

        Changes to Outputs:
          + new    = (known after apply)
          - old    = "x" -> null
          ~ secret = (sensitive value)

        You can apply this plan to save these new output values to the Ravelin state,
        without changing any real infrastructure.
    "#]]
    .assert_eq(&tell(&plan));
    let json = plan_json(&plan, &Surroundings { shapes: &no_shape, state: None, blueprint: None, sources: &Sources::default(), errored: false });
    expect![[r#"
        {
          "applyable": true,
          "complete": true,
          "errored": false,
          "format_version": "1.2",
          "output_changes": {
            "new": {
              "actions": [
                "create"
              ],
              "after_sensitive": false,
              "after_unknown": true,
              "before": null,
              "before_sensitive": false
            },
            "old": {
              "actions": [
                "delete"
              ],
              "after": null,
              "after_sensitive": false,
              "after_unknown": false,
              "before": "x",
              "before_sensitive": false
            },
            "same": {
              "actions": [
                "no-op"
              ],
              "after": "x",
              "after_sensitive": false,
              "after_unknown": false,
              "before": "x",
              "before_sensitive": false
            },
            "secret": {
              "actions": [
                "update"
              ],
              "after": "y",
              "after_sensitive": true,
              "after_unknown": false,
              "before": "x",
              "before_sensitive": true
            }
          },
          "planned_values": {
            "outputs": {
              "new": {
                "sensitive": false
              },
              "same": {
                "sensitive": false,
                "type": "string",
                "value": "x"
              },
              "secret": {
                "sensitive": true,
                "type": "string",
                "value": "y"
              }
            },
            "root_module": {}
          },
          "terraform_version": "1.11.4",
          "timestamp": ""
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn after_the_plan() {
    expect![[r#"

        ─────────────────────────────────────────────────────────────────────────────

        Saved the plan to: my plan

        To perform exactly these actions, run the following command to apply:
            ravelin apply "my plan"
    "#]]
    .assert_eq(&next_steps_text(Some("my plan"), &Style::plain()));
    expect![[r#"

        ─────────────────────────────────────────────────────────────────────────────

        Note: You didn't use the -out option to save this plan, so Ravelin can't
        guarantee to take exactly these actions if you run "ravelin apply" now.
    "#]]
    .assert_eq(&next_steps_text(None, &Style::plain()));
}

#[test]
fn checks_in_json() {
    let result = |kind: &'static str, display: &str, status: CheckStatus, problems: &[&str]| CheckResult {
        kind: kind.to_owned(),
        display: display.into(),
        status,
        problems: problems.iter().map(|p| (*p).to_owned()).collect(),
        severity: ravelin::base::Severity::Error,
    };
    let checks = vec![
        result("check", "check.c", CheckStatus::Fail, &["nope"]),
        result("resource", "module.m[\"x\"].azurerm_subnet.a[0]", CheckStatus::Pass, &[]),
        result("resource", "module.m[\"x\"].azurerm_subnet.a[1]", CheckStatus::Unknown, &[]),
    ];
    let plan = Plan { checks, ..Plan::default() };
    let json = plan_json(&plan, &Surroundings { shapes: &no_shape, state: None, blueprint: None, sources: &Sources::default(), errored: true });
    assert_eq!(
        json["checks"][0],
        json!({
            "address": { "kind": "check", "name": "c", "to_display": "check.c" },
            "status": "fail",
            "instances": [{ "address": { "to_display": "check.c" }, "status": "fail", "problems": [{ "message": "nope" }] }],
        })
    );
    expect![[r#"
        {
          "address": {
            "kind": "resource",
            "mode": "managed",
            "module": "module.m",
            "name": "a",
            "to_display": "module.m.azurerm_subnet.a",
            "type": "azurerm_subnet"
          },
          "instances": [
            {
              "address": {
                "instance_key": 0,
                "module": "module.m[\"x\"]",
                "to_display": "module.m[\"x\"].azurerm_subnet.a[0]"
              },
              "status": "pass"
            },
            {
              "address": {
                "instance_key": 1,
                "module": "module.m[\"x\"]",
                "to_display": "module.m[\"x\"].azurerm_subnet.a[1]"
              },
              "status": "unknown"
            }
          ],
          "status": "unknown"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json["checks"][1]).unwrap());
    assert_eq!((json["errored"].clone(), json["applyable"].clone(), json["complete"].clone()), (json!(true), json!(false), json!(false)));
}

proptest! {
    /// Every element before stands in exactly one row, and so does every element after, both in order.
    #[test]
    fn alignment_keeps_everything(before in proptest::collection::vec(0u32..4, 0..12), after in proptest::collection::vec(0u32..4, 0..12)) {
        let rows = align::align(&before, &after, &|i, j| (i + j) % 2 == 0);
        let left: Vec<usize> = rows.iter().filter_map(|r| match r { align::Row::Both(i, _) | align::Row::Before(i) => Some(*i), _ => None }).collect();
        let right: Vec<usize> = rows.iter().filter_map(|r| match r { align::Row::Both(_, j) | align::Row::After(j) => Some(*j), _ => None }).collect();
        prop_assert_eq!(left, (0..before.len()).collect::<Vec<_>>());
        prop_assert_eq!(right, (0..after.len()).collect::<Vec<_>>());
    }

    /// Equal sequences show no change.
    #[test]
    fn equal_sequences_align(all in proptest::collection::vec(0u32..4, 0..12)) {
        let rows = align::align(&all, &all, &|_, _| false);
        prop_assert!(rows.iter().all(|r| matches!(r, align::Row::Both(i, j) if i == j)));
    }
}
