//! What a running command says, in words and as a stream of JSON.

use std::collections::BTreeMap;

use expect_test::expect;
use ravelin::{
    base::{Address, Diagnostic, Sources, Value},
    plan::data::Act,
    render::{Operation, OutputLine, Style, Summary, UiEvent, event_json, event_text, plan_events, words},
};
use serde_json::Value as J;

use super::recorded;

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn every_event() -> Vec<UiEvent> {
    let a = || address("module.m.azurerm_subnet.a[\"x\"]");
    let id = || Some(format!("/subscriptions/{}/x", "0".repeat(80)));
    let outputs = BTreeMap::from([
        ("a".to_owned(), OutputLine { sensitive: false, value: Value::number(1) }),
        ("b".to_owned(), OutputLine { sensitive: true, value: Value::string("x") }),
    ]);
    vec![
        UiEvent::Version("0.1.0".into()),
        UiEvent::Log("hello".into()),
        UiEvent::RefreshStart { address: a(), id: Some("/x".into()) },
        UiEvent::RefreshComplete { address: a(), id: Some("/x".into()) },
        UiEvent::ApplyStart { address: a(), act: Act::Create, id: None },
        UiEvent::ApplyProgress { address: a(), act: Act::Create, id: None, elapsed: 10 },
        UiEvent::ApplyComplete { address: a(), act: Act::Create, id: Some("/x".into()), elapsed: 71 },
        UiEvent::ApplyStart { address: a(), act: Act::Update, id: Some("/x".into()) },
        UiEvent::ApplyProgress { address: a(), act: Act::Update, id: id(), elapsed: 3605 },
        UiEvent::ApplyErrored { address: a(), act: Act::Update, id: Some("/x".into()), elapsed: 3610 },
        UiEvent::Diagnostic(Box::new(Diagnostic::error("boom", "It failed", "Azure said no."))),
        UiEvent::ApplyStart { address: a(), act: Act::Delete, id: Some("/x".into()) },
        UiEvent::ApplyComplete { address: a(), act: Act::Delete, id: Some("/x".into()), elapsed: 0 },
        UiEvent::ApplyStart { address: address("data.azurerm_subnet.d"), act: Act::Read, id: None },
        UiEvent::ApplyComplete { address: address("data.azurerm_subnet.d"), act: Act::Read, id: Some("/d".into()), elapsed: 1 },
        UiEvent::ApplyComplete { address: a(), act: Act::Forget, id: None, elapsed: 0 },
        UiEvent::Summary(Summary { operation: Operation::Apply, import: 0, add: 1, change: 2, destroy: 3 }),
        UiEvent::Summary(Summary { operation: Operation::Apply, import: 4, add: 1, change: 2, destroy: 3 }),
        UiEvent::Summary(Summary { operation: Operation::Destroy, import: 0, add: 0, change: 0, destroy: 3 }),
        UiEvent::Outputs(outputs),
    ]
}

