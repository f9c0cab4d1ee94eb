//! `local_*`, `http`, `external`, `terraform_remote_state`, templates and cloud-init: what comes from outside and goes there.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use expect_test::expect;
use serde_json::json;

use super::{Still, create, data, shown, still, text, told, value};
use ravelin::{
    base::{Type, Value},
    builtin::{self, HttpAnswer, Ran},
};

#[test]
fn a_file_is_written_watched_and_removed() {
    let outside = still();
    let made = create("local_file", json!({ "filename": "out/a.txt", "content": "hello\n", "file_permission": "0644" }), &outside).unwrap();
    expect![[r#"
        {
          "content": "hello\n",
          "content_base64sha256": "WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=",
          "content_base64sha512": "58IrmUxZ2c8rSOVJseJGZmNgRZMNPafBrLKZ0cO3+TH5Sq5B7dosKyB6NuEPi8uNRSI+VIePWzFufOO2vAGWKQ==",
          "content_md5": "b1946ac92492d2347c6235b4d2611184",
          "content_sha1": "f572d396fae9206628714fb2ce00f72e94f2258f",
          "content_sha256": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
          "content_sha512": "e7c22b994c59d9cf2b48e549b1e24666636045930d3da7c1acb299d1c3b7f931f94aae41edda2c2b207a36e10f8bcb8d45223e54878f5b316e7ce3b6bc019629",
          "file_permission": "0644",
          "filename": "out/a.txt",
          "id": "f572d396fae9206628714fb2ce00f72e94f2258f"
        }"#]]
    .assert_eq(&shown(&made));
    assert_eq!(outside.files.borrow()["out/a.txt"], (b"hello\n".to_vec(), 0o644));
    let read = || futures::executor::block_on(builtin::read("local_file", &made, &outside)).unwrap();
    assert_eq!(read().as_ref(), Some(&made));
    outside.files.borrow_mut().insert("out/a.txt".into(), (b"changed".to_vec(), 0o644));
    assert_eq!(read(), None);
    futures::executor::block_on(builtin::delete("local_file", &made, &outside)).unwrap();
    assert!(outside.files.borrow().is_empty());
    assert_eq!(read(), None);
    let secret = create("local_sensitive_file", json!({ "filename": "k", "content_base64": "AAEC" }), &outside).unwrap();
    assert_eq!(outside.files.borrow()["k"], (vec![0, 1, 2], 0o700));
    let seen = data("local_file", json!({ "filename": "k" }), &outside).unwrap();
    assert_eq!((text(&seen, "id"), text(&seen, "content_base64")), (text(&secret, "id"), "AAEC".into()));
    expect![[r#"
        Read local file error: The file nowhere cannot be read: there is no such file.
    "#]]
    .assert_eq(&told(data("local_file", json!({ "filename": "nowhere" }), &outside)));
}

#[test]
fn a_file_has_one_content_and_octal_modes() {
    let found = |config| builtin::validate("local_file", &value(config)).into_iter().map(|d| d.detail).collect::<Vec<_>>().join("\n");
    let base = json!({ "filename": "a", "content": null, "source": null, "content_base64": null, "file_permission": "0644", "directory_permission": "0777" });
    let with = |more: serde_json::Value| {
        let mut all = base.as_object().unwrap().clone();
        all.extend(more.as_object().unwrap().clone());
        serde_json::Value::Object(all)
    };
    expect!["No attribute specified when one (and only one) of [content,content_base64,source] is required"].assert_eq(&found(base.clone()));
    expect!["2 attributes specified when one (and only one) of [content,content_base64,source] is required"]
        .assert_eq(&found(with(json!({ "content": "x", "source": "y" }))));
    expect![[r#"Attribute file_permission is "rw-": bad mode permission, it must be expressed in three or four octal digits, as "0644"."#]]
        .assert_eq(&found(with(json!({ "content": "x", "file_permission": "rw-" }))));
    expect![[r#"Attribute directory_permission is "0999": bad mode permission, it must be expressed in three or four octal digits, as "0644"."#]]
        .assert_eq(&found(with(json!({ "content": "x", "directory_permission": "0999" }))));
    assert_eq!(found(with(json!({ "content": "" }))), "");
}

fn answering(answers: Vec<Result<HttpAnswer, String>>) -> Still {
    let outside = still();
    *outside.answers.borrow_mut() = answers;
    outside
}

fn answer(status: u16, body: &[u8]) -> Result<HttpAnswer, String> {
    let headers = [("content-type", "text/plain"), ("x-many", "a"), ("x-many", "b"), ("etag", "\"1\"")];
    Ok(HttpAnswer { status, headers: headers.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec(), body: body.to_vec() })
}

#[test]
fn a_request_is_answered() {
    let outside = answering(vec![answer(404, b"\xffno")]);
    let config = json!({ "url": "http://example.com/x", "request_headers": { "accept": "text/plain" }, "method": "POST", "request_body": "q", "retry": [] });
    expect![[r#"
        {
          "body": "�no",
          "id": "http://example.com/x",
          "method": "POST",
          "request_body": "q",
          "request_headers": {
            "accept": "text/plain"
          },
          "response_body": "�no",
          "response_body_base64": "/25v",
          "response_headers": {
            "Content-Type": "text/plain",
            "Etag": "\"1\"",
            "X-Many": "a, b"
          },
          "retry": [],
          "status_code": 404,
          "url": "http://example.com/x"
        }"#]]
    .assert_eq(&shown(&data("http", config, &outside).unwrap()));
    let asked = outside.asked.borrow();
    assert_eq!((asked[0].method.as_str(), asked[0].body.as_deref(), asked[0].headers.len()), ("POST", Some(&b"q"[..]), 1));
}

#[test]
fn a_request_is_repeated_as_often_as_allowed() {
    let retry = json!({ "url": "http://example.com", "retry": [{ "attempts": 3, "min_delay_ms": 100, "max_delay_ms": 300 }] });
    let outside = answering(vec![Err("refused".into()), answer(500, b""), answer(429, b""), answer(200, b"ok")]);
    assert_eq!(text(&data("http", retry.clone(), &outside).unwrap(), "response_body"), "ok");
    assert_eq!(outside.slept.borrow().as_millis(), 100 + 200 + 300);
    let outside = answering(vec![Err("refused".into()); 9]);
    expect![[r#"
        Error making request: Error making request: GET "http://example.com", giving up after 4 attempts: refused.
    "#]]
    .assert_eq(&told(data("http", retry, &outside)));
    assert_eq!(outside.asked.borrow().len(), 4);
    let once = answering(vec![answer(501, b"")]);
    assert!(data("http", json!({ "url": "http://example.com" }), &once).is_ok());
}

#[test]
fn a_program_is_asked_in_json() {
    let config = json!({ "program": ["./list.sh", "-x"], "query": { "b": "2", "a": "1\"" }, "working_dir": "bin" });
    let ran = |code, stdout: &str, stderr: &str| Still { run: Ok(Ran { code, stdout: stdout.into(), stderr: stderr.into() }), ..still() };
    let outside = ran(0, r#"{"x":"1"}"#, "");
    expect![[r#"
        {
          "id": "-",
          "program": [
            "./list.sh",
            "-x"
          ],
          "query": {
            "a": "1\"",
            "b": "2"
          },
          "result": {
            "x": "1"
          },
          "working_dir": "bin"
        }"#]]
    .assert_eq(&shown(&data("external", config.clone(), &outside).unwrap()));
    expect![[r#"{"a":"1\"","b":"2"}"#]].assert_eq(&String::from_utf8_lossy(&outside.ran.borrow()[0].stdin));
    expect![[r#"
        External Program Execution Failed: The data source received an unexpected error while attempting to execute the program.

        Program: ./list.sh
        Error Message: boom
        State: exit status 3
    "#]]
    .assert_eq(&told(data("external", config.clone(), &ran(3, "", "boom\n"))));
    expect![[r#"
        Unexpected External Program Results: The data source received unexpected results after executing the program.

        Program output must be a JSON encoded map of string keys and string values.

        Program: ./list.sh
        Result Error: invalid type: integer `1`, expected a string at line 1 column 6
    "#]]
    .assert_eq(&told(data("external", config.clone(), &ran(0, r#"{"x":1}"#, ""))));
    let refused = Still { run: Err("programs of a configuration are not allowed to run".into()), ..still() };
    expect![[r#"
        External programs are not allowed: The data source wants to run ./list.sh, and programs of a configuration are not allowed to run.
        Programs of a configuration run with your rights. If you trust this one, allow it with -allow-external or RAVELIN_ALLOW_EXTERNAL=1.
    "#]]
    .assert_eq(&told(data("external", config, &refused)));
}

#[test]
fn another_state_gives_its_outputs() {
    let state = r#"{ "version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "x", "outputs": {
        "subnets": { "value": ["a"], "type": ["list", "string"] }, "name": { "value": "vnet", "type": "string", "sensitive": true } }, "resources": [] }"#;
    let outside = still();
    for path in ["net.tfstate", "terraform.tfstate.d/prod/terraform.tfstate"] {
        outside.write(path, state);
    }
    let ask = |config| data("terraform_remote_state", config, &outside);
    let local = ask(json!({ "backend": "local", "config": { "path": "net.tfstate" }, "defaults": { "name": "none", "more": "1" } })).unwrap();
    expect![[r#"
        {
          "backend": "local",
          "config": {
            "path": "net.tfstate"
          },
          "defaults": {
            "more": "1",
            "name": "none"
          },
          "outputs": {
            "more": "1",
            "name": "vnet",
            "subnets": [
              "a"
            ]
          }
        }"#]]
    .assert_eq(&shown(&local));
    assert_eq!(
        local.at(&[ravelin::base::PathStep::Name("outputs".into()), ravelin::base::PathStep::Name("subnets".into())]).unwrap().ty(),
        Type::list(Type::String)
    );
    assert!(ask(json!({ "backend": "local", "workspace": "prod" })).is_ok());
    expect![[r#"
        Unable to find remote state: No stored state was found for the given workspace in the given backend: there is no terraform.tfstate.d/dev/terraform.tfstate.
    "#]].assert_eq(&told(ask(json!({ "backend": "local", "workspace": "dev" }))));
    expect![[r#"
        Invalid backend configuration: There is no backend type named "s3" that can be read here; there are local and azurerm.
    "#]]
    .assert_eq(&told(ask(json!({ "backend": "s3", "config": {} }))));
    expect![[r#"
        Invalid backend configuration: The backend azurerm needs storage_account_name in the attribute config.
    "#]]
    .assert_eq(&told(ask(json!({ "backend": "azurerm", "config": { "container_name": "c" } }))));
    let blobs = BTreeMap::from([("acc/tfstate/hub.tfstateenv:prod".to_owned(), state.as_bytes().to_vec())]);
    let config =
        json!({ "backend": "azurerm", "workspace": "prod", "config": { "storage_account_name": "acc", "container_name": "tfstate", "key": "hub.tfstate" } });
    assert!(data("terraform_remote_state", config, &Still { blobs, ..still() }).is_ok());
}

#[test]
fn templates_have_their_variables() {
    let file = |template: &str, vars| told(data("template_file", json!({ "template": template, "vars": vars }), &still()));
    expect![[r#"
        {
          "id": "cb9c2334766d723c8dfa97ba37fb4907a7b2a8679490ec711c317f994659edc5",
          "rendered": "X one",
          "template": "${upper(name)} %{ if n == \"1\" }one%{ endif }",
          "vars": {
            "n": "1",
            "name": "x"
          }
        }"#]]
    .assert_eq(&file("${upper(name)} %{ if n == \"1\" }one%{ endif }", json!({ "name": "x", "n": "1" })));
    expect![[r#"
        Failed to render template: The template cannot be rendered: vars map does not contain key "nmae", referenced at <template_file>:1,3-7.
    "#]]
    .assert_eq(&file("${nmae}", json!({ "name": "x" })));
    expect![[r#"
        Failed to render template: The template cannot be rendered: <template_file>:1,9-20: Invalid function argument; Invalid value for "path" parameter: failed to read "/etc/passwd": templates of template_file cannot read files.
    "#]].assert_eq(&file("${file(\"/etc/passwd\")}", json!({})));
}

#[test]
fn a_first_configuration_is_a_mime_message() {
    let parts = json!([{ "content": "a: 1", "content_type": "text/cloud-config", "filename": "a.yaml", "merge_type": "list()" }, { "content": "#!/bin/sh", "content_type": null }]);
    let made = |gzip, base64| data("cloudinit_config", json!({ "gzip": gzip, "base64_encode": base64, "boundary": null, "part": parts }), &still());
    let plain = made(json!(false), json!(false)).unwrap();
    expect![[r#"
        Content-Type: multipart/mixed; boundary="MIMEBOUNDARY"
        MIME-Version: 1.0␍
        ␍
        --MIMEBOUNDARY␍
        Content-Disposition: attachment; filename="a.yaml"␍
        Content-Transfer-Encoding: 7bit␍
        Content-Type: text/cloud-config␍
        Mime-Version: 1.0␍
        X-Merge-Type: list()␍
        ␍
        a: 1␍
        --MIMEBOUNDARY␍
        Content-Transfer-Encoding: 7bit␍
        Content-Type: text/plain␍
        Mime-Version: 1.0␍
        ␍
        #!/bin/sh␍
        --MIMEBOUNDARY--␍
    "#]]
    .assert_eq(&text(&plain, "rendered").replace("\r\n", "␍\n"));
    assert_eq!(STANDARD.decode(text(&made(json!(false), json!(true)).unwrap(), "rendered")).unwrap(), text(&plain, "rendered").into_bytes());
    let zipped = STANDARD.decode(text(&made(json!(null), json!(null)).unwrap(), "rendered")).unwrap();
    let mut unzipped = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&zipped[..]), &mut unzipped).unwrap();
    assert_eq!(unzipped, text(&plain, "rendered"));
    expect![[r#"
        Invalid Attribute Configuration: Expected base64_encode to be set to true when gzip is true.
    "#]]
    .assert_eq(&told(made(json!(true), json!(false))));
    expect!["3027094022"].assert_eq(&text(&plain, "id"));
}

#[test]
fn a_null_data_source_gives_back_its_inputs() {
    let made = data("null_data_source", json!({ "inputs": { "a": "b" }, "has_computed_default": null }), &still()).unwrap();
    assert_eq!(made.get("outputs").and_then(|o| o.get("a")), Some(&Value::string("b")));
    assert_eq!((text(&made, "has_computed_default"), text(&made, "id")), ("default".into(), "static".into()));
}
