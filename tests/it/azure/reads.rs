//! Reads: absence, pages, throttling, pace, broken connections, and the headers every request carries.

use std::{sync::Arc, time::Duration};

use expect_test::{Expect, expect};
use futures::future::join_all;
use ravelin::{
    azure::{Arm, ArmError, Cloud, with_token},
    base::ResourceId,
};

use super::script::{SUBSCRIPTION, Script, arm, outcome};

fn vnet(name: &str) -> ResourceId {
    ResourceId::group_scope(SUBSCRIPTION, "g").provider("Microsoft.Network", "virtualNetworks", name)
}

async fn get(answer: &str) -> String {
    let script = Script::new(&format!("GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v\n  {answer}\n"));
    match arm(&script).get(&vnet("v"), "1").await {
        Ok(Some(body)) => format!("found {body}"),
        Ok(None) => "absent".to_owned(),
        Err(error) => format!("{:?} {error}", error.kind),
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_404_that_means_absence_is_absence() {
    let mut out = String::new();
    for answer in [
        r#"200 {"id":"v"}"#,
        "404",
        r#"404 {"error":{"code":"ResourceNotFound","message":"m"}}"#,
        r#"404 {"error":{"code":"ResourceGroupNotFound","message":"m"}}"#,
        r#"404 {"error":{"code":"ParentResourceNotFound","message":"m"}}"#,
        r#"404 {"code":"NotFound","details":[{"code":"Unspecified","message":"no"}],"message":"m","subcode":"x"}"#,
        r#"404 {"error":{"code":"RoleAssignmentNotFound","message":"m"}}"#,
        r#"404 {"error":{"code":"InvalidResourceType","message":"The resource type could not be found."}}"#,
        r#"404 {"error":{"code":"SubscriptionNotFound","message":"The subscription could not be found."}}"#,
        r#"403 {"error":{"code":"AuthorizationFailed","message":"no right"}}"#,
        "200 <html>proxy</html>",
    ] {
        out += &format!("{answer}\n  {}\n", get(answer).await);
    }
    expect![[r#"
        200 {"id":"v"}
          found {"id":"v"}
        404
          absent
        404 {"error":{"code":"ResourceNotFound","message":"m"}}
          absent
        404 {"error":{"code":"ResourceGroupNotFound","message":"m"}}
          absent
        404 {"error":{"code":"ParentResourceNotFound","message":"m"}}
          absent
        404 {"code":"NotFound","details":[{"code":"Unspecified","message":"no"}],"message":"m","subcode":"x"}
          absent
        404 {"error":{"code":"RoleAssignmentNotFound","message":"m"}}
          absent
        404 {"error":{"code":"InvalidResourceType","message":"The resource type could not be found."}}
          NotFound GET /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v: 404 InvalidResourceType: The resource type could not be found.
        404 {"error":{"code":"SubscriptionNotFound","message":"The subscription could not be found."}}
          NotFound GET /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v: 404 SubscriptionNotFound: The subscription could not be found.
        403 {"error":{"code":"AuthorizationFailed","message":"no right"}}
          Forbidden GET /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v: 403 AuthorizationFailed: no right
        200 <html>proxy</html>
          Transport GET /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v: The answer is not JSON: expected value at line 1 column 1.
    "#]].assert_eq(&out);
}

async fn list(script: &str, path: &str, expect: Expect) {
    let script = Script::new(script);
    let result = arm(&script).list(path).await;
    expect.assert_eq(&outcome(&script, result.map(|items| format!("{} items {}", items.len(), serde_json::Value::from(items)))));
}

#[tokio::test(start_paused = true)]
async fn lists_follow_their_pages() {
    list(
        r#"
GET /things?api-version=1
  200 {"value":[{"id":"a"}],"nextLink":"https://management.azure.com/things?api-version=1&$skiptoken=x%3D"}
GET /things?api-version=1&$skiptoken=x%3D
  200 {"value":[{"id":"b"}],"nextLink":"/things?api-version=1&page=3"}
GET /things?api-version=1&page=3
  200 {"value":[{"id":"c"}],"nextLink":""}
"#,
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            0.0    GET /things?api-version=1&$skiptoken=x%3D
            0.0    GET /things?api-version=1&page=3
            0.0    ok 3 items [{"id":"a"},{"id":"b"},{"id":"c"}]
        "#]],
    )
    .await;
    list(
        r#"
GET /things?api-version=1
  200 {"value":[{"id":"a"}],"$skipToken":"n e"}
GET /things?api-version=1&%24skipToken=n+e
  200 {"value":[]}
"#,
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            0.0    GET /things?api-version=1&%24skipToken=n+e
            0.0    ok 1 items [{"id":"a"}]
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn lists_that_are_none_are_refused() {
    list(
        "GET /things\n  200 {\"value\":[],\"nextLink\":\"/things?api-version=1\"}\n",
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            0.0    Transport GET /things: The list's next page leads back to a page already read.
        "#]],
    )
    .await;
    list(
        "GET /things\n  200 {\"value\":{}}\n",
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            0.0    Transport GET /things: The answer is not a list.
        "#]],
    )
    .await;
    list(
        "GET /things\n  200 [{\"id\":\"a\"}]\n",
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            0.0    ok 1 items [{"id":"a"}]
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn throttled_reads_wait_as_told() {
    list(
        r#"
GET /things?api-version=1
  429 retry-after=7 {"error":{"code":"429","message":"Request is temporarily throttled."}}
  429 retry-after=Sun,_06_Nov_1994_08:49:41_GMT date=Sun,_06_Nov_1994_08:49:37_GMT {"error":{"code":"Throttled","message":"m"}}
  429 {"error":{"code":"Throttled","message":"m"}}
  200 {"value":[]}
"#,
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            7.0    GET /things?api-version=1
            11.0   GET /things?api-version=1
            19.0   GET /things?api-version=1
            19.0   ok 0 items []
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn throttling_without_end_is_an_error_in_the_end() {
    let script = Script::new("GET /things\n  429 retry-after=90 {\"error\":{\"code\":\"429\",\"message\":\"Slow down.\"}}\n");
    let client = arm(&script);
    let result = client.list("/things?api-version=1").await;
    expect![[r#"
        0.0    GET /things?api-version=1
        90.0   GET /things?api-version=1
        180.0  GET /things?api-version=1
        270.0  GET /things?api-version=1
        270.0  Throttled GET /things: 429 429: Slow down.
    "#]]
    .assert_eq(&outcome(&script, result.map(|i| i.len())));
    assert_eq!(client.traffic().throttled, 4);
}

#[tokio::test(start_paused = true)]
async fn broken_connections_and_5xx_are_tried_again_with_growing_waits() {
    list(
        "GET /things\n  unreachable\n  broken\n  503 retry-after=20\n  500\n  200 {\"value\":[]}\n",
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            1.0    GET /things?api-version=1
            3.0    GET /things?api-version=1
            23.0   GET /things?api-version=1
            31.0   GET /things?api-version=1
            31.0   ok 0 items []
        "#]],
    )
    .await;
    list(
        "GET /things\n  unreachable\n",
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            1.0    GET /things?api-version=1
            3.0    GET /things?api-version=1
            7.0    GET /things?api-version=1
            15.0   GET /things?api-version=1
            15.0   Transport GET /things: connection refused
        "#]],
    )
    .await;
    list(
        "GET /things\n  502 <html><h1>Bad Gateway</h1></html>\n",
        "/things?api-version=1",
        expect![[r#"
            0.0    GET /things?api-version=1
            1.0    GET /things?api-version=1
            3.0    GET /things?api-version=1
            7.0    GET /things?api-version=1
            15.0   GET /things?api-version=1
            15.0   Service GET /things: 502: Bad Gateway
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_closed_front_door_is_closed_for_all_reads() {
    let script = Script::new(
        r#"
GET $S/a
  429 retry-after=30 {"error":{"code":"SubscriptionRequestsThrottled","message":"m"}}
  200 {"value":[]}
GET $S/b
  200 {"value":[]}
"#,
    );
    let client = arm(&script);
    let path = |p: &str| format!("/subscriptions/{SUBSCRIPTION}/{p}?api-version=1");
    let (a, b) = (path("a"), path("b"));
    let late = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.list(&b).await
    };
    let (first, second) = tokio::join!(client.list(&a), late);
    first.unwrap();
    second.unwrap();
    expect![[r#"
        0.0    GET $S/a?api-version=1
        30.0   GET $S/a?api-version=1
        30.0   GET $S/b?api-version=1
    "#]]
    .assert_eq(&script.transcript());
}

#[tokio::test(start_paused = true)]
async fn reads_keep_to_arms_pace() {
    let script = Script::new("GET $S/things\n  200 {\"value\":[]}\n");
    let client = arm(&script);
    let path = format!("/subscriptions/{SUBSCRIPTION}/things?api-version=1");
    let started = tokio::time::Instant::now();
    let results: Vec<Result<_, ArmError>> = join_all((0..1000).map(|_| client.list(&path))).await;
    assert!(results.iter().all(Result::is_ok));
    // 250 at once, then 25 a second.
    let seconds = started.elapsed().as_secs_f64();
    assert!((30.0..31.5).contains(&seconds), "{seconds}");
    assert_eq!(client.requests(), 1000);
}

#[tokio::test(start_paused = true)]
async fn what_arm_says_is_left_is_believed() {
    let script = Script::new("GET $S/things\n  200 x-ms-ratelimit-remaining-subscription-reads=0 {\"value\":[]}\n  200 {\"value\":[]}\n");
    let client = arm(&script);
    let path = format!("/subscriptions/{SUBSCRIPTION}/things?api-version=1");
    client.list(&path).await.unwrap();
    let started = tokio::time::Instant::now();
    client.list(&path).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(40));
}

#[tokio::test(start_paused = true)]
async fn every_request_names_itself_and_the_same_run_sends_the_same_ids() {
    async fn run(seed: &str) -> String {
        let script = Script::showing("GET $S/a\n  401\n  200 {\"value\":[]}\n", &["user-agent", "x-ms-client-request-id", "authorization", "accept"]);
        let client: Arm = with_token(Cloud::public(), SUBSCRIPTION, "token", Arc::clone(&script) as _, seed);
        client.list(&format!("/subscriptions/{SUBSCRIPTION}/a?api-version=1")).await.unwrap();
        script.transcript()
    }
    let first = run("one").await;
    expect![[r#"
        0.0    GET $S/a?api-version=1 user-agent=ravelin/VERSION x-ms-client-request-id=e9c5529d-794f-52bf-8251-756821105f89 authorization=Bearer token accept=application/json
        0.0    GET $S/a?api-version=1 user-agent=ravelin/VERSION x-ms-client-request-id=d2055a4a-8e4f-5055-bc27-bd87a8609c49 authorization=Bearer token accept=application/json
    "#]].assert_eq(&first.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    assert_eq!(first, run("one").await);
    assert_ne!(first, run("two").await);
}

#[tokio::test(start_paused = true)]
async fn names_are_escaped_where_they_would_break_the_url() {
    let script = Script::new("");
    let id = ResourceId::parse(&format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/a b?c#d%/providers/X.Y/z/(ü)_1.2-3")).unwrap();
    arm(&script).get(&id, "1").await.ok();
    expect![[r#"
        0.0    GET $S/resourceGroups/a%20b%3Fc%23d%25/providers/X.Y/z/(%C3%BC)_1.2-3?api-version=1
    "#]]
    .assert_eq(&script.transcript());
}

#[tokio::test(start_paused = true)]
async fn head_tells_existence() {
    let script = Script::new("HEAD $S/resourceGroups/g\n  204\n  404\n  403\n");
    let client = arm(&script);
    let group = ResourceId::group_scope(SUBSCRIPTION, "g");
    assert!(client.head(&group, "1").await.unwrap());
    assert!(!client.head(&group, "1").await.unwrap());
    expect!["HEAD /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g: 403: The answer was 403 without an explanation."]
        .assert_eq(&client.head(&group, "1").await.unwrap_err().to_string());
}
