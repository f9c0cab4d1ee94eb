//! Tests of the `state` room: the file format against Terraform's own bytes, the fold's laws, the journal and the lock.

use std::{collections::BTreeMap, fs, path::Path};

use expect_test::{Expect, expect};
use proptest::prelude::*;
use ravelin::{
    base::{Address, PathStep, ResourceId, Type, Value},
    state::{
        Action, Entry, Event, Instance, Intent, Mark, Outcome, OutputValue, State, fold, pending, replay,
        store::{Backend, Journal, LocalFile, LockInfo, StoreError, recover},
        v4,
    },
};
use serde_json::json;

/// Written by Terraform 1.11.4 over `terraform_data`: modules, both kinds of keys, sensitive paths, a deposed and two
/// tainted objects, every kind of check result, characters that Go escapes.
const TERRAFORM: &str = include_str!("state/terraform-1.11.tfstate");

#[test]
fn a_file_of_terraform_keeps_its_bytes() {
    let state = v4::read(TERRAFORM).unwrap();
    assert_eq!(v4::write(&state), TERRAFORM);
}

#[test]
fn a_file_of_terraform_is_understood() {
    let state = v4::read(TERRAFORM).unwrap();
    let mut seen: Vec<String> = state.resources.iter().map(|(a, i)| format!("{a}{}", if i.tainted { " (tainted)" } else { "" })).collect();
    seen.extend(state.deposed.iter().map(|((a, _), _)| format!("{a} (deposed)")));
    seen.extend(state.outputs.iter().map(|(n, o)| format!("output {n}: {} = {}{}", o.ty, o.value, if o.sensitive { " (sensitive)" } else { "" })));
    let each: Address = "terraform_data.each[\"weu\"]".parse().unwrap();
    seen.push(format!("sensitive in {each}: {}", v4::sensitive_text(&state.resources[&each]).join(", ")));
    expect![[r#"
        data.terraform_remote_state.x
        terraform_data.cbd
        terraform_data.cbd2 (tainted)
        terraform_data.each["a\"b"]
        terraform_data.each["weu"]
        terraform_data.many[0]
        terraform_data.many[1]
        terraform_data.map
        terraform_data.one
        terraform_data.taint[0] (tainted)
        module.sub["p"].terraform_data.inner
        module.sub["p"].module.deep.terraform_data.leaf
        module.sub-b.terraform_data.inner
        module.sub-b.module.deep.terraform_data.leaf
        terraform_data.cbd2 (deposed)
        output num: number = 12345678901
        output obj: object({ a = tuple([number, string, bool, any]), e = list(any), m = map(number), s = set(string) }) = { a = [1, "b", true, null], e = [], m = { x = 1 }, s = ["a", "b"] }
        output plain: string = "x"
        output secret: string = "s3cr3t" (sensitive)
        sensitive in terraform_data.each["weu"]: input.m.l[1], input.m.weu, input.s
    "#]]
    .assert_eq(&lines(seen));
}

#[test]
fn unknown_fields_and_the_mark_survive() {
    let text = r#"{
  "version": 4,
  "terraform_version": "1.14.0",
  "serial": 3,
  "lineage": "l",
  "outputs": {},
  "resources": [
    {
      "mode": "managed",
      "type": "azurerm_subnet",
      "name": "n",
      "provider": "provider[\"registry.terraform.io/hashicorp/azurerm\"]",
      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "id": "/subscriptions/s"
          },
          "sensitive_attributes": [
            [
              {
                "type": "get_attr",
                "value": "tags"
              },
              {
                "type": "index",
                "value": {
                  "value": "k",
                  "type": "string"
                }
              }
            ]
          ],
          "identity_schema_version": 0,
          "identity": {
            "id": "/subscriptions/s"
          },
          "private": "bnVsbA==",
          "later": true
        }
      ],
      "shape": "new"
    }
  ],
  "check_results": null,
  "ravelin": {
    "journal": {
      "run": "r",
      "seq": 7
    }
  },
  "future": {
    "a": 1
  }
}
"#;
    let state = v4::read(text).unwrap();
    assert_eq!(state.journal, Some(Mark { run: "r".into(), seq: 7 }));
    assert_eq!(v4::write(&state), text);
}