#[test]
fn in_words() {
    let text: String = every_event().iter().filter_map(|e| event_text(e, &Sources::default(), &Style::plain())).collect();
    expect![[r#"
        hello
        module.m.azurerm_subnet.a["x"]: Refreshing state... [id=/x]
        module.m.azurerm_subnet.a["x"]: Creating...
        module.m.azurerm_subnet.a["x"]: Still creating... [10s elapsed]
        module.m.azurerm_subnet.a["x"]: Creation complete after 1m11s [id=/x]
        module.m.azurerm_subnet.a["x"]: Modifying... [id=/x]
        module.m.azurerm_subnet.a["x"]: Still modifying... [id=/subscriptions/000000000000000000000000...000000000000000000000000000000000000/x, 1h0m5s elapsed]

        Error: It failed

        Azure said no.
        module.m.azurerm_subnet.a["x"]: Destroying... [id=/x]
        module.m.azurerm_subnet.a["x"]: Destruction complete after 0s
        data.azurerm_subnet.d: Reading...
        data.azurerm_subnet.d: Read complete after 1s [id=/d]
        module.m.azurerm_subnet.a["x"]: Removed from the state

        Apply complete! Resources: 1 added, 2 changed, 3 destroyed.

        Apply complete! Resources: 4 imported, 1 added, 2 changed, 3 destroyed.

        Destroy complete! Resources: 3 destroyed.

        Outputs:

        a = 1
        b = <sensitive>
    "#]]
    .assert_eq(&text);
}

#[test]
fn as_json() {
    let lines: Vec<String> =
        every_event().iter().filter_map(|e| event_json(e, &Sources::default(), "2026-01-01T00:00:00Z")).map(|j| format!("{j}\n")).collect();
    expect![[r#"
        {"@level":"info","@message":"Ravelin 0.1.0","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","ravelin":"0.1.0","terraform":"1.11.4","type":"version","ui":"1.2"}
        {"@level":"info","@message":"hello","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","type":"log"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Refreshing state... [id=/x]","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"id_key":"id","id_value":"/x","resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"refresh_start"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Refresh complete [id=/x]","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"id_key":"id","id_value":"/x","resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"refresh_complete"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Creating...","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"create","resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_start"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Still creating... [10s elapsed]","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"create","elapsed_seconds":10,"resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_progress"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Creation complete after 1m11s [id=/x]","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"create","elapsed_seconds":71,"id_key":"id","id_value":"/x","resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_complete"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Modifying... [id=/x]","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"update","id_key":"id","id_value":"/x","resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_start"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Still modifying... [id=/subscriptions/000000000000000000000000...000000000000000000000000000000000000/x, 1h0m5s elapsed]","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"update","elapsed_seconds":3605,"resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_progress"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Modifications errored after 1h0m10s","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"update","elapsed_seconds":3610,"resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_errored"}
        {"@level":"error","@message":"Error: It failed","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","diagnostic":{"code":"boom","detail":"Azure said no.","severity":"error","summary":"It failed"},"type":"diagnostic"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Destroying... [id=/x]","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"delete","id_key":"id","id_value":"/x","resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_start"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Destruction complete after 0s","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"delete","elapsed_seconds":0,"resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_complete"}
        {"@level":"info","@message":"data.azurerm_subnet.d: Reading...","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"read","resource":{"addr":"data.azurerm_subnet.d","implied_provider":"azurerm","module":"","resource":"data.azurerm_subnet.d","resource_key":null,"resource_name":"d","resource_type":"azurerm_subnet"}},"type":"apply_start"}
        {"@level":"info","@message":"data.azurerm_subnet.d: Read complete after 1s [id=/d]","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"read","elapsed_seconds":1,"id_key":"id","id_value":"/d","resource":{"addr":"data.azurerm_subnet.d","implied_provider":"azurerm","module":"","resource":"data.azurerm_subnet.d","resource_key":null,"resource_name":"d","resource_type":"azurerm_subnet"}},"type":"apply_complete"}
        {"@level":"info","@message":"module.m.azurerm_subnet.a[\"x\"]: Removed from the state","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","hook":{"action":"remove","elapsed_seconds":0,"resource":{"addr":"module.m.azurerm_subnet.a[\"x\"]","implied_provider":"azurerm","module":"module.m","resource":"azurerm_subnet.a[\"x\"]","resource_key":"x","resource_name":"a","resource_type":"azurerm_subnet"}},"type":"apply_complete"}
        {"@level":"info","@message":"Apply complete! Resources: 1 added, 2 changed, 3 destroyed.","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","changes":{"add":1,"change":2,"import":0,"operation":"apply","remove":3},"type":"change_summary"}
        {"@level":"info","@message":"Apply complete! Resources: 4 imported, 1 added, 2 changed, 3 destroyed.","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","changes":{"add":1,"change":2,"import":4,"operation":"apply","remove":3},"type":"change_summary"}
        {"@level":"info","@message":"Destroy complete! Resources: 3 destroyed.","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","changes":{"add":0,"change":0,"import":0,"operation":"destroy","remove":3},"type":"change_summary"}
        {"@level":"info","@message":"Outputs: 2","@module":"terraform.ui","@timestamp":"2026-01-01T00:00:00Z","outputs":{"a":{"sensitive":false,"type":"number","value":1},"b":{"sensitive":true,"type":"string"}},"type":"outputs"}
    "#]].assert_eq(&lines.concat());
}

#[test]
fn planned_changes_as_terraform() {
    let json: J = serde_json::from_str(include_str!("recorded/moves.json")).unwrap();
    let plan = recorded::plan(&json, recorded::shapes(&J::Null));
    let by_message = |mut all: Vec<J>| {
        all.iter_mut().for_each(|j| j["@timestamp"] = J::Null);
        all.into_iter().map(|j| (j["@message"].to_string(), j)).collect::<BTreeMap<_, _>>()
    };
    let theirs = by_message(include_str!("recorded/moves-ui.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect());
    let ours = by_message(plan_events(&plan).iter().filter_map(|e| event_json(e, &Sources::default(), "")).collect());
    for (message, event) in &theirs {
        assert_eq!(ours.get(message), Some(event));
    }
}

#[test]
fn durations() {
    let all: Vec<String> = [0, 9, 60, 70, 3600, 3605, 7384].into_iter().map(words::elapsed).collect();
    expect!["0s 9s 1m0s 1m10s 1h0m0s 1h0m5s 2h3m4s"].assert_eq(&all.join(" "));
}

#[test]
fn wrapping_keeps_words_whole() {
    expect![[r#"
        one two
        three
          kept as it is
        incomprehensibilities
        and more"#]]
    .assert_eq(&words::wrap_paragraphs("one two three\n  kept as it is\nincomprehensibilities and more", 11));
}