#[test]
fn unreadable_files_say_where() {
    let file = |resources: &str| format!("{{\n  \"version\": 4,\n  \"serial\": 1,\n  \"lineage\": \"l\",\n  \"resources\": [\n    {resources}\n  ]\n}}");
    let object = |rest: &str| format!(r#"{{"mode": "managed", "type": "t", "name": "n", "provider": "p", "instances": [{rest}]}}"#);
    check_error("", expect!["line 1, column 0: EOF while parsing a value"]);
    check_error("{\n  \"version\": 4,\n  oops\n}", expect!["line 3, column 3: key must be a string"]);
    check_error(r#"{"version": 3}"#, expect!["the file has format version 3; only version 4 (Terraform 0.12 and later) can be read"]);
    check_error(r#"{"version": 9}"#, expect!["the file has format version 9, newer than version 4, which is the newest known here"]);
    check_error("{\n\"version\": 4, \"serial\": 1}", expect!["line 2, column 26: missing field `lineage`"]);
    check_error(
        &file(r#"{"mode": "odd", "type": "t", "name": "n", "provider": "p", "instances": []}"#),
        expect![[r#"line 6, column 79: t.n: the mode is "odd"; it can be "managed" or "data""#]],
    );
    check_error(&file(&object(r#"{"attributes": {}}, {"attributes": {}}"#)), expect!["line 7, column 3: t.n is there twice"]);
    check_error(&file(&object(r#"{"index_key": [1]}"#)), expect!["line 6, column 101: t.n: [1] is not an instance key"]);
    check_error(
        &file(&object(r#"{"attributes_flat": {}}"#)),
        expect!["line 6, column 106: t.n: the attributes are in the flat form of Terraform 0.11; run a refresh with Terraform 0.12 or later once"],
    );
    check_error(
        &file(&object(r#"{"sensitive_attributes": [[{"type": "splat"}]]}"#)),
        expect!["line 6, column 130: t.n: a sensitive path has a step of unknown type splat"],
    );
    check_error(
        "{\"version\": 4, \"serial\": 1, \"lineage\": \"\", \"outputs\": {\n\"o\": {\"value\": [], \"type\": \"bool\"}}}",
        expect!["line 2, column 35: an output's value does not fit its type bool"],
    );
}

fn check_error(text: &str, expected: Expect) {
    expected.assert_eq(&v4::read(text).unwrap_err().to_string());
}

#[test]
fn files_are_ordered_as_terraform_orders_them() {
    let mut state = State::new("l", "1.11.4");
    for address in ["t.n[10]", "t.n[2]", "t.n[\"a\"]", "t.n", "module.a.t.n", "module.a-b.t.n", "module.a.module.b.t.n", "data.z.z", "s.s"] {
        state.resources.insert(address.parse().unwrap(), instance(1));
    }
    state.deposed.insert(("t.n[2]".parse().unwrap(), "00000001".into()), instance(2));
    let text = v4::write(&state);
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut seen = Vec::new();
    for r in file["resources"].as_array().unwrap() {
        let objects: Vec<String> =
            r["instances"].as_array().unwrap().iter().map(|i| format!("{}{}", i["index_key"], if i["deposed"].is_null() { "" } else { "d" })).collect();
        seen.push(format!("{} {} {}: {}", r["module"], r["mode"], r["type"], objects.join(" ")));
    }
    expect![[r#"
        null "data" "z": null
        null "managed" "s": null
        null "managed" "t": null 2 2d 10 "a"
        "module.a" "managed" "t": null
        "module.a-b" "managed" "t": null
        "module.a.module.b" "managed" "t": null
    "#]]
    .assert_eq(&lines(seen));
    assert_eq!(v4::read(&text).unwrap(), state);
}

#[test]
fn an_instance_of_a_value_notes_what_is_sensitive() {
    let secret = Value::string("x").sensitive();
    let value = Value::object_of([
        ("id", Value::string("/subscriptions/s")),
        ("list", Value::list(Type::String, vec![Value::string("a"), secret.clone()])),
        ("tags", Value::map(Type::String, BTreeMap::from([("k".to_owned(), secret.clone()), ("open".to_owned(), Value::string("y"))]))),
        ("later", Value::unknown(Type::String)),
        ("block", Value::tuple(vec![Value::object_of([("password", secret)])])),
    ]);
    let i = Instance::of("p", 2, &value);
    expect![[r#"
        {
          "provider": "p",
          "schema_version": 2,
          "attributes": {
            "block": [
              {
                "password": "x"
              }
            ],
            "id": "/subscriptions/s",
            "list": [
              "a",
              "x"
            ],
            "tags": {
              "k": "x",
              "open": "y"
            }
          },
          "sensitive_attributes": [
            [
              {
                "type": "get_attr",
                "value": "block"
              },
              {
                "type": "index",
                "value": {
                  "value": 0,
                  "type": "number"
                }
              },
              {
                "type": "get_attr",
                "value": "password"
              }
            ],
            [
              {
                "type": "get_attr",
                "value": "list"
              },
              {
                "type": "index",
                "value": {
                  "value": 1,
                  "type": "number"
                }
              }
            ],
            [
              {
                "type": "get_attr",
                "value": "tags"
              },
              {
                "type": "index",
                "value": {
                  "value": "k",
                  "type": "string"
                }
              }
            ]
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&i).unwrap());
    assert_eq!(serde_json::from_value::<Instance>(serde_json::to_value(&i).unwrap()).unwrap(), i);
    assert_eq!(i.id(), ResourceId::parse("/Subscriptions/S"));
}

#[test]
fn a_successor_counts_only_changes() {
    let prior = State { serial: 4, ..State::new("l", "1.11.4") };
    assert_eq!(prior.clone().succeed(&prior).serial, 4);
    let mut next = prior.clone();
    next.resources.insert("t.n".parse().unwrap(), instance(1));
    assert_eq!(next.succeed(&prior).serial, 5);
}

// The fold.

fn instance(n: u64) -> Instance {
    Instance { provider: "p".into(), attributes: json!({ "id": format!("/subscriptions/{n}") }), ..Instance::default() }
}

fn intent(address: &str, action: Action) -> Intent {
    Intent { step: format!("{address} {action:?}"), address: address.parse().unwrap(), deposed: None, action, id: None, at: "t".into() }
}

fn outcome(address: &str, outcome: Outcome) -> Event {
    Event::Outcome { step: String::new(), address: address.parse().unwrap(), deposed: None, outcome, at: "t".into() }
}

fn ok(n: u64) -> Outcome {
    Outcome::Ok { instance: Box::new(instance(n)) }
}

#[test]
fn a_replacement_created_first_leaves_the_old_object_deposed_until_it_is_gone() {
    let address: Address = "t.n".parse().unwrap();
    let events = [
        outcome("t.n", ok(1)),
        Event::Deposed { address: address.clone(), key: "0000000a".into() },
        outcome("t.n", Outcome::Failed { partial: Some(Box::new(Instance { tainted: true, ..instance(2) })), error: "quota".into() }),
        Event::Outcome { step: String::new(), address: address.clone(), deposed: Some("0000000a".into()), outcome: Outcome::Gone, at: "t".into() },
        outcome("t.n", Outcome::Failed { partial: None, error: "refused".into() }),
    ];
    let after = |n: usize| {
        let s = fold(State::default(), &events[..n]);
        let current: Vec<String> = s.resources.values().map(|i| format!("{}{}", i.attributes["id"], if i.tainted { " tainted" } else { "" })).collect();
        let deposed: Vec<String> = s.deposed.values().map(|i| i.attributes["id"].to_string()).collect();
        format!("{n}: {current:?} {deposed:?}")
    };
    expect![[r#"
        1: ["\"/subscriptions/1\""] []
        2: [] ["\"/subscriptions/1\""]
        3: ["\"/subscriptions/2\" tainted"] ["\"/subscriptions/1\""]
        4: ["\"/subscriptions/2\" tainted"] []
        5: ["\"/subscriptions/2\" tainted"] []
    "#]]
    .assert_eq(&lines((1..=5).map(after)));
}

#[test]
fn an_intent_is_pending_until_something_is_known() {
    let events = [
        Event::Intent(intent("t.a", Action::Create)),
        Event::Intent(intent("t.b", Action::Delete)),
        Event::Intent(intent("t.c", Action::Update)),
        outcome("t.b", Outcome::Gone),
        Event::Moved { from: "t.a".parse().unwrap(), to: "t.z".parse().unwrap() },
    ];
    let left: Vec<String> = pending(&events).iter().map(|i| format!("{} {:?}", i.address, i.action)).collect();
    assert_eq!(left, ["t.z Create", "t.c Update"]);
}

fn any_event() -> impl Strategy<Value = Event> {
    let address = || prop::sample::select(vec!["t.a", "t.b", "module.m.t.c[0]"]).prop_map(|a| a.parse::<Address>().unwrap());
    let deposed = || prop::option::of(prop::sample::select(vec!["00000001".to_owned(), "00000002".to_owned()]));
    let result = prop_oneof![
        (0u64..9).prop_map(ok),
        Just(Outcome::Gone),
        prop::option::of(0u64..9).prop_map(|p| Outcome::Failed { partial: p.map(|n| Box::new(instance(n))), error: "e".into() }),
    ];
    prop_oneof![
        (address(), deposed(), result).prop_map(|(address, deposed, outcome)| Event::Outcome { step: "s".into(), address, deposed, outcome, at: "t".into() }),
        (address(), deposed()).prop_map(|(address, deposed)| Event::Forgotten { address, deposed }),
        (address(), address()).prop_map(|(from, to)| Event::Moved { from, to }),
        address().prop_map(|address| Event::Deposed { address, key: "00000001".into() }),
        address().prop_map(|a| Event::Intent(intent(&a.to_string(), Action::Create))),
        prop::option::of(any::<bool>()).prop_map(|v| Event::Output { name: "o".into(), value: v.map(|b| OutputValue::of(&Value::bool(b), b)) }),
        Just(Event::Started { plan: "p".into(), lineage: "l".into(), serial: 1, at: "t".into() }),
        Just(Event::Finished { at: "t".into() }),
    ]
}

fn entries(events: &[Event]) -> Vec<Entry> {
    events.iter().enumerate().map(|(i, e)| Entry { run: "r".into(), seq: i as u64 + 1, event: e.clone() }).collect()
}

proptest! {
    #[test]
    fn folding_goes_event_by_event(events in prop::collection::vec(any_event(), 0..20), cut in 0usize..20) {
        let (a, b) = events.split_at(cut.min(events.len()));
        prop_assert_eq!(fold(State::default(), &events), fold(fold(State::default(), a), b));
    }

    /// Wherever a state was written in the middle of a run, the whole journal brings it to the same end.
    #[test]
    fn replaying_again_changes_nothing(events in prop::collection::vec(any_event(), 0..20), cut in 0usize..20) {
        let all = entries(&events);
        let end = replay(State::default(), &all);
        let written = v4::read(&v4::write(&replay(State::default(), &all[..cut.min(all.len())]))).unwrap();
        prop_assert_eq!(replay(written, &all), end.clone());
        prop_assert_eq!(replay(end.clone(), &all), end.clone());
        prop_assert!(end.same_content(&fold(State::default(), &events)));
    }

    #[test]
    fn events_survive_the_journal(event in any_event()) {
        let entry = Entry { run: "r".into(), seq: 1, event };
        let text = serde_json::to_string(&entry).unwrap();
        prop_assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    }
}

// The store.

fn info(id: &str) -> LockInfo {
    LockInfo {
        id: id.into(),
        operation: "OperationTypeApply".into(),
        info: String::new(),
        who: "ada@engine".into(),
        version: "0.1.0".into(),
        created: "2026-08-22T10:00:00Z".into(),
        path: String::new(),
        engine: None,
    }
}

fn with_resource(serial: u64, n: u64) -> State {
    let mut state = State { serial, ..State::new("l", "1.11.4") };
    state.resources.insert("t.n".parse().unwrap(), instance(n));
    state
}

/// A message with the test's folder taken out.
fn plain(error: &StoreError, folder: &Path) -> String {
    let d = error.diagnostic();
    let text = format!("{} [{}]\n{}\n{}", d.summary, d.code, d.detail, d.hint.unwrap_or_default());
    format!("{}\n", text.replace(&folder.display().to_string(), "DIR").trim_end())
}

#[tokio::test]
async fn a_file_is_written_whole_and_the_former_one_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/terraform.tfstate");
    let file = LocalFile::new(&path);
    assert_eq!(file.read().await.unwrap(), None);
    file.write(&with_resource(1, 1)).await.unwrap();
    assert!(!file.backup_path().exists());
    let second = LocalFile::new(&path);
    second.write(&with_resource(2, 2)).await.unwrap();
    second.write(&with_resource(3, 3)).await.unwrap();
    assert_eq!(second.read().await.unwrap(), Some(with_resource(3, 3)));
    // The backup is what this run found, not what it wrote in between.
    assert_eq!(fs::read_to_string(second.backup_path()).unwrap(), v4::write(&with_resource(1, 1)));
    let mut left: Vec<String> = fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["terraform.tfstate", "terraform.tfstate.backup"]);
}

#[tokio::test]
async fn a_write_never_goes_back_or_across() {
    let folder = tempfile::tempdir().unwrap();
    let file = LocalFile::new(folder.path().join("terraform.tfstate"));
    file.write(&with_resource(5, 1)).await.unwrap();
    let older = file.write(&with_resource(4, 2)).await.unwrap_err();
    expect![[r#"
        State has been changed meanwhile [state-newer]
        the state DIR/terraform.tfstate has serial 5; the one to be written has 4.
        Somebody wrote the state while this run was on its way. Plan again.
    "#]]
    .assert_eq(&plain(&older, folder.path()).replace("The state", "the state"));
    let other = file.write(&State { lineage: "m".into(), ..with_resource(6, 2) }).await.unwrap_err();
    assert!(matches!(other, StoreError::OtherLineage { .. }));
    assert_eq!(file.read().await.unwrap(), Some(with_resource(5, 1)));
}

#[tokio::test]
async fn an_unreadable_state_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = LocalFile::new(folder.path().join("terraform.tfstate"));
    fs::write(&file.path, "{\n  \"version\": 4,\n  <<<<<<<\n").unwrap();
    let error = file.read().await.unwrap_err();
    expect![[r#"
        State cannot be read [state-unreadable]
        DIR/terraform.tfstate is not a readable state: line 3, column 3: key must be a string.
        Nothing has been changed. Put back a good copy of DIR/terraform.tfstate (the version before the last run is in DIR/terraform.tfstate.backup), or move the file away to begin with no state.
    "#]]
    .assert_eq(&plain(&error, folder.path()));
    assert!(matches!(file.write(&with_resource(1, 1)).await, Err(StoreError::Unreadable { .. })));
    assert!(fs::read_to_string(&file.path).unwrap().contains("<<<"));
}

#[tokio::test]
async fn a_held_lock_shows_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let file = LocalFile::new(folder.path().join("terraform.tfstate"));
    let lock = file.lock(info("one")).await.unwrap();
    assert!(lock.replaced().is_none());
    let error = file.lock(info("two")).await.err().unwrap();
    expect![[r#"
        State is locked [state-locked]
        The state DIR/terraform.tfstate is locked.
          ID:        one
          Path:      DIR/terraform.tfstate
          Operation: OperationTypeApply
          Who:       ada@engine
          Version:   0.1.0
          Created:   2026-08-22T10:00:00Z
          Info:
        Wait for that run to end. When it is certain that it no longer runs, remove the lock with: ravelin force-unlock one
    "#]]
    .assert_eq(&plain(&error, folder.path()));
    lock.release().await.unwrap();
    assert!(!file.lock_path().exists());
    file.lock(info("three")).await.unwrap().release().await.unwrap();
}

#[tokio::test]
async fn the_lock_of_a_dead_run_is_taken_over_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = LocalFile::new(folder.path().join("terraform.tfstate"));
    // Dropped without release, as by a crash: the file stays, the operating system's lock does not.
    drop(file.lock(info("dead")).await.unwrap());
    assert!(file.lock_path().exists());
    let lock = file.lock(info("next")).await.unwrap();
    assert_eq!(lock.replaced().map(|i| i.id.as_str()), Some("dead"));
    lock.release().await.unwrap();
}

#[tokio::test]
async fn a_lock_of_terraform_is_respected_until_forced() {
    let folder = tempfile::tempdir().unwrap();
    let file = LocalFile::new(folder.path().join("terraform.tfstate"));
    let theirs = r#"{"ID":"2d219850-847d-7ad7-4fbf-0a0ce78967f8","Operation":"OperationTypeApply","Info":"","Who":"root@vm","Version":"1.11.4","Created":"2026-08-22T10:00:00.958953306Z","Path":"terraform.tfstate"}"#;
    fs::write(file.lock_path(), theirs).unwrap();
    let Err(StoreError::Locked { info: Some(held), .. }) = file.lock(info("ours")).await else { panic!("not locked") };
    assert_eq!((held.who.as_str(), held.engine), ("root@vm", None));
    assert!(matches!(file.force_unlock("wrong").await, Err(StoreError::OtherLock { .. })));
    assert_eq!(file.force_unlock(&held.id).await.unwrap().version, "1.11.4");
    assert!(matches!(file.force_unlock(&held.id).await, Err(StoreError::NotLocked { .. })));
    file.lock(info("ours")).await.unwrap().release().await.unwrap();
}

// The journal.

/// A run that was cut off after the given events, on a state that was written at serial 1.
fn cut_off(folder: &Path, events: &[Event]) -> (std::path::PathBuf, State) {
    let path = folder.join(".ravelin/journal.jsonl");
    let state = with_resource(1, 1);
    let mut journal = Journal::start(&path, "run-1", "digest", &state, &[], "t0").unwrap();
    for event in events {
        journal.append(event).unwrap();
    }
    (path, state)
}

#[test]
fn a_cut_off_run_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let (path, state) = cut_off(
        folder.path(),
        &[
            Event::Intent(intent("t.a", Action::Create)),
            outcome("t.a", ok(7)),
            Event::Intent(intent("t.b", Action::Create)),
            Event::Intent(intent("t.n", Action::Delete)),
            outcome("t.n", Outcome::Gone),
        ],
    );
    let found = recover(&path, state.clone()).unwrap();
    assert_eq!(found.cut_off.as_deref(), Some("run-1"));
    assert_eq!(found.pending.iter().map(|i| i.address.to_string()).collect::<Vec<_>>(), ["t.b"]);
    assert_eq!(found.state.resources.keys().map(Address::to_string).collect::<Vec<_>>(), ["t.a"]);
    assert_eq!(found.state.serial, 2);
    // Recovering the recovered state changes nothing more.
    assert_eq!(recover(&path, found.state.clone()).unwrap().state, found.state);

    // A new run may start only on the recovered state, and does not forget what is open.
    let error = Journal::start(&path, "run-2", "d", &state, &found.pending, "t1").unwrap_err();
    assert!(matches!(error, StoreError::Unfinished { ref run, .. } if run == "run-1"));
    let journal = Journal::start(&path, "run-2", "d", &found.state, &found.pending, "t1").unwrap();
    journal.finish("t2").unwrap();
    let after = recover(&path, found.state.clone()).unwrap();
    assert_eq!((after.cut_off, after.pending, after.state), (None, found.pending, found.state));
}

#[test]
fn half_a_last_line_does_not_count_and_a_broken_one_before_it_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (path, state) = cut_off(folder.path(), &[Event::Intent(intent("t.a", Action::Create)), outcome("t.a", ok(7))]);
    let whole = fs::read_to_string(&path).unwrap();
    // Wherever the last line was cut, the outcome is unknown and the intent pending.
    let start = whole.trim_end().rfind('\n').unwrap() + 1;
    for cut in start..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let found = recover(&path, state.clone()).unwrap();
        assert_eq!((found.pending.len(), found.state.resources.len()), (1, 1), "cut at {cut}");
    }
    fs::write(&path, whole.replacen("\"intent\"", "\"intend\"", 1)).unwrap();
    let error = recover(&path, state).unwrap_err();
    assert!(matches!(error, StoreError::BadJournal { line: 2, .. }), "{error}");
}

#[test]
fn a_journal_of_another_state_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = cut_off(folder.path(), &[outcome("t.a", ok(7))]);
    let error = recover(&path, with_resource(9, 1)).unwrap_err();
    expect![[r#"
        Journal belongs to another state [journal-other-state]
        The unfinished run run-1 in DIR/.ravelin/journal.jsonl started from serial 1 of lineage l; the state has serial 9 of lineage l.
        A run was cut off, and the state was changed by something else before it could be recovered. Compare the journal with the state, then move DIR/.ravelin/journal.jsonl away.
    "#]]
    .assert_eq(&plain(&error, folder.path()));
}

#[test]
fn a_state_written_in_the_middle_is_brought_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let start = with_resource(1, 1);
    let mut journal = Journal::start(&path, "r", "d", &start, &[], "t").unwrap();
    let middle = journal.record(start.clone(), &Event::Moved { from: "t.n".parse().unwrap(), to: "t.m".parse().unwrap() }).unwrap().succeed(&start);
    journal.record(middle.clone(), &outcome("t.n", ok(2))).unwrap();
    drop(journal);
    let found = recover(&path, middle).unwrap().state;
    // The move is not done twice, which would put the new t.n in the place of t.m.
    assert_eq!(
        found.resources.iter().map(|(a, i)| format!("{a} {}", i.attributes["id"])).collect::<Vec<_>>(),
        ["t.m \"/subscriptions/1\"", "t.n \"/subscriptions/2\""]
    );
}

#[test]
fn a_map_key_and_an_attribute_are_told_apart() {
    let mut i = instance(1);
    i.sensitive.push(vec![PathStep::Name("tags".into()), PathStep::Name("k".into())]);
    let as_attribute = serde_json::to_string(&i).unwrap();
    i.map_keys.insert(i.sensitive[0].clone());
    let as_key = serde_json::to_string(&i).unwrap();
    assert!(as_attribute.contains(r#"{"type":"get_attr","value":"k"}"#) && as_key.contains(r#"{"type":"index","value":{"value":"k","type":"string"}}"#));
}

fn lines(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    items.into_iter().map(|l| format!("{}\n", l.as_ref())).collect()
}
